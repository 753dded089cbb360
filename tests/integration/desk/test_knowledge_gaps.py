"""From questions that went wrong to gaps: what counts, what agents answered, nothing personal, dismissed until grown."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from desk import helpful
from desk.errors import NotFound
from desk.knowledge_gaps import KnowledgeGaps, Period
from desk.missed_questions import read_missed
from desk.replying import reply
from knowledge_base.gaps import Gap, MissedQuestion
from knowledge_base.uses import Use
from tests.integration.desk.conftest import DeskRoom
from tests.integration.desk.test_uses import ANSWERED, ASKED_BACK, DECLINED, ask, come_to
from tests.knowledge import encoder

GIFT_CARD = ("礼品卡能开发票吗", "礼品卡可以开发票不", "礼品卡怎么开发票")


def period(room: DeskRoom, days: int = 30) -> Period:
    return Period(days=days, until=room.clock() + timedelta(seconds=1))


async def missed(room: DeskRoom) -> list[MissedQuestion]:
    now = period(room)
    async with room.pool.connection() as conn:
        return await read_missed(conn, since=now.since, until=now.until)


async def declined(room: DeskRoom, text: str, *, customer: UUID | None = None) -> UUID:
    conversation = await room.open(customer)
    assert await come_to(room, await ask(room, conversation, text), DECLINED) is None
    return conversation


async def answered_by_agent(room: DeskRoom, conversation: UUID, *texts: str) -> None:
    agent = await room.add_agent()
    epoch = (await room.state(conversation)).epoch
    await room.ownership.claim(conversation, agent, epoch=epoch, now=room.clock(), may_take_over=True)
    for text in texts:
        await reply(
            room.pool,
            conversation,
            agent,
            client_id=uuid4().hex,
            text=text,
            max_characters=5000,
            now=room.clock(),
        )


async def gaps(room: DeskRoom) -> list[Gap]:
    return await KnowledgeGaps(room.pool, encoder()).find(period(room))


async def test_each_question_counts_for_the_dearest_thing_that_came_of_it(room: DeskRoom) -> None:
    unhelpful = await room.open()
    await come_to(room, await ask(room, unhelpful, "能退吗"), ANSWERED)
    await helpful.judge(room.pool, unhelpful, 2, helpful=False, now=room.clock())
    good = await room.open()
    await come_to(room, await ask(room, good, "怎么退"), ANSWERED)
    await helpful.judge(room.pool, good, 2, helpful=True, now=room.clock())
    handed = await declined(room, "礼品卡能开发票吗")
    await come_to(room, await ask(room, handed, "礼品卡发票"), DECLINED)
    taken = await room.open()
    await come_to(room, await ask(room, taken, "那运费呢"), ASKED_BACK)
    await come_to(room, await ask(room, taken, "退货运费"), Use(outcome="option", shown=("shipping_fee",)))
    passed_over = await room.open()
    await come_to(room, await ask(room, passed_over, "运费多少"), ASKED_BACK)
    await come_to(room, await ask(room, passed_over, "我的包裹"), Use(outcome="left"))
    choosing = await room.open()
    await come_to(room, await ask(room, choosing, "运费怎么算"), ASKED_BACK)
    found = {(q.conversation_id, q.text): q.why for q in await missed(room)}
    assert found == {
        (unhelpful, "能退吗"): "unhelpful",
        (handed, "礼品卡能开发票吗"): "declined",
        (handed, "礼品卡发票"): "handed_over",
        (passed_over, "运费多少"): "asked_back",
    }
    room.clock.pass_s(660)
    assert (choosing, "运费怎么算") in {(q.conversation_id, q.text) for q in await missed(room)}


async def test_an_unhelpful_option_stands_for_the_question_that_was_asked_back(room: DeskRoom) -> None:
    conversation = await room.open()
    await come_to(room, await ask(room, conversation, "那运费", "谁出呢"), ASKED_BACK)
    await come_to(
        room, await ask(room, conversation, "退货运费"), Use(outcome="option", shown=("shipping_fee",))
    )
    [said] = [m.seq for m in await room.messages(conversation) if "helpful" in m.payload]
    await helpful.judge(room.pool, conversation, said, helpful=False, now=room.clock())
    assert [(q.text, q.why) for q in await missed(room)] == [("那运费 谁出呢", "unhelpful")]


async def test_agents_first_substantial_reply_comes_along_and_nothing_personal_does(room: DeskRoom) -> None:
    customer = uuid4()
    async with room.pool.connection() as conn:
        await conn.execute(
            "insert into customers (id, shop_id, name, phone) values (%s, 'c-1', '欧阳静', '13800138000')",
            (customer,),
        )
    conversation = await declined(
        room, "我是欧阳静13800138000，礼品卡能开发票吗，订单AX202611180042", customer=customer
    )
    await answered_by_agent(
        room,
        conversation,
        "您好，请稍等",
        "欧阳静您好，礼品卡不开发票，买商品时按实付开，回电13900139000。",
        "还有别的吗",
    )
    [gap] = await gaps(room)
    shown = gap.name + "".join(gap.agents_answers)
    assert "礼品卡能开发票吗" in gap.name and "礼品卡不开发票" in gap.agents_answers[0]
    assert not [word for word in ("欧阳静", "138001", "139001", "20261118") if word in shown]


async def test_a_dismissed_gap_stays_away_until_it_has_grown_by_half(room: DeskRoom) -> None:
    desk, by = KnowledgeGaps(room.pool, encoder()), await room.add_agent()
    for text in (*GIFT_CARD, GIFT_CARD[0]):
        await declined(room, text)
    await declined(room, "旧冰箱能拉走吗")
    first, other = await desk.find(period(room))
    assert (len(first.questions), first.nearest, first.cost) == (4, "invoice_how", 12)
    await desk.dismiss(first.id, period(room), by=by)
    assert [gap.id for gap in await desk.find(period(room))] == [other.id]
    await declined(room, GIFT_CARD[1])
    assert [gap.id for gap in await desk.find(period(room))] == [other.id]
    assert [gap.id for gap in await desk.find(period(room, days=60))] == [other.id]
    await declined(room, GIFT_CARD[2])
    assert [len(gap.questions) for gap in await desk.find(period(room))] == [6, 1]


async def test_a_gap_that_is_not_there_can_neither_be_dismissed_nor_begun(room: DeskRoom) -> None:
    desk = KnowledgeGaps(room.pool, encoder())
    await declined(room, GIFT_CARD[0])
    for wrong in ("q1", f"q1.{uuid4().hex}"):
        with pytest.raises(NotFound):
            await desk.draft(wrong, period(room))
        with pytest.raises(NotFound):
            await desk.dismiss(wrong, period(room), by=uuid4())


async def test_a_deleted_conversation_leaves_no_question_no_answer_and_no_dismissal(room: DeskRoom) -> None:
    desk = KnowledgeGaps(room.pool, encoder())
    conversation = await declined(room, GIFT_CARD[0])
    [gap] = await desk.find(period(room))
    await desk.dismiss(gap.id, period(room), by=await room.add_agent())
    async with room.pool.connection() as conn:
        await conn.execute("delete from conversations where id = %s", (conversation,))
        cursor = await conn.execute("select count(*) from knowledge_dismissals")
        assert await cursor.fetchone() == (0,)
    assert await desk.find(period(room)) == []


async def test_only_the_period_counts(room: DeskRoom) -> None:
    await declined(room, GIFT_CARD[0])
    room.clock.pass_s(40 * 86_400)
    desk = KnowledgeGaps(room.pool, encoder())
    assert await desk.find(period(room)) == []
    assert len(await desk.find(period(room, days=60))) == 1
