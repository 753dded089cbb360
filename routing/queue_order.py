"""The order of the queue: what is graver goes first, and of the same gravity who has waited longer.

Pure; the desk stores the number and sorts by it (descending), then by the time of entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Final

from routing.reasons import HandoffReason

MAJOR: Final = 500
CRITICAL: Final = 400
SERIOUS: Final = 300
VIP: Final = 200
ORDINARY: Final = 100
HIGH_URGENCY: Final = 50
"""High urgency goes first among its equals, never past what is graver."""

BANDS: Final[dict[HandoffReason, int]] = {
    HandoffReason.SAFETY: MAJOR,
    HandoffReason.COMPLAINT_MAJOR: MAJOR,
    HandoffReason.URGENT: CRITICAL,
    HandoffReason.FRAUD: CRITICAL,
    HandoffReason.COMPLAINT_SERIOUS: SERIOUS,
    HandoffReason.ANGRY: SERIOUS,
    HandoffReason.ESCALATING: SERIOUS,
    HandoffReason.VIP_UNHAPPY: VIP,
}


def priority(reasons: Iterable[HandoffReason], *, vip: bool, urgency: str = "normal") -> int:
    """Higher goes first: major > critical > serious or angry > VIP > the rest."""
    band = max((BANDS.get(reason, ORDINARY) for reason in reasons), default=ORDINARY)
    if vip:
        band = max(band, VIP)
    return band + (HIGH_URGENCY if urgency in ("high", "critical") else 0)


def expected_minutes(position: int, *, agents: int, handling_minutes: float) -> int:
    """About how long the one at `position` (from 1) waits, when `agents` work in parallel; at least 1."""
    return max(1, ceil(position * handling_minutes / max(1, agents)))
