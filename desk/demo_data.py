"""The demo shop in the database: filled once from a seed, then kept live from day to day.

Nothing here is for production. desk/demo_generation.py makes the data, desk/demo_shop.py answers questions about
it, desk/demo_play.py makes private copies of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from desk.demo_generation import DemoShopData, ShopSize, generate
from desk.demo_kinds import EXACT_KINDS
from desk.orders import OrderFacts, as_text

_SEED_LOCK = 0x616E7801
_DAY = timedelta(days=1)
_TEN_MINUTES = timedelta(minutes=10)


async def seed_if_empty(pool: AsyncConnectionPool, settings: ShopSize, now: datetime) -> bool:
    """Fill an empty shop in one transaction; False when there were orders already.

    Two processes that start together do it once.
    """
    async with pool.connection() as conn, conn.transaction():
        await conn.execute("select pg_advisory_xact_lock(%s)", [_SEED_LOCK])
        found = await conn.execute("select exists (select from orders where sandbox = '')")
        if (await found.fetchone() or (False,))[0]:
            return False
        data = await asyncio.to_thread(generate, settings, now)
        await _write(conn, data, settings.seed)
        await _remember_dates(conn, {"days": now, "exact": now})
    return True


async def _write(conn: AsyncConnection[Any], data: DemoShopData, seed: int) -> None:
    def id_of(what: str) -> UUID:
        return uuid5(NAMESPACE_URL, f"anxin-demo/{seed}/{what}")

    await _copy(conn, "customers (id, shop_id, name, phone, email, vip, spent_cents, created_at)", (
        (id_of(c.person.shop_id), c.person.shop_id, c.person.name, c.person.phone, c.person.email, c.vip,
         c.spent_cents, c.created_at)
        for c in data.customers
    ))  # fmt: skip
    await _copy(conn, "orders (id, number, customer_id, kind, state, total_cents, freight_cents, payment_method,"
        " recipient, phone, province, city, address, has_freight_insurance, placed_at, paid_at, shipped_at,"
        " delivered_at, closed_at, details)", (
        (id_of(o.number), o.number, id_of(o.customer_shop_id), made.kind, o.state, o.total_cents, o.freight_cents,
         o.payment_method, o.address.recipient, o.address.phone, o.address.province, o.address.city,
         o.address.street, o.has_freight_insurance, o.placed_at, o.paid_at, o.shipped_at, o.delivered_at,
         o.closed_at, Jsonb(facts_as_json(o.facts)))
        for made in data.orders for o in (made.order,)
    ))  # fmt: skip
    await _copy(conn, "order_items (order_id, line, sku, title, variant, category, quantity, price_cents, picture)", (
        (id_of(made.order.number), n, i.sku, i.title, i.variant, i.category, i.quantity, i.price_cents, i.picture)
        for made in data.orders for n, i in enumerate(made.order.items, 1)
    ))  # fmt: skip
    shipments = [
        (id_of(f"{made.order.number}/{n}"), id_of(made.order.number), shipment)
        for made in data.orders
        for n, shipment in enumerate(made.order.shipments, 1)
    ]
    await _copy(conn, "shipments (id, order_id, courier, tracking_number, state, shipped_at, delivered_at)", (
        (id, order_id, s.courier, s.tracking_number, s.state, s.shipped_at, s.delivered_at)
        for id, order_id, s in shipments
    ))  # fmt: skip
    await _copy(conn, "tracking_events (shipment_id, n, at, place, description)", (
        (id, n, e.at, e.place, e.description) for id, _, s in shipments for n, e in enumerate(s.events, 1)
    ))  # fmt: skip


async def _copy(conn: AsyncConnection[Any], into: str, rows: Iterable[tuple[Any, ...]]) -> None:
    async with conn.cursor() as cursor, cursor.copy(f"copy {into} from stdin".encode()) as copy:
        for row in rows:
            await copy.write_row(row)


def facts_as_json(facts: OrderFacts) -> dict[str, Any]:
    """`orders.details`: the facts that differ from the usual."""
    usual = OrderFacts()
    told = {k: v for k, v in asdict(facts).items() if v != getattr(usual, k)}
    if facts.promised_dispatch_at:
        told["promised_dispatch_at"] = as_text(facts.promised_dispatch_at)
    return told


def facts_from_json(told: dict[str, Any]) -> OrderFacts:
    """The reverse of facts_as_json; keys of other writers are left out."""
    known = {k: v for k, v in told.items() if k in OrderFacts.__dataclass_fields__}
    if promised := known.get("promised_dispatch_at"):
        known["promised_dispatch_at"] = datetime.fromisoformat(promised)
    return OrderFacts(**known)


async def shift_to_today(pool: AsyncConnectionPool, now: datetime) -> int:
    """Move the demo shop's dates forward so that its windows stay live; how many whole days.

    Orders move by whole days, so that couriers still deliver by day; kinds whose window is hours move by tens of
    minutes. Cheap when there is nothing to do. Call it at start and every ten minutes.
    """
    async with pool.connection() as conn, conn.transaction():
        await conn.execute("select pg_advisory_xact_lock(%s)", [_SEED_LOCK])
        found = await conn.execute("select value from shop_settings where key = 'demo_shop_dates'")
        row = await found.fetchone()
        if row is None:
            return 0
        dated = {name: datetime.fromisoformat(text) for name, text in row[0].items()}
        days = (now - dated["days"]) // _DAY
        exact = (now - dated["exact"]) // _TEN_MINUTES
        if days > 0:
            await _shift(conn, "kind <> all(%(exact)s)", days * _DAY)
        if exact > 0:
            await _shift(conn, "kind = any(%(exact)s)", exact * _TEN_MINUTES)
        if days > 0 or exact > 0:
            moved = {
                "days": dated["days"] + max(0, days) * _DAY,
                "exact": dated["exact"] + max(0, exact) * _TEN_MINUTES,
            }
            await _remember_dates(conn, moved)
        return max(0, days)


async def _remember_dates(conn: AsyncConnection[Any], dated: dict[str, datetime]) -> None:
    await conn.execute(
        "insert into shop_settings (key, value) values ('demo_shop_dates', %s)"
        " on conflict (key) do update set value = excluded.value, changed_at = now()",
        [Jsonb({name: at.isoformat() for name, at in dated.items()})],
    )


_SHIFT_EVENTS = """
update tracking_events e set at = e.at + %(by)s from shipments s join orders o on o.id = s.order_id
where e.shipment_id = s.id and o.sandbox = '' and {which}
"""
_SHIFT_SHIPMENTS = """
update shipments s set shipped_at = s.shipped_at + %(by)s, delivered_at = s.delivered_at + %(by)s
from orders o where o.id = s.order_id and o.sandbox = '' and {which}
"""
_SHIFT_ORDERS = """
update orders set
    placed_at = placed_at + %(by)s, paid_at = paid_at + %(by)s, shipped_at = shipped_at + %(by)s,
    delivered_at = delivered_at + %(by)s, closed_at = closed_at + %(by)s,
    details = case when details ? 'promised_dispatch_at' then jsonb_set(details, '{{promised_dispatch_at}}',
        to_jsonb((details ->> 'promised_dispatch_at')::timestamptz + %(by)s)) else details end
where sandbox = '' and {which}
"""


async def _shift(conn: AsyncConnection[Any], which: str, by: timedelta) -> None:
    for statement in (_SHIFT_EVENTS, _SHIFT_SHIPMENTS, _SHIFT_ORDERS):
        await conn.execute(statement.format(which=which).encode(), {"by": by, "exact": list(EXACT_KINDS)})
