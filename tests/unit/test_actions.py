"""Actions on their own: what is said about an order in each state, who may see it, and what is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.action_listener import build_action_app
from bot.actions.order_lookup import AskOrder, OrderLookup, ValidateOrderForm
from bot.actions.order_status import DeliveryRules, describe
from bot.actions.own_orders import in_question, own_reference, returnable
from bot.actions.return_eligibility import REQUEST_RETURN
from bot.actions.track_order import TRACK_ORDER, ShowOrderStatus
from bot.desk_reads import BotAction
from bot.effects import BotFailed, Effect, OpenCase, ShowOrder, UnknownEffect, from_json
from desk.errors import StaleTurn
from desk.orders import Address, Order, OrderFacts
from tests.bot_fakes import (
    NOW,
    FakeDesk,
    FakeOrders,
    FakePolicy,
    FakeProofs,
    a_policy,
    a_shipment,
    an_order,
)

ZONE = ZoneInfo("Asia/Shanghai")
TOKEN = "a-token-for-tests-only"
NUMBER = "AX2026110100001"
RULES = DeliveryRules.from_policy(a_policy())
FORMS = (TRACK_ORDER, REQUEST_RETURN)
TIBET = Address(recipient="王", phone="13800008812", province="西藏自治区", city="拉萨", street="某路")


def order(number: str = NUMBER, **changes: Any) -> Order:
    return an_order(number, **changes)


# order → the response that says where it stands
STATES = [
    (order(state="unpaid"), "utter_order_unpaid"),
    (order(state="paid", paid_at=NOW - timedelta(hours=47)), "utter_order_paid"),
    (order(state="paid", paid_at=NOW - timedelta(hours=49)), "utter_order_dispatch_late"),
    (
        order(state="paid", facts=OrderFacts(promised_dispatch_at=NOW + timedelta(days=9))),
        "utter_order_paid",
    ),
    (order(shipments=(a_shipment(),)), "utter_order_shipped"),
    (order(shipments=(a_shipment("out_for_delivery"),)), "utter_order_shipped"),
    (order(shipments=(a_shipment(silent_hours=47),)), "utter_order_shipped"),
    (order(shipments=(a_shipment(silent_hours=49),)), "utter_order_stuck"),
    (order(shipments=(a_shipment(silent_hours=73, shipped_days_ago=4),)), "utter_order_stuck_long"),
    (order(shipments=(a_shipment(shipped_days_ago=6),)), "utter_order_overdue"),
    (order(shipments=(a_shipment(shipped_days_ago=6),), address=TIBET), "utter_order_shipped"),
    (order(shipments=(a_shipment("at_pickup_point", silent_hours=90),)), "utter_order_at_pickup_point"),
    (order(shipments=(a_shipment("lost", silent_hours=200),)), "utter_order_lost"),
    (order(shipments=(a_shipment("returned"),)), "utter_order_returned"),
    (order(state="delivered", shipments=(a_shipment("delivered"),)), "utter_order_delivered"),
    (order(state="completed", shipments=(a_shipment("delivered"),)), "utter_order_delivered"),
    (order(state="cancelled"), "utter_order_cancelled"),
    (order(state="refunded", shipments=(a_shipment("delivered"),)), "utter_order_refunded"),
]


@pytest.mark.parametrize(("what", "response"), STATES)
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "en"])
def test_each_state_has_its_own_answer(what: Order, response: str, language: str) -> None:
    status = describe(what, now=NOW, zone=ZONE, language=language, rules=RULES)
    assert status.response == response
    assert status.values["order"] == NUMBER


def test_delivery_figures_are_the_policys() -> None:
    policy = a_policy(
        delivery_days=(1, 3), delivery_overseas_days=6, dispatch_hours=24, unpaid_close_minutes=15
    )
    rules = DeliveryRules.from_policy(policy)
    assert (rules.days_to("广东省"), rules.days_to("香港"), rules.days_to("西藏自治区")) == (3, 6, 9)
    late = order(state="paid", paid_at=NOW - timedelta(hours=25))
    assert (
        describe(late, now=NOW, zone=ZONE, language="en", rules=rules).response == "utter_order_dispatch_late"
    )
    unpaid = describe(order(state="unpaid"), now=NOW, zone=ZONE, language="en", rules=rules)
    assert unpaid.values["close_minutes"] == "15"


async def test_tracking_reads_the_policy_anew_for_each_answer() -> None:
    stage = Stage([order(shipments=(a_shipment(silent_hours=30),))], customer="c1")
    slots = {"order_ref": own_reference(NUMBER), "lookup_result": "show"}
    await stage.run(ShowOrderStatus(stage.lookup), slots)
    assert stage.responses == ["utter_order_shipped"]
    stage.policy.now = a_policy(tracking_press_hours=24)
    await stage.run(ShowOrderStatus(stage.lookup), slots)
    assert stage.responses == ["utter_order_stuck"]


def test_newest_event_comes_first_in_the_shops_zone() -> None:
    status = describe(order(shipments=(a_shipment(),)), now=NOW, zone=ZONE, language="zh-Hans", rules=RULES)
    assert status.values["events"].splitlines()[0] == "11月21日 07:00 上海 已到达转运中心"
    assert status.values["eta"] == "11月24日"
    english = describe(order(shipments=(a_shipment(),)), now=NOW, zone=ZONE, language="en", rules=RULES)
    assert english.values["eta"] == "24 Nov"


def test_my_order_means_the_open_ones_else_the_recent_ones() -> None:
    old = order(state="completed", placed_at=NOW - timedelta(days=60))
    recent = order(state="completed", placed_at=NOW - timedelta(days=10))
    assert in_question([order(), recent, old], NOW) == [order()]
    assert in_question([recent, old], NOW) == [recent]
    assert in_question([old], NOW) == []


def test_my_order_to_return_means_the_ones_received_lately_else_the_open_ones() -> None:
    def received(days_ago: float) -> Order:
        return order(state="completed", delivered_at=NOW - timedelta(days=days_ago))

    assert returnable([order(), received(9), received(2)], NOW, a_policy()) == [received(2), received(9)]
    assert returnable([order(), received(40)], NOW, a_policy()) == [order()]
    assert returnable([received(40)], NOW, a_policy(return_window_vip_days=60)) == [received(40)]
    assert returnable([received(40), order(state="cancelled")], NOW, a_policy()) == []


class Stage:
    """One action on a tracker with the given slots and entities."""

    def __init__(self, orders: list[Order], *, customer: str | None = None, is_vip: bool = False) -> None:
        self.orders, self.desk, self.policy = FakeOrders(orders), FakeDesk(), FakePolicy()
        self.customer, self.is_vip = customer, is_vip
        self.lookup = OrderLookup(
            orders=self.orders,
            desk=self.desk,
            proofs=FakeProofs(self.orders),
            policy=self.policy,
            clock=lambda: datetime.now(UTC),
            zone=ZONE,
        )
        self.said: list[dict[str, Any]] = []

    async def run(
        self,
        action: BotAction,
        slots: Mapping[str, Any],
        refs: Mapping[str, str] | None = None,
        turn_id: UUID | None = None,
        *,
        form: str | None = None,
        language: str = "en",
    ) -> dict[str, Any]:
        """The slots that the action set."""
        turn = turn_id or self.desk.claim(refs, customer=self.customer, is_vip=self.is_vip)
        tracker = Tracker.from_dict(
            {
                "sender_id": "c.1",
                "slots": {"language": language, **slots},
                "latest_message": {"metadata": {"turn_id": str(turn)}, "entities": []},
                "events": [],
                "active_loop": {"name": form} if form else {},
            }
        )
        dispatcher = CollectingDispatcher()
        events = await action.run(dispatcher, tracker, {})
        self.said = dispatcher.messages
        return {e["name"]: e["value"] for e in events if e["event"] == "slot"}

    @property
    def responses(self) -> list[str]:
        return [m["response"] for m in self.said if m["response"]]

    @property
    def effects(self) -> list[Effect]:
        return [from_json(m["custom"]["effect"]) for m in self.said if m["custom"]]


async def test_order_is_shown_only_when_it_is_ones_own_or_proven() -> None:
    refs = {"order_1": NUMBER}
    slots = {"order_ref": "order_1", "lookup_result": "show"}
    stranger = Stage([order()], customer="c9")
    await stranger.run(ShowOrderStatus(stranger.lookup), slots, refs)
    assert not any(isinstance(e, ShowOrder) for e in stranger.effects)
    for stage, more in ((Stage([order()], customer="c1"), {}), (Stage([order()]), {"proven_ref": "order_1"})):
        await stage.run(ShowOrderStatus(stage.lookup), slots | more, refs)
        assert [e.order["number"] for e in stage.effects if isinstance(e, ShowOrder)] == [NUMBER]


async def test_reference_of_somebody_elses_order_resolves_to_nothing() -> None:
    stage = Stage([order(customer="c2")], customer="c1")
    foreign = own_reference(NUMBER)
    slots = await stage.run(ValidateOrderForm(stage.lookup, TRACK_ORDER), {"order_ref": foreign})
    assert slots == {"order_ref": None, "requested_slot": "order_ref"}


async def test_tracking_number_finds_ones_own_order_only() -> None:
    refs = {"tracking_1": "SF1234567890123"}
    for customer, shown in (("c1", True), ("c9", False), (None, False)):
        stage = Stage([order(shipments=(a_shipment(),))], customer=customer)
        slots = await stage.run(
            ValidateOrderForm(stage.lookup, TRACK_ORDER), {"order_ref": "tracking_1"}, refs
        )
        assert (slots.get("lookup_result") == "show") is shown


async def test_customer_without_orders_is_told_so_and_asked_for_the_number() -> None:
    stage = Stage([], customer="c1")
    await stage.run(AskOrder(stage.lookup, FORMS), {}, form="track_order_form")
    assert stage.responses == ["utter_no_orders"]


async def test_shop_that_is_down_is_a_failure_of_the_bot_not_an_error() -> None:
    stage = Stage([order()], customer="c1")
    stage.orders.is_down = True
    slots = await stage.run(ValidateOrderForm(stage.lookup, TRACK_ORDER), {})
    assert slots == {"lookup_result": "unavailable", "requested_slot": None}
    await stage.run(ShowOrderStatus(stage.lookup), slots)
    assert stage.effects == [BotFailed(why="shop_unavailable")]


async def test_stale_turn_is_refused() -> None:
    stage = Stage([order()], customer="c1")
    with pytest.raises(StaleTurn):
        await stage.run(ShowOrderStatus(stage.lookup), {}, turn_id=UUID(int=404))


@pytest.mark.parametrize(
    ("headers", "turn", "status"),
    [
        ({}, UUID(int=1), 401),
        ({"Authorization": "Bearer wrong"}, UUID(int=1), 401),
        ({"Authorization": f"Bearer {TOKEN}"}, UUID(int=404), 409),
        ({"Authorization": f"Bearer {TOKEN}"}, UUID(int=1), 200),
    ],
)
async def test_listener_answers_rasa_and_claimed_turns_only(
    headers: dict[str, str], turn: UUID, status: int
) -> None:
    desk, orders = FakeDesk(), FakeOrders()
    desk.claim(turn_id=UUID(int=1))
    app = build_action_app(
        orders=orders,
        desk=desk,
        proofs=FakeProofs(orders),
        policy=FakePolicy(),
        token=TOKEN,
        timeout_s=2,
        zone=ZONE,
    )
    call = {
        "next_action": "action_ask_human",
        "sender_id": "c.1",
        "domain": {},
        "tracker": {
            "sender_id": "c.1",
            "slots": {},
            "latest_message": {"metadata": {"turn_id": str(turn)}},
            "events": [],
            "active_loop": {},
        },
    }
    async with (
        TestClient(TestServer(app)) as client,
        client.post("/webhook", json=call, headers=headers) as answer,
    ):
        assert answer.status == status


def test_effects_survive_json_and_unknown_ones_are_refused() -> None:
    effect = OpenCase(type="return", order_number_ref="order_1", details={"why": "size"})
    assert from_json(effect.as_json()) == effect
    with pytest.raises(UnknownEffect):
        from_json({"kind": "delete_everything"})
    with pytest.raises(UnknownEffect):
        from_json({"kind": "bot_failed", "whi": "typo"})
