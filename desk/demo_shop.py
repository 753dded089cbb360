"""OrderService on the generated shop's own tables: reads, and changes with the demo shop's rules.

A change locks its order, is refused with a code where the order's state forbids it, and is remembered under its
idempotency key in the same transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from desk.demo_data import facts_from_json
from desk.demo_play import copy_customer, copy_orders
from desk.orders import Address, Item, Order, Shipment, ShopAnswer, TrackingEvent, phone_tail

Clock = Callable[[], datetime]
Change = Callable[[AsyncConnection[Any], "_Locked"], Awaitable[ShopAnswer]]
DONE = "done"


@dataclass(frozen=True, kw_only=True)
class _Locked:
    """An order under `for update`, with the id of its row."""

    id: Any
    order: Order


class DemoShop:
    """The generated shop as an OrderService."""

    def __init__(self, pool: AsyncConnectionPool, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._pool = pool
        self._clock = clock

    async def find(self, number: str, *, sandbox: str = "") -> Order | None:
        """See OrderService; a sandbox's copy goes before the shop's own order."""
        async with self._pool.connection() as conn:
            found = await _read(conn, _FIND, {"number": number, "sandbox": sandbox})
        return found[0].order if found else None

    async def list_of(self, customer_shop_id: str, *, sandbox: str = "", limit: int = 20) -> list[Order]:
        """See OrderService."""
        values = {"shop_id": customer_shop_id, "sandbox": sandbox, "limit": limit}
        async with self._pool.connection() as conn:
            return [found.order for found in await _read(conn, _LIST, values)]

    async def cancel(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        """See OrderService."""
        return await self._change("cancel_order", number, {}, self._cancel, idempotency_key, sandbox)

    async def intercept(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        """See OrderService."""
        return await self._change("intercept_parcel", number, {}, self._intercept, idempotency_key, sandbox)

    async def change_address(
        self, number: str, address: Address, *, idempotency_key: str, sandbox: str = ""
    ) -> ShopAnswer:
        """See OrderService."""

        async def change(conn: AsyncConnection[Any], locked: _Locked) -> ShopAnswer:
            return await self._change_address(conn, locked, address)

        arguments = {
            "address": [address.recipient, address.phone, address.province, address.city, address.street]
        }
        return await self._change("change_address", number, arguments, change, idempotency_key, sandbox)

    async def refund(self, number: str, cents: int, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        """See OrderService."""

        async def change(conn: AsyncConnection[Any], locked: _Locked) -> ShopAnswer:
            return await self._refund(conn, locked, cents)

        return await self._change("refund", number, {"cents": cents}, change, idempotency_key, sandbox)

    async def _change(
        self, call: str, number: str, arguments: Mapping[str, Any], change: Change, key: str, sandbox: str
    ) -> ShopAnswer:
        asked = _fingerprint(call, number, arguments, sandbox)
        async with self._pool.connection() as conn, conn.transaction():
            await conn.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
            found = await conn.execute("select answer from shop_calls where idempotency_key = %s", [key])
            if row := await found.fetchone():
                return _remembered(row[0], asked)
            locked = await _lock(conn, number, sandbox)
            answer = (
                await change(conn, locked) if locked else _refused("not_found", "There is no such order.")
            )
            told = {"asked": asked, "ok": answer.ok, "code": answer.code, "message": answer.message}
            await conn.execute(
                "insert into shop_calls (idempotency_key, call, answer, at) values (%s, %s, %s, %s)",
                [key, call, Jsonb(told), self._clock()],
            )
            return answer

    async def _cancel(self, conn: AsyncConnection[Any], locked: _Locked) -> ShopAnswer:
        order = locked.order
        if order.state == "cancelled":
            return _refused("already_cancelled", "The order is cancelled already.")
        if order.state not in ("unpaid", "paid"):
            return _refused("already_shipped", "The order has been shipped; the parcel can be intercepted.")
        paid_cents = order.total_cents if order.state == "paid" else 0
        await conn.execute(
            "update orders set state = 'cancelled', closed_at = %s, details = details || %s where id = %s",
            [self._clock(), Jsonb({"refunded_cents": paid_cents} if paid_cents else {}), locked.id],
        )
        return _done("Cancelled; what was paid goes back to the original payment.")

    async def _intercept(self, conn: AsyncConnection[Any], locked: _Locked) -> ShopAnswer:
        order, shipment = locked.order, locked.order.current_shipment
        if order.state in ("unpaid", "paid"):
            return _refused("not_shipped", "The order has not been shipped; it can be cancelled.")
        if order.state != "shipped" or shipment is None:
            return _refused("already_delivered", "The parcel is not on its way any more.")
        if shipment.state == "returned":
            return _refused("already_intercepted", "The parcel is on its way back already.")
        if shipment.state in ("delivered", "lost"):
            return _refused("already_delivered", "The parcel is not on its way any more.")
        await conn.execute(
            _INTERCEPT, {"order_id": locked.id, "number": shipment.tracking_number, "at": self._clock()}
        )
        return _done("The courier sends the parcel back; the refund follows when it has arrived.")

    async def _change_address(
        self, conn: AsyncConnection[Any], locked: _Locked, address: Address
    ) -> ShopAnswer:
        order, shipment = locked.order, locked.order.current_shipment
        if order.state not in ("unpaid", "paid", "shipped"):
            return _refused("already_delivered", "The order does not travel any more.")
        if order.state == "shipped":
            if shipment is None or shipment.state not in ("created", "in_transit"):
                return _refused("too_late", "The parcel is too close to its destination.")
            if (address.province, address.city) != (order.address.province, order.address.city):
                return _refused("other_city", "On the way only an address in the same city is possible.")
        await conn.execute(
            "update orders set recipient = %s, phone = %s, province = %s, city = %s, address = %s where id = %s",
            [address.recipient, address.phone, address.province, address.city, address.street, locked.id],
        )
        return _done("The address is changed.")

    async def _refund(self, conn: AsyncConnection[Any], locked: _Locked, cents: int) -> ShopAnswer:
        order = locked.order
        refunded_cents = order.facts.refunded_cents
        if order.paid_at is None:
            return _refused("not_paid", "The order was never paid.")
        if refunded_cents >= order.total_cents:
            return _refused("already_refunded", "All of it has been paid back.")
        if not 0 < cents <= order.total_cents - refunded_cents:
            return _refused(
                "amount_too_high", "The amount must be more than 0 and not more than what is left."
            )
        is_all = refunded_cents + cents == order.total_cents
        await conn.execute(
            "update orders set details = details || %s, state = case when %s then 'refunded' else state end,"
            " closed_at = case when %s then %s else closed_at end where id = %s",
            [Jsonb({"refunded_cents": refunded_cents + cents}), is_all, is_all, self._clock(), locked.id],
        )
        return _done("Paid back to the original payment.")


async def _lock(conn: AsyncConnection[Any], number: str, sandbox: str) -> _Locked | None:
    """The order for a change, its row locked; in a sandbox the shop's order is copied first."""
    values = {"number": number, "sandbox": sandbox}
    found = await _read(conn, _FIND, values)
    if not found:
        return None
    if sandbox:
        await copy_customer(conn, found[0].order.customer_shop_id, sandbox)
        await copy_orders(conn, [number], sandbox)
    await conn.execute(
        "select from orders where number = %(number)s and sandbox = %(sandbox)s for update", values
    )
    return (await _read(conn, _FIND, values))[0]


async def _read(conn: AsyncConnection[Any], query: str, values: Mapping[str, Any]) -> list[_Locked]:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), values)
        return [_Locked(id=row["id"], order=_order(row)) for row in await cursor.fetchall()]


def _fingerprint(call: str, number: str, arguments: Mapping[str, Any], sandbox: str) -> str:
    """What was asked, as a digest: an address does not belong into a log of calls."""
    asked = json.dumps([call, number, dict(arguments), sandbox], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def _remembered(told: Mapping[str, Any], asked: str) -> ShopAnswer:
    if told["asked"] != asked:
        return _refused("key_reused", "This idempotency key was used for something else.")
    return ShopAnswer(ok=told["ok"], code=told["code"], message=told["message"])


def _done(message: str) -> ShopAnswer:
    return ShopAnswer(ok=True, code=DONE, message=message)


def _refused(code: str, message: str) -> ShopAnswer:
    return ShopAnswer(ok=False, code=code, message=message)


_ORDER = """
select o.*, c.shop_id, c.vip,
    coalesce((select jsonb_agg(to_jsonb(i) - 'order_id' - 'line' order by i.line)
        from order_items i where i.order_id = o.id), '[]') as items,
    coalesce((select jsonb_agg(jsonb_build_object('courier', s.courier, 'tracking_number', s.tracking_number,
            'state', s.state, 'shipped_at', s.shipped_at, 'delivered_at', s.delivered_at,
            'events', coalesce((select jsonb_agg(to_jsonb(e) - 'shipment_id' - 'n' order by e.n)
                from tracking_events e where e.shipment_id = s.id), '[]'))
            order by s.shipped_at, s.tracking_number)
        from shipments s where s.order_id = o.id), '[]') as shipments
from orders o join customers c on c.id = o.customer_id
"""
_FIND = (
    _ORDER
    + """
where o.number = %(number)s and o.sandbox in (%(sandbox)s, '')
order by o.sandbox <> '' desc limit 1
"""
)
_LIST = (
    _ORDER
    + """
where o.id in (
    select distinct on (m.number) m.id from orders m join customers k on k.id = m.customer_id
    where k.shop_id = %(shop_id)s and m.sandbox in (%(sandbox)s, '')
    order by m.number, m.sandbox <> '' desc)
order by o.placed_at desc, o.number limit %(limit)s
"""
)
_INTERCEPT = """
with parcel as (
    update shipments set state = 'returned' where order_id = %(order_id)s and tracking_number = %(number)s returning id
)
insert into tracking_events (shipment_id, n, at, place, description)
select p.id, coalesce(max(e.n), 0) + 1, %(at)s, coalesce((array_agg(e.place order by e.n desc))[1], ''),
    '应商家要求拦截，快件退回中'
from parcel p left join tracking_events e on e.shipment_id = p.id group by p.id
"""


def _order(row: Mapping[str, Any]) -> Order:
    return Order(
        number=row["number"],
        customer_shop_id=row["shop_id"],
        customer_is_vip=row["vip"],
        state=row["state"],
        total_cents=row["total_cents"],
        freight_cents=row["freight_cents"],
        payment_method=row["payment_method"],
        has_freight_insurance=row["has_freight_insurance"],
        address=Address(
            recipient=row["recipient"],
            phone=row["phone"],
            province=row["province"],
            city=row["city"],
            street=row["address"],
        ),
        phone_tail=phone_tail(row["phone"]),
        placed_at=_utc(row["placed_at"]),
        paid_at=_utc_or_none(row["paid_at"]),
        shipped_at=_utc_or_none(row["shipped_at"]),
        delivered_at=_utc_or_none(row["delivered_at"]),
        closed_at=_utc_or_none(row["closed_at"]),
        items=tuple(Item(**item) for item in row["items"]),
        shipments=tuple(_shipment(told) for told in row["shipments"]),
        facts=facts_from_json(row["details"]),
    )


def _shipment(told: Mapping[str, Any]) -> Shipment:
    delivered_at = told["delivered_at"]
    return Shipment(
        courier=told["courier"],
        tracking_number=told["tracking_number"],
        state=told["state"],
        shipped_at=_utc(datetime.fromisoformat(told["shipped_at"])),
        delivered_at=_utc(datetime.fromisoformat(delivered_at)) if delivered_at else None,
        events=tuple(
            TrackingEvent(
                at=_utc(datetime.fromisoformat(e["at"])), place=e["place"], description=e["description"]
            )
            for e in told["events"]
        ),
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _utc_or_none(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
