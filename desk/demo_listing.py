"""The demo shop's orders and customers as they are listed for people who try the product.

Read-only; `anxin demo` and the demo storefront show these values.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from typing import Any

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from desk.demo_kinds import KINDS
from desk.demo_people import DEMO_SHOP_IDS, PERSONAS
from desk.orders import as_text


@dataclass(frozen=True, kw_only=True)
class ListedOrder:
    """A demo order as `anxin demo orders` lists it.

    `customer` may ask about it; for kind foreign that is somebody else than the `owner`.
    """

    kind: str
    why: str
    number: str
    customer: str
    owner: str
    phone_tail: str
    state: str
    total_cents: int
    placed_at: datetime
    title: str

    def as_json(self) -> dict[str, Any]:
        """One JSON line."""
        return {**asdict(self), "placed_at": as_text(self.placed_at)}


@dataclass(frozen=True, kw_only=True)
class ListedCustomer:
    """A customer of the demo storefront's list."""

    shop_id: str
    name: str
    vip: bool
    language: str
    what_for: str
    orders: tuple[ListedOrder, ...]

    def as_json(self) -> dict[str, Any]:
        """As `GET /api/demo/customers` sends it."""
        orders = [{"number": o.number, "kind": o.kind, "state": o.state} for o in self.orders]
        return {
            "shop_id": self.shop_id,
            "name": self.name,
            "vip": self.vip,
            "language": self.language,
            "what_for": self.what_for,
            "orders": orders,
        }


_LIST_ORDERS = """
select o.kind, o.number, c.shop_id as owner, right(regexp_replace(o.phone, '[^0-9]', '', 'g'), 4) as phone_tail,
    o.state, o.total_cents, o.placed_at, coalesce(i.title, '') as title
from orders o
join customers c on c.id = o.customer_id
left join order_items i on i.order_id = o.id and i.line = 1
where o.sandbox = '' and (%(shop_ids)s::text[] is null or c.shop_id = any(%(shop_ids)s))
order by not c.shop_id = any(%(first)s), o.kind, c.shop_id, o.number
"""


async def list_demo_orders(
    pool: AsyncConnectionPool, *, shop_ids: list[str] | None = None
) -> list[ListedOrder]:
    """The shop's orders, those of the demo customers first; private copies are left out."""
    values = {"shop_ids": shop_ids, "first": list(DEMO_SHOP_IDS)}
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_LIST_ORDERS, values)
        rows = await cursor.fetchall()
    strangers = count()
    listed = []
    for row in rows:
        customer = row["owner"]
        if row["kind"] == "foreign":
            customer = DEMO_SHOP_IDS[next(strangers) % len(DEMO_SHOP_IDS)]
        why = KINDS[row["kind"]].why if row["kind"] in KINDS else ""
        listed.append(ListedOrder(customer=customer, why=why, **row))
    return listed


async def list_demo_customers(pool: AsyncConnectionPool) -> list[ListedCustomer]:
    """The dozen customers to try, with their orders."""
    orders = await list_demo_orders(pool, shop_ids=list(DEMO_SHOP_IDS))
    async with pool.connection() as conn:
        found = await conn.execute(
            "select shop_id, name, vip from customers where sandbox = '' and shop_id = any(%s) order by shop_id",
            [list(DEMO_SHOP_IDS)],
        )
        rows = await found.fetchall()
    personas = dict(zip(DEMO_SHOP_IDS, PERSONAS, strict=True))
    return [
        ListedCustomer(
            shop_id=shop_id,
            name=name,
            vip=vip,
            language=personas[shop_id].language,
            what_for=personas[shop_id].what_for,
            orders=tuple(o for o in orders if o.owner == shop_id),
        )
        for shop_id, name, vip in rows
    ]
