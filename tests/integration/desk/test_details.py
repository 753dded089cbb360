"""What an agent sees of orders: whether each may go back, by the policy of this moment; and the brief's order as it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from desk import details
from desk.handoff import TurnFacts
from desk.orders import Order
from desk.turns import Reply, TurnOutcome
from knowledge_base.policy import Policy
from routing.tags import NEUTRAL
from tests.bot_fakes import FakeOrders, FakePolicy, a_policy, an_order
from tests.integration.desk.conftest import DeskRoom


def received(room: DeskRoom, days_ago: float, number: str = "AX1", **changes: Any) -> Order:
    delivered_at = room.clock() - timedelta(days=days_ago)
    return an_order(number, state="delivered", delivered_at=delivered_at, **changes)


async def add_customer(room: DeskRoom, *, vip: bool = False) -> UUID:
    customer_id = uuid4()
    async with room.pool.connection() as conn:
        await conn.execute(
            "insert into customers (id, shop_id, name, vip, created_at) values (%s, 'c1', '王芳', %s, %s)",
            (customer_id, vip, room.clock()),
        )
    return customer_id


async def hand_over_about(room: DeskRoom, conversation: UUID, order: Order) -> None:
    """The bot shows the order, then the customer wants a person."""
    await room.say(conversation, "我的订单")
    room.clock.pass_s(2)
    [turn] = await room.claim()
    facts = TurnFacts(text="我的订单", tags=NEUTRAL, outcome="answered", intent="track_order")
    dialogue = {"order": order.as_card(), "order_value_cents": order.total_cents}
    outcome = TurnOutcome(facts=facts, replies=(Reply(text="好的"),), dialogue=dialogue)
    assert await room.turns.commit(turn, outcome, now=room.clock()) is None
    await room.say(conversation, "人工")


class Desk:
    """A shop with these orders, and how an agent sees a conversation."""

    def __init__(self, room: DeskRoom, *orders: Order) -> None:
        self.room, self.orders, self.policy = room, FakeOrders(list(orders)), FakePolicy()

    async def detail(self, conversation: UUID) -> dict[str, Any]:
        shop = details.Shop(orders=self.orders, policy=self.policy, zone=ZoneInfo("Asia/Shanghai"))
        return await details.read_detail(self.room.pool, shop, conversation, now=self.room.clock())


async def test_each_order_says_whether_it_may_go_back_and_who_may_grant_it_late(room: DeskRoom) -> None:
    conversation = await room.open(await add_customer(room))
    desk = Desk(room, received(room, 2), received(room, 10, "AX2"), an_order("AX3"))
    shown = [card["return_eligibility"] for card in (await desk.detail(conversation))["orders"]]
    assert [(e["verdict"], e["days_left"], e["days_over"], e["late_grant"]) for e in shown] == [
        ("eligible", 5, None, None),
        ("window_over", None, 3, "senior"),
        ("not_received", None, None, None),
    ]
    assert shown[0]["until"] == "2026-11-26" and shown[0]["figures"]["return_window_days"] == 7


async def test_published_policy_counts_the_next_time_somebody_looks(room: DeskRoom) -> None:
    conversation = await room.open(await add_customer(room))
    desk = Desk(room, received(room, 10))
    assert (await desk.detail(conversation))["orders"][0]["return_eligibility"]["verdict"] == "window_over"
    desk.policy.now = a_policy(revision=9, return_window_days=15)
    found = (await desk.detail(conversation))["orders"][0]["return_eligibility"]
    assert (found["verdict"], found["days_left"], found["policy_revision"]) == ("eligible", 5, 9)


async def test_vip_of_the_desk_has_the_vip_window(room: DeskRoom) -> None:
    conversation = await room.open(await add_customer(room, vip=True))
    found = (await Desk(room, received(room, 10)).detail(conversation))["orders"][0]["return_eligibility"]
    assert (found["verdict"], found["window_days"]) == ("eligible", 15)


@pytest.mark.parametrize("is_signed_in", [True, False])
async def test_order_of_the_brief_is_shown_as_it_is_now(room: DeskRoom, is_signed_in: bool) -> None:
    conversation = await room.open(await add_customer(room) if is_signed_in else None)
    await hand_over_about(room, conversation, an_order("AX1"))
    desk = Desk(room, received(room, 2))
    order = (await desk.detail(conversation))["brief"]["order"]
    assert (order["state"], order["return_eligibility"]["verdict"]) == ("delivered", "eligible")
    desk.orders.is_down = True
    detail = await desk.detail(conversation)
    assert detail["orders"] == []
    assert (detail["brief"]["order"]["state"], detail["brief"]["order"]["return_eligibility"]) == (
        "shipped",
        None,
    )


async def test_policy_without_its_figures_leaves_the_order_and_says_nothing_of_returns(
    room: DeskRoom,
) -> None:
    conversation = await room.open(await add_customer(room))
    desk = Desk(room, received(room, 2))
    desk.policy.now = Policy(revision=0, figures={})
    [card] = (await desk.detail(conversation))["orders"]
    assert card["number"] == "AX1" and card["return_eligibility"] is None
