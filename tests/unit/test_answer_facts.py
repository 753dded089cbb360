"""What an order decides of an answer's variants, and that the bot answers by the order that it has shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.effects import ShowOrder
from desk.answer_facts import answer_facts, region_of
from desk.orders import Item, Order, OrderFacts, OrderState
from tests.bot_fakes import an_order
from tests.unit import test_thinking
from tests.unit.test_thinking import FakeRasa, Found, reply, think


def order_of(*categories: str, state: OrderState = "shipped", province: str = "广东省") -> Order:
    items = tuple(
        Item(sku=c, title=c, variant="", category=c, quantity=1, price_cents=100) for c in categories
    )
    order = an_order("AX1", state=state)
    return replace(order, items=items, address=replace(order.address, province=province))


@pytest.mark.parametrize(
    ("province", "region"),
    [
        ("广东省", "mainland"),
        ("新疆维吾尔自治区", "remote"),
        ("內蒙古自治區", "remote"),
        ("香港特別行政區", "overseas"),
        ("澳門特別行政區", "overseas"),
        ("澳门", "overseas"),
        ("台灣", "overseas"),
        ("Hong Kong", "overseas"),
    ],
)
def test_province_lies_in_one_region_in_whichever_script_it_is_written(province: str, region: str) -> None:
    assert region_of(province) == region


@pytest.mark.parametrize(
    ("state", "named"),
    [("unpaid", "unpaid"), ("paid", "unshipped"), ("completed", "delivered"), ("refunded", "closed")],
)
def test_state_is_the_conditions_word_for_it(state: OrderState, named: str) -> None:
    assert answer_facts(order_of(state=state))["order"] == named


def test_goods_decide_where_all_or_none_of_them_are_of_a_kind() -> None:
    assert answer_facts(order_of("fresh_food"))["fresh_food"] is True
    assert answer_facts(order_of("clothing"))["fresh_food"] is False
    assert "fresh_food" not in answer_facts(order_of("fresh_food", "clothing"))
    assert "fresh_food" not in answer_facts(order_of())
    assert answer_facts(order_of("electronics", "big_electronics"))["electronics"] is True


def test_order_of_a_big_sale_says_so() -> None:
    assert answer_facts(replace(order_of(), facts=OrderFacts(sale="618")))["sale"] is True
    assert answer_facts(order_of())["sale"] is False


async def test_shown_order_is_the_one_that_later_answers_go_by() -> None:
    effects = (ShowOrder(order={"number": "AX1"}, facts={"region": "remote"}),)
    shown = await think(
        "我的快递到哪了呀呀", FakeRasa(reply("在路上", intent="track_order", effects=effects))
    )
    assert shown.dialogue is not None and shown.dialogue["order_facts"] == {"region": "remote"}


async def test_answers_go_by_the_customer_and_the_order_that_was_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Mapping[str, Any] | None] = []

    class RecordingKnowledge(test_thinking.FakeKnowledge):
        async def search(
            self,
            text: str,
            *,
            language: str,
            context: str | None = None,
            customer: Mapping[str, Any] | None = None,
        ) -> Found:
            asked.append(customer)
            return await super().search(text, language=language, context=context, customer=customer)

    monkeypatch.setattr(test_thinking, "FakeKnowledge", RecordingKnowledge)
    shown = {"order_facts": {"region": "remote", "sale": True}}
    await think("七天无理由", FakeRasa(reply("")), dialogue=shown)
    await think("七天无理由", FakeRasa(reply("")))
    assert asked == [{"region": "remote", "sale": True, "vip": False}, {"vip": False}]
