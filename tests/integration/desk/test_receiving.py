"""Messages are taken in once, in order, and bring people in when the policy says so."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest

from desk.errors import DeskError, InvalidInput, NotFound
from desk.receiving import Incoming
from tests.integration.desk.conftest import DeskRoom


async def test_messages_get_consecutive_seqs_also_when_sent_at_once(room: DeskRoom) -> None:
    ids = [await room.open() for _ in range(5)]
    await asyncio.gather(*(room.say(c, f"第{n}条") for n in range(20) for c in ids))
    for conversation in ids:
        messages = await room.messages(conversation)
        assert [m.seq for m in messages] == list(range(1, 21))
        assert [m.text for m in messages] == [f"第{n}条" for n in range(20)]


async def test_the_same_client_id_again_returns_the_same_receipt(room: DeskRoom) -> None:
    conversation = await room.open()
    first, second = await asyncio.gather(
        room.say(conversation, "在吗", "c1"), room.say(conversation, "在吗", "c1")
    )
    third = await room.say(conversation, "在吗", "c1")
    assert first.seq == second.seq == third.seq == 1
    assert [first.is_new, second.is_new, third.is_new] == [True, False, False]
    assert len(await room.messages(conversation)) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must not be empty"),
        (" \n\u200b\u3000", "must not be empty"),
        ("长" * 5001, "at most 5000 characters, this has 5001"),
        ("a\x00b", "NUL"),
        ("\ud800", "not valid Unicode"),
    ],
)
async def test_bad_text_is_refused_with_the_field_and_the_fix(room: DeskRoom, text: str, says: str) -> None:
    conversation = await room.open()
    with pytest.raises(InvalidInput, match=says) as refused:
        await room.say(conversation, text)
    assert refused.value.field == "text"
    assert await room.messages(conversation) == []


async def test_an_unknown_conversation_costs_its_neighbours_nothing(room: DeskRoom) -> None:
    conversation = await room.open()
    results = await asyncio.gather(
        room.say(conversation, "你好"),
        room.say(uuid4(), "你好"),
        room.say(conversation, "在吗"),
        return_exceptions=True,
    )
    assert isinstance(results[1], NotFound)
    assert await room.said_by(conversation, "customer") == ["你好", "在吗"]


async def test_a_button_that_was_never_issued_is_refused(room: DeskRoom) -> None:
    conversation = await room.open()
    for button in ("1.0", "99999999999999999999.0", "x", "/restart", "1"):
        with pytest.raises(DeskError) as refused:
            await room.receiver.receive(
                Incoming(conversation_id=conversation, client_id=uuid4().hex, button=button)
            )
        assert refused.value.field == "button"


async def test_asking_for_a_person_queues_at_once_and_the_bot_has_nothing_due(room: DeskRoom) -> None:
    conversation = await room.open()
    await room.say(conversation, "转人工")
    state = await room.state(conversation)
    assert (state.owner, state.queue_position) == ("queue", 1)
    room.clock.pass_s(10)
    assert await room.claim() == []
    notices = [m.payload["code"] for m in await room.messages(conversation) if m.kind == "notice"]
    assert notices == ["handoff_requested", "ask_topic"]


async def test_whoever_names_the_topic_is_not_asked_for_it(room: DeskRoom) -> None:
    conversation = await room.open()
    await room.say(conversation, "想改到周末送，转人工")
    notices = [m.payload["code"] for m in await room.messages(conversation) if m.kind == "notice"]
    assert notices == ["handoff_requested"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("你们怎么回事 !angry", "angry"),
        ("!critical 今天的飞机", "urgent"),
        ("我要去 !major", "complaint_major"),
    ],
)
async def test_grave_messages_queue_with_reason_and_brief(room: DeskRoom, text: str, reason: str) -> None:
    conversation = await room.open()
    await room.say(conversation, text)
    async with room.pool.connection() as conn:
        cursor = await conn.execute(
            "select reasons, brief from queue_entries where conversation_id = %s", (conversation,)
        )
        row = await cursor.fetchone()
    assert row is not None and row[0] == [reason]
    assert row[1]["why"][0]["reason"] == reason
    assert "order" in row[1]["unknown"]


async def test_outside_hours_the_customer_is_told_when_an_answer_comes(room: DeskRoom) -> None:
    room.clock.pass_s(14 * 3600)  # 02:00 in the shop
    conversation = await room.open()
    await room.say(conversation, "人工")
    notices = [m for m in await room.messages(conversation) if m.kind == "notice"]
    assert [n.payload["code"] for n in notices] == ["outside_hours"]
    assert "08:00" in notices[0].text


async def test_the_language_follows_the_customer(room: DeskRoom) -> None:
    conversation = await room.open()
    await room.say(conversation, "where is my parcel please")
    assert (await room.state(conversation)).language == "en"
    await room.say(conversation, "件貨幾時到呀，等咗好耐")
    assert (await room.state(conversation)).language == "zh-Hant-HK"


async def test_a_message_reopens_what_the_bot_closed_and_queues_what_an_agent_closed(room: DeskRoom) -> None:
    agent = await room.add_agent()
    by_customer, by_agent = await room.open(), await room.open()
    await room.ownership.close_by_customer(by_customer, now=room.clock())
    await room.say(by_agent, "人工")
    state = await room.state(by_agent)
    await room.ownership.claim(by_agent, agent, epoch=state.epoch, now=room.clock(), may_take_over=False)
    state = await room.state(by_agent)
    await room.ownership.close_by_agent(
        by_agent, agent, epoch=state.epoch, resolution="solved", now=room.clock()
    )

    await room.say(by_customer, "还有个问题")
    await room.say(by_agent, "还有个问题")
    assert (await room.state(by_customer)).owner == "bot"
    assert (await room.state(by_agent)).owner == "queue"
    async with room.pool.connection() as conn:
        cursor = await conn.execute(
            "select preferred_agent_id from queue_entries where conversation_id = %s", (by_agent,)
        )
        assert await cursor.fetchone() == (agent,)


async def test_after_72_hours_a_new_matter_begins_with_the_bot(room: DeskRoom) -> None:
    agent = await room.add_agent()
    conversation = await room.open()
    await room.say(conversation, "人工")
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=False)
    await room.ownership.close_by_agent(
        conversation, agent, epoch=epoch + 1, resolution="solved", now=room.clock()
    )
    room.clock.pass_s(73 * 3600)
    await room.say(conversation, "你好")
    assert (await room.state(conversation)).owner == "bot"


async def test_the_first_word_decides_the_language_however_short(room: DeskRoom) -> None:
    conversation = await room.open()
    for text, language in (("hello", "en"), ("ok", "en"), ("我的快递到哪了", "zh-Hans"), ("hi", "zh-Hans")):
        await room.say(conversation, text)
        assert (await room.state(conversation)).language == language, text


REFUSES = """
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$;
create {kind} trigger refuses after insert on messages {deferred} for each row
when (new.text like 'poison%') execute function refuse();
"""


@pytest.mark.parametrize(
    ("kind", "deferred"), [("", ""), ("constraint", "deferrable initially deferred")], ids=["write", "commit"]
)
async def test_a_message_that_the_database_refuses_is_not_acknowledged_and_costs_its_neighbours_nothing(
    room: DeskRoom, kind: str, deferred: str
) -> None:
    async with room.pool.connection() as conn:
        await conn.execute(REFUSES.format(kind=kind, deferred=deferred).encode())
    conversations = [await room.open() for _ in range(6)]
    texts = ["poison" if n % 3 == 0 else "好" for n in range(6)]
    receipts = await asyncio.gather(
        *(room.say(c, text) for c, text in zip(conversations, texts, strict=True)), return_exceptions=True
    )
    assert [isinstance(r, psycopg.Error) for r in receipts] == [text == "poison" for text in texts]
    stored = [await room.said_by(c, "customer") for c in conversations]
    assert stored == [[] if text == "poison" else [text] for text in texts]
    assert (await room.say(conversations[0], "再来")).seq == 1


async def test_who_has_waited_for_a_person_is_taken_a_little_more_seriously(room: DeskRoom) -> None:
    conversation = await room.open()
    for text in ("你们怎么回事 !angry", "!angry 人呢", "!angry 人呢？"):
        await room.say(conversation, text)
        room.clock.pass_s(600)
    async with room.pool.connection() as conn:
        cursor = await conn.execute(
            "select (tags -> 'sentiment' ->> 'probability')::float from messages where sender = 'customer' order by seq"
        )
        at_once, later, latest = (row[0] for row in await cursor.fetchall())
    assert at_once == 0.95
    assert at_once < later <= latest < 1
