"""The bot's workers: claim what is due, think, commit; one loop hands the turns to as many tasks as settings allow.

No state but the database: any number of processes may run this beside each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

import psycopg
import structlog

from desk.ending import end
from desk.turns import ClaimedTurn, TurnDesk, TurnOutcome

log = structlog.get_logger(__name__)

SWEEP_S = 1.0
"""Without any wake-up the workers look for due turns this often."""


class Thinks(Protocol):
    """Whatever turns a claimed turn into an outcome."""

    async def think(self, turn: ClaimedTurn) -> TurnOutcome: ...


class TurnWorkers:
    """Works on up to `limit` turns at a time."""

    def __init__(
        self,
        turns: TurnDesk,
        thinker: Thinks,
        *,
        name: str,
        limit: int,
        think_timeout_s: float,
        clock: Callable[[], datetime],
        model: Callable[[], str | None],
        count: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._turns = turns
        self._thinker = thinker
        self._name = name
        self._limit = limit
        self._think_timeout_s = think_timeout_s
        self._clock = clock
        self._model = model
        self._count = count
        self._wake = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start claiming."""
        self._loop = asyncio.create_task(self._run(), name="turn-workers")

    async def stop(self) -> None:
        """Claim nothing more, let the turns under way end (they have leases), then return."""
        if self._loop is not None:
            await end([self._loop])
        await asyncio.gather(*self._working, return_exceptions=True)

    def wake(self) -> None:
        """Something is or will be due."""
        self._wake.set()

    def is_running(self) -> bool:
        """Whether the loop lives; a part of /readyz."""
        return self._loop is not None and not self._loop.done()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                claimed = await self._claim()
                wait_s = 0.0 if claimed else await self._until_next_due()
            except (psycopg.Error, OSError) as error:
                log.warning("claim_failed", kind=type(error).__name__)
                wait_s = SWEEP_S
            except Exception:
                # One conversation that cannot be read must not silence the bot for all others of this process.
                log.exception("claim_failed")
                wait_s = SWEEP_S
            if wait_s > 0:
                await _wait(self._wake, wait_s)

    async def _claim(self) -> int:
        free = self._limit - len(self._working)
        if free <= 0:
            await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
            return 1
        now = self._clock()
        turns = await self._turns.claim(self._name, limit=free, now=now, model=self._model())
        # The lease runs from before the claim; thinking longer would put two workers into one tracker.
        until = now + timedelta(seconds=self._think_timeout_s)
        for turn in turns:
            task = asyncio.create_task(self._work(turn, until), name=f"turn-{turn.turn_id}")
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return len(turns)

    async def _until_next_due(self) -> float:
        due_at = await self._turns.next_due()
        if due_at is None:
            return SWEEP_S
        return min(SWEEP_S, max(0.002, (due_at - self._clock()).total_seconds()))

    async def _work(self, turn: ClaimedTurn, until: datetime) -> None:
        try:
            async with asyncio.timeout((until - self._clock()).total_seconds()):
                outcome = await self._thinker.think(turn)
            dropped = await self._turns.commit(turn, outcome, now=self._clock())
            self._count(dropped or "committed")
        except Exception:
            # First of all the lease is given back: writing a trace may take its time.
            await self._give_up(self._turns.drop(turn, now=self._clock(), ends_generation=True))
            self._count("failed")
            log.exception("turn_failed", turn_id=str(turn.turn_id), conversation_id=str(turn.conversation_id))

    async def _give_up(self, drop: Awaitable[None]) -> None:
        try:
            await drop
        except (psycopg.Error, OSError) as error:
            # The lease ends by itself and the turn is claimed again.
            log.warning("drop_failed", kind=type(error).__name__)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
