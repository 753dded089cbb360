"""The contract of OrderService, run by the demo shop and by a shop behind a REST API; and what is special to each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from psycopg_pool import AsyncConnectionPool

from desk.demo_data import seed_if_empty, shift_to_today
from desk.demo_generation import generate
from desk.demo_kinds import KINDS
from desk.demo_listing import list_demo_customers, list_demo_orders
from desk.demo_people import DEMO_SHOP_IDS, VIP_SHOP_ID
from desk.demo_play import PlaySetup, copy_customer, copy_for_play, copy_orders, delete_old_sandboxes
from desk.demo_shop import DemoShop
from desk.errors import InvalidInput, NotFound
from desk.orders import Address, Order, OrderService, ShopUnavailable
from desk.rest_shop import RestShop
from tests.integration.shop_server import TOKEN, ShopServer, hang_up, order_as_told, sleep, status, text

NOW = datetime(2026, 11, 21, 3, 17, 5, 250_000, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Size:
    seed: int = 11
    customers: int = 40
    orders: int = 150


@pytest.fixture
async def pool(module_database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    """An open pool on this module's database, emptied."""
    async with AsyncConnectionPool(module_database_url, min_size=1, max_size=12, open=False) as opened:
        async with opened.connection() as conn:
            for table in ("conversations", "orders", "customers", "shop_calls", "shop_settings"):
                await conn.execute(f"delete from {table}".encode())
        yield opened


@pytest.fixture
async def shop(pool: AsyncConnectionPool) -> DemoShop:
    assert await seed_if_empty(pool, Size(), NOW)
    return DemoShop(pool, lambda: NOW)


@pytest.fixture
async def server(shop: DemoShop) -> AsyncIterator[ShopServer]:
    server = ShopServer(shop)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def rest(server: ShopServer) -> AsyncIterator[RestShop]:
    async with RestShop(server.url, TOKEN, timeout_s=1.0) as shop:
        yield shop


@pytest.fixture
async def answering() -> AsyncIterator[ShopServer]:
    """A shop's server without a shop behind it, for answers that the test gives itself."""
    server = ShopServer(DemoShop(AsyncConnectionPool("", open=False)))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(answering: ShopServer) -> AsyncIterator[RestShop]:
    async with RestShop(answering.url, TOKEN, timeout_s=1.0) as shop:
        yield shop


@pytest.fixture(scope="module")
def delivered() -> Order:
    return next(m.order for m in generate(Size(), NOW).orders if m.kind == "delivered")


@pytest.fixture(params=["demo", "rest"])
def orders(request: pytest.FixtureRequest, shop: DemoShop, rest: RestShop) -> OrderService:
    """Each implementation in turn, over the same shop."""
    return shop if request.param == "demo" else rest


async def number_of(pool: AsyncConnectionPool, kind: str) -> str:
    return next(o.number for o in await list_demo_orders(pool) if o.kind == kind)


async def found(orders: OrderService, number: str, sandbox: str = "") -> Order:
    order = await orders.find(number, sandbox=sandbox)
    assert order is not None
    return order


# --- the contract -----------------------------------------------------------------------------------------------


async def test_an_order_is_found_whole(orders: OrderService, pool: AsyncConnectionPool) -> None:
    listed = next(o for o in await list_demo_orders(pool) if o.kind == "split_parcel")
    order = await found(orders, listed.number)
    assert (order.number, order.customer_shop_id, order.state) == (listed.number, listed.owner, "shipped")
    assert order.phone_tail == listed.phone_tail
    assert order.placed_at == listed.placed_at and order.placed_at.tzinfo == UTC
    assert len(order.items) >= 2 and order.items[0].title == listed.title
    assert len(order.shipments) == 2 and all(len(s.events) >= 2 for s in order.shipments)


async def test_both_implementations_give_the_same_order(
    shop: DemoShop, rest: RestShop, pool: AsyncConnectionPool
) -> None:
    def to_the_millisecond(order: Order) -> str:
        return json.dumps(order_as_told(order), default=lambda at: at.isoformat(timespec="milliseconds"))

    for kind in ("presale", "delivered", "refunded", "invoice_company", "price_protection", "unpaid"):
        number = await number_of(pool, kind)
        assert to_the_millisecond(await found(rest, number)) == to_the_millisecond(await found(shop, number))


@pytest.mark.parametrize("number", ["AX000000000000", "", "AX' or '1'='1", "../customers/C10001", "号码"])
async def test_an_unknown_number_is_not_found(orders: OrderService, number: str) -> None:
    assert await orders.find(number) is None
    assert (await orders.cancel(number, idempotency_key=f"k-{number}")).code == "not_found"


async def test_a_customers_orders_come_newest_first(orders: OrderService) -> None:
    all_of_them = await orders.list_of(DEMO_SHOP_IDS[0])
    dates = [order.placed_at for order in all_of_them]
    assert len(dates) >= 7 and dates == sorted(dates, reverse=True)
    assert {order.customer_shop_id for order in all_of_them} == {DEMO_SHOP_IDS[0]}
    assert await orders.list_of(DEMO_SHOP_IDS[0], limit=2) == all_of_them[:2]
    assert await orders.list_of("nobody") == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("unshipped", "done"),
        ("unpaid", "done"),
        ("shipped", "already_shipped"),
        ("delivered", "already_shipped"),
        ("cancelled", "already_cancelled"),
    ],
)
async def test_only_what_is_not_sent_is_cancelled(
    orders: OrderService, pool: AsyncConnectionPool, kind: str, code: str
) -> None:
    number = await number_of(pool, kind)
    before = await found(orders, number)
    answer = await orders.cancel(number, idempotency_key="cancel-1")
    after = await found(orders, number)
    assert (answer.ok, answer.code) == (code == "done", code) and answer.message
    assert after.state == ("cancelled" if answer.ok else before.state)
    if answer.ok:
        assert after.closed_at == NOW
        assert after.facts.refunded_cents == (before.total_cents if kind == "unshipped" else 0)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("shipped", "done"),
        ("pickup_point", "done"),
        ("unshipped", "not_shipped"),
        ("delivered", "already_delivered"),
        ("intercepted", "already_intercepted"),
        ("lost", "already_delivered"),
    ],
)
async def test_only_what_is_on_its_way_is_intercepted(
    orders: OrderService, pool: AsyncConnectionPool, kind: str, code: str
) -> None:
    number = await number_of(pool, kind)
    before = await found(orders, number)
    answer = await orders.intercept(number, idempotency_key="intercept-1")
    after = await found(orders, number)
    assert (answer.ok, answer.code) == (code == "done", code)
    if answer.ok:
        parcel, parcel_before = after.current_shipment, before.current_shipment
        assert parcel and parcel_before and parcel.state == "returned"
        assert len(parcel.events) == len(parcel_before.events) + 1 and parcel.events[-1].at == NOW
    else:
        assert after == before


@pytest.mark.parametrize(
    ("kind", "same_city", "code"),
    [
        ("unshipped", False, "done"),
        ("shipped", True, "done"),
        ("shipped", False, "other_city"),
        ("delivering", True, "too_late"),
        ("delivered", True, "already_delivered"),
    ],
)
async def test_an_address_is_changed_while_the_parcel_can_follow(
    orders: OrderService, pool: AsyncConnectionPool, kind: str, same_city: bool, code: str
) -> None:
    number = await number_of(pool, kind)
    before = await found(orders, number)
    city = before.address.city if same_city else "三亚市"
    address = replace(before.address, recipient="李雷", phone="13900007777", city=city, street="海棠路1号")
    answer = await orders.change_address(number, address, idempotency_key="address-1")
    after = await found(orders, number)
    assert (answer.ok, answer.code) == (code == "done", code)
    assert after.address == (address if answer.ok else before.address)
    assert after.phone_tail == ("7777" if answer.ok else before.phone_tail)


async def test_a_refund_never_pays_more_than_was_paid(
    orders: OrderService, pool: AsyncConnectionPool
) -> None:
    number = await number_of(pool, "delivered")
    total = (await found(orders, number)).total_cents

    async def refund(cents: int, key: str) -> str:
        return (await orders.refund(number, cents, idempotency_key=key)).code

    assert await refund(0, "r0") == "amount_too_high"
    assert await refund(total + 1, "r1") == "amount_too_high"
    assert await refund(1000, "r2") == "done"
    assert (await found(orders, number)).state == "delivered"
    assert await refund(total - 999, "r3") == "amount_too_high"
    assert await refund(total - 1000, "r4") == "done"
    order = await found(orders, number)
    assert (order.state, order.facts.refunded_cents, order.closed_at) == ("refunded", total, NOW)
    assert await refund(1, "r5") == "already_refunded"
    assert (await orders.refund(await number_of(pool, "unpaid"), 1, idempotency_key="r6")).code == "not_paid"


async def test_the_same_key_does_it_once_and_answers_the_same(
    orders: OrderService, pool: AsyncConnectionPool
) -> None:
    number = await number_of(pool, "delivered")
    answers = [await orders.refund(number, 500, idempotency_key="once") for _ in range(3)]
    assert [a.code for a in answers] == ["done"] * 3
    assert (await found(orders, number)).facts.refunded_cents == 500


async def test_the_same_key_at_the_same_time_does_it_once(
    orders: OrderService, pool: AsyncConnectionPool
) -> None:
    number = await number_of(pool, "delivered")
    answers = await asyncio.gather(*(orders.refund(number, 500, idempotency_key="once") for _ in range(6)))
    assert {a.code for a in answers} == {"done"}
    assert (await found(orders, number)).facts.refunded_cents == 500


async def test_two_changes_at_the_same_time_are_one_after_the_other(
    orders: OrderService, pool: AsyncConnectionPool
) -> None:
    number = await number_of(pool, "unshipped")
    answers = await asyncio.gather(*(orders.cancel(number, idempotency_key=f"c{n}") for n in range(4)))
    assert sorted(a.code for a in answers) == ["already_cancelled"] * 3 + ["done"]


async def test_a_refusal_stays_a_refusal_for_its_key(orders: OrderService, pool: AsyncConnectionPool) -> None:
    number = await number_of(pool, "unshipped")
    assert (await orders.intercept(number, idempotency_key="i")).code == "not_shipped"
    async with pool.connection() as conn:
        await conn.execute("update orders set state = 'delivered' where number = %s", [number])
    assert (await orders.intercept(number, idempotency_key="i")).code == "not_shipped"


async def test_a_key_used_for_something_else_is_refused(
    orders: OrderService, pool: AsyncConnectionPool
) -> None:
    number = await number_of(pool, "delivered")
    assert (await orders.refund(number, 500, idempotency_key="key")).ok
    assert (await orders.refund(number, 600, idempotency_key="key")).code == "key_reused"
    assert (await orders.cancel(number, idempotency_key="key")).code == "key_reused"


# --- a shop behind a REST API -------------------------------------------------------------------------------------


async def test_a_lost_connection_or_a_500_is_tried_once_more(
    rest: RestShop, server: ShopServer, pool: AsyncConnectionPool
) -> None:
    number = await number_of(pool, "delivered")
    for failure in (status(500), status(503), status(429), hang_up):
        server.fails_next.append(failure)
        assert (await found(rest, number)).number == number
        server.fails_next.append(failure)
        assert (await rest.refund(number, 100, idempotency_key=f"k{id(failure)}")).ok
    assert (await found(rest, number)).facts.refunded_cents == 400


async def test_a_repeated_change_carries_its_first_key(
    rest: RestShop, server: ShopServer, pool: AsyncConnectionPool
) -> None:
    number = await number_of(pool, "unshipped")
    server.fails_next.append(status(502))
    assert (await rest.cancel(number, idempotency_key="turn-1:0")).ok
    assert server.calls == [("POST", f"/orders/{number}/cancel", "turn-1:0")] * 2


async def test_a_shop_that_keeps_failing_is_unavailable(client: RestShop, answering: ShopServer) -> None:
    answering.fails_next.extend([status(500), status(500)])
    with pytest.raises(ShopUnavailable, match="500"):
        await client.find("AX1")
    assert len(answering.calls) == 2


async def test_a_slow_shop_is_unavailable_within_the_limit(answering: ShopServer) -> None:
    async with RestShop(answering.url, TOKEN, timeout_s=0.2) as client:
        answering.fails_next.extend([sleep(2), sleep(2)])
        started = monotonic()
        with pytest.raises(ShopUnavailable, match=r"0\.2 s"):
            await client.find("AX1")
        assert monotonic() - started < 0.6


async def test_a_shop_that_is_not_there_is_unavailable(unused_tcp_port: int) -> None:
    async with RestShop(f"http://127.0.0.1:{unused_tcp_port}", TOKEN, timeout_s=1.0) as client:
        with pytest.raises(ShopUnavailable, match="cannot be reached"):
            await client.list_of("C1")


async def test_a_wrong_token_is_said_and_not_tried_again(answering: ShopServer) -> None:
    async with RestShop(answering.url, "wrong", timeout_s=1.0) as client:
        with pytest.raises(ShopUnavailable, match="ANXIN_SHOP_API_TOKEN"):
            await client.find("AX1")
    assert len(answering.calls) == 1


@pytest.mark.parametrize("code", [201, 204, 302, 400, 409, 418])
async def test_a_status_outside_the_contract_is_unavailable(
    client: RestShop, answering: ShopServer, code: int
) -> None:
    answering.fails_next.append(status(code))
    with pytest.raises(ShopUnavailable, match=str(code)):
        await client.find("AX1")


def changed(order: Order, **changes: object) -> str:
    told = order_as_told(order) | changes
    return json.dumps(told, default=lambda at: at.isoformat())


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"state": "teleported"}, "state"),
        ({"total_cents": "29800"}, "total_cents"),
        ({"total_cents": 298.5}, "total_cents"),
        ({"total_cents": -1}, "total_cents"),
        ({"placed_at": "2026-11-18T08:39:30"}, "placed_at"),
        ({"placed_at": None}, "placed_at"),
        ({"items": "none"}, "items"),
        ({"items": [{"sku": "A", "title": "a", "quantity": 0, "price_cents": 1}]}, "items.0.quantity"),
        ({"shipments": [{"courier": "x"}]}, "shipments.0"),
        ({"address": {"recipient": "x"}}, "address"),
        ({"customer_id": None}, "customer_id"),
    ],
)
async def test_an_answer_that_is_not_as_agreed_is_unavailable(
    client: RestShop,
    answering: ShopServer,
    delivered: Order,
    changes: dict[str, object],
    where: str,
) -> None:
    answering.fails_next.append(text(changed(delivered, **changes)))
    with pytest.raises(ShopUnavailable, match=f"not as agreed: {where}") as raised:
        await client.find(delivered.number)
    assert delivered.address.recipient not in str(raised.value)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"AX1"', "<html>", '{"number": "AX1"}'])
async def test_broken_json_is_unavailable(client: RestShop, answering: ShopServer, body: str) -> None:
    answering.fails_next.append(text(body))
    with pytest.raises(ShopUnavailable, match="not as agreed"):
        await client.find("AX1")


async def test_an_endless_answer_is_cut_off(client: RestShop, answering: ShopServer) -> None:
    answering.fails_next.append(text(" " * 2_000_001))
    with pytest.raises(ShopUnavailable, match="too large"):
        await client.find("AX1")


async def test_somebody_elses_order_in_the_answer_is_unavailable(
    client: RestShop, answering: ShopServer, delivered: Order
) -> None:
    answering.fails_next.append(text(changed(delivered)))
    with pytest.raises(ShopUnavailable, match="another order"):
        await client.find("AX1")
    answering.fails_next.append(text('{"orders": [' + changed(delivered) + "]}"))
    with pytest.raises(ShopUnavailable, match="another customer"):
        await client.list_of(VIP_SHOP_ID)


@pytest.mark.parametrize("body", ['{"ok": false, "code": "no", "message": ""}', '{"ok": true}', "{}"])
async def test_a_contradictory_answer_to_a_change_is_unavailable(
    client: RestShop, answering: ShopServer, body: str
) -> None:
    answering.fails_next.append(text(body))
    with pytest.raises(ShopUnavailable):
        await client.cancel("AX1", idempotency_key="k")


# --- the demo shop ------------------------------------------------------------------------------------------------


async def test_the_shop_is_filled_once_even_by_two_at_a_time(pool: AsyncConnectionPool) -> None:
    filled = await asyncio.gather(*(seed_if_empty(pool, Size(), NOW) for _ in range(3)))
    assert sorted(filled) == [False, False, True]
    listed = await list_demo_orders(pool)
    assert len(listed) == 150 and {o.kind for o in listed} == set(KINDS)


async def test_the_whole_shop_is_filled_in_under_five_seconds(pool: AsyncConnectionPool) -> None:
    started = monotonic()
    assert await seed_if_empty(pool, Size(customers=300, orders=1500), NOW)
    assert monotonic() - started < 5
    assert len(await list_demo_orders(pool)) == 1500


async def test_a_dozen_customers_are_listed_with_their_orders(
    shop: DemoShop, pool: AsyncConnectionPool
) -> None:
    customers = await list_demo_customers(pool)
    assert [c.shop_id for c in customers] == list(DEMO_SHOP_IDS)
    assert all(len(c.orders) >= 3 for c in customers)
    assert [c.shop_id for c in customers if c.vip] == [VIP_SHOP_ID]
    assert {c.language for c in customers} == {"zh-Hans", "zh-Hant-HK", "en"}
    first = customers[0].as_json()["orders"]
    assert {"number", "kind", "state"} == set(first[0])


async def test_a_foreign_order_is_listed_for_somebody_who_does_not_own_it(
    shop: DemoShop, pool: AsyncConnectionPool
) -> None:
    for listed in await list_demo_orders(pool):
        order = await found(shop, listed.number)
        assert order.customer_shop_id == listed.owner
        assert (listed.customer != listed.owner) == (listed.kind == "foreign")


async def test_dates_move_by_whole_days_and_exact_ones_by_minutes(
    shop: DemoShop, pool: AsyncConnectionPool
) -> None:
    numbers = {k: await number_of(pool, k) for k in ("delivered", "stuck_48h", "presale", "unpaid")}
    before = {k: await found(shop, n) for k, n in numbers.items()}
    assert await shift_to_today(pool, NOW + timedelta(minutes=9)) == 0
    assert {k: await found(shop, n) for k, n in numbers.items()} == before

    later = timedelta(days=3, hours=5, minutes=4)
    assert await shift_to_today(pool, NOW + later) == 3
    after = {k: await found(shop, n) for k, n in numbers.items()}
    days, exact = timedelta(days=3), timedelta(days=3, hours=5)
    assert after["delivered"].delivered_at == before["delivered"].delivered_at + days  # type: ignore[operator]
    old, new = before["delivered"].shipments[0], after["delivered"].shipments[0]
    assert [e.at for e in new.events] == [e.at + days for e in old.events]
    promised = before["presale"].facts.promised_dispatch_at
    assert promised and after["presale"].facts.promised_dispatch_at == promised + days
    assert after["unpaid"].placed_at == before["unpaid"].placed_at + exact
    old, new = before["stuck_48h"].shipments[0], after["stuck_48h"].shipments[0]
    assert new.events[-1].at == old.events[-1].at + exact

    assert await shift_to_today(pool, NOW + later) == 0
    assert {k: await found(shop, n) for k, n in numbers.items()} == after


async def test_an_empty_shop_has_no_dates_to_move(pool: AsyncConnectionPool) -> None:
    assert await shift_to_today(pool, NOW) == 0


# --- private copies -----------------------------------------------------------------------------------------------


async def test_a_copy_has_the_same_orders_and_is_changed_alone(
    shop: DemoShop, pool: AsyncConnectionPool
) -> None:
    copies = [await copy_for_play(pool, DEMO_SHOP_IDS[0], setup=PlaySetup(), now=NOW) for _ in range(2)]
    one, other = (copy.sandbox for copy in copies)
    assert one != other
    number = copies[0].numbers["unshipped"]
    assert copies[1].numbers["unshipped"] == number
    assert await shop.list_of(DEMO_SHOP_IDS[0], sandbox=one) == await shop.list_of(DEMO_SHOP_IDS[0])

    assert (await shop.cancel(number, idempotency_key="a", sandbox=one)).ok
    assert (await found(shop, number, one)).state == "cancelled"
    assert (await found(shop, number, other)).state == "paid"
    assert (await found(shop, number)).state == "paid"
    assert (await shop.cancel(number, idempotency_key="b", sandbox=other)).ok
    assert len(await shop.list_of(DEMO_SHOP_IDS[0], sandbox=one)) == len(await shop.list_of(DEMO_SHOP_IDS[0]))


async def test_a_strangers_order_is_copied_only_when_it_is_changed(
    shop: DemoShop, pool: AsyncConnectionPool
) -> None:
    copy = await copy_for_play(pool, None, setup=PlaySetup(), now=NOW)
    assert copy.shop_id is None
    number = await number_of(pool, "shipped")
    before = await found(shop, number, copy.sandbox)
    assert (await shop.intercept(number, idempotency_key="a", sandbox=copy.sandbox)).ok
    inside, outside = await found(shop, number, copy.sandbox), await found(shop, number)
    assert inside.current_shipment and inside.current_shipment.state == "returned"
    assert outside == before and inside.customer_shop_id == before.customer_shop_id


async def test_a_copy_can_be_vip_and_have_another_value(shop: DemoShop, pool: AsyncConnectionPool) -> None:
    setup = PlaySetup.from_json({"vip": True, "order_value": 6800, "clock": "23:30"})
    copy = await copy_for_play(pool, DEMO_SHOP_IDS[0], setup=setup, now=NOW)
    order = await found(shop, copy.numbers["delivered"], copy.sandbox)
    assert (order.total_cents, order.customer_is_vip) == (680_000, True)
    original = await found(shop, order.number)
    assert original.total_cents < 500_000 and not original.customer_is_vip


async def test_another_value_goes_to_the_mentioned_order(shop: DemoShop, pool: AsyncConnectionPool) -> None:
    number = await number_of(pool, "shipped")
    owner = (await found(shop, number)).customer_shop_id
    setup = PlaySetup(order_value_cents=900_000)
    copy = await copy_for_play(pool, None, setup=setup, now=NOW, mentioned=["AX000", number])
    assert copy.shop_id == owner
    values = {o.number: o.total_cents for o in await shop.list_of(owner, sandbox=copy.sandbox)}
    assert [n for n, cents in values.items() if cents == 900_000] == [number]


async def test_a_copy_of_nobody_is_refused(shop: DemoShop, pool: AsyncConnectionPool) -> None:
    with pytest.raises(NotFound):
        await copy_for_play(pool, "C99999", setup=PlaySetup(), now=NOW)


@pytest.mark.parametrize(
    "told", [{"vip": "yes"}, {"order_value": "6800"}, {"order_value": -1}, {"order_value": True}]
)
def test_a_wrong_setup_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        PlaySetup.from_json(told)


async def test_old_copies_are_deleted_and_the_shop_stays(shop: DemoShop, pool: AsyncConnectionPool) -> None:
    old = await copy_for_play(pool, DEMO_SHOP_IDS[0], setup=PlaySetup(), now=NOW - timedelta(days=4))
    new = await copy_for_play(pool, DEMO_SHOP_IDS[0], setup=PlaySetup(), now=NOW)
    await _converse_in(pool, old.sandbox, NOW - timedelta(days=4))
    assert await delete_old_sandboxes(pool, NOW) == len(await shop.list_of(DEMO_SHOP_IDS[0]))
    async with pool.connection() as conn:
        found = await conn.execute("select sandbox, count(*) from orders group by sandbox")
        assert {sandbox for sandbox, _ in await found.fetchall()} == {"", new.sandbox}
        kept = await conn.execute("select count(*) from customers where sandbox = %s", [old.sandbox])
        assert await kept.fetchone() == (1,)
    assert len(await list_demo_orders(pool)) == 150


async def test_copies_are_as_old_as_what_was_played_in_them_whatever_they_are_called(
    shop: DemoShop, pool: AsyncConnectionPool
) -> None:
    played_again = await copy_for_play(pool, DEMO_SHOP_IDS[0], setup=PlaySetup(), now=NOW - timedelta(days=9))
    await _converse_in(pool, played_again.sandbox, NOW - timedelta(days=1))
    for name, age in (("play-abc", 1), ("play-old", 4)):
        async with pool.connection() as conn:
            await copy_customer(conn, DEMO_SHOP_IDS[0], name)
            await copy_orders(conn, [o.number for o in await shop.list_of(DEMO_SHOP_IDS[0])], name)
        await _converse_in(pool, name, NOW - timedelta(days=age))
    assert await delete_old_sandboxes(pool, NOW) == len(await shop.list_of(DEMO_SHOP_IDS[0]))
    async with pool.connection() as conn:
        found = await conn.execute("select distinct sandbox from orders")
        assert {row[0] for row in await found.fetchall()} == {"", played_again.sandbox, "play-abc"}


async def _converse_in(pool: AsyncConnectionPool, sandbox: str, at: datetime) -> None:
    async with pool.connection() as conn:
        await conn.execute(
            "insert into conversations (id, customer_id, sandbox, created_at)"
            " select gen_random_uuid(), id, sandbox, %s from customers where sandbox = %s",
            [at, sandbox],
        )


def test_an_address_is_not_in_a_repr() -> None:
    shown = repr(
        Address(recipient="王芳", phone="13900001234", province="四川省", city="成都市", street="人民路")
    )
    assert shown == "Address()"
