"""The generated shop: complete, consistent, the same for the same seed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.demo_generation import VIP_CENTS, DemoShopData, generate
from desk.demo_kinds import KINDS
from desk.demo_orders import DemoOrder
from desk.demo_people import DEMO_SHOP_IDS, PERSONAS

NOW = datetime(2026, 11, 21, 3, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Size:
    seed: int = 20_250_808
    customers: int = 300
    orders: int = 1500


@pytest.fixture(scope="module")
def shop() -> DemoShopData:
    return generate(Size(), NOW)


def of_kind(shop: DemoShopData, kind: str) -> list[DemoOrder]:
    return [made for made in shop.orders if made.kind == kind]


def test_it_has_the_customers_and_orders_of_the_settings(shop: DemoShopData) -> None:
    assert len(shop.customers) == 300
    assert len(shop.orders) == 1500
    assert len({made.order.number for made in shop.orders}) == 1500
    assert all(re.fullmatch(r"AX\d{12}", made.order.number) for made in shop.orders)


def test_every_kind_and_every_state_has_orders(shop: DemoShopData) -> None:
    assert {made.kind for made in shop.orders} == set(KINDS)
    states = {made.order.state for made in shop.orders}
    assert states == {"unpaid", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"}
    parcels = {s.state for made in shop.orders for s in made.order.shipments}
    assert parcels >= {"in_transit", "out_for_delivery", "at_pickup_point", "delivered", "lost", "returned"}


def test_the_same_seed_gives_the_same_shop_and_another_seed_another(shop: DemoShopData) -> None:
    assert generate(Size(), NOW) == shop
    assert generate(Size(seed=7), NOW) != shop


def test_dates_are_in_order_and_past(shop: DemoShopData) -> None:
    for made in shop.orders:
        order = made.order
        dates = (order.placed_at, order.paid_at, order.shipped_at, order.delivered_at)
        known = [d for d in dates if d is not None]
        assert known == sorted(known), made
        assert known[-1] <= NOW, made
        assert order.closed_at is None or known[-1] <= order.closed_at <= NOW, made
        for parcel in order.shipments:
            events = [event.at for event in parcel.events]
            assert events == sorted(events) and len(events) >= 2, made
            assert order.shipped_at - HOUR < events[0] and events[-1] <= NOW, made  # type: ignore[operator]


def test_states_agree_with_dates_and_parcels(shop: DemoShopData) -> None:
    for made in shop.orders:
        order = made.order
        was_sent = order.state in ("shipped", "delivered", "completed", "refunded")
        assert (order.shipped_at is not None) == was_sent, made
        is_digital = order.items[0].category == "digital"
        assert bool(order.shipments) == (was_sent and not is_digital), made
        assert (order.closed_at is not None) == (order.state in ("completed", "cancelled", "refunded")), made
        if order.state in ("delivered", "completed"):
            assert all(parcel.state == "delivered" for parcel in order.shipments), made


def test_sums_add_up(shop: DemoShopData) -> None:
    for made in shop.orders:
        order = made.order
        goods = sum(item.price_cents * item.quantity for item in order.items)
        facts = order.facts
        assert order.total_cents == goods + order.freight_cents - facts.coupon_cents - facts.points_used
        assert order.total_cents > 0


def test_vip_follows_from_what_was_spent_in_a_year(shop: DemoShopData) -> None:
    for customer in shop.customers:
        spent = sum(
            made.order.total_cents
            for made in shop.orders
            if made.order.customer_shop_id == customer.person.shop_id
            and made.order.state in ("paid", "shipped", "delivered", "completed")
            and made.order.paid_at is not None
            and made.order.paid_at > NOW - 365 * DAY
        )
        assert customer.spent_cents == spent
        assert customer.vip == (spent >= VIP_CENTS)
        assert customer.created_at < NOW
    vips = [c for c in shop.customers if c.vip]
    assert 10 <= len(vips) <= 60


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=23, minutes=59)])
def test_windows_of_days_hold_until_the_dates_are_shifted(shop: DemoShopData, later: timedelta) -> None:
    now = NOW + later

    def age(made: DemoOrder) -> timedelta:
        assert made.order.delivered_at is not None
        return now - made.order.delivered_at

    for kind in (
        "delivered",
        "custom",
        "cosmetics",
        "underwear",
        "food",
        "exchange_size",
        "freight_insurance",
    ):
        assert all(age(made) < 7 * DAY for made in of_kind(shop, kind)), kind
    for kind in ("vip", "quality_window"):
        assert all(7 * DAY < age(made) < 15 * DAY for made in of_kind(shop, kind)), kind
    assert all(age(made) > 15 * DAY for made in of_kind(shop, "old"))
    assert all(15 * DAY < age(made) < 365 * DAY for made in of_kind(shop, "warranty"))
    assert all(age(made) > 365 * DAY for made in of_kind(shop, "warranty_over"))
    for made in of_kind(shop, "price_protection"):
        assert now - made.order.placed_at < 7 * DAY
        assert (made.order.facts.price_now_cents or 0) < made.order.items[0].price_cents
    for made in of_kind(shop, "price_protection_late"):
        assert 7 * DAY < now - made.order.placed_at < 30 * DAY
    for made in of_kind(shop, "price_protection_sale"):
        assert 7 * DAY < now - made.order.placed_at < 30 * DAY
    assert all(now - made.order.paid_at > 48 * HOUR for made in of_kind(shop, "dispatch_late"))  # type: ignore[operator]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=10)])
def test_windows_of_hours_hold_until_the_dates_are_shifted(shop: DemoShopData, later: timedelta) -> None:
    now = NOW + later

    def quiet(made: DemoOrder) -> timedelta:
        parcel = made.order.current_shipment
        assert parcel is not None
        return now - parcel.events[-1].at

    assert all(now - made.order.placed_at < timedelta(minutes=30) for made in of_kind(shop, "unpaid"))
    assert all(48 * HOUR < quiet(made) < 72 * HOUR for made in of_kind(shop, "stuck_48h"))
    assert all(quiet(made) > 72 * HOUR for made in of_kind(shop, "stuck_72h"))
    assert all(quiet(made) < 48 * HOUR for made in of_kind(shop, "shipped"))
    assert all(now - made.order.delivered_at < 24 * HOUR for made in of_kind(shop, "fresh_food"))  # type: ignore[operator]
    assert all(now - made.order.delivered_at < 48 * HOUR for made in of_kind(shop, "damaged_window"))  # type: ignore[operator]
    assert all(now - made.order.delivered_at > 48 * HOUR for made in of_kind(shop, "damaged_late"))  # type: ignore[operator]


def test_kinds_have_what_their_row_of_the_policy_asks_for(shop: DemoShopData) -> None:
    is_vip = {c.person.shop_id: c.vip for c in shop.customers}
    assert all(is_vip[m.order.customer_shop_id] and m.order.customer_is_vip for m in of_kind(shop, "vip"))
    assert not any(is_vip[m.order.customer_shop_id] for m in of_kind(shop, "quality_window"))
    assert all(m.order.total_cents >= 500_000 for m in of_kind(shop, "high_value"))
    assert all(m.order.items[0].price_cents < 3_000 for m in of_kind(shop, "damaged_small"))
    assert all(m.order.facts.charged_twice for m in of_kind(shop, "double_charge"))
    assert all(m.order.facts.is_flash_sale for m in of_kind(shop, "flash_sale"))
    assert all(m.order.facts.coupon_cents for m in of_kind(shop, "coupon"))
    assert all(m.order.facts.points_used for m in of_kind(shop, "points"))
    assert all(m.order.has_freight_insurance for m in of_kind(shop, "freight_insurance"))
    assert all(len(m.order.shipments) == 2 for m in of_kind(shop, "split_parcel"))
    assert all(m.order.items[1].price_cents == 0 for m in of_kind(shop, "gift"))
    assert all(m.order.paid_at is None for m in of_kind(shop, "unpaid_closed"))
    assert all(m.order.address.province.startswith("香港") for m in of_kind(shop, "hongkong"))
    remote = {m.order.address.province for m in of_kind(shop, "remote")}
    assert remote <= {"新疆维吾尔自治区", "西藏自治区", "青海省", "内蒙古自治区"}
    for made in of_kind(shop, "presale"):
        assert (
            made.order.facts.promised_dispatch_at is not None and made.order.facts.promised_dispatch_at > NOW
        )


def test_the_demo_customers_have_the_orders_promised_and_no_foreign_ones(shop: DemoShopData) -> None:
    for shop_id, persona in zip(DEMO_SHOP_IDS, PERSONAS, strict=True):
        kinds = {m.kind for m in shop.orders if m.order.customer_shop_id == shop_id}
        assert set(persona.kinds) <= kinds
        assert "foreign" not in kinds
    vips = {c.person.shop_id for c in shop.customers if c.vip} & set(DEMO_SHOP_IDS)
    assert vips == {i for i, p in zip(DEMO_SHOP_IDS, PERSONAS, strict=True) if p.is_vip}


def test_some_customers_write_english_and_some_live_in_hong_kong(shop: DemoShopData) -> None:
    languages = [c.person.language for c in shop.customers]
    assert languages.count("zh-Hans") > 200
    assert languages.count("en") >= 5
    assert languages.count("zh-Hant-HK") >= 10
    english = next(c.person.shop_id for c in shop.customers if c.person.language == "en")
    titles = [i.title for m in shop.orders if m.order.customer_shop_id == english for i in m.order.items]
    assert titles and all(title.isascii() for title in titles)


def test_the_smallest_shop_still_has_every_kind() -> None:
    small = generate(Size(customers=1, orders=50), NOW)
    assert {made.kind for made in small.orders} == set(KINDS)


def test_every_kind_is_in_the_documentation() -> None:
    page = Path(__file__).parents[2] / "docs" / "operations" / "demo.md"
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    told = {kind for row in rows for kind in row.split(", ")} - {"kinds"}
    assert told == set(KINDS)
