"""What the knowledge base was asked stands with the turn: whole or not at all, with what came of it afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from psycopg.rows import dict_row

from desk import helpful
from desk.errors import NotFound
from desk.handoff import Outcome, TurnFacts
from desk.turns import ClaimedTurn, Reply, TurnOutcome
from knowledge_base.uses import Use
from routing.tags import NEUTRAL
from tests.integration.desk.conftest import DeskRoom

ANSWERED = Use(
    outcome="answered",
    shown=("return_window",),
    candidates=(("return_window", 0.93), ("return_how", 0.04)),
    probability=0.93,
    base_version=3,
)
ASKED_BACK = Use(
    outcome="asked_back",
    shown=("shipping_fee", "return_freight_payer"),
    candidates=(("shipping_fee", 0.5), ("return_freight_payer", 0.4)),
    probability=0.5,
    base_version=3,
)
DECLINED = Use(outcome="declined", candidates=(("invoice_how", 0.1),), probability=0.1, base_version=3)
FACTS: dict[str, Outcome] = {"answered": "answered", "option": "answered", "asked_back": "asked_back"}


async def ask(room: DeskRoom, conversation: UUID, *texts: str) -> ClaimedTurn:
    for text in texts:
        await room.say(conversation, text)
    room.clock.pass_s(2)
    [turn] = await room.claim()
    return turn


async def come_to(room: DeskRoom, turn: ClaimedTurn, use: Use, *, failed: bool = False) -> str | None:
    """Commit a turn whose question came to this."""
    outcome = FACTS.get(use.outcome, "declined")
    facts = TurnFacts(
        text=turn.fragments[-1].text,
        tags=NEUTRAL,
        outcome=outcome,
        bot_failed=failed or outcome == "declined",
    )
    reply = Reply(text="…", is_answer=outcome == "answered")
    return await room.turns.commit(
        turn, TurnOutcome(facts=facts, replies=(reply,), use=use), now=room.clock()
    )


async def uses(room: DeskRoom) -> list[dict[str, Any]]:
    async with room.pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from knowledge_uses order by at, seq, n")
        return await cursor.fetchall()


async def test_a_committed_turn_leaves_its_question_with_answer_and_probability(room: DeskRoom) -> None:
    conversation = await room.open()
    turn = await ask(room, conversation, "衣服", "能退吗")
    assert await come_to(room, turn, ANSWERED) is None
    [row] = await uses(room)
    assert (row["conversation_id"], row["first_seq"], row["seq"], row["reply_seq"]) == (conversation, 1, 2, 3)
    assert (row["outcome"], row["shown"], row["base_version"]) == ("answered", ["return_window"], 3)
    assert row["probability"] == pytest.approx(0.93) and row["at"] == room.clock()
    assert [c["entry"] for c in row["candidates"]] == ["return_window", "return_how"]
    assert (row["language"], row["epoch"], row["helpful"], row["handed_over"]) == ("zh-Hans", 1, None, None)
    assert [m.payload for m in await room.messages(conversation) if m.sender == "bot"] == [{"helpful": None}]


async def test_several_answers_to_one_message_are_judged_one_by_one(room: DeskRoom) -> None:
    conversation = await room.open()
    turn = await ask(room, conversation, "能退吗？运费谁出？")
    two = Use(
        outcome="answered", shown=("return_window", "return_freight_payer"), probability=0.9, base_version=3
    )
    facts = TurnFacts(text="", tags=NEUTRAL, outcome="answered")
    replies = (Reply(text="能", is_answer=True), Reply(text="我们", is_answer=True))
    await room.turns.commit(turn, TurnOutcome(facts=facts, replies=replies, use=two), now=room.clock())
    await helpful.judge(room.pool, conversation, 3, helpful=False, now=room.clock())
    assert [(row["n"], row["shown"], row["reply_seq"], row["helpful"]) for row in await uses(room)] == [
        (0, ["return_window"], 2, None),
        (1, ["return_freight_payer"], 3, False),
    ]


async def test_a_stale_turn_leaves_none(room: DeskRoom) -> None:
    conversation = await room.open()
    turn = await ask(room, conversation, "能退吗")
    await room.say(conversation, "还有运费")
    assert await come_to(room, turn, ANSWERED) == "newer_fragment"
    agent = await room.add_agent()
    epoch = (await room.state(conversation)).epoch
    room.clock.pass_s(2)
    [again] = await room.claim()
    await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=True)
    assert await come_to(room, again, ANSWERED) == "owner_changed"
    assert await uses(room) == []


async def test_a_tapped_option_is_a_use_of_its_own_and_marks_the_ask_back_as_taken(room: DeskRoom) -> None:
    conversation = await room.open()
    assert await come_to(room, await ask(room, conversation, "那运费呢"), ASKED_BACK) is None
    option = Use(outcome="option", shown=("return_freight_payer",), base_version=3)
    assert await come_to(room, await ask(room, conversation, "退货运费"), option) is None
    asked, tapped = await uses(room)
    assert (asked["outcome"], asked["taken"], asked["reply_seq"]) == (
        "asked_back",
        "return_freight_payer",
        None,
    )
    assert (tapped["outcome"], tapped["taken"], tapped["reply_seq"]) == ("option", None, 4)
    assert tapped["probability"] is None


async def test_what_people_took_over_says_why_within_this_ownership_of_the_bot_only(room: DeskRoom) -> None:
    conversation, other = await room.open(), await room.open()
    for of in (conversation, other):
        assert await come_to(room, await ask(room, of, "能退吗"), ANSWERED) is None
    for text in ("可以开礼品卡发票吗", "礼品卡的发票"):
        assert await come_to(room, await ask(room, conversation, text), DECLINED) is None
    assert (await room.state(conversation)).owner == "queue"
    agent = await room.add_agent()
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=False)
    await room.ownership.hand_back(conversation, agent, epoch=epoch + 1, summary="", now=room.clock())
    assert await come_to(room, await ask(room, conversation, "怎么退"), ANSWERED) is None
    rows = await uses(room)
    reasons = {(row["conversation_id"], row["seq"]): row["handed_over"] for row in rows}
    of_first = [reasons[key] for key in sorted(reasons) if key[0] == conversation]
    assert of_first[:3] == ["not_in_knowledge_base"] * 3 or of_first[:3] == ["bot_failed"] * 3
    assert of_first[3] is None and reasons[(other, 1)] is None


async def test_an_ask_back_that_people_took_over_from_was_never_shown(room: DeskRoom) -> None:
    conversation = await room.open()
    assert await come_to(room, await ask(room, conversation, "那运费呢"), ASKED_BACK, failed=True) is None
    assert await come_to(room, await ask(room, conversation, "运费运费"), ASKED_BACK, failed=True) is None
    first, second = await uses(room)
    assert (first["outcome"], first["handed_over"]) == ("asked_back", "bot_failed")
    assert (second["outcome"], second["shown"], second["handed_over"]) == ("declined", [], "bot_failed")


async def test_a_judgement_is_kept_changeable_and_told_again_with_the_message(room: DeskRoom) -> None:
    conversation = await room.open()
    await come_to(room, await ask(room, conversation, "能退吗"), ANSWERED)
    for is_helpful in (False, False, True):
        await helpful.judge(room.pool, conversation, 2, helpful=is_helpful, now=room.clock())
        [row] = await uses(room)
        assert row["helpful"] is is_helpful and row["helpful_at"] == room.clock()
        [said] = [m for m in await room.messages(conversation) if m.sender == "bot"]
        assert said.payload == {"helpful": is_helpful}


@pytest.mark.parametrize("seq", [1, 3, 99])
async def test_what_is_no_answer_of_this_conversation_cannot_be_judged(room: DeskRoom, seq: int) -> None:
    conversation, other = await room.open(), await room.open()
    await come_to(room, await ask(room, conversation, "能退吗"), ANSWERED)
    await room.say(conversation, "好")
    with pytest.raises(NotFound):
        await helpful.judge(room.pool, conversation, seq, helpful=True, now=room.clock())
    with pytest.raises(NotFound):
        await helpful.judge(room.pool, other, 2, helpful=True, now=room.clock())
    assert [row["helpful"] for row in await uses(room)] == [None]


async def test_a_deleted_conversation_takes_its_uses_along(room: DeskRoom) -> None:
    conversation = await room.open()
    await come_to(room, await ask(room, conversation, "能退吗"), ANSWERED)
    async with room.pool.connection() as conn:
        await conn.execute("delete from conversations where id = %s", (conversation,))
    assert await uses(room) == []
