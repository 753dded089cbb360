"""Private copies of the demo shop, so that conversations played side by side do not touch each other.

A sandbox holds the copies it needs; what it lacks is read from the shop itself, and copied before it is changed.
A sandbox's name begins with its time, by which old ones are found and deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from desk.demo_people import DEFAULT_SHOP_ID, VIP_SHOP_ID
from desk.errors import InvalidInput, NotFound


@dataclass(frozen=True, kw_only=True)
class PlaySetup:
    """What a played conversation changes in its copy; None = as it is."""

    vip: bool | None = None
    order_value_cents: int | None = None

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> PlaySetup:
        """From a line's `setup`, where `order_value` is in yuan; other keys are not ours.

        Raises InvalidInput.
        """
        vip, yuan = told.get("vip"), told.get("order_value")
        if vip is not None and not isinstance(vip, bool):
            raise InvalidInput("setup.vip: true or false.", field="setup.vip")
        if yuan is None:
            return cls(vip=vip)
        if isinstance(yuan, bool) or not isinstance(yuan, int | float) or not 0 <= yuan <= 10_000_000:
            raise InvalidInput(
                "setup.order_value: an amount in yuan, 0 to 10000000.", field="setup.order_value"
            )
        return cls(vip=vip, order_value_cents=round(yuan * 100))


@dataclass(frozen=True, kw_only=True)
class PlayCopy:
    """A private copy: its sandbox, whom the conversation is signed in as (None = nobody), kind → order number."""

    sandbox: str
    shop_id: str | None
    numbers: Mapping[str, str]


_PLAYS = "play-"


def new_sandbox(now: datetime) -> str:
    """A fresh sandbox's name."""
    return f"{_PLAYS}{now:%Y%m%d%H%M%S}-{uuid4().hex[:12]}"


def is_play(sandbox: str) -> bool:
    """Whether a conversation with this sandbox is a played one."""
    return sandbox.startswith(_PLAYS)


async def copy_for_play(
    pool: AsyncConnectionPool,
    shop_id: str | None,
    *,
    setup: PlaySetup,
    now: datetime,
    mentioned: Sequence[str] = (),
) -> PlayCopy:
    """A private copy of a customer and all orders of theirs, with the changes of `setup`.

    Without a customer the conversation is anonymous, unless `setup` asks for what only a known customer can have;
    then it is the owner of the first order `mentioned`, else one of the demo customers. `order_value_cents` goes to
    the mentioned orders that are copied, else to all of them. Raises NotFound for an unknown customer.
    """
    sandbox = new_sandbox(now)
    async with pool.connection() as conn, conn.transaction():
        if shop_id is None and (setup.vip is not None or setup.order_value_cents is not None):
            shop_id = await _owner_of(conn, mentioned) or (VIP_SHOP_ID if setup.vip else DEFAULT_SHOP_ID)
        if shop_id is None:
            return PlayCopy(sandbox=sandbox, shop_id=None, numbers={})
        found = await conn.execute(
            "select o.number from customers c left join orders o on o.customer_id = c.id"
            " where c.sandbox = '' and c.shop_id = %s",
            [shop_id],
        )
        rows = await found.fetchall()
        if not rows:
            raise NotFound(f"There is no demo customer {shop_id}.", field="customer")
        numbers = [number for (number,) in rows if number is not None]
        await copy_customer(conn, shop_id, sandbox)
        await copy_orders(conn, numbers, sandbox)
        if setup.vip is not None:
            await conn.execute(_SET_VIP, [setup.vip, setup.vip, sandbox, shop_id])
        if setup.order_value_cents is not None:
            meant = [n for n in numbers if n in mentioned] or numbers
            await _set_value(conn, meant, sandbox, setup.order_value_cents)
        return PlayCopy(sandbox=sandbox, shop_id=shop_id, numbers=await _numbers(conn, sandbox))


async def delete_old_sandboxes(
    pool: AsyncConnectionPool, now: datetime, *, older_than: timedelta = timedelta(days=3)
) -> int:
    """Delete the private copies of orders that nobody has played with since then; how many orders.

    A copy is as old as the newest conversation in it, or as its name says where that is newer. A customer whose
    conversations are kept stays with them.
    """
    limit = now - older_than
    async with pool.connection() as conn, conn.transaction():
        found = await conn.execute(_OLD_SANDBOXES, {"limit": limit, "name": f"{_PLAYS}{limit:%Y%m%d%H%M%S}"})
        old = [row[0] for row in await found.fetchall()]
        deleted = await conn.execute("delete from orders where sandbox = any(%s)", [old])
        await conn.execute(_DELETE_CUSTOMERS, [old])
        return deleted.rowcount


async def copy_customer(conn: AsyncConnection[Any], shop_id: str, sandbox: str) -> None:
    """Copy a customer into the sandbox, unless the copy is there."""
    await conn.execute(_COPY_CUSTOMER, [sandbox, shop_id])


async def copy_orders(conn: AsyncConnection[Any], numbers: Sequence[str], sandbox: str) -> None:
    """Copy orders whose customers are in the sandbox, unless a copy is there; numbers stay the same."""
    values = {"sandbox": sandbox, "numbers": list(numbers)}
    await conn.execute(_COPY_ORDERS, values)
    for statement in (_COPY_ITEMS, _COPY_SHIPMENTS, _COPY_EVENTS):
        await conn.execute(statement, values)


async def _owner_of(conn: AsyncConnection[Any], numbers: Sequence[str]) -> str | None:
    found = await conn.execute(
        "select c.shop_id from orders o join customers c on c.id = o.customer_id"
        " where o.sandbox = '' and o.number = any(%(numbers)s)"
        " order by array_position(%(numbers)s::text[], o.number) limit 1",
        {"numbers": list(numbers)},
    )
    row = await found.fetchone()
    return str(row[0]) if row else None


async def _numbers(conn: AsyncConnection[Any], sandbox: str) -> dict[str, str]:
    found = await conn.execute(
        "select distinct on (kind) kind, number from orders where sandbox = %s order by kind, placed_at desc",
        [sandbox],
    )
    return {str(kind): str(number) for kind, number in await found.fetchall()}


async def _set_value(
    conn: AsyncConnection[Any], numbers: Sequence[str], sandbox: str, value_cents: int
) -> None:
    values = {"sandbox": sandbox, "numbers": list(numbers), "value": value_cents}
    await conn.execute(_SCALE_ITEMS, values)
    await conn.execute(_SET_TOTAL, values)


_COPY_CUSTOMER = """
insert into customers (id, shop_id, sandbox, name, phone, email, vip, spent_cents, created_at)
select gen_random_uuid(), shop_id, %s, name, phone, email, vip, spent_cents, created_at
from customers where sandbox = '' and shop_id = %s
on conflict (sandbox, shop_id) do nothing
"""
_COPY_ORDERS = """
insert into orders (id, sandbox, number, customer_id, kind, state, total_cents, freight_cents, payment_method, recipient,
    phone, province, city, address, has_freight_insurance, placed_at, paid_at, shipped_at, delivered_at, closed_at, details)
select gen_random_uuid(), mine.sandbox, o.number, mine.id, o.kind, o.state, o.total_cents, o.freight_cents,
    o.payment_method, o.recipient, o.phone, o.province, o.city, o.address, o.has_freight_insurance, o.placed_at, o.paid_at,
    o.shipped_at, o.delivered_at, o.closed_at, o.details
from orders o
join customers c on c.id = o.customer_id
join customers mine on mine.shop_id = c.shop_id and mine.sandbox = %(sandbox)s
where o.sandbox = '' and o.number = any(%(numbers)s)
on conflict (sandbox, number) do nothing
"""
_COPY_ITEMS = """
insert into order_items (order_id, line, sku, title, variant, category, quantity, price_cents, picture)
select mine.id, i.line, i.sku, i.title, i.variant, i.category, i.quantity, i.price_cents, i.picture
from order_items i
join orders o on o.id = i.order_id and o.sandbox = ''
join orders mine on mine.number = o.number and mine.sandbox = %(sandbox)s
where o.number = any(%(numbers)s)
on conflict (order_id, line) do nothing
"""
# A copied parcel's id follows from the order's and its own, so that copying twice makes one.
_COPY_SHIPMENTS = """
insert into shipments (id, order_id, courier, tracking_number, state, shipped_at, delivered_at)
select md5(mine.id::text || s.id::text)::uuid, mine.id, s.courier, s.tracking_number, s.state, s.shipped_at, s.delivered_at
from shipments s
join orders o on o.id = s.order_id and o.sandbox = ''
join orders mine on mine.number = o.number and mine.sandbox = %(sandbox)s
where o.number = any(%(numbers)s)
on conflict (id) do nothing
"""
_COPY_EVENTS = """
insert into tracking_events (shipment_id, n, at, place, description)
select md5(mine.id::text || s.id::text)::uuid, e.n, e.at, e.place, e.description
from tracking_events e
join shipments s on s.id = e.shipment_id
join orders o on o.id = s.order_id and o.sandbox = ''
join orders mine on mine.number = o.number and mine.sandbox = %(sandbox)s
where o.number = any(%(numbers)s)
on conflict (shipment_id, n) do nothing
"""
_SET_VIP = """
update customers set vip = %s, spent_cents = case when %s then greatest(spent_cents, 500000) else least(spent_cents, 499999) end
where sandbox = %s and shop_id = %s
"""
_SCALE_ITEMS = """
update order_items i set price_cents = round(i.price_cents * %(value)s::numeric / greatest(o.total_cents, 1))
from orders o where o.id = i.order_id and o.sandbox = %(sandbox)s and o.number = any(%(numbers)s)
"""
_SET_TOTAL = (
    "update orders set total_cents = %(value)s where sandbox = %(sandbox)s and number = any(%(numbers)s)"
)
# A name without a time says nothing of the age; then there must be a conversation that does.
_OLD_SANDBOXES = r"""
with played as (select sandbox, max(created_at) as at from conversations where sandbox like 'play-%%' group by sandbox)
select s.sandbox from (select distinct sandbox from customers where sandbox like 'play-%%') s
left join played p on p.sandbox = s.sandbox
where case when s.sandbox ~ '^play-\d{14}-' then s.sandbox < %(name)s collate "C" else p.at is not null end
and (p.at is null or p.at < %(limit)s)
"""
_DELETE_CUSTOMERS = """
delete from customers c where c.sandbox = any(%s)
and not exists (select from conversations v where v.customer_id = c.id)
and not exists (select from cases k where k.customer_id = c.id)
and not exists (select from orders o where o.customer_id = c.id)
"""
