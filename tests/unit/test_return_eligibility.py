"""What the bot says to «I want to return it»: verdict, last day, reason, what else is possible, and the card."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.actions.order_lookup import AskOrder, ValidateOrderForm
from bot.actions.own_orders import own_reference
from bot.actions.return_eligibility import REQUEST_RETURN, SayReturnEligibility
from bot.effects import BotFailed, ShowOrder
from desk.orders import Item, Order, OrderFacts
from tests.bot_fakes import NOW, a_policy, a_shipment
from tests.unit.test_actions import FORMS, NUMBER, Stage, order

DOMAIN = yaml.safe_load(
    (Path(__file__).parents[2] / "bot/domain/request_return.yml").read_text(encoding="utf-8")
)
FOUND = {"order_ref": own_reference(NUMBER), "lookup_result": "show"}


def goods(*categories: str) -> tuple[Item, ...]:
    return tuple(
        Item(sku=c, title=f"《{c}》", variant="", category=c, quantity=1, price_cents=9_900)
        for c in categories
    )


def received(days_ago: float, *categories: str, **changes: Any) -> Order:
    told: dict[str, Any] = {"state": "delivered", "delivered_at": NOW - timedelta(days=days_ago)}
    return order(**(told | ({"items": goods(*categories)} if categories else {}) | changes))


async def answer(what: Order, *, is_vip: bool = False, language: str = "zh-Hans") -> Stage:
    stage = Stage([what], customer="c1", is_vip=is_vip)
    await stage.run(SayReturnEligibility(stage.lookup), FOUND, language=language)
    return stage


# order → the responses that answer
ANSWERS = [
    (received(3), ["utter_return_eligible"]),
    (received(3, "shoes", "custom_made"), ["utter_return_partly"]),
    (received(3, "cosmetics"), ["utter_return_only_unopened"]),
    (received(3, "custom_made"), ["utter_return_excluded", "utter_return_instead_quality"]),
    (received(20, "custom_made"), ["utter_return_excluded", "utter_return_instead_repair"]),
    (received(10), ["utter_return_window_over", "utter_return_instead_quality"]),
    (received(20), ["utter_return_window_over", "utter_return_instead_repair"]),
    (received(400), ["utter_return_window_over", "utter_return_instead_colleague"]),
    (order(state="unpaid"), ["utter_order_unpaid"]),
    (order(state="paid"), ["utter_return_not_shipped"]),
    (order(shipments=(a_shipment(),)), ["utter_return_not_received"]),
    (
        order(shipments=(a_shipment(),), items=goods("shoes", "food")),
        ["utter_return_not_received", "utter_return_limits"],
    ),
    (
        order(shipments=(a_shipment(),), items=goods("custom_made")),
        ["utter_return_not_received_excluded"],
    ),
    (order(shipments=(a_shipment("delivered"), a_shipment())), ["utter_return_partly_received"]),
    (order(shipments=(a_shipment("lost"),)), ["utter_order_lost"]),
    (order(shipments=(a_shipment("returned"),)), ["utter_order_returned"]),
    (order(state="delivered"), ["utter_return_receipt_unknown"]),
    (order(state="cancelled"), ["utter_order_cancelled"]),
    (order(state="refunded"), ["utter_order_refunded"]),
]


@pytest.mark.parametrize(("what", "responses"), ANSWERS)
async def test_each_verdict_has_its_own_answer_and_the_card(what: Order, responses: list[str]) -> None:
    stage = await answer(what)
    assert stage.responses == responses
    cards = [e.order for e in stage.effects if isinstance(e, ShowOrder)]
    assert [card["number"] for card in cards] == [NUMBER]
    assert cards[0]["return_eligibility"]["verdict"]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "en"])
@pytest.mark.parametrize(("what", "responses"), ANSWERS)
async def test_every_figure_that_an_answer_names_is_filled_in(
    what: Order, responses: list[str], language: str
) -> None:
    stage = await answer(what, language=language)
    said = [message for message in stage.said if message["response"] in DOMAIN["responses"]]
    for message in said:
        for variant in DOMAIN["responses"][message["response"]]:
            named = set(re.findall(r"\{(\w+)\}", variant["text"]))
            assert {name for name in named if not message.get(name)} == set()


@pytest.mark.parametrize(
    ("language", "window", "until", "left"),
    [
        ("zh-Hans", "7 天", "11月25日", "还剩 4 天"),
        ("zh-Hant-HK", "7 日", "11月25日", "仲有 4 日"),
        ("en", "7 days", "25 Nov", "4 days left"),
    ],
)
async def test_window_and_last_day_are_said_in_the_language_of_the_conversation(
    language: str, window: str, until: str, left: str
) -> None:
    said = (await answer(received(3), language=language)).said[0]
    assert (said["window"], said["until"], said["left"]) == (window, until, left)


async def test_last_day_and_the_first_day_after_it_are_named() -> None:
    assert (await answer(received(7))).said[0]["left"] == "今天是最后一天"
    assert (await answer(received(6), language="en")).said[0]["left"] == "1 day left"
    assert (await answer(received(8), language="en")).said[0]["over"] == "1 day"
    assert (await answer(received(10))).said[0]["over"] == "3 天"


async def test_goods_with_a_lesser_right_are_named_with_the_reason() -> None:
    used = received(3, "shoes", "digital", "cosmetics", facts=OrderFacts(is_activated=True))
    assert (await answer(used, language="en")).said[0]["limits"].splitlines() == [
        "· 《digital》: the key was used, so it cannot be returned without a reason",
        "· 《cosmetics》: only while unopened",
    ]


async def test_vip_has_the_longer_window_by_order_or_by_sign_in() -> None:
    for stage in (
        await answer(received(10), is_vip=True),
        await answer(received(10, customer_is_vip=True)),
    ):
        assert stage.responses == ["utter_return_eligible"]
        assert (stage.said[0]["window"], stage.said[0]["until"]) == ("VIP 15 天", "11月26日")


async def test_vip_who_proved_somebody_elses_order_gets_no_longer_window_for_it() -> None:
    stage = Stage([received(10, customer="c2")], customer="c1", is_vip=True)
    slots = {"order_ref": "order_1", "lookup_result": "show", "proven_ref": "order_1"}
    await stage.run(SayReturnEligibility(stage.lookup), slots, {"order_1": NUMBER})
    assert stage.responses[0] == "utter_return_window_over"


async def test_published_window_is_used_by_the_very_next_answer() -> None:
    stage = Stage([received(10)], customer="c1")
    await stage.run(SayReturnEligibility(stage.lookup), FOUND, language="zh-Hans")
    assert stage.responses[0] == "utter_return_window_over"
    stage.policy.now = a_policy(return_window_days=15)
    await stage.run(SayReturnEligibility(stage.lookup), FOUND, language="zh-Hans")
    assert stage.responses == ["utter_return_eligible"]
    assert (stage.said[0]["window"], stage.said[0]["left"]) == ("15 天", "还剩 5 天")


async def test_order_that_is_not_the_askers_is_not_spoken_of() -> None:
    stage = Stage([received(3, customer="c2")], customer="c1")
    slots = {"order_ref": "order_1", "lookup_result": "show"}
    await stage.run(SayReturnEligibility(stage.lookup), slots, {"order_1": NUMBER})
    assert stage.effects == [BotFailed(why="shop_unavailable")]
    asked = await stage.run(
        ValidateOrderForm(stage.lookup, REQUEST_RETURN), {"order_ref": "order_1"}, {"order_1": NUMBER}
    )
    assert asked["requested_slot"] == "phone_tail_ref"


async def test_one_order_received_lately_is_meant_without_asking_and_several_are_offered() -> None:
    one = Stage([received(3), order(number="AX2")], customer="c1")
    slots = await one.run(ValidateOrderForm(one.lookup, REQUEST_RETURN), {})
    assert slots["order_ref"] == own_reference(NUMBER) and slots["requested_slot"] is None
    several = Stage([received(3), received(9, number="AX2")], customer="c1")
    assert (await several.run(ValidateOrderForm(several.lookup, REQUEST_RETURN), {}))[
        "requested_slot"
    ] == "order_ref"
    await several.run(AskOrder(several.lookup, FORMS), {}, form="request_return_form")
    assert several.responses == ["utter_choose_return_order"]
    assert [b["payload"] for b in several.said[0]["buttons"]] == [
        f'/request_return{{"order": "{own_reference(number)}"}}' for number in (NUMBER, "AX2")
    ]
