"""All about one conversation, for the person who takes it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from psycopg.rows import dict_row

from desk.cases import read_cases
from desk.conversations import Pool, json_time, read_summaries
from desk.eligibility import PolicySource, decide_return
from desk.errors import NotFound
from desk.orders import Order, OrderService, ShopUnavailable
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.policy import Policy

log = structlog.get_logger(__name__)

SHOWN_ORDERS = 5
SHOWN_HISTORY = 10

_CUSTOMER = """
select k.shop_id, k.name, k.phone, k.email, k.vip, k.spent_cents, k.created_at, c.sandbox, c.clock_shift_s
  from conversations c left join customers k on k.id = c.customer_id where c.id = %s
"""
_OWNERSHIPS = """
select o.epoch, o.owner, o.from_seq, o.reason, o.explanation, o.at, o.agent_id, a.name as agent_name
  from ownerships o left join agents a on a.id = o.agent_id where o.conversation_id = %s order by o.epoch
"""
_HISTORY = """
select h.id, h.created_at, h.closed_at, h.closed_by, h.resolution, h.owner
  from conversations c join conversations h on h.customer_id = c.customer_id and h.id <> c.id
 where c.id = %s order by h.created_at desc limit %s
"""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What is asked about orders: the shop's system, and its policy in its time zone."""

    orders: OrderService
    policy: PolicySource
    zone: ZoneInfo


async def read_detail(
    pool: Pool, shop: Shop, conversation_id: UUID, *, now: datetime, language: str = "zh-Hans"
) -> dict[str, Any]:
    """`{summary, brief, customer, orders, cases, ownerships, history}` of docs/api/rest.md. Raises NotFound.

    The order of the brief is shown as it is now, with what the policy grants now. A shop that does not answer costs
    the list of orders only, and the brief's order stays as it was at the handoff.
    """
    summaries = await read_summaries(pool, [conversation_id])
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_CUSTOMER, (conversation_id,))
        asker = await cursor.fetchone()
        await cursor.execute(_OWNERSHIPS, (conversation_id,))
        ownerships = await cursor.fetchall()
        await cursor.execute(_HISTORY, (conversation_id, SHOWN_HISTORY))
        history = await cursor.fetchall()
    if not summaries or asker is None:
        raise NotFound("There is no such conversation.")
    customer = asker if asker["shop_id"] is not None else None
    cards = _Cards(
        shop=shop,
        customer=customer,
        sandbox=asker["sandbox"],
        now=now + timedelta(seconds=asker["clock_shift_s"]),
        language=language,
    )
    orders = await cards.of_customer()
    return {
        "summary": summaries[0].as_json(),
        "brief": await cards.brought_up_to_date(_newest_brief(ownerships), orders),
        "customer": _customer(customer),
        "orders": orders,
        "cases": await read_cases(pool, conversation_id),
        "ownerships": [_ownership(row) for row in ownerships],
        "history": [_earlier(row) for row in history],
    }


def _newest_brief(ownerships: list[dict[str, Any]]) -> Any:
    briefs = [row["explanation"]["brief"] for row in ownerships if "brief" in row["explanation"]]
    return briefs[-1] if briefs else None


def _customer(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    shown = {key: row[key] for key in ("shop_id", "name", "phone", "email", "vip", "spent_cents")}
    return shown | {"since": json_time(row["created_at"])}


@dataclass(frozen=True, kw_only=True)
class _Cards:
    """Order cards for agents: the customer's newest orders, and the one that the brief is about."""

    shop: Shop
    customer: Mapping[str, Any] | None
    sandbox: str
    now: datetime
    language: str

    async def of_customer(self) -> list[dict[str, Any]]:
        if self.customer is None:
            return []
        try:
            found = await self.shop.orders.list_of(
                self.customer["shop_id"], sandbox=self.sandbox, limit=SHOWN_ORDERS
            )
        except ShopUnavailable:
            log.warning("orders_of_customer_unavailable")
            return []
        policy = await self.shop.policy.policy() if found else None
        return [self._card(order, policy) for order in found]

    async def brought_up_to_date(self, brief: Any, listed: list[dict[str, Any]]) -> Any:
        number = ((brief or {}).get("order") or {}).get("number")
        if number is None:
            return brief
        card = next((card for card in listed if card["number"] == number), None) or await self._find(number)
        return brief | {"order": card} if card else brief

    async def _find(self, number: str) -> dict[str, Any] | None:
        try:
            order = await self.shop.orders.find(number, sandbox=self.sandbox)
        except ShopUnavailable:
            return None
        return self._card(order, await self.shop.policy.policy()) if order else None

    def _card(self, order: Order, policy: Policy | None) -> dict[str, Any]:
        return order.as_card(self.language, return_eligibility=self._eligibility(order, policy))

    def _eligibility(self, order: Order, policy: Policy | None) -> dict[str, Any] | None:
        """None where the policy table lacks a figure: then nobody can say."""
        is_theirs = self.customer is not None and order.customer_shop_id == self.customer["shop_id"]
        is_vip = order.customer_is_vip or (is_theirs and bool(self.customer and self.customer["vip"]))
        if policy is None:
            return None
        try:
            found = decide_return(order, is_vip=is_vip, policy=policy, now=self.now, zone=self.shop.zone)
        except KnowledgeBaseError as error:
            log.warning("return_eligibility_unknown", code=error.code)
            return None
        return found.as_json_for_agents()


def _ownership(row: Mapping[str, Any]) -> dict[str, Any]:
    explanation = {key: value for key, value in row["explanation"].items() if key != "brief"}
    return {
        "epoch": row["epoch"],
        "owner": row["owner"],
        "agent": {"id": str(row["agent_id"]), "name": row["agent_name"]} if row["agent_id"] else None,
        "from_seq": row["from_seq"],
        "reason": row["reason"],
        "explanation": explanation,
        "at": json_time(row["at"]),
    }


def _earlier(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "owner": row["owner"],
        "created_at": json_time(row["created_at"]),
        "closed_at": json_time(row["closed_at"]),
        "closed_by": row["closed_by"],
        "resolution": row["resolution"],
    }
