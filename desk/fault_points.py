"""Named points of a turn at which a test may strike.

In production nothing is armed and reaching a point costs one comparison. tests/chaos arms a point in a service process of its own and
kills a process there, to see that every promise holds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

Point = Literal["after_append", "after_claim", "after_rasa_reply", "before_commit", "after_commit"]
Strike = Callable[[Point], Awaitable[None]]

_armed: Strike | None = None


def arm(strike: Strike | None) -> None:
    """Call `strike` whenever a point is reached; None disarms."""
    global _armed
    _armed = strike


async def reach(point: Point) -> None:
    """Say that this point is reached."""
    if _armed is not None:
        await _armed(point)
