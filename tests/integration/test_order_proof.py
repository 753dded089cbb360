"""Who may see an order: the owner, or number and phone digits; wrong tries lock; nothing tells what exists."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from desk.order_proof import Claim, Verdict, check, order_key, record
from desk.orders import Address, Order, ShopAnswer

NOW = datetime(2026, 11, 21, 3, 17, tzinfo=UTC)
OWN, FOREIGN, NONE = "AX100000000001", "AX100000000002", "AX100000000003"


@dataclass(frozen=True, kw_only=True)
class Settings:
    lookup_tries: int = 5
    lookup_lock_s: float = 1800


SETTINGS = Settings()


def order(number: str, customer: str, phone: str) -> Order:
    return Order(
        number=number,
        customer_shop_id=customer,
        state="paid",
        total_cents=100,
        address=Address(recipient="王芳", phone=phone, province="四川省", city="成都市", street="人民路"),
        phone_tail=phone[-4:],
        placed_at=NOW,
    )


class FewOrders:
    """An OrderService with two orders, that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._orders = {
            o.number: o for o in (order(OWN, "C1", "13900001234"), order(FOREIGN, "C2", "13900005678"))
        }

    async def find(self, number: str, *, sandbox: str = "") -> Order | None:
        self.asked.append(number)
        return self._orders.get(number)

    async def list_of(self, customer_shop_id: str, *, sandbox: str = "", limit: int = 20) -> list[Order]:
        raise AssertionError("a proof lists nothing")

    async def cancel(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        raise AssertionError("a proof changes nothing")

    intercept = cancel

    async def change_address(
        self, number: str, address: Address, *, idempotency_key: str, sandbox: str = ""
    ) -> ShopAnswer:
        raise AssertionError("a proof changes nothing")

    async def refund(self, number: str, cents: int, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        raise AssertionError("a proof changes nothing")


@pytest.fixture
async def pool(module_database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    """An open pool on this module's database, emptied."""
    async with AsyncConnectionPool(module_database_url, min_size=1, max_size=12, open=False) as opened:
        async with opened.connection() as conn:
            for table in ("lookup_attempts",):
                await conn.execute(f"delete from {table}".encode())
        yield opened


class Asker:
    """A conversation that asks for orders, and commits each answer as a turn does."""

    def __init__(
        self, pool: AsyncConnectionPool, *, signed_in_as: str | None = None, sandbox: str = ""
    ) -> None:
        self._pool = pool
        self._claim = Claim(conversation_id=uuid4(), number="", signed_in_as=signed_in_as, sandbox=sandbox)
        self.orders = FewOrders()

    @property
    def conversation_id(self) -> UUID:
        return self._claim.conversation_id

    async def check(self, number: str, digits: str | None = None, *, now: datetime = NOW) -> Verdict:
        claim = replace(self._claim, number=number, digits=digits)
        return await check(self._pool, self.orders, claim, SETTINGS, now=now)

    async def record(self, verdict: Verdict, *, now: datetime = NOW) -> bool:
        async with self._pool.connection() as conn, conn.transaction():
            return await record(
                conn, self.conversation_id, verdict.key, ok=verdict.ok, settings=SETTINGS, now=now
            )

    async def ask(self, number: str, digits: str | None = None, *, now: datetime = NOW) -> str:
        """The outcome as the customer gets it."""
        verdict = await self.check(number, digits, now=now)
        if verdict.counts and not await self.record(verdict, now=now):
            return "locked"
        return verdict.outcome


async def test_the_signed_in_owner_sees_the_order(pool: AsyncConnectionPool) -> None:
    verdict = await Asker(pool, signed_in_as="C1").check(OWN)
    assert verdict.outcome == "owner" and verdict.order is not None and verdict.order.number == OWN
    assert not verdict.counts


@pytest.mark.parametrize("digits", ["1234", "１２３４", " 12 34", "13900001234"])
async def test_number_and_last_digits_prove_an_order(pool: AsyncConnectionPool, digits: str) -> None:
    verdict = await Asker(pool).check(OWN, digits)
    assert verdict.outcome == "proved" and verdict.order is not None and verdict.counts


@pytest.mark.parametrize("typed", ["ax100000000001", "AX 1000 0000 0001", "ＡＸ１００００００００００１"])
async def test_a_number_counts_however_it_is_typed(pool: AsyncConnectionPool, typed: str) -> None:
    verdict = await Asker(pool).check(typed, "1234")
    assert verdict.outcome == "proved" and verdict.key == order_key(OWN)


@pytest.mark.parametrize("digits", ["234", "0000", "", "abcd", "٠١٢٣"])
async def test_anything_else_proves_nothing(pool: AsyncConnectionPool, digits: str) -> None:
    verdict = await Asker(pool).check(OWN, digits)
    assert verdict.outcome in ("wrong", "digits_needed") and verdict.order is None and not verdict.ok


@pytest.mark.parametrize("signed_in_as", [None, "", "C1"])
@pytest.mark.parametrize("digits", [None, "1234", "0000"])
async def test_a_foreign_order_and_none_at_all_are_answered_alike(
    pool: AsyncConnectionPool, signed_in_as: str | None, digits: str | None
) -> None:
    asker = Asker(pool, signed_in_as=signed_in_as)
    foreign, none = await asker.check(FOREIGN, digits), await asker.check(NONE, digits)
    assert replace(foreign, key="") == replace(none, key="")
    assert foreign.order is None
    assert asker.orders.asked == [FOREIGN, NONE]


@pytest.mark.parametrize("number", [OWN, FOREIGN, NONE])
async def test_five_wrong_tries_lock_whether_or_not_the_order_exists(
    pool: AsyncConnectionPool, number: str
) -> None:
    asker = Asker(pool)
    assert [await asker.ask(number, "0000") for _ in range(7)] == ["wrong"] * 5 + ["locked"] * 2
    assert (await asker.check(number)).outcome == "locked"


async def test_a_lock_holds_even_against_the_right_digits_and_then_ends(pool: AsyncConnectionPool) -> None:
    asker = Asker(pool)
    for _ in range(5):
        await asker.ask(OWN, "0000")
    verdict = await asker.check(OWN, "1234", now=NOW + timedelta(minutes=10))
    assert (verdict.outcome, verdict.order, verdict.retry_after_s) == ("locked", None, 1200.0)
    later = NOW + timedelta(minutes=30)
    assert await asker.ask(OWN, "0000", now=later) == "wrong"
    assert await asker.ask(OWN, "1234", now=later) == "proved"


async def test_a_conversation_that_tries_many_numbers_is_locked(pool: AsyncConnectionPool) -> None:
    asker = Asker(pool)
    outcomes = [await asker.ask(f"AX{n:012}", "0000") for n in range(6)]
    assert outcomes == ["wrong"] * 5 + ["locked"]
    assert await Asker(pool).ask("AX000000000000", "0000") == "wrong"


async def test_a_number_tried_from_many_conversations_is_locked(pool: AsyncConnectionPool) -> None:
    outcomes = [await Asker(pool).ask(FOREIGN, "0000") for _ in range(6)]
    assert outcomes == ["wrong"] * 5 + ["locked"]
    assert await Asker(pool).ask(OWN, "1234") == "proved"


async def test_guessing_does_not_lock_the_signed_in_owner_out(pool: AsyncConnectionPool) -> None:
    for _ in range(5):
        await Asker(pool).ask(FOREIGN, "0000")
    assert await Asker(pool, signed_in_as="C2").ask(FOREIGN) == "owner"


async def test_a_right_try_buys_no_more_guesses(pool: AsyncConnectionPool) -> None:
    asker = Asker(pool)
    outcomes = []
    for n in range(3):
        outcomes += [
            await asker.ask(f"AX{n:012}", "0000"),
            await asker.ask(NONE, "0000"),
            await asker.ask(OWN, "1234"),
        ]
    assert outcomes == ["wrong", "wrong", "proved", "wrong", "wrong", "proved", "wrong", "locked", "locked"]


async def test_old_wrong_tries_are_forgotten(pool: AsyncConnectionPool) -> None:
    asker = Asker(pool)
    for _ in range(4):
        await asker.ask(OWN, "0000")
    later = NOW + timedelta(minutes=31)
    assert [await asker.ask(OWN, "0000", now=later) for _ in range(2)] == ["wrong", "wrong"]


async def test_private_copies_do_not_lock_each_other(pool: AsyncConnectionPool) -> None:
    one, other = Asker(pool, sandbox="play-1"), Asker(pool, sandbox="play-2")
    for _ in range(5):
        await one.ask(OWN, "0000")
    assert await one.ask(OWN, "1234") == "locked"
    assert await other.ask(OWN, "1234") == "proved"


async def test_looking_counts_nothing(pool: AsyncConnectionPool) -> None:
    asker = Asker(pool)
    for _ in range(10):
        assert (await asker.check(OWN, "0000")).outcome == "wrong"
    async with pool.connection() as conn:
        found = await conn.execute("select count(*) from lookup_attempts")
        assert await found.fetchone() == (0,)


async def test_a_rolled_back_turn_counts_nothing(pool: AsyncConnectionPool) -> None:
    asker = Asker(pool)
    verdict = await asker.check(OWN, "0000")
    for _ in range(6):
        with pytest.raises(RuntimeError):
            async with pool.connection() as conn, conn.transaction():
                await record(conn, asker.conversation_id, verdict.key, ok=False, settings=SETTINGS, now=NOW)
                raise RuntimeError("the turn is dropped")
    assert await asker.ask(OWN, "1234") == "proved"


async def test_two_conversations_guessing_side_by_side_get_five_answers_together(
    pool: AsyncConnectionPool,
) -> None:
    """All look before any is counted; the counting still lets only five answers out, and the right one late not."""
    one, other = Asker(pool), Asker(pool)
    guesses = [(asker, await asker.check(FOREIGN, f"000{n}")) for n in range(4) for asker in (one, other)]
    right = await one.check(FOREIGN, "5678")
    assert all(verdict.outcome == "wrong" for _, verdict in guesses) and right.outcome == "proved"
    answered = await asyncio.gather(*(asker.record(verdict) for asker, verdict in guesses))
    assert sum(answered) == 5
    assert not await other.record(right)


async def test_two_conversations_guessing_the_same_two_numbers_do_not_block_each_other(
    pool: AsyncConnectionPool,
) -> None:
    one, other = Asker(pool), Asker(pool)
    tries = [
        asker.ask(number, "0000") for asker, number in ((one, OWN), (other, NONE), (one, NONE), (other, OWN))
    ]
    async with asyncio.timeout(10):
        assert await asyncio.gather(*tries) == ["wrong"] * 4


async def test_neither_number_nor_digits_are_stored(pool: AsyncConnectionPool) -> None:
    await Asker(pool).ask(OWN, "0987")
    async with pool.connection() as conn:
        found = await conn.execute("select key from lookup_attempts")
        keys = " ".join(key for (key,) in await found.fetchall())
    assert OWN not in keys and "0987" not in keys.replace(order_key(OWN), "")
