"""What the bot's actions may ask the desk: the turn they belong to, and whether an order is the asker's.

Small ports, filled in by the composition root. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from desk.order_proof import Claim, Verdict
from desk.turns import TurnContext


class DeskReads(Protocol):
    """The claimed turn behind a turn id (`desk.turns.TurnDesk` is one)."""

    async def read_context(self, turn_id: UUID, *, now: datetime) -> TurnContext | None:
        """The conversation of a turn that is claimed now; None for a stale or unknown turn id."""
        ...


class OrderProofs(Protocol):
    """Who may see an order (`desk.order_proof.check` with its pool, orders and settings filled in)."""

    async def check(self, claim: Claim, *, now: datetime) -> Verdict:
        """Decide without writing; `now` is real time. Raises ShopUnavailable."""
        ...


class BotAction(Protocol):
    """An action as rasa-sdk's executor calls it; `dispatcher` and `tracker` are rasa-sdk's."""

    def name(self) -> str:
        """Its name in the domain."""
        ...

    async def run(self, dispatcher: Any, tracker: Any, domain: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Reads, replies, proposes effects; returns Rasa events."""
        ...
