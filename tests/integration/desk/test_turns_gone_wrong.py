"""Turns whose Rasa, worker or lease fails them: a new generation where a tracker is in doubt, and never a second answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.answer_skill import NOT_UNDERSTOOD
from bot.rasa_client import RasaClient
from bot.thinking import Thinker
from bot.turn_worker import TurnWorkers
from desk.handoff import TurnFacts
from desk.turns import TRIES, ClaimedTurn, Reply, TurnOutcome
from routing.tags import NEUTRAL
from tests.integration.desk.conftest import DeskRoom

LONG_S = 60


@dataclass
class SlowRasa:
    """A Rasa that takes its time; `senders` are those whose call reached it."""

    takes_s: float = 0.0
    is_mute: bool = False
    senders: list[str] = field(default_factory=list)

    async def turn(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.senders.append(asked["sender"])
        await asyncio.sleep(self.takes_s)
        return web.json_response(
            {
                "turn_id": asked["turn_id"],
                "replies": [] if self.is_mute else [{"text": "您好", "buttons": [], "payload": {}}],
                "effects": [],
                "intent": {"name": "greet", "confidence": 0.99},
                "entities": [],
                "form": None,
                "slots": {},
                "repaired": 0,
            }
        )

    @asynccontextmanager
    async def thinker(self, room: DeskRoom) -> AsyncIterator[Thinker]:
        """A thinker that calls this Rasa and waits for 0.3 s."""
        app = web.Application()
        app.router.add_post("/webhooks/anxin/turn", self.turn)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        client = RasaClient(f"http://127.0.0.1:{port}", "token", timeout_s=0.3)
        try:
            yield Thinker(rasa=client, knowledge=None, turns=room.turns, model=lambda: None)
        finally:
            await client.close()
            await runner.cleanup()


async def take_turn(room: DeskRoom, thinker: Thinker) -> None:
    room.clock.pass_s(2)
    [turn] = await room.claim()
    assert await room.turns.commit(turn, await thinker.think(turn), now=room.clock()) is None


async def test_a_rasa_call_that_times_out_ends_the_generation(room: DeskRoom) -> None:
    conversation, rasa = await room.open(), SlowRasa(takes_s=1.0)
    async with rasa.thinker(room) as thinker:
        await room.say(conversation, "你好")
        await take_turn(room, thinker)
        rasa.takes_s = 0.0
        await room.say(conversation, "你好呀")
        await take_turn(room, thinker)
        await room.say(conversation, "在吗")
        await take_turn(room, thinker)
    assert rasa.senders == [f"{conversation}.1", f"{conversation}.2", f"{conversation}.2"]
    assert len(await room.said_by(conversation, "bot")) == 3


async def test_a_rasa_that_says_nothing_leaves_nobody_without_an_answer(room: DeskRoom) -> None:
    conversation, rasa = await room.open(), SlowRasa(is_mute=True)
    async with rasa.thinker(room) as thinker:
        await room.say(conversation, "那个呢")
        await take_turn(room, thinker)
        assert await room.said_by(conversation, "bot") == [NOT_UNDERSTOOD["zh-Hans"]]
        await room.say(conversation, "还是那个")
        await take_turn(room, thinker)
    assert (await room.state(conversation)).owner == "queue"


async def test_a_rasa_that_is_down_was_not_reached_and_keeps_its_generation(room: DeskRoom) -> None:
    conversation = await room.open()
    client = RasaClient("http://127.0.0.1:1", "token", timeout_s=1)
    thinker = Thinker(rasa=client, knowledge=None, turns=room.turns, model=lambda: None)
    for text in ("你好", "谢谢"):
        await room.say(conversation, text)
        await take_turn(room, thinker)
    await client.close()
    await room.say(conversation, "在吗")
    room.clock.pass_s(2)
    [turn] = await room.claim()
    assert turn.generation == 1
    assert len(await room.said_by(conversation, "bot")) == 2


async def test_a_worker_that_lost_its_lease_says_nothing_after_the_other_has_spoken(room: DeskRoom) -> None:
    conversation = await room.open()
    await room.say(conversation, "你好")
    room.clock.pass_s(2)
    [slow] = await room.claim()
    room.clock.pass_s(4.1)
    [quick] = await room.claim()
    assert await room.answer(quick, "新") is None
    assert await room.answer(slow, "旧") == "lease_lost"
    await room.turns.drop(slow, now=room.clock(), ends_generation=True)
    assert await room.said_by(conversation, "bot") == ["新"]
    assert await room.claim() == []


async def test_a_lost_lease_ends_the_generation_for_its_call_to_rasa_may_still_be_under_way(
    room: DeskRoom,
) -> None:
    conversation = await room.open()
    await room.say(conversation, "你好")
    room.clock.pass_s(2)
    [slow] = await room.claim()
    room.clock.pass_s(4.1)
    [quick] = await room.claim()
    assert quick.sender_id != slow.sender_id
    assert quick.rasa_turn_id is None


@dataclass
class Hangs:
    """Thinks for ever about the first turn, and at once about every other."""

    hangs: bool = True
    turns: list[ClaimedTurn] = field(default_factory=list)

    async def think(self, turn: ClaimedTurn) -> TurnOutcome:
        self.turns.append(turn)
        if self.hangs and len(self.turns) == 1:
            await asyncio.sleep(LONG_S)
        facts = TurnFacts(text="你好", tags=NEUTRAL, outcome="answered")
        return TurnOutcome(facts=facts, replies=(Reply(text="您好"),))


async def eventually(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_turn_that_hangs_is_given_up_and_answered_once_in_a_new_generation(room: DeskRoom) -> None:
    conversation, thinker, counted = await room.open(), Hangs(), list[str]()
    workers = TurnWorkers(
        room.turns,
        thinker,
        name="test",
        limit=2,
        think_timeout_s=0.2,
        clock=room.clock,
        model=lambda: None,
        count=counted.append,
    )
    await room.say(conversation, "你好")
    room.clock.pass_s(2)
    await workers.start()
    await eventually(lambda: "committed" in counted)
    await workers.stop()
    assert counted == ["failed", "committed"]
    assert [turn.generation for turn in thinker.turns] == [1, 2]
    assert await room.said_by(conversation, "bot") == ["您好"]


async def test_an_unexpected_error_while_claiming_does_not_end_the_workers(
    room: DeskRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, claim, errors = await room.open(), room.turns.claim, [ValueError("an unreadable row")]

    async def claim_after_an_error(*arguments: Any, **named: Any) -> list[ClaimedTurn]:
        if errors:
            raise errors.pop()
        return await claim(*arguments, **named)

    monkeypatch.setattr(room.turns, "claim", claim_after_an_error)
    thinker = Hangs(hangs=False)
    workers = TurnWorkers(
        room.turns, thinker, name="test", limit=2, think_timeout_s=2, clock=room.clock, model=lambda: None
    )
    await room.say(conversation, "你好")
    room.clock.pass_s(2)
    await workers.start()
    await eventually(lambda: bool(thinker.turns))
    assert workers.is_running() and not errors
    await workers.stop()
    assert await room.said_by(conversation, "bot") == ["您好"]


class Fails:
    """Cannot think about anything."""

    async def think(self, turn: ClaimedTurn) -> TurnOutcome:
        raise ValueError("a case that nobody thought of")


async def test_a_message_that_fails_every_time_is_given_to_people(room: DeskRoom) -> None:
    conversation, counted = await room.open(), list[str]()
    workers = TurnWorkers(
        room.turns,
        Fails(),
        name="test",
        limit=2,
        think_timeout_s=2,
        clock=room.clock,
        model=lambda: None,
        count=counted.append,
    )
    await room.say(conversation, "你好")
    room.clock.pass_s(2)
    await workers.start()
    await eventually(lambda: len(counted) >= TRIES)
    await workers.stop()
    assert counted == ["failed"] * TRIES
    assert (await room.state(conversation)).owner == "queue"
    [notice] = [m for m in await room.messages(conversation) if m.kind == "notice"]
    assert notice.payload["code"] == "system_trouble"
