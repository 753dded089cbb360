"""Fakes of what the bot's actions read: a shop with a few orders, claimed turns, proofs of ownership, a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from desk.order_proof import Claim, Verdict, order_key
from desk.orders import (
    Address,
    Item,
    Order,
    OrderState,
    Shipment,
    ShipmentState,
    ShopAnswer,
    ShopUnavailable,
    TrackingEvent,
    normalise_number,
)
from desk.turns import TurnContext
from knowledge_base.policy import Policy, Value, load_policy

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def an_order(number: str, *, customer: str = "c1", state: OrderState = "shipped", **changes: Any) -> Order:
    """An order of 520 yuan, placed four days ago; `changes` replace fields."""
    order = Order(
        number=number,
        customer_shop_id=customer,
        state=state,
        total_cents=52_000,
        address=Address(
            recipient="王芳", phone="13800008812", province="广东省", city="深圳市", street="某路"
        ),
        phone_tail="8812",
        placed_at=NOW - timedelta(days=4),
        paid_at=NOW - timedelta(days=4),
        items=(Item(sku="s", title="保温杯", variant="白", category="home", quantity=1, price_cents=52_000),),
    )
    return replace(order, **changes)


def a_shipment(
    state: ShipmentState = "in_transit", *, shipped_days_ago: float = 2, silent_hours: float = 5
) -> Shipment:
    """A parcel whose newest event is `silent_hours` old."""
    last = NOW - timedelta(hours=silent_hours)
    return Shipment(
        courier="顺丰速运",
        tracking_number="SF1234567890123",
        state=state,
        shipped_at=NOW - timedelta(days=shipped_days_ago),
        delivered_at=last if state == "delivered" else None,
        events=(
            TrackingEvent(at=NOW - timedelta(days=shipped_days_ago), place="深圳", description="已揽收"),
            TrackingEvent(at=last, place="上海", description="已到达转运中心"),
        ),
    )


@dataclass
class FakeOrders:
    """A shop in memory; `is_down` makes every read fail."""

    orders: list[Order] = field(default_factory=list)
    is_down: bool = False

    async def find(self, number: str, *, sandbox: str = "") -> Order | None:
        self._answer()
        return next((o for o in self.orders if o.number == normalise_number(number)), None)

    async def list_of(self, customer_shop_id: str, *, sandbox: str = "", limit: int = 20) -> list[Order]:
        self._answer()
        return [o for o in self.orders if o.customer_shop_id == customer_shop_id][:limit]

    async def cancel(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        raise AssertionError("actions never write")

    async def intercept(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        raise AssertionError("actions never write")

    async def change_address(
        self, number: str, address: Address, *, idempotency_key: str, sandbox: str = ""
    ) -> ShopAnswer:
        raise AssertionError("actions never write")

    async def refund(self, number: str, cents: int, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        raise AssertionError("actions never write")

    def _answer(self) -> None:
        if self.is_down:
            raise ShopUnavailable("down")


@dataclass
class FakeDesk:
    """Turns that are claimed now."""

    turns: dict[UUID, TurnContext] = field(default_factory=dict)

    def claim(
        self,
        refs: Mapping[str, str] | None = None,
        *,
        customer: str | None = None,
        turn_id: UUID | None = None,
        is_vip: bool = False,
    ) -> UUID:
        """A claimed turn; its id."""
        turn_id = turn_id or uuid4()
        self.turns[turn_id] = TurnContext(
            conversation_id=UUID(int=7),
            customer_shop_id=customer,
            customer_is_vip=is_vip,
            sandbox="",
            language="zh-Hans",
            shop_now=NOW,
            refs=dict(refs or {}),
        )
        return turn_id

    async def read_context(self, turn_id: UUID, *, now: datetime) -> TurnContext | None:
        return self.turns.get(turn_id)


@dataclass
class FakeProofs:
    """The rules of desk/order_proof.py without its counting; `is_locked` stands for five wrong tries."""

    orders: FakeOrders
    is_locked: bool = False

    async def check(self, claim: Claim, *, now: datetime) -> Verdict:
        order = await self.orders.find(claim.number)
        key = order_key(claim.number)
        if order and order.customer_shop_id == claim.signed_in_as:
            return Verdict(outcome="owner", key=key, order=order)
        if self.is_locked:
            return Verdict(outcome="locked", key=key, retry_after_s=1800)
        if not claim.digits:
            return Verdict(outcome="digits_needed", key=key)
        if order and order.phone_tail == claim.digits:
            return Verdict(outcome="proved", key=key, order=order)
        return Verdict(outcome="wrong", key=key)


@cache
def _demo_policy() -> Policy:
    return load_policy(ROOT / "knowledge_base/content/policy.yml")


def a_policy(*, revision: int = 1, **values: Value) -> Policy:
    """The demo shop's policy, with these values in place of its own."""
    figures = dict(_demo_policy().figures)
    figures |= {name: replace(figures[name], value=value) for name, value in values.items()}
    return Policy(revision=revision, figures=figures)


@dataclass
class FakePolicy:
    """A policy in force; a test publishes another by setting `now`."""

    now: Policy = field(default_factory=a_policy)

    async def policy(self) -> Policy:
        return self.now
