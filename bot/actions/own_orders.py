"""Whose order is meant: one's own by sign-in, or any by its number. Pure apart from reading the shop.

An own order that is offered as a button is named by a reference made from its number's hash, so that no
number lies in a tracker and a reference of somebody else's order resolves to nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from desk.orders import Order, OrderService
from desk.turns import TurnContext

OPEN_STATES = frozenset({"unpaid", "paid", "shipped"})
RECENT = timedelta(days=30)
OFFERED = 4
_PREFIX = "own_"


def own_reference(number: str) -> str:
    """The reference of one's own order."""
    return _PREFIX + hashlib.sha256(number.encode()).hexdigest()[:12]


def is_own_reference(ref: str) -> bool:
    """Whether it came from a button that offered one's own orders."""
    return ref.startswith(_PREFIX)


def in_question(orders: Sequence[Order], now: datetime) -> list[Order]:
    """The orders that «my order» can mean: the open ones, else those of the last 30 days; newest first."""
    open_ones = [o for o in orders if o.state in OPEN_STATES]
    return (open_ones or [o for o in orders if now - o.placed_at <= RECENT])[:OFFERED]


async def own_orders(orders: OrderService, turn: TurnContext) -> list[Order]:
    """The signed-in customer's orders; none for an anonymous one. Raises ShopUnavailable."""
    if turn.customer_shop_id is None:
        return []
    return await orders.list_of(turn.customer_shop_id, sandbox=turn.sandbox)


def is_typed_number(ref: str) -> bool:
    """Whether the customer typed an order number; buttons and tracking numbers only find one's own orders."""
    return ref.startswith("order_")


async def find_own_order(orders: OrderService, turn: TurnContext, ref: str) -> Order | None:
    """One's own order behind a button or a tracking number. Raises ShopUnavailable."""
    mine = await own_orders(orders, turn)
    if is_own_reference(ref):
        return next((o for o in mine if own_reference(o.number) == ref), None)
    number = str(turn.refs.get(ref, ""))
    return next((o for o in mine if _has_parcel(o, number)), None)


def _has_parcel(order: Order, tracking_number: str) -> bool:
    return any(s.tracking_number == tracking_number for s in order.shipments)
