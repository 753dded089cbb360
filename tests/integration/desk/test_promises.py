"""Promises 1 to 3 under any interleaving: hypothesis plays customers, bot, agents and failures against a real database.

Every step may run two of these things at the same instant. After each step the checker, which knows only the rules, reads the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from psycopg_pool import AsyncConnectionPool

from desk import turns as desk_turns
from desk.errors import DeskError
from desk.handoff import TurnFacts
from desk.replying import note, reply
from desk.silence import mind_silence
from desk.turns import ClaimedTurn, Reply, TurnOutcome
from evaluation import promises
from routing.tags import NEUTRAL
from tests.integration.desk.conftest import DeskRoom, open_room

TEXTS = ("在吗", "我的快递到哪了", "转人工", "你们太差了 !angry", "!critical 今天的飞机", "谢谢")


@dataclass
class World:
    """What the machine acts on; `claimed` are turns whose worker has not ended yet."""

    room: DeskRoom
    conversations: list[UUID] = field(default_factory=list)
    agents: list[UUID] = field(default_factory=list)
    claimed: list[ClaimedTurn] = field(default_factory=list)
    acknowledged: dict[UUID, dict[str, int]] = field(default_factory=dict)

    async def prepare(self) -> None:
        async with self.room.pool.connection() as conn:
            await conn.execute("truncate conversations, agents, turns cascade")
        self.conversations = [await self.room.open() for _ in range(3)]
        self.agents = [await self.room.add_agent(capacity=1), await self.room.add_agent(capacity=2)]
        self.acknowledged = {c: {} for c in self.conversations}
        self.claimed = []

    async def say(self, n: int, m: int) -> None:
        conversation = self.conversations[n % 3]
        client_id = uuid4().hex
        receipt = await self.room.say(conversation, TEXTS[m % len(TEXTS)], client_id)
        self.acknowledged[conversation][client_id] = receipt.seq

    async def say_again(self, n: int, m: int) -> None:
        conversation = self.conversations[n % 3]
        sent = list(self.acknowledged[conversation].items())
        if sent:
            client_id, seq = sent[m % len(sent)]
            assert (await self.room.say(conversation, "again", client_id)).seq == seq

    async def claim_turns(self, n: int, m: int) -> None:
        self.claimed += await self.room.claim()

    async def commit_turn(self, n: int, m: int) -> None:
        if self.claimed:
            turn = self.claimed.pop(n % len(self.claimed))
            facts = TurnFacts(
                text="…", tags=NEUTRAL, outcome="answered" if m % 3 else "asked_back", bot_failed=m % 3 == 0
            )
            await self.room.turns.commit(
                turn, TurnOutcome(facts=facts, replies=(Reply(text="好的"),)), now=self.room.clock()
            )

    async def kill_worker(self, n: int, m: int) -> None:
        if self.claimed:
            self.claimed.pop(n % len(self.claimed))

    async def pass_time(self, n: int, m: int) -> None:
        self.room.clock.pass_s((0.5, 1.3, 4.2, 16, 190, 700)[m % 6])

    async def agents_are_seen(self, n: int, m: int) -> None:
        await self.room.see(self.agents[m % 2])

    async def offer(self, n: int, m: int) -> None:
        await self.room.offering.run_pass(self.room.clock())

    async def accept(self, n: int, m: int) -> None:
        c, a, epoch = await self._pair(n, m)
        await self.room.ownership.accept(c, a, epoch=epoch, now=self.room.clock())

    async def pass_offer(self, n: int, m: int) -> None:
        c, a, _ = await self._pair(n, m)
        await self.room.ownership.pass_offer(c, a)

    async def take(self, n: int, m: int) -> None:
        c, a, epoch = await self._pair(n, m)
        await self.room.ownership.claim(c, a, epoch=epoch, now=self.room.clock(), may_take_over=m % 4 > 1)

    async def answer(self, n: int, m: int) -> None:
        c, a, _ = await self._pair(n, m)
        await reply(
            self.room.pool,
            c,
            a,
            client_id=uuid4().hex,
            text="您好",
            max_characters=5000,
            now=self.room.clock(),
        )

    async def write_note(self, n: int, m: int) -> None:
        c, a, _ = await self._pair(n, m)
        await note(
            self.room.pool, c, a, client_id=uuid4().hex, text="注", max_characters=5000, now=self.room.clock()
        )

    async def hand_back(self, n: int, m: int) -> None:
        c, a, epoch = await self._pair(n, m)
        await self.room.ownership.hand_back(c, a, epoch=epoch, summary="", now=self.room.clock())

    async def transfer(self, n: int, m: int) -> None:
        c, a, epoch = await self._pair(n, m)
        to = self.agents[(m + 1) % 2] if m % 4 > 1 else None
        await self.room.ownership.transfer(c, a, epoch=epoch, to_agent_id=to, note="", now=self.room.clock())

    async def close(self, n: int, m: int) -> None:
        c, a, epoch = await self._pair(n, m)
        await self.room.ownership.close_by_agent(
            c, a, epoch=epoch, resolution="solved", now=self.room.clock()
        )

    async def leave(self, n: int, m: int) -> None:
        await self.room.ownership.close_by_customer(self.conversations[n % 3], now=self.room.clock())

    async def silence(self, n: int, m: int) -> None:
        await mind_silence(self.room.pool, self.room.settings, self.room.clock())

    async def _pair(self, n: int, m: int) -> tuple[UUID, UUID, int]:
        conversation = self.conversations[n % 3]
        return conversation, self.agents[m % 2], (await self.room.state(conversation)).epoch

    def logs(self) -> Iterator[promises.ClientLog]:
        for conversation, acknowledged in self.acknowledged.items():
            yield promises.ClientLog(
                conversation_id=conversation, acknowledged=acknowledged, is_complete=False
            )


COMMON = ("say", "claim_turns", "commit_turn", "pass_time", "offer", "agents_are_seen")
RARE = (
    "say_again",
    "accept",
    "pass_offer",
    "take",
    "answer",
    "write_note",
    "hand_back",
    "transfer",
    "close",
    "leave",
    "silence",
    "kill_worker",
)
EVERYTHING = st.sampled_from(COMMON) | st.sampled_from(RARE)
TAKING_OVER = st.sampled_from(("say", "pass_time", "claim_turns", "take", "commit_turn"))
"""Little else than what talks over a person in a build that does not check, so that it is found for certain."""


async def calmly(action: Callable[[int, int], Awaitable[None]], n: int, m: int) -> None:
    """Refusals are answers; anything else is a failure of the test."""
    with suppress(DeskError):
        await action(n, m)


def machine(
    run: Callable[[Any], Any],
    world: World,
    conn: psycopg.Connection[Any],
    deeds: st.SearchStrategy[str],
) -> type[RuleBasedStateMachine]:
    """The state machine on this world; `run` runs a coroutine on the world's event loop."""
    numbers = st.integers(0, 11)

    class Promises(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            run(world.prepare())

        @rule(one=deeds, n=numbers, m=numbers)
        def do(self, one: str, n: int, m: int) -> None:
            run(calmly(getattr(world, one), n, m))

        @rule(one=deeds, other=deeds, n=numbers, m=numbers, same=st.booleans(), k=numbers)
        def do_at_once(self, one: str, other: str, n: int, m: int, same: bool, k: int) -> None:
            async def both() -> None:
                second = n if same else n + 1
                await asyncio.gather(
                    calmly(getattr(world, one), n, m), calmly(getattr(world, other), second, k)
                )

            run(both())

        @invariant()
        def promises_hold(self) -> None:
            if world.conversations:
                assert promises.check_connection(conn, world.logs(), is_settled=False) == []

    return Promises


@pytest.fixture
def loop_runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def play(
    runner: asyncio.Runner,
    database_url: str,
    *,
    examples: int,
    phases: Sequence[Phase],
    deeds: st.SearchStrategy[str] = EVERYTHING,
) -> None:
    async def set_up() -> tuple[AsyncConnectionPool, Any, DeskRoom]:
        pool = AsyncConnectionPool(database_url, min_size=1, max_size=6, open=False)
        await pool.open()
        opened = open_room(pool, database_url)
        return pool, opened, await opened.__aenter__()

    pool, opened, room = runner.run(set_up())
    try:
        with psycopg.connect(database_url, autocommit=True) as conn:
            run_state_machine_as_test(
                machine(runner.run, World(room=room), conn, deeds),
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=30,
                    phases=phases,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                    print_blob=True,
                ),
            )
    finally:
        runner.run(opened.__aexit__(None, None, None))
        runner.run(pool.close())


@pytest.mark.timeout(600)
def test_promises_hold_under_any_interleaving(loop_runner: asyncio.Runner, database_url: str) -> None:
    play(loop_runner, database_url, examples=30, phases=tuple(Phase))


@pytest.mark.timeout(600)
def test_a_build_without_the_epoch_check_is_found_out(
    loop_runner: asyncio.Runner, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_turns, "why_stale", lambda conversation, turn: None)
    with pytest.raises(AssertionError, match=r"no double talk|exactly one reply"):
        play(loop_runner, database_url, examples=300, phases=(Phase.generate,), deeds=TAKING_OVER)
