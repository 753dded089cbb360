"""What a shop's API may answer, and how it becomes the desk's values (docs/api/shop-orders.md).

Strict about types and states, indifferent to fields it does not know. The calls are made in desk/rest_shop.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from desk.orders import (
    Address,
    InvoiceState,
    Item,
    Order,
    OrderFacts,
    OrderState,
    Shipment,
    ShipmentState,
    ShopUnavailable,
    TrackingEvent,
    phone_tail,
)

Text = Annotated[str, Field(max_length=500)]
Cents = Annotated[int, Field(ge=0)]
Told = TypeVar("Told", bound="_Told")


class _Told(BaseModel):
    """An answer's part: types exactly as agreed; fields we do not know are the shop's own business."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class ToldEvent(_Told):
    at: AwareDatetime
    place: Text
    description: Text


class ToldShipment(_Told):
    courier: Text
    tracking_number: Text
    state: ShipmentState
    shipped_at: AwareDatetime
    delivered_at: AwareDatetime | None = None
    events: Annotated[list[ToldEvent], Field(max_length=500)] = []


class ToldItem(_Told):
    sku: Text
    title: Text
    variant: Text = ""
    category: Text = ""
    quantity: Annotated[int, Field(ge=1)]
    price_cents: Cents
    picture: Text = ""


class ToldAddress(_Told):
    recipient: Text
    phone: Text
    province: Text
    city: Text
    street: Text


class ToldFacts(_Told):
    is_presale: bool = False
    promised_dispatch_at: AwareDatetime | None = None
    is_flash_sale: bool = False
    sale: Text = ""
    price_now_cents: Cents | None = None
    charged_twice: bool = False
    is_activated: bool = False
    coupon_cents: Cents = 0
    points_used: Cents = 0
    invoice: InvoiceState = "none"
    invoice_title: Text = ""
    refunded_cents: Cents = 0


class ToldOrder(_Told):
    """An order as a shop's API sends it."""

    number: Text
    customer_id: Text
    customer_is_vip: bool = False
    state: OrderState
    total_cents: Cents
    freight_cents: Cents = 0
    payment_method: Text = ""
    has_freight_insurance: bool = False
    address: ToldAddress
    placed_at: AwareDatetime
    paid_at: AwareDatetime | None = None
    shipped_at: AwareDatetime | None = None
    delivered_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    items: Annotated[list[ToldItem], Field(max_length=500)]
    shipments: Annotated[list[ToldShipment], Field(max_length=100)] = []
    facts: ToldFacts = ToldFacts()


class ToldOrders(_Told):
    """A customer's orders as a shop's API sends them."""

    orders: Annotated[list[ToldOrder], Field(max_length=200)]


class ToldAnswer(_Told):
    """A shop's answer to a change."""

    ok: bool
    code: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    message: Text


def parse(model: type[Told], body: bytes) -> Told:
    """The checked answer; raises ShopUnavailable with the place and kind of the first fault, never its value."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        # `from None`: the error's text would carry names and addresses into the log.
        raise ShopUnavailable(f"The shop's answer is not as agreed: {where}: {first['type']}.") from None


def as_order(told: ToldOrder) -> Order:
    """The desk's value of a checked answer."""
    return Order(
        number=told.number,
        customer_shop_id=told.customer_id,
        customer_is_vip=told.customer_is_vip,
        state=told.state,
        total_cents=told.total_cents,
        freight_cents=told.freight_cents,
        payment_method=told.payment_method,
        has_freight_insurance=told.has_freight_insurance,
        address=Address(**told.address.model_dump()),
        phone_tail=phone_tail(told.address.phone),
        placed_at=told.placed_at.astimezone(UTC),
        paid_at=_utc(told.paid_at),
        shipped_at=_utc(told.shipped_at),
        delivered_at=_utc(told.delivered_at),
        closed_at=_utc(told.closed_at),
        items=tuple(Item(**item.model_dump()) for item in told.items),
        shipments=tuple(_shipment(parcel) for parcel in told.shipments),
        facts=OrderFacts(**told.facts.model_dump()),
    )


def _shipment(told: ToldShipment) -> Shipment:
    return Shipment(
        courier=told.courier,
        tracking_number=told.tracking_number,
        state=told.state,
        shipped_at=told.shipped_at.astimezone(UTC),
        delivered_at=_utc(told.delivered_at),
        events=tuple(
            TrackingEvent(at=e.at.astimezone(UTC), place=e.place, description=e.description)
            for e in sorted(told.events, key=lambda e: e.at)
        ),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
