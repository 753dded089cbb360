"""Never two owners, never over capacity, and whoever was slower is told."""

from __future__ import annotations

import asyncio
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from desk import offering
from desk.demo_shop import DemoShop
from desk.details import Shop, read_detail
from desk.errors import Conflict, OverCapacity
from desk.offering import read_offers
from desk.ownership import withdraw_offer
from desk.reading import read_by_agent
from desk.replying import note, reply
from desk.silence import mind_silence
from tests.bot_fakes import FakePolicy
from tests.integration.desk.conftest import DeskRoom


async def waiting(room: DeskRoom, number: int) -> list[UUID]:
    ids = [await room.open() for _ in range(number)]
    for conversation in ids:
        await room.say(conversation, "转人工")
    return ids


async def test_an_offer_is_explained_accepted_once_and_announced(room: DeskRoom) -> None:
    agent = await room.add_agent()
    [conversation] = await waiting(room, 1)
    assert await room.offering.run_pass(room.clock()) == 1
    [offer] = await read_offers(room.pool, [agent], room.clock())
    assert offer.conversation_id == conversation and offer.brief["why"][0]["reason"] == "asked"
    epoch = (await room.state(conversation)).epoch
    await room.ownership.accept(conversation, agent, epoch=epoch, now=room.clock())
    state = await room.state(conversation)
    assert (state.owner, state.agent_id, state.epoch) == ("agent", agent, epoch + 1)
    with pytest.raises(Conflict):
        await room.ownership.accept(conversation, agent, epoch=epoch, now=room.clock())
    async with room.pool.connection() as conn:
        cursor = await conn.execute(
            "select explanation from ownerships where conversation_id = %s and owner = 'agent'",
            (conversation,),
        )
        row = await cursor.fetchone()
    assert row is not None and row[0]["assignment"]["chosen"] == str(agent)


async def test_passed_and_expired_offers_go_to_somebody_else(room: DeskRoom) -> None:
    agents = {await room.add_agent(), await room.add_agent(), await room.add_agent()}
    [conversation] = await waiting(room, 1)
    asked = []
    for _ in range(3):
        await room.offering.run_pass(room.clock())
        [offer] = await read_offers(room.pool, list(agents), room.clock())
        asked.append(offer.agent_id)
        if len(asked) == 1:
            await room.ownership.pass_offer(conversation, offer.agent_id)
        else:
            room.clock.pass_s(15)
        for agent in agents:
            await room.see(agent)
    assert set(asked) == agents


async def test_nobody_gets_more_than_the_capacity_whatever_the_interleaving(room: DeskRoom) -> None:
    agents = [await room.add_agent(capacity=2), await room.add_agent(capacity=3)]
    ids = await waiting(room, 12)
    await asyncio.gather(*(room.offering.run_pass(room.clock()) for _ in range(3)))

    async def take(agent: UUID, conversation: UUID) -> None:
        epoch = (await room.state(conversation)).epoch
        await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=False)

    results = await asyncio.gather(*(take(a, c) for a in agents for c in ids), return_exceptions=True)
    assert {type(r) for r in results} <= {type(None), Conflict, OverCapacity}
    async with room.pool.connection() as conn:
        cursor = await conn.execute(
            "select agent_id, count(*) from conversations where agent_id is not null group by 1"
        )
        loads = dict(await cursor.fetchall())
    assert loads == {agents[0]: 2, agents[1]: 3}


async def test_the_queue_is_served_in_its_order_and_the_wait_counts_the_agents_online(room: DeskRoom) -> None:
    first, second, grave = [await room.open() for _ in range(3)]
    for conversation, text in ((first, "转人工"), (second, "转人工"), (grave, "要去起诉 !major")):
        await room.say(conversation, text)
        room.clock.pass_s(1)
    assert [(await room.state(c)).queue_position for c in (grave, first, second)] == [1, 2, 3]
    waits = []
    for _ in range(2):
        await room.add_agent()
        waits.append((await room.state(second)).as_json(handling_minutes=6)["queue"]["expected_minutes"])
    assert waits == [18, 9]


async def test_two_agents_claiming_at_once_make_one_owner(room: DeskRoom) -> None:
    one, other = await room.add_agent(), await room.add_agent()
    [conversation] = await waiting(room, 1)
    epoch = (await room.state(conversation)).epoch
    results = await asyncio.gather(
        *(
            room.ownership.claim(conversation, a, epoch=epoch, now=room.clock(), may_take_over=False)
            for a in (one, other)
        ),
        return_exceptions=True,
    )
    assert sorted(type(r).__name__ for r in results) == ["Conflict", "NoneType"]


async def test_only_the_owner_replies_and_notes_stay_inside(room: DeskRoom) -> None:
    owner, other = await room.add_agent(), await room.add_agent()
    [conversation] = await waiting(room, 1)
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, owner, epoch=epoch, now=room.clock(), may_take_over=False)
    common = {"max_characters": 5000, "now": room.clock()}
    first = await reply(room.pool, conversation, owner, client_id="a1", text="您好", **common)
    again = await reply(room.pool, conversation, owner, client_id="a1", text="您好", **common)
    assert first.seq == again.seq and not again.is_new
    with pytest.raises(Conflict):
        await reply(room.pool, conversation, other, client_id="a2", text="您好", **common)
    await note(room.pool, conversation, other, client_id="a3", text="老客户", **common)
    assert await room.said_by(conversation, "agent") == ["您好", "老客户"]


async def test_a_transfer_prefers_the_named_agent(room: DeskRoom) -> None:
    first, second = await room.add_agent(), await room.add_agent()
    [conversation] = await waiting(room, 1)
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, first, epoch=epoch, now=room.clock(), may_take_over=False)
    await room.ownership.transfer(
        conversation, first, epoch=epoch + 1, to_agent_id=second, note="请接一下", now=room.clock()
    )
    await room.offering.run_pass(room.clock())
    [offer] = await read_offers(room.pool, [first, second], room.clock())
    assert offer.agent_id == second


async def test_customers_of_an_agent_who_is_gone_return_to_the_queue(room: DeskRoom) -> None:
    agent = await room.add_agent()
    answered, unanswered = await waiting(room, 2)
    for conversation in (answered, unanswered):
        epoch = (await room.state(conversation)).epoch
        await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=False)
    await reply(
        room.pool, answered, agent, client_id="a1", text="您好", max_characters=5000, now=room.clock()
    )
    room.clock.pass_s(181)
    await room.offering.run_pass(room.clock())
    assert (await room.state(answered)).owner == "agent"
    assert (await room.state(unanswered)).owner == "queue"


async def test_who_takes_a_conversation_straight_from_the_bot_gets_a_brief(room: DeskRoom) -> None:
    agent, conversation = await room.add_agent(), await room.open()
    said = [await room.say(conversation, text) for text in ("你好", "我的包裹还没到")]
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=True)
    shop = Shop(orders=DemoShop(room.pool), policy=FakePolicy(), zone=ZoneInfo("Asia/Shanghai"))
    detail = await read_detail(room.pool, shop, conversation, now=room.clock())
    assert detail["summary"]["owner"] == "agent"
    assert [felt["seq"] for felt in detail["brief"]["mood"]] == [receipt.seq for receipt in said]
    assert "brief" not in detail["ownerships"][-1]["explanation"]


@pytest.mark.parametrize("was_read", [False, True])
async def test_a_message_that_crosses_with_the_hand_back_is_answered_by_the_bot(
    room: DeskRoom, was_read: bool
) -> None:
    agent = await room.add_agent()
    [conversation] = await waiting(room, 1)
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=False)
    await room.say(conversation, "什么时候退款")
    await reply(
        room.pool, conversation, agent, client_id="a1", text="已退", max_characters=5000, now=room.clock()
    )
    crossing = await room.say(conversation, "那我的快递到哪了")
    if was_read:
        await read_by_agent(room.pool, conversation, agent, crossing.seq)
    await room.ownership.hand_back(conversation, agent, epoch=epoch + 1, summary="", now=room.clock())
    answered = [f.text for turn in await room.claim() for f in turn.fragments]
    assert answered == ([] if was_read else ["那我的快递到哪了"])


async def test_withdrawing_an_expired_offer_leaves_the_one_that_another_process_made_meanwhile(
    room: DeskRoom,
) -> None:
    first, second = await room.add_agent(), await room.add_agent()
    [conversation] = await waiting(room, 1)
    await room.offering.run_pass(room.clock())
    [expired] = await read_offers(room.pool, [first, second], room.clock())
    room.clock.pass_s(15)
    await room.offering.run_pass(room.clock())
    async with room.pool.connection() as conn, conn.transaction():
        assert not await withdraw_offer(
            conn, conversation, agent_id=expired.agent_id, expires_at=expired.expires_at
        )
    [offer] = await read_offers(room.pool, [first, second], room.clock())
    assert offer.agent_id != expired.agent_id


async def test_many_who_wait_for_somebody_rare_do_not_hide_the_one_who_could_be_served(
    room: DeskRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offering, "_LOOKED_AT", 3)
    agent = await room.add_agent()
    for _ in range(4):
        await room.say(await room.open(), "!major")
    [ordinary] = await waiting(room, 1)
    assert await room.offering.run_pass(room.clock()) == 1
    [offer] = await read_offers(room.pool, [agent], room.clock())
    assert offer.conversation_id == ordinary


async def test_who_stays_silent_after_a_hand_back_is_reminded_and_the_conversation_closed(
    room: DeskRoom,
) -> None:
    agent = await room.add_agent()
    [conversation] = await waiting(room, 1)
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=False)
    await room.ownership.hand_back(conversation, agent, epoch=epoch + 1, summary="", now=room.clock())
    for _ in range(2):
        room.clock.pass_s(1300)
        await mind_silence(room.pool, room.settings, room.clock())
    codes = [m.payload.get("code") for m in await room.messages(conversation) if m.sender == "system"]
    assert codes[-3:] == ["handed_back", "silence_reminder", "closed"]
    assert (await room.state(conversation)).owner == "none"
