"""Routes of demo mode: whom and what to try, identities as a real shop's server would sign them, private copies.

Without demo mode none of these routes exists.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from desk import demo_listing, demo_play, demo_record, demo_time
from desk.demo_play import PlaySetup
from desk.errors import NotFound
from desk.orders import normalise_number
from service import keys
from service.http.bodies import DemoIdentity, NewPlay, PassTime
from service.http.calls import Call, json_answer

CUSTOMER = "select shop_id, name, phone, vip from customers where sandbox = %s and shop_id = %s"


async def list_customers(call: Call) -> web.Response:
    """A dozen to try, with their orders."""
    found = await demo_listing.list_demo_customers(call.request.app[keys.POOL])
    return json_answer({"customers": [customer.as_json() for customer in found]})


async def list_orders(call: Call) -> web.Response:
    """Orders for every row of the policy."""
    found = await demo_listing.list_demo_orders(call.request.app[keys.POOL])
    return json_answer({"orders": [order.as_json() for order in found]})


async def sign_identity(call: Call) -> web.Response:
    """What a real shop's server would sign for this customer."""
    claims = await _claims(call, call.body_as(DemoIdentity).shop_id, sandbox="")
    return json_answer({"identity": call.request.app[keys.IDENTITIES].sign(claims, now=call.now)})


async def start_play(call: Call) -> web.Response:
    """A private copy of the customer and the orders, and the identity that leads into it."""
    app, body = call.request.app, call.body_as(NewPlay)
    given = body.setup.model_dump(exclude_none=True) if body.setup else {}
    copy = await demo_play.copy_for_play(
        app[keys.POOL],
        body.customer,
        setup=PlaySetup.from_json(given),
        now=call.now,
        mentioned=[normalise_number(number) for number in body.mentioned],
    )
    claims: dict[str, str | int | bool] = {"sub": "", "sandbox": copy.sandbox}
    if copy.shop_id is not None:
        claims = await _claims(call, copy.shop_id, sandbox=copy.sandbox)
    if body.setup is not None and body.setup.clock is not None:
        zone = ZoneInfo(app[keys.SETTINGS].sections.shop.time_zone)
        claims["clock_shift_s"] = shift_to(body.setup.clock, now=call.now, zone=zone)
    identity = app[keys.IDENTITIES].sign(claims, now=call.now)
    answer = {"sandbox": copy.sandbox, "identity": identity, "numbers": dict(copy.numbers)}
    return json_answer(answer, 201)


async def read_play(call: Call) -> web.Response:
    """What the played conversation came to so far."""
    return json_answer(await demo_record.read_play(call.request.app[keys.POOL], call.ids["id"]))


async def pass_time(call: Call) -> web.Response:
    """Let hours pass in a played conversation."""
    app, gap = call.request.app, timedelta(hours=call.body_as(PassTime).hours)
    settings = app[keys.SETTINGS].sections.conversations
    await demo_time.pass_time(app[keys.POOL], settings, call.ids["id"], gap, now=call.now)
    return await read_play(call)


def shift_to(clock: str, *, now: datetime, zone: ZoneInfo) -> int:
    """Seconds from now to that time of day in the shop's zone, the nearest one (at most 12 h either way)."""
    hour, minute = (int(part) for part in clock.split(":"))
    local = now.astimezone(zone)
    wanted = local.replace(hour=hour % 24, minute=minute, second=0, microsecond=0)
    shift_s = (wanted - local).total_seconds()
    half, day = timedelta(hours=12).total_seconds(), timedelta(days=1).total_seconds()
    return round((shift_s + half) % day - half)


async def _claims(call: Call, shop_id: str, *, sandbox: str) -> dict[str, str | int | bool]:
    async with call.request.app[keys.POOL].connection() as conn:
        cursor = await conn.execute(CUSTOMER, (sandbox, shop_id))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such demo customer.", field="shop_id")
    found, name, phone, vip = row
    claims: dict[str, str | int | bool] = {"sub": found, "name": name, "phone": phone, "vip": vip}
    return claims | ({"sandbox": sandbox} if sandbox else {})
