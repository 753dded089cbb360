"""The turn workers beside a desk that is played by a fake: how long a turn may think."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import cast
from uuid import UUID, uuid4

from bot.turn_worker import TurnWorkers
from desk.turns import ClaimedTurn, TurnDesk, TurnOutcome

LEASE_S = 0.4
CLAIM_TAKES_S = 0.3


@dataclass
class SlowDesk:
    """Its one claim takes most of a lease."""

    asked_at: float = 0.0
    has_claimed: bool = False
    dropped_at: asyncio.Future[float] = field(default_factory=asyncio.Future)

    async def claim(self, worker: str, *, limit: int, now: datetime, model: str | None) -> list[ClaimedTurn]:
        if self.has_claimed:
            return []
        self.has_claimed, self.asked_at = True, monotonic()
        await asyncio.sleep(CLAIM_TAKES_S)
        return [_turn()]

    async def next_due(self) -> datetime | None:
        return None

    async def drop(self, turn: ClaimedTurn, *, now: datetime, ends_generation: bool) -> None:
        self.dropped_at.set_result(monotonic())


class ThinksForEver:
    async def think(self, turn: ClaimedTurn) -> TurnOutcome:
        await asyncio.sleep(60)
        raise AssertionError("never reached")


async def test_thinking_ends_with_the_lease_which_began_before_the_claim_came_back() -> None:
    desk = SlowDesk()
    workers = TurnWorkers(
        cast(TurnDesk, desk),
        ThinksForEver(),
        name="test",
        limit=1,
        think_timeout_s=LEASE_S,
        clock=lambda: datetime.now(UTC),
        model=lambda: None,
    )
    await workers.start()
    async with asyncio.timeout(10):
        dropped_at = await desk.dropped_at
    await workers.stop()
    assert dropped_at - desk.asked_at < LEASE_S + CLAIM_TAKES_S


def _turn() -> ClaimedTurn:
    return ClaimedTurn(
        turn_id=uuid4(),
        conversation_id=UUID(int=1),
        epoch=1,
        generation=1,
        rasa_turn_id=None,
        language="zh-Hans",
        customer_shop_id=None,
        sandbox="",
        shop_now=datetime(2026, 11, 21, tzinfo=UTC),
        dialogue={},
        refs={},
        fragments=(),
    )
