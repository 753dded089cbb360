"""The turn contract on a real database: claimed once, committed whole or not at all, silent when people own it."""

from __future__ import annotations

import asyncio

from desk.handoff import TurnFacts
from desk.silence import mind_silence
from desk.turns import Reply, TurnOutcome
from routing.tags import NEUTRAL
from tests.integration.desk.conftest import DeskRoom


async def test_fragments_are_merged_after_the_window_and_never_beyond_the_bound(room: DeskRoom) -> None:
    conversation = await room.open()
    await room.say(conversation, "你好")
    room.clock.pass_s(1.0)
    await room.say(conversation, "我的快递")
    room.clock.pass_s(1.0)
    assert await room.claim() == []
    room.clock.pass_s(0.3)
    [turn] = await room.claim()
    assert [f.text for f in turn.fragments] == ["你好", "我的快递"]
    assert await room.answer(turn) is None

    for _ in range(4):
        await room.say(conversation, "嗯")
        room.clock.pass_s(1.0)
    [bounded] = await room.claim()
    assert len(bounded.fragments) == 4


async def test_a_claimed_turn_is_nobody_elses_until_its_lease_ends(room: DeskRoom) -> None:
    conversation = await room.open()
    await room.say(conversation, "你好")
    room.clock.pass_s(2)
    claims = await asyncio.gather(*(room.claim() for _ in range(5)))
    first = [turn for claim in claims for turn in claim]
    assert len(first) == 1
    room.clock.pass_s(4.1)
    [second] = await room.claim()
    assert second.turn_id != first[0].turn_id
    assert await room.answer(first[0], "旧") == "lease_lost"
    assert await room.answer(second, "新") is None
    assert await room.said_by(conversation, "bot") == ["新"]


async def test_a_newer_fragment_drops_the_turn_and_the_next_one_answers_both(room: DeskRoom) -> None:
    conversation = await room.open()
    await room.say(conversation, "我的快递")
    room.clock.pass_s(2)
    [turn] = await room.claim()
    await room.say(conversation, "三天没动了")
    assert await room.answer(turn, "旧") == "newer_fragment"
    room.clock.pass_s(2)
    [second] = await room.claim()
    assert [f.text for f in second.fragments] == ["我的快递", "三天没动了"]
    assert await room.answer(second, "新") is None
    assert await room.said_by(conversation, "bot") == ["新"]


async def test_the_bot_stays_silent_after_an_agent_claims(room: DeskRoom) -> None:
    agent = await room.add_agent()
    conversation = await room.open()
    await room.say(conversation, "我的快递")
    room.clock.pass_s(2)
    [turn] = await room.claim()
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=True)
    async with room.pool.connection() as conn:
        cursor = await conn.execute("select state, drop_reason from turns where id = %s", (turn.turn_id,))
        assert await cursor.fetchone() == ("dropped", "owner_changed"), (
            "the claim itself ends the turn under way"
        )
    assert await room.answer(turn) == "owner_changed"
    await room.say(conversation, "在吗")
    room.clock.pass_s(5)
    assert await room.claim() == []
    assert await room.said_by(conversation, "bot") == []


async def test_two_failures_hand_over_with_the_reason(room: DeskRoom) -> None:
    conversation = await room.open()
    for _ in range(2):
        await room.say(conversation, "那个东西呢")
        room.clock.pass_s(2)
        [turn] = await room.claim()
        facts = TurnFacts(text="那个东西呢", tags=NEUTRAL, outcome="asked_back", bot_failed=True)
        assert (
            await room.turns.commit(
                turn, TurnOutcome(facts=facts, replies=(Reply(text="请问是指？"),)), now=room.clock()
            )
            is None
        )
    state = await room.state(conversation)
    assert state.owner == "queue"
    assert await room.said_by(conversation, "bot") == ["请问是指？"]


async def test_a_new_generation_begins_on_every_change_of_owner_and_after_72_hours(room: DeskRoom) -> None:
    agent = await room.add_agent()
    conversation = await room.open()
    await room.say(conversation, "你好")
    room.clock.pass_s(2)
    [turn] = await room.claim()
    assert turn.sender_id == f"{conversation}.1"
    await room.answer(turn)
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=True)
    await room.ownership.hand_back(conversation, agent, epoch=epoch + 1, summary="已补发", now=room.clock())
    await room.say(conversation, "谢谢")
    room.clock.pass_s(2)
    [turn] = await room.claim()
    assert turn.generation == 3 and turn.dialogue["summary"] == "已补发"
    await room.answer(turn)
    room.clock.pass_s(73 * 3600)
    await room.say(conversation, "你好")
    room.clock.pass_s(2)
    [turn] = await room.claim()
    assert turn.generation == 4


async def test_silence_reminds_then_closes_and_only_the_bots_conversations(room: DeskRoom) -> None:
    conversation = await room.open()
    await room.say(conversation, "你好")
    room.clock.pass_s(2)
    [turn] = await room.claim()
    await room.answer(turn)
    assert await mind_silence(room.pool, room.settings, room.clock.pass_s(599)) == 0
    assert await mind_silence(room.pool, room.settings, room.clock.pass_s(2)) == 1
    assert await mind_silence(room.pool, room.settings, room.clock.pass_s(1199)) == 0
    assert await mind_silence(room.pool, room.settings, room.clock.pass_s(2)) == 1
    assert (await room.state(conversation)).owner == "none"
    codes = [m.payload.get("code") for m in await room.messages(conversation) if m.kind == "notice"]
    assert codes == ["silence_reminder", "closed"]


async def test_an_action_of_a_turn_that_is_over_learns_nothing(room: DeskRoom) -> None:
    conversation = await room.open()
    await room.say(conversation, "查一下 AX123")
    room.clock.pass_s(2)
    [turn] = await room.claim()
    await room.turns.add_references(turn, {"order_1": "AX123"})
    context = await room.turns.read_context(turn.turn_id, now=room.clock())
    assert context is not None and context.refs == {"order_1": "AX123"}
    await room.answer(turn)
    assert await room.turns.read_context(turn.turn_id, now=room.clock()) is None
