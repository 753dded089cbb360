"""Which orders are one's own, which of them are meant, and how they look on a card. Pure apart from reading the shop.

An own order that is offered as a button is named by a reference made from its number's hash, so that no
number lies in a tracker and a reference of somebody else's order resolves to nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desk.eligibility import ReturnEligibility, decide_return, received_at
from desk.orders import Order, OrderService
from desk.turns import TurnContext
from knowledge_base.policy import Policy

OPEN_STATES = frozenset({"unpaid", "paid", "shipped"})
RECEIVED_STATES = frozenset({"delivered", "completed"})
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


def returnable(orders: Sequence[Order], now: datetime, policy: Policy) -> list[Order]:
    """The orders that «I want to return it» can mean: those received lately, newest first; else the open ones.

    Lately is 30 days, or as long as the longest window of the policy.
    """
    windows = ("return_window_days", "return_window_vip_days", "quality_return_days")
    since = now - max(RECENT, *(timedelta(days=policy.number(name) + 1) for name in windows))
    received = [(received_at(o) or o.placed_at, o) for o in orders if o.state in RECEIVED_STATES]
    lately = sorted((pair for pair in received if pair[0] >= since), key=lambda pair: pair[0], reverse=True)
    return ([o for _, o in lately] or [o for o in orders if o.state in OPEN_STATES])[:OFFERED]


def return_eligibility(order: Order, turn: TurnContext, policy: Policy, zone: ZoneInfo) -> ReturnEligibility:
    """What the policy grants the order's customer at the turn's time."""
    is_theirs = order.customer_shop_id == turn.customer_shop_id
    is_vip = order.customer_is_vip or (is_theirs and turn.customer_is_vip)
    return decide_return(order, is_vip=is_vip, policy=policy, now=turn.shop_now, zone=zone)


def card_of(order: Order, turn: TurnContext, policy: Policy, zone: ZoneInfo, language: str) -> dict[str, Any]:
    """The order card that the customer gets."""
    eligibility = return_eligibility(order, turn, policy, zone)
    return order.as_card(language, return_eligibility=eligibility.as_json())


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
