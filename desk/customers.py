"""Customers whom the shop's server vouches for: found or made by their id in the shop.

Anonymous customers have no row; nothing here asks the shop's own systems.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from psycopg import AsyncConnection

UPSERT = """
insert into customers (id, shop_id, sandbox, name, phone, email, vip, created_at)
values (%(id)s, %(shop_id)s, %(sandbox)s, %(name)s, %(phone)s, %(email)s, %(vip)s, %(now)s)
on conflict (sandbox, shop_id) do update set
    name = case when excluded.name = '' then customers.name else excluded.name end,
    phone = case when excluded.phone = '' then customers.phone else excluded.phone end,
    email = case when excluded.email = '' then customers.email else excluded.email end,
    vip = excluded.vip
returning id
"""


@dataclass(frozen=True, kw_only=True)
class VerifiedCustomer:
    """What a checked identity says; an empty text says nothing and changes nothing."""

    shop_id: str
    sandbox: str
    name: str
    phone: str
    email: str
    vip: bool


async def find_or_create(conn: AsyncConnection, customer: VerifiedCustomer, *, now: datetime) -> UUID:
    """The customer's id; name, phone, e-mail and VIP are brought up to date on the way."""
    row = {
        "id": uuid4(),
        "shop_id": customer.shop_id,
        "sandbox": customer.sandbox,
        "name": customer.name,
        "phone": customer.phone,
        "email": customer.email,
        "vip": customer.vip,
        "now": now,
    }
    cursor = await conn.execute(UPSERT, row)
    found = await cursor.fetchone()
    assert found is not None
    customer_id = found[0] if isinstance(found, tuple) else found["id"]
    assert isinstance(customer_id, UUID)
    return customer_id
