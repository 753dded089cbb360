"""The shop's orders as the desk sees them: the port `OrderService` and its values.

Owned by the desk, which reads orders and asks the shop for changes; implemented by desk/demo_shop.py
(the generated shop) and desk/rest_shop.py (a shop's own API). Who may see an order: desk/order_proof.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, TypeVar, get_args

from desk.errors import DeskError

K = TypeVar("K")
OrderState = Literal["unpaid", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"]
ShipmentState = Literal[
    "created", "in_transit", "out_for_delivery", "at_pickup_point", "delivered", "lost", "returned"
]
InvoiceState = Literal["none", "requested", "issued"]
ORDER_STATES: tuple[OrderState, ...] = get_args(OrderState)
SHIPMENT_STATES: tuple[ShipmentState, ...] = get_args(ShipmentState)

STATE_LABELS: Mapping[str, Mapping[OrderState, str]] = {
    "zh-Hans": {
        "unpaid": "待付款",
        "paid": "待发货",
        "shipped": "已发货",
        "delivered": "已签收",
        "completed": "交易完成",
        "cancelled": "已取消",
        "refunded": "已退款",
    },
    "zh-Hant-HK": {
        "unpaid": "待付款",
        "paid": "待發貨",
        "shipped": "已發貨",
        "delivered": "已簽收",
        "completed": "交易完成",
        "cancelled": "已取消",
        "refunded": "已退款",
    },
    "en": {
        "unpaid": "Awaiting payment",
        "paid": "Preparing to ship",
        "shipped": "Shipped",
        "delivered": "Delivered",
        "completed": "Completed",
        "cancelled": "Cancelled",
        "refunded": "Refunded",
    },
}
"""How an order's state reads, by language."""

SHIPMENT_LABELS: Mapping[str, Mapping[ShipmentState, str]] = {
    "zh-Hans": {
        "created": "待揽收",
        "in_transit": "运输中",
        "out_for_delivery": "派送中",
        "at_pickup_point": "待取件",
        "delivered": "已签收",
        "lost": "已确认丢失",
        "returned": "拦截退回",
    },
    "zh-Hant-HK": {
        "created": "待收件",
        "in_transit": "運送中",
        "out_for_delivery": "派送中",
        "at_pickup_point": "待取件",
        "delivered": "已簽收",
        "lost": "已確認遺失",
        "returned": "攔截退回",
    },
    "en": {
        "created": "Waiting for the courier",
        "in_transit": "In transit",
        "out_for_delivery": "Out for delivery",
        "at_pickup_point": "Ready for pick-up",
        "delivered": "Delivered",
        "lost": "Confirmed lost",
        "returned": "Intercepted, going back",
    },
}
"""How a shipment's state reads, by language."""


class ShopUnavailable(DeskError):
    """The shop's order system did not answer, or not as agreed; whether a write happened is not known.

    Writing again with the same idempotency key is safe.
    """

    code = "shop_unavailable"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of an order; `price_cents` is for one piece, `picture` names a drawing by category."""

    sku: str
    title: str
    variant: str
    category: str
    quantity: int
    price_cents: int
    picture: str = ""


@dataclass(frozen=True, kw_only=True)
class TrackingEvent:
    """What the courier reported, and where."""

    at: datetime
    place: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """One parcel; `events` from the oldest to the newest."""

    courier: str
    tracking_number: str
    state: ShipmentState
    shipped_at: datetime
    delivered_at: datetime | None = None
    events: tuple[TrackingEvent, ...] = ()

    def as_card(self, language: str) -> dict[str, Any]:
        """The `shipment` of an order card; the newest event comes first."""
        return {
            "courier": self.courier,
            "tracking_number": self.tracking_number,
            "state": self.state,
            "state_label": _labels(SHIPMENT_LABELS, language)[self.state],
            "events": [
                {"at": as_text(e.at), "place": e.place, "description": e.description}
                for e in reversed(self.events)
            ],
        }


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a parcel goes. None of it shows in a repr, so none of it reaches a log."""

    recipient: str = field(repr=False)
    phone: str = field(repr=False)
    province: str = field(repr=False)
    city: str = field(repr=False)
    street: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What policies ask about an order besides its state and dates."""

    is_presale: bool = False
    promised_dispatch_at: datetime | None = None  # pre-sale and custom-made: the date on the page
    is_flash_sale: bool = False
    sale: str = ""  # "618", "11.11": price protection lasts longer
    price_now_cents: int | None = None  # today's price of the first item, where it has changed
    charged_twice: bool = False
    is_activated: bool = False  # digital goods: the key was used
    coupon_cents: int = 0
    points_used: int = 0
    invoice: InvoiceState = "none"
    invoice_title: str = ""  # a company's name; empty = personal
    refunded_cents: int = 0


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order as the shop knows it; `phone_tail` is the last four digits of the recipient's phone."""

    number: str
    customer_shop_id: str
    customer_is_vip: bool = False
    state: OrderState
    total_cents: int
    freight_cents: int = 0
    payment_method: str = ""
    has_freight_insurance: bool = False
    address: Address = field(repr=False)
    phone_tail: str = field(repr=False)
    placed_at: datetime
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    closed_at: datetime | None = None
    items: tuple[Item, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    facts: OrderFacts = OrderFacts()

    @property
    def current_shipment(self) -> Shipment | None:
        """The parcel that is asked about: the newest on its way, else the newest."""
        ordered = sorted(self.shipments, key=lambda s: (s.delivered_at is None, s.shipped_at))
        return ordered[-1] if ordered else None

    def as_card(
        self, language: str = "zh-Hans", *, return_eligibility: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """`order` of an order_card message (docs/api/websocket.md); labels in `language`.

        `return_eligibility` as desk/eligibility.py gives it, None where nobody decided it.
        """
        shipment = self.current_shipment
        return {
            "number": self.number,
            "state": self.state,
            "state_label": _labels(STATE_LABELS, language)[self.state],
            "total_cents": self.total_cents,
            "placed_at": as_text(self.placed_at),
            "items": [
                {
                    "title": i.title,
                    "variant": i.variant,
                    "quantity": i.quantity,
                    "price_cents": i.price_cents,
                    "picture": i.picture,
                }
                for i in self.items
            ],
            "shipment": shipment.as_card(language) if shipment else None,
            "return_eligibility": dict(return_eligibility) if return_eligibility is not None else None,
        }


@dataclass(frozen=True, kw_only=True)
class ShopAnswer:
    """What the shop said to a change: done, or refused with a stable code (docs/api/shop-orders.md)."""

    ok: bool
    code: str
    message: str


class OrderService(Protocol):
    """Reads orders and asks the shop for changes.

    Reads raise ShopUnavailable; writes too, and are safe to repeat with the same `idempotency_key`, which
    gets the same answer. `sandbox` picks a private copy of the demo shop; a shop's own API ignores it.
    """

    async def find(self, number: str, *, sandbox: str = "") -> Order | None:
        """The order with exactly this number, whosever it is; None when there is none."""
        ...

    async def list_of(self, customer_shop_id: str, *, sandbox: str = "", limit: int = 20) -> list[Order]:
        """A customer's orders, newest first."""
        ...

    async def cancel(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        """Cancel what is not shipped yet."""
        ...

    async def intercept(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        """Stop what is on its way and have it sent back."""
        ...

    async def change_address(
        self, number: str, address: Address, *, idempotency_key: str, sandbox: str = ""
    ) -> ShopAnswer:
        """Before dispatch anywhere; on the way only within the same city."""
        ...

    async def refund(self, number: str, cents: int, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        """Pay back all or a part of what was paid."""
        ...


def normalise_number(typed: str) -> str:
    """An order number as it is looked up: full-width characters made plain, no blanks, upper case."""
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in typed if not c.isspace()).upper()


def phone_tail(phone: str) -> str:
    """The last four digits of a phone number."""
    return "".join(c for c in phone if c in "0123456789")[-4:]


def as_text(moment: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _labels(table: Mapping[str, Mapping[K, str]], language: str) -> Mapping[K, str]:
    return table.get(language, table["zh-Hans"])
