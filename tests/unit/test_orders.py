"""An order's card, and how numbers and phones are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from desk.orders import (
    ORDER_STATES,
    SHIPMENT_LABELS,
    SHIPMENT_STATES,
    STATE_LABELS,
    Address,
    Item,
    Order,
    Shipment,
    TrackingEvent,
    normalise_number,
    phone_tail,
)

AT = datetime(2026, 11, 18, 8, 39, 30, 133_000, tzinfo=UTC)


def shipment(number: str, *, hours: int = 0, is_delivered: bool = False) -> Shipment:
    at = AT + timedelta(hours=hours)
    return Shipment(
        courier="中通快递",
        tracking_number=number,
        state="delivered" if is_delivered else "in_transit",
        shipped_at=at,
        delivered_at=at + timedelta(days=1) if is_delivered else None,
        events=(
            TrackingEvent(at=at, place="武汉", description="已揽收"),
            TrackingEvent(at=at + timedelta(hours=3), place="成都", description="已到达"),
        ),
    )


def order(*shipments: Shipment) -> Order:
    return Order(
        number="AX807365207598",
        customer_shop_id="C10001",
        state="shipped",
        total_cents=29_800,
        address=Address(
            recipient="王芳", phone="13900001234", province="四川省", city="成都市", street="人民路8号"
        ),
        phone_tail="1234",
        placed_at=AT,
        items=(
            Item(
                sku="B1",
                title="双肩包",
                variant="黑色",
                category="bags",
                quantity=2,
                price_cents=14_900,
                picture="bags",
            ),
        ),
        shipments=shipments,
    )


def test_the_card_is_as_documented() -> None:
    assert order(shipment("78001")).as_card("en") == {
        "number": "AX807365207598",
        "state": "shipped",
        "state_label": "Shipped",
        "total_cents": 29_800,
        "placed_at": "2026-11-18T08:39:30.133Z",
        "items": [
            {"title": "双肩包", "variant": "黑色", "quantity": 2, "price_cents": 14_900, "picture": "bags"}
        ],
        "shipment": {
            "courier": "中通快递",
            "tracking_number": "78001",
            "state": "in_transit",
            "state_label": "In transit",
            "events": [
                {"at": "2026-11-18T11:39:30.133Z", "place": "成都", "description": "已到达"},
                {"at": "2026-11-18T08:39:30.133Z", "place": "武汉", "description": "已揽收"},
            ],
        },
        "return_eligibility": None,
    }


def test_a_card_without_parcel_has_no_shipment() -> None:
    assert order().as_card()["shipment"] is None


def test_the_card_shows_the_parcel_that_is_still_on_its_way() -> None:
    arrived_later = shipment("78001", hours=5, is_delivered=True)
    card = order(arrived_later, shipment("78002")).as_card()
    assert card["shipment"]["tracking_number"] == "78002"


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "en"])
def test_every_state_has_a_label_in_every_language(language: str) -> None:
    assert set(STATE_LABELS[language]) == set(ORDER_STATES)
    assert set(SHIPMENT_LABELS[language]) == set(SHIPMENT_STATES)


def test_nothing_personal_shows_in_a_repr() -> None:
    shown = repr(order(shipment("78001")))
    assert not any(secret in shown for secret in ("王芳", "13900001234", "1234", "人民路"))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("AX807365207598", "AX807365207598"),
        (" ax8073 6520 7598 ", "AX807365207598"),
        ("ＡＸ８０７３６５２０７５９８", "AX807365207598"),
    ],
)
def test_numbers_are_looked_up_however_they_are_typed(typed: str, number: str) -> None:
    assert normalise_number(typed) == number


@pytest.mark.parametrize(("phone", "tail"), [("139 0000 1234", "1234"), ("+85261234567", "4567"), ("", "")])
def test_the_last_four_digits_of_a_phone(phone: str, tail: str) -> None:
    assert phone_tail(phone) == tail
