"""All about one conversation, for the person who takes it over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from psycopg.rows import dict_row

from desk.cases import read_cases
from desk.conversations import Pool, json_time, read_summaries
from desk.errors import NotFound
from desk.orders import OrderService, ShopUnavailable

log = structlog.get_logger(__name__)

SHOWN_ORDERS = 5
SHOWN_HISTORY = 10

_CUSTOMER = """
select k.shop_id, k.name, k.phone, k.email, k.vip, k.spent_cents, k.created_at, c.sandbox
  from conversations c join customers k on k.id = c.customer_id where c.id = %s
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


async def read_detail(
    pool: Pool, orders: OrderService, conversation_id: UUID, *, language: str = "zh-Hans"
) -> dict[str, Any]:
    """`{summary, brief, customer, orders, cases, ownerships, history}` of docs/api/rest.md. Raises NotFound.

    A shop that does not answer costs the orders only: the list is empty.
    """
    summaries = await read_summaries(pool, [conversation_id])
    if not summaries:
        raise NotFound("There is no such conversation.")
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_CUSTOMER, (conversation_id,))
        customer = await cursor.fetchone()
        await cursor.execute(_OWNERSHIPS, (conversation_id,))
        ownerships = await cursor.fetchall()
        await cursor.execute(_HISTORY, (conversation_id, SHOWN_HISTORY))
        history = await cursor.fetchall()
    return {
        "summary": summaries[0].as_json(),
        "brief": _newest_brief(ownerships),
        "customer": _customer(customer),
        "orders": await _orders(orders, customer, language),
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


async def _orders(
    orders: OrderService, customer: Mapping[str, Any] | None, language: str
) -> list[dict[str, Any]]:
    if customer is None:
        return []
    try:
        found = await orders.list_of(customer["shop_id"], sandbox=customer["sandbox"], limit=SHOWN_ORDERS)
    except ShopUnavailable:
        log.warning("orders_of_customer_unavailable")
        return []
    return [order.as_card(language) for order in found]


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
