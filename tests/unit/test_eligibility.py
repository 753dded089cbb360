"""Returns without a reason: the window day by day, goods that are excluded, states, and who may make an exception."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.eligibility import ReturnEligibility, decide_return, received_at
from desk.orders import Item, Order, OrderFacts, Shipment
from knowledge_base.policy import Policy
from tests.bot_fakes import a_policy, a_shipment, an_order

BEIJING = ZoneInfo("Asia/Shanghai")
RECEIVED = datetime(2026, 11, 21, 10, 30, tzinfo=BEIJING)
POLICY = a_policy(
    return_window_days=7,
    return_window_vip_days=15,
    quality_return_days=15,
    quality_repair_years=1,
    authority_senior_late_days=7,
)


def item(category: str = "clothing", *, price_cents: int = 9_900, title: str = "") -> Item:
    return Item(
        sku=category,
        title=title or category,
        variant="",
        category=category,
        quantity=1,
        price_cents=price_cents,
    )


def order(*categories: str, **changes: Any) -> Order:
    """A received order with goods of these categories."""
    told: dict[str, Any] = {"state": "delivered", "delivered_at": RECEIVED}
    if categories:
        told["items"] = tuple(item(category) for category in categories)
    return an_order("AX1", **(told | changes))


def decide(
    what: Order, at: datetime, *, is_vip: bool = False, policy: Policy = POLICY, zone: ZoneInfo = BEIJING
) -> ReturnEligibility:
    return decide_return(what, is_vip=is_vip, policy=policy, now=at, zone=zone)


def beijing(day: int, hour: int = 12, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BEIJING)


# when, is_vip → verdict, days left, days over
DAYS = [
    (beijing(21, 10, 31), False, "eligible", 7, None),  # the day of receipt does not count
    (beijing(21, 23, 59), False, "eligible", 7, None),
    (beijing(22, 0, 0), False, "eligible", 6, None),
    (beijing(23), False, "eligible", 5, None),
    (beijing(28, 23, 59), False, "eligible", 0, None),  # the last day, to its last minute
    (beijing(29, 0, 0), False, "window_over", None, 1),
    (beijing(1, month=12), False, "window_over", None, 3),
    (beijing(29, 0, 0), True, "eligible", 7, None),
    (beijing(6, 23, 59, month=12), True, "eligible", 0, None),
    (beijing(7, 0, 0, month=12), True, "window_over", None, 1),
]


@pytest.mark.parametrize(("at", "is_vip", "verdict", "left", "over"), DAYS)
def test_window_is_counted_in_days_of_the_shop_from_the_day_after_receipt(
    at: datetime, is_vip: bool, verdict: str, left: int | None, over: int | None
) -> None:
    found = decide(order(), at.astimezone(UTC), is_vip=is_vip)
    assert (found.verdict, found.days_left, found.days_over) == (verdict, left, over)
    assert found.until == (date(2026, 12, 6) if is_vip else date(2026, 11, 28))


def test_midnight_is_the_shops_and_not_greenwichs() -> None:
    just_before = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Beijing
    assert decide(order(delivered_at=just_before), just_before).until == date(2026, 11, 27)
    just_after = just_before + timedelta(seconds=1)
    assert decide(order(delivered_at=just_after), just_after).until == date(2026, 11, 28)
    assert decide(order(delivered_at=just_after), just_after, zone=ZoneInfo("UTC")).until == date(
        2026, 11, 27
    )


def test_order_of_ten_days_ago_goes_back_once_the_policy_says_fifteen() -> None:
    at = RECEIVED + timedelta(days=10)
    assert decide(order(), at).verdict == "window_over"
    found = decide(order(), at, policy=a_policy(revision=8, return_window_days=15))
    assert (found.verdict, found.window_days, found.days_left) == ("eligible", 15, 5)
    assert (found.figures["return_window_days"], found.policy_revision) == (15, 8)


def test_senior_may_grant_a_week_past_the_window_and_a_supervisor_what_is_later() -> None:
    assert decide(order(), beijing(28)).late_grant is None
    senior = decide(order(), beijing(5, 23, 59, month=12))
    assert (senior.days_over, senior.late_grant, senior.late_until) == (7, "senior", date(2026, 12, 5))
    assert decide(order(), beijing(6, 0, 0, month=12)).late_grant == "supervisor"
    stricter = a_policy(authority_senior_late_days=0)
    assert decide(order(), beijing(29), policy=stricter).late_grant == "supervisor"


def test_quality_problem_and_repair_have_windows_of_their_own() -> None:
    last = decide(order(), beijing(6, 23, 59, month=12))
    assert (last.verdict, last.quality_until, last.is_quality_open) == (
        "window_over",
        date(2026, 12, 6),
        True,
    )
    over = decide(order(), beijing(7, 0, 0, month=12))
    assert (over.is_quality_open, over.is_repair_open, over.repair_until) == (False, True, date(2027, 11, 21))
    assert not decide(order(), RECEIVED + timedelta(days=366)).is_repair_open


# goods → verdict, and the goods with a lesser right
GOODS = [
    (("clothing",), "eligible", {}),
    (("electronics", "baby"), "eligible", {}),
    (("custom_made",), "excluded", {"custom_made": "excluded"}),
    (("fresh_food",), "excluded", {"fresh_food": "excluded"}),
    (("magazine",), "excluded", {"magazine": "excluded"}),
    (("magazine", "custom_made"), "excluded", {"magazine": "excluded", "custom_made": "excluded"}),
    (("underwear",), "only_unopened", {"underwear": "only_unopened"}),
    (("cosmetics",), "only_unopened", {"cosmetics": "only_unopened"}),
    (("food",), "only_unopened", {"food": "only_unopened"}),
    (("digital",), "only_unopened", {"digital": "only_unopened"}),
    (("food", "fresh_food"), "only_unopened", {"food": "only_unopened", "fresh_food": "excluded"}),
    (("shoes", "custom_made"), "partly", {"custom_made": "excluded"}),
    (("shoes", "cosmetics"), "partly", {"cosmetics": "only_unopened"}),
]


@pytest.mark.parametrize(("categories", "verdict", "limits"), GOODS)
def test_goods_decide_what_may_go_back(
    categories: tuple[str, ...], verdict: str, limits: dict[str, str]
) -> None:
    found = decide(order(*categories), beijing(23))
    assert found.verdict == verdict
    assert {limit.category: limit.right for limit in found.limits} == limits
    assert found.may_go_back is (verdict != "excluded")


def test_digital_goods_are_excluded_once_the_key_was_used() -> None:
    used = order("digital", facts=OrderFacts(is_activated=True))
    assert decide(used, beijing(23)).verdict == "excluded"


def test_excluded_goods_stay_excluded_after_the_window_but_quality_counts() -> None:
    found = decide(order("custom_made"), beijing(30))
    assert (found.verdict, found.late_grant, found.is_quality_open) == ("excluded", None, True)
    assert decide(order("food"), beijing(30)).verdict == "window_over"


def test_gift_follows_the_goods_it_came_with() -> None:
    gift = item("cosmetics", price_cents=0)
    assert decide(order(items=(item(), gift)), beijing(23)).verdict == "eligible"
    assert decide(order(items=(gift,)), beijing(23)).verdict == "only_unopened"


STATES = [
    (order(state="unpaid", delivered_at=None), "not_paid"),
    (order(state="paid", delivered_at=None), "not_shipped"),
    (order(state="shipped", delivered_at=None, shipments=(a_shipment(),)), "not_received"),
    (order(state="shipped", delivered_at=None), "not_received"),
    (order(state="shipped", delivered_at=None, shipments=(a_shipment("at_pickup_point"),)), "not_received"),
    (order(state="shipped", delivered_at=None, shipments=(a_shipment("lost"),)), "not_received"),
    (
        order(state="shipped", delivered_at=None, shipments=(a_shipment("delivered"), a_shipment())),
        "partly_received",
    ),
    (order(state="cancelled", delivered_at=None), "cancelled"),
    (order(state="refunded"), "refunded"),
    (order(state="completed"), "eligible"),
    (order(state="completed", closed_at=RECEIVED, delivered_at=None), "receipt_unknown"),
    (order(state="delivered", delivered_at=None), "receipt_unknown"),
]


@pytest.mark.parametrize(("what", "verdict"), STATES)
def test_state_of_the_order_comes_first(what: Order, verdict: str) -> None:
    found = decide(what, beijing(23))
    assert found.verdict == verdict
    assert (found.until is None) is (verdict != "eligible")
    assert found.window_days == 7


def parcel(received: datetime | None) -> Shipment:
    return Shipment(
        courier="顺丰",
        tracking_number="SF1",
        state="delivered",
        shipped_at=RECEIVED - timedelta(days=3),
        delivered_at=received,
    )


def test_of_several_parcels_the_last_receipt_counts() -> None:
    later = RECEIVED + timedelta(days=2)
    both = order(delivered_at=None, shipments=(parcel(later), parcel(RECEIVED)))
    assert received_at(both) == later
    assert decide(both, beijing(23)).until == date(2026, 11, 30)
    assert received_at(order(shipments=(parcel(later),))) == later


def test_receipt_of_a_parcel_that_nobody_wrote_down_is_unknown() -> None:
    torn = order(delivered_at=None, shipments=(parcel(RECEIVED), parcel(None)))
    assert received_at(torn) is None
    assert decide(torn, beijing(23)).verdict == "receipt_unknown"
    assert received_at(order(shipments=(parcel(None),))) == RECEIVED


def test_courier_may_know_of_the_receipt_before_the_shop() -> None:
    ahead = order(state="shipped", delivered_at=None, shipments=(parcel(RECEIVED),))
    assert decide(ahead, beijing(23)).verdict == "eligible"


def test_customers_card_tells_nothing_of_who_may_make_an_exception() -> None:
    found = decide(order("shoes", "cosmetics"), beijing(30))
    assert found.as_json() == {
        "verdict": "window_over",
        "window_days": 7,
        "until": "2026-11-28",
        "days_left": None,
        "days_over": 2,
        "quality_until": "2026-12-06",
        "limits": [{"title": "cosmetics", "right": "only_unopened"}],
    }
    agents = found.as_json_for_agents()
    assert (agents["late_grant"], agents["late_until"], agents["policy_revision"]) == (
        "senior",
        "2026-12-05",
        1,
    )
    assert agents["figures"] == {
        "return_window_days": 7,
        "quality_return_days": 15,
        "quality_repair_years": 1,
        "authority_senior_late_days": 7,
    }


def test_repair_of_a_leap_day_ends_on_the_28th() -> None:
    received = datetime(2028, 2, 29, 12, tzinfo=BEIJING)
    assert decide(order(delivered_at=received), received).repair_until == date(2029, 2, 28)


@given(
    received=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    waited=st.timedeltas(timedelta(0), timedelta(days=40)),
    days=st.integers(0, 30),
    is_vip=st.booleans(),
    zone=st.sampled_from([BEIJING, ZoneInfo("UTC"), ZoneInfo("America/New_York")]),
)
def test_left_and_over_agree_with_the_last_day(
    received: datetime, waited: timedelta, days: int, is_vip: bool, zone: ZoneInfo
) -> None:
    policy = a_policy(return_window_days=days, return_window_vip_days=days)
    at = received + waited
    found = decide(order(delivered_at=received), at, is_vip=is_vip, policy=policy, zone=zone)
    today = at.astimezone(zone).date()
    assert found.until is not None
    assert found.until == received.astimezone(zone).date() + timedelta(days=days)
    assert found.may_go_back is (today <= found.until)
    assert (found.days_left is None) is not (found.days_over is None)
    if found.days_left is not None:
        assert 0 <= found.days_left <= days and today + timedelta(days=found.days_left) == found.until
    if found.days_over is not None:
        assert found.days_over > 0 and today - timedelta(days=found.days_over) == found.until


@given(days=st.integers(0, 29), is_vip=st.booleans(), waited=st.integers(0, 60))
def test_longer_window_never_takes_a_right_away(days: int, is_vip: bool, waited: int) -> None:
    at = RECEIVED + timedelta(days=waited)
    shorter = a_policy(return_window_days=days, return_window_vip_days=days)
    longer = a_policy(return_window_days=days + 1, return_window_vip_days=days + 1)
    may = decide(order(), at, is_vip=is_vip, policy=shorter).may_go_back
    assert not may or decide(order(), at, is_vip=is_vip, policy=longer).may_go_back
