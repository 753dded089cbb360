"""Who may see an order: its signed-in owner, or whoever knows its number and the last four digits of its phone.

An order that does not exist and one that is somebody else's get the same answers, the same locks and the same
queries, so that guessing tells nothing. `check` only reads; `record` counts the tries in the turn's commit.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from desk.orders import Order, OrderService, normalise_number, phone_tail

Outcome = Literal["owner", "proved", "digits_needed", "wrong", "locked"]


class ProofSettings(Protocol):
    """What is needed of the settings' bot section."""

    @property
    def lookup_tries(self) -> int: ...
    @property
    def lookup_lock_s(self) -> float: ...


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Somebody asks for an order.

    `signed_in_as` is the shop's customer id from a checked identity, never typed; of `digits` the last four count,
    so that a whole phone number does as well.
    """

    conversation_id: UUID
    number: str
    digits: str | None = field(default=None, repr=False)
    signed_in_as: str | None = None
    sandbox: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`order` is there only where it may be shown (owner, proved).

    `key` and `counts` go into the turn's effect: `record` must be called with them when `counts` is true.
    """

    outcome: Outcome
    key: str
    order: Order | None = None
    retry_after_s: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the order may be shown."""
        return self.order is not None

    @property
    def counts(self) -> bool:
        """Whether this was a try at the digits, right or wrong."""
        return self.outcome in ("proved", "wrong")


async def check(
    pool: AsyncConnectionPool, orders: OrderService, claim: Claim, settings: ProofSettings, *, now: datetime
) -> Verdict:
    """Whether this claim may see the order. Reads only; `now` is real time, not a conversation's shifted clock.

    The owner is never locked out by others' guesses. Raises ShopUnavailable.
    """
    number = normalise_number(claim.number)
    key = order_key(number, claim.sandbox)
    locked_s = await _locked_for(pool, claim.conversation_id, key, now)
    order = await orders.find(number, sandbox=claim.sandbox)
    is_owner = _same(claim.signed_in_as or "", order.customer_shop_id if order else "")
    is_right = _same(phone_tail(normalise_number(claim.digits or "")), order.phone_tail if order else "")
    if is_owner and order:
        return Verdict(outcome="owner", key=key, order=order)
    if locked_s > 0:
        return Verdict(outcome="locked", key=key, retry_after_s=locked_s)
    if not claim.digits:
        return Verdict(outcome="digits_needed", key=key)
    if is_right and order:
        return Verdict(outcome="proved", key=key, order=order)
    return Verdict(outcome="wrong", key=key)


async def record(
    conn: AsyncConnection[Any],
    conversation_id: UUID,
    key: str,
    *,
    ok: bool,
    settings: ProofSettings,
    now: datetime,
) -> bool:
    """Count a try in the caller's transaction. False: a lock fell since `check`, the answer must not be given.

    Tries that run side by side meet here one after the other, so that never more than `lookup_tries` wrong ones
    of a conversation, or of a number, are answered. Right ones do not clear the count: knowing one order must not
    buy more guesses at another.
    """
    rows = []
    for counted in sorted((conversation_key(conversation_id), key)):  # one order of locking: no deadlocks
        await conn.execute(_BEGIN_COUNT, {"key": counted, "now": now})
        found = await conn.execute(
            "select wrong, first_at, locked_until from lookup_attempts where key = %s for update", [counted]
        )
        row = await found.fetchone()
        assert row is not None
        rows.append((counted, *row))
    if any(locked_until is not None and locked_until > now for *_, locked_until in rows):
        return False
    if ok:
        return True
    lock = timedelta(seconds=settings.lookup_lock_s)
    for counted, wrong, first_at, _ in rows:
        is_old = first_at + lock <= now
        wrong, first_at = (1, now) if is_old else (wrong + 1, first_at)
        locked_until = now + lock if wrong >= settings.lookup_tries else None
        await conn.execute(
            "update lookup_attempts set wrong = %s, first_at = %s, locked_until = %s where key = %s",
            [0 if locked_until else wrong, first_at, locked_until, counted],
        )
    return True


def order_key(number: str, sandbox: str = "") -> str:
    """The key under which tries at a number are counted, whether or not there is such an order."""
    typed = f"{sandbox}/{normalise_number(number)}"
    return "order:" + hashlib.sha256(typed.encode()).hexdigest()


def conversation_key(conversation_id: UUID) -> str:
    """The key under which tries in a conversation are counted."""
    return f"conversation:{conversation_id}"


def _same(given: str, right: str) -> bool:
    """Compared as digests in constant time; nothing is never the same as nothing."""
    digests = (hashlib.sha256(text.encode()).digest() for text in (given, right))
    return hmac.compare_digest(*digests) and bool(given)


async def _locked_for(pool: AsyncConnectionPool, conversation_id: UUID, key: str, now: datetime) -> float:
    """Seconds until neither the conversation nor the number is locked."""
    async with pool.connection() as conn:
        found = await conn.execute(
            "select max(locked_until) from lookup_attempts where key = any(%s)",
            [[conversation_key(conversation_id), key]],
        )
        row = await found.fetchone()
    locked_until = row[0] if row else None
    return max(0.0, (locked_until - now).total_seconds()) if locked_until else 0.0


_BEGIN_COUNT = """
insert into lookup_attempts (key, wrong, first_at) values (%(key)s, 0, %(now)s) on conflict (key) do nothing
"""
