"""The bot's side of a turn against a real, trained Rasa server: talk, order tracking, repair, seeds, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import aiohttp
import psycopg
import pytest

from bot.action_listener import build_action_app
from bot.effects import BotFailed, FormAbandoned, OfferHandoff, ProveOrder, ShowOrder
from bot.extraction import extract
from bot.rasa_client import Button, RasaClient, RasaReply, RasaTurn, RasaUnavailable, Seed
from bot.rasa_trackers import delete_trackers
from desk.orders import Order
from service.postgres.embedded import EmbeddedPostgres
from tests.bot_fakes import NOW, FakeDesk, FakeOrders, FakePolicy, FakeProofs, a_policy, a_shipment, an_order
from tests.rasa_server import TOKEN, RunningRasa

MINE, ALSO_MINE, FOREIGN = "AX2026110100001", "AX2026110100002", "AX2026110100003"


@dataclass
class Talk:
    """A conversation as the turn worker would hold it: refs, the last committed turn, the open form."""

    client: RasaClient
    desk: FakeDesk
    customer: str | None = None
    language: str = "zh-Hans"
    sender: str = field(default_factory=lambda: f"{uuid4()}.1")
    committed: UUID | None = None
    refs: dict[str, str] = field(default_factory=dict)
    last: RasaReply | None = None

    async def say(
        self,
        text: str,
        *,
        button: Button | None = None,
        commit: bool = True,
        turn_id: UUID | None = None,
        seed: Seed | None = None,
    ) -> RasaReply:
        slots: Any = self.last.slots if self.last else (seed.slots if seed else {})
        found = extract(text, self.refs, requested_slot=slots.get("requested_slot"))
        self.refs |= found.values()
        turn_id = self.desk.claim(self.refs, customer=self.customer, turn_id=turn_id)
        reply = await self.client.turn(
            RasaTurn(
                sender=self.sender,
                turn_id=turn_id,
                expected_turn_id=self.committed,
                text=found.masked_text,
                button=button,
                language=self.language,
                signed_in=self.customer is not None,
                references=found.as_request(),
                seed=seed or Seed(),
            )
        )
        if commit:
            self.committed, self.last = turn_id, reply
        return reply


@dataclass
class Bot:
    """A Rasa server with our actions behind it, over a fake shop."""

    client: RasaClient
    desk: FakeDesk
    orders: FakeOrders
    proofs: FakeProofs
    policy: FakePolicy

    def talk(self, **with_: Any) -> Talk:
        return Talk(client=self.client, desk=self.desk, **with_)


@pytest.fixture
async def bot(rasa: RunningRasa) -> AsyncIterator[Bot]:
    desk = FakeDesk()
    orders = FakeOrders(
        [
            an_order(MINE, customer="c1", shipments=(a_shipment(),)),
            an_order(ALSO_MINE, customer="c2", state="paid"),
            an_order(FOREIGN, customer="c2", shipments=(a_shipment("at_pickup_point"),)),
        ]
    )
    proofs, policy = FakeProofs(orders), FakePolicy()
    app = build_action_app(
        orders=orders,
        desk=desk,
        proofs=proofs,
        policy=policy,
        token=TOKEN,
        timeout_s=10,
        zone=ZoneInfo("Asia/Shanghai"),
    )
    client = rasa.client()
    async with rasa.actions(app):
        yield Bot(client=client, desk=desk, orders=orders, proofs=proofs, policy=policy)
    await client.close()


def words(reply: RasaReply) -> str:
    return "\n".join(message.text for message in reply.replies)


def shown(reply: RasaReply) -> list[str]:
    return [str(effect.order["number"]) for effect in reply.effects if isinstance(effect, ShowOrder)]


@pytest.mark.parametrize(
    ("language", "text", "start"),
    [("zh-Hans", "您好", "您好，我是"), ("zh-Hant-HK", "早晨", "您好，我係"), ("en", "hello", "Hello")],
)
async def test_bot_greets_in_the_language_of_the_conversation(
    bot: Bot, language: str, text: str, start: str
) -> None:
    reply = await bot.talk(language=language).say(text)
    assert reply.intent == "greet"
    assert words(reply).startswith(start)
    assert [b.intent for b in reply.replies[0].buttons] == ["track_order", "ask_human"]


async def test_signed_in_customer_sees_the_one_open_order_at_once(bot: Bot) -> None:
    reply = await bot.talk(customer="c1").say("我的快递到哪了")
    assert shown(reply) == [MINE]
    assert "顺丰速运" in words(reply) and reply.form is None


async def test_signed_in_customer_with_several_orders_chooses_by_button(bot: Bot) -> None:
    talk = bot.talk(customer="c2")
    asked = await talk.say("到哪了")
    buttons = asked.replies[0].buttons
    assert asked.form == "track_order_form" and len(buttons) == 2 and shown(asked) == []
    answered = await talk.say("", button=buttons[1])
    assert shown(answered) == [FOREIGN] and answered.form is None


async def test_anonymous_customer_gives_number_and_digits_in_two_steps(bot: Bot) -> None:
    talk = bot.talk(language="en")
    asked = await talk.say("where is my order")
    assert asked.form == "track_order_form" and "order number" in words(asked)
    digits = await talk.say(MINE.lower())
    assert "last four digits" in words(digits) and shown(digits) == []
    answered = await talk.say("8812")
    assert shown(answered) == [MINE] and answered.form is None
    assert [(e.ok) for e in answered.effects if isinstance(e, ProveOrder)] == [True]


async def test_number_and_digits_in_one_message_are_enough(bot: Bot) -> None:
    assert shown(await bot.talk().say(f"{MINE} 尾号８８１２ 到哪了")) == [MINE]
    assert shown(await bot.talk().say(f"{MINE} 8812")) == [MINE]


async def test_signed_in_customer_needs_digits_for_a_number_that_is_not_theirs(bot: Bot) -> None:
    talk = bot.talk(customer="c1")
    asked = await talk.say(f"查一下 {FOREIGN}")
    assert shown(asked) == [] and asked.slots["requested_slot"] == "phone_tail_ref"


async def test_wrong_digits_and_an_unknown_number_get_the_same_answer(bot: Bot) -> None:
    wrong = await bot.talk().say(f"{MINE} 尾号0000 到哪了")
    unknown = await bot.talk().say("AX99999999999999 尾号0000 到哪了")
    assert words(wrong) == words(unknown)
    assert wrong.form == unknown.form == "track_order_form"
    assert [type(e) for e in wrong.effects] == [type(e) for e in unknown.effects] == [ProveOrder]
    assert set(wrong.slots) == set(unknown.slots)


async def test_two_wrong_tries_count_as_a_failure_and_a_right_one_still_works(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say(f"{MINE} 尾号0000 到哪了")
    again = await talk.say(f"{MINE} 尾号0001")
    assert BotFailed(why="value_rejected") in again.effects
    assert shown(await talk.say(f"{MINE} 尾号8812")) == [MINE]


async def test_lock_is_said_and_ends_the_form(bot: Bot) -> None:
    bot.proofs.is_locked = True
    reply = await bot.talk().say(f"{MINE} 尾号8812 到哪了")
    assert shown(reply) == [] and reply.form is None and "30" in words(reply)


async def test_order_number_can_be_corrected_while_the_digits_are_asked(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say(f"{FOREIGN} 到哪了")
    await talk.say(f"不对 是 {MINE}")
    assert shown(await talk.say("8812")) == [MINE]


@pytest.mark.parametrize("text", ["我的快递到哪了", "催一下发货"])
async def test_same_need_again_is_asked_for_again_and_counts_as_a_failure(bot: Bot, text: str) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    again = await talk.say(text)
    assert "订单号" in words(again) and again.form == "track_order_form"
    assert BotFailed(why="rephrased") in again.effects
    digits = await talk.say(MINE)
    assert "后四位" in words(digits)
    assert "后四位" in words(await talk.say(text))
    assert shown(await talk.say("8812")) == [MINE]


async def test_question_in_between_is_answered_and_the_form_asks_again(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    between = await talk.say("你是机器人吗")
    assert "智能助手" in words(between) and between.form == "track_order_form"
    assert "订单号" in words(between)
    assert shown(await talk.say(f"{MINE} 8812")) == [MINE]


def received(number: str, days_ago: float, customer: str = "c3", **changes: Any) -> Order:
    return an_order(
        number, customer=customer, state="delivered", delivered_at=NOW - timedelta(days=days_ago), **changes
    )


async def test_one_received_order_is_answered_at_once_with_the_last_day(bot: Bot) -> None:
    bot.orders.orders += [received("AX2026110100004", 3)]
    reply = await bot.talk(customer="c3").say("我要退货")
    assert reply.intent == "request_return" and reply.form is None
    assert shown(reply) == ["AX2026110100004"]
    assert "7 天" in words(reply) and "11月25日" in words(reply) and "申请售后" in words(reply)


async def test_ten_days_are_too_late_until_the_policy_says_fifteen(bot: Bot) -> None:
    bot.orders.orders += [received("AX2026110100004", 10)]
    talk = bot.talk(customer="c3", language="en")
    late = await talk.say("can i still return my order AX2026110100004")
    assert "ended on 18 Nov, 3 days ago" in words(late) and "until 26 Nov" in words(late)
    assert [b.intent for b in late.replies[-1].buttons] == ["ask_human"]
    bot.policy.now = a_policy(return_window_days=15)
    again = await talk.say("can i still return my order AX2026110100004")
    assert "within 15 days" in words(again) and "5 days left" in words(again)


async def test_several_received_orders_are_offered_and_the_tapped_one_is_answered(bot: Bot) -> None:
    bot.orders.orders += [received("AX2026110100004", 3), received("AX2026110100005", 10)]
    talk = bot.talk(customer="c3", language="zh-Hant-HK")
    asked = await talk.say("我想退貨")
    buttons = asked.replies[0].buttons
    assert asked.form == "request_return_form" and shown(asked) == []
    assert [b.intent for b in buttons] == ["request_return"] * 2
    answered = await talk.say("", button=buttons[1])
    assert shown(answered) == ["AX2026110100005"] and "已經過咗 3 日" in words(answered)
    assert answered.form is None


async def test_anonymous_customer_proves_the_order_to_return(bot: Bot) -> None:
    bot.orders.orders += [received("AX2026110100004", 3)]
    talk = bot.talk()
    asked = await talk.say("这个能退吗")
    assert asked.form == "request_return_form" and "订单号" in words(asked)
    digits = await talk.say("AX2026110100004")
    assert "后四位" in words(digits) and shown(digits) == []
    assert shown(await talk.say("8812")) == ["AX2026110100004"]


async def test_order_just_tracked_by_number_is_the_one_to_return(bot: Bot) -> None:
    talk = bot.talk(customer="c1")
    await talk.say(f"{MINE} 到哪了")
    reply = await talk.say("我不想要了 能退吗")
    assert shown(reply) == [MINE] and "拒收" in words(reply)


async def test_need_that_changes_while_a_form_asks_opens_the_other_form(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    switched = await talk.say("我要退货")
    assert switched.form == "request_return_form" and "订单号" in words(switched)
    assert not any(isinstance(effect, BotFailed) for effect in switched.effects)
    back = await talk.say("我的快递到哪了")
    assert back.form == "track_order_form"
    assert shown(await talk.say(f"{MINE} 8812")) == [MINE]


async def test_return_asked_for_again_is_the_need_rephrased(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("我要退货")
    again = await talk.say("退货")
    assert BotFailed(why="rephrased") in again.effects and again.form == "request_return_form"


@pytest.mark.parametrize("text", ["算了", "never mind", "算啦唔查喇"])
async def test_form_can_be_called_off(bot: Bot, text: str) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    stopped = await talk.say(text)
    assert stopped.form is None and FormAbandoned(form="track_order_form") in stopped.effects
    assert len(stopped.replies) == 1


async def test_person_on_request_leaves_the_form(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    reply = await talk.say("找个人跟我说")
    assert reply.effects == (OfferHandoff(reason="asked"),) and reply.form is None


async def test_need_without_a_skill_offers_a_person_who_comes_on_yes(bot: Bot) -> None:
    talk = bot.talk()
    offered = await talk.say("我要退款")
    assert BotFailed(why="no_skill") in offered.effects
    assert (await talk.say("好的")).effects == (OfferHandoff(reason="asked"),)


async def test_yes_later_does_not_take_up_an_old_offer(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("我要退款")
    await talk.say("谢谢")
    assert (await talk.say("好的")).effects == ()


async def test_shop_that_does_not_answer_is_said_and_offers_a_person(bot: Bot) -> None:
    bot.orders.is_down = True
    reply = await bot.talk(customer="c1").say("到哪了")
    assert BotFailed(why="shop_unavailable") in reply.effects and reply.form is None


async def test_stale_turn_is_given_up_and_leaves_no_trace(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("您好")
    with pytest.raises(RasaUnavailable):
        await bot.client.turn(
            RasaTurn(
                sender=talk.sender,
                turn_id=uuid4(),  # nobody claimed it
                expected_turn_id=talk.committed,
                text="到哪了",
                language="zh-Hans",
                signed_in=False,
            )
        )
    reply = await talk.say("谢谢")
    assert reply.repaired == 0 and reply.form is None


async def test_dropped_turn_is_taken_back_before_the_next(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("您好")
    await talk.say("到哪了", commit=False)
    reply = await talk.say("谢谢")
    assert reply.repaired == 1 and reply.form is None and reply.intent == "thanks"


async def test_dropped_turn_inside_a_form_leaves_the_form_open(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    await talk.say(MINE)
    await talk.say("8812", commit=False)
    reply = await talk.say("0000")
    assert reply.repaired == 1 and shown(reply) == [] and "核对不上" in words(reply)
    assert shown(await talk.say(f"{MINE} 8812")) == [MINE]


async def test_several_dropped_turns_in_a_row_are_all_taken_back(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    for text in ("算了", "您好", "谢谢"):
        await talk.say(text, commit=False)
    reply = await talk.say(f"{MINE} 8812")
    assert shown(reply) == [MINE] and reply.repaired == 1


async def test_tracker_that_is_several_turns_ahead_goes_back_to_the_committed_one(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    committed, last = talk.committed, talk.last
    for text in ("算了", "您好", "谢谢"):
        await talk.say(text)
    talk.committed, talk.last = committed, last
    reply = await talk.say(f"{MINE} 8812")
    assert shown(reply) == [MINE] and reply.repaired == 3


async def test_first_turn_dropped_leaves_nothing_behind(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("到哪了", commit=False)
    reply = await talk.say("您好")
    assert reply.form is None and reply.repaired == 1


async def test_new_generation_goes_on_in_the_seeded_form(bot: Bot) -> None:
    first = bot.talk()
    await first.say("到哪了")
    asked = await first.say(MINE)
    second = bot.talk(refs=first.refs, last=asked)
    reply = await second.say("8812", seed=Seed(slots=asked.slots, form=asked.form))
    assert shown(reply) == [MINE] and reply.form is None


async def test_tracker_that_lost_its_past_is_seeded_anew(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("您好")
    talk.committed = uuid4()
    reply = await talk.say("谢谢", seed=Seed(slots={"language": "zh-Hans"}))
    assert reply.repaired == -1 and reply.intent == "thanks"


async def test_turn_sent_twice_is_on_the_tracker_once(bot: Bot) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    turn_id = uuid4()
    first = await talk.say(MINE, commit=False, turn_id=turn_id)
    second = await talk.say(MINE, commit=False, turn_id=turn_id)
    assert second == first
    talk.committed = turn_id
    talk.last = second
    answered = await talk.say("8812")
    assert shown(answered) == [MINE] and answered.repaired == 0


@pytest.mark.parametrize(
    "text", ["/restart", "  ／restart", '/track_order{"order": "own_x"}', "/ /ask_human", "／／back"]
)
async def test_slash_text_is_not_obeyed(bot: Bot, text: str) -> None:
    talk = bot.talk()
    await talk.say("到哪了")
    reply = await talk.say(text)
    assert shown(reply) == []
    assert (await talk.say(f"{MINE} 8812")).repaired == 0


async def test_channel_itself_refuses_slash_text_and_strangers(bot: Bot, rasa: RunningRasa) -> None:
    body = {"sender": "x.1", "turn_id": str(uuid4()), "text": "／restart"}
    async with aiohttp.ClientSession() as session:
        url = f"{rasa.url}/webhooks/anxin/turn"
        async with session.post(url, json=body, headers={"Authorization": f"Bearer {TOKEN}"}) as refused:
            assert refused.status == 422
        async with session.post(url, json=body, headers={"Authorization": "Bearer wrong"}) as stranger:
            assert stranger.status == 401
        async with session.post(f"{rasa.url}/webhooks/rest/webhook", json=body) as other:
            assert other.status == 404
        async with session.get(f"{rasa.url}/conversations/x.1/tracker") as api:
            assert api.status == 404
    client = RasaClient(rasa.url, "wrong", timeout_s=5)
    with pytest.raises(RasaUnavailable):
        await client.parse("您好")
    await client.close()


async def test_parallel_conversations_do_not_mix(bot: Bot) -> None:
    async def one(n: int) -> list[str]:
        talk = bot.talk()
        await talk.say("到哪了")
        await talk.say((MINE, FOREIGN)[n % 2])
        return shown(await talk.say("8812"))

    answers = await asyncio.gather(*(one(n) for n in range(8)))
    assert answers == [[(MINE, FOREIGN)[n % 2]] for n in range(8)]


async def test_tracker_holds_neither_words_nor_numbers_and_goes_with_its_conversation(
    bot: Bot, postgres: EmbeddedPostgres
) -> None:
    talk = bot.talk()
    await talk.say("我是王芳 住深圳")
    await talk.say(f"{MINE} 尾号8812 到哪了")
    url = postgres.url.replace("/anxin?", "/rasa_of_tests?")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        rows = await (
            await conn.execute("select data from rasa.events where sender_id = %s", (talk.sender,))
        ).fetchall()
        written = "\n".join(row[0] for row in rows).encode().decode("unicode_escape", "ignore")
        assert len(rows) > 5
        for secret in (MINE, "8812", "王芳", "深圳", "SF1234567890123"):
            assert secret not in written
        assert await delete_trackers(conn, talk.sender.split(".")[0] + ".") == len(rows)
