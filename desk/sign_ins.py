"""Sign-ins of people: a random cookie value whose hash is in the database, with a CSRF token beside it.

Tries are counted before the password is looked at, so that many at once do not get more of them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from desk import audit, people
from desk.errors import Locked
from desk.passwords import Passwords
from desk.people import Agent, WrongPassword

TAKE_A_TRY = """
with tries as (
    select id, case when locked_until is null then wrong_passwords + 1 else 1 end as n from agents
    where login = %(login)s and is_active and (locked_until is null or locked_until <= %(now)s) for update
)
update agents a set wrong_passwords = t.n,
    locked_until = case when t.n >= %(tries)s then %(until)s::timestamptz end
from tries t where a.id = t.id
returning a.id, a.password_hash
"""
LOCKED_UNTIL = "select locked_until from agents where login = %s and is_active and locked_until > %s"
SIGNED_IN = "update agents set wrong_passwords = 0, locked_until = null where id = %s"
INSERT = """
insert into agent_sessions (token_hash, agent_id, csrf_token, created_at, expires_at)
values (%(token_hash)s, %(agent_id)s, %(csrf_token)s, %(now)s, %(expires_at)s)
"""
SELECT = f"""
select {people.COLUMNS}, s.csrf_token, s.expires_at
from agent_sessions s join agents a on a.id = s.agent_id
where s.token_hash = %(token_hash)s and s.expires_at > %(now)s and a.is_active
"""
ROLES = """
select s.token_hash, a.role from agent_sessions s join agents a on a.id = s.agent_id
where s.token_hash = any(%(hashes)s) and s.expires_at > %(now)s and a.is_active and not a.must_change_password
"""
DELETE = "delete from agent_sessions where token_hash = %s"
DELETE_EXPIRED = "delete from agent_sessions where expires_at <= %s"


class UnknownLogin(WrongPassword):
    """No such login; outside it looks like any other wrong password."""


@dataclass(frozen=True, kw_only=True)
class SignInRules:
    """How long a sign-in lasts, and how many wrong tries lock an account for how long."""

    session: timedelta
    tries: int
    lock: timedelta


@dataclass(frozen=True, kw_only=True)
class NewSignIn:
    """A fresh sign-in; `token` is the cookie's value and is known nowhere else."""

    token: str
    csrf_token: str
    agent: Agent


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who sends this request."""

    agent: Agent
    csrf_token: str
    expires_at: datetime
    token_hash: bytes


def hash_of(token: str) -> bytes:
    """What the database knows of a cookie's value."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


async def sign_in(
    pool: AsyncConnectionPool,
    *,
    login: str,
    password: str,
    rules: SignInRules,
    hasher: Passwords,
    now: datetime,
) -> NewSignIn:
    """Check the password and start a session. WrongPassword, or Locked after too many wrong tries."""
    row = await _take_a_try(pool, login.strip().lower(), rules, now)
    if row is None:
        await hasher.pretend(password)
        raise UnknownLogin("Login or password is wrong.")
    if not await hasher.is_right(row["password_hash"], password):
        raise WrongPassword("Login or password is wrong.")
    return await _start(pool, row["id"], rules, now)


async def find(pool: AsyncConnectionPool, token: str, *, now: datetime) -> SignedIn | None:
    """The live sign-in of a cookie's value, with the person as of now."""
    token_hash = hash_of(token)
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SELECT, {"token_hash": token_hash, "now": now})
        row = await cursor.fetchone()
    if row is None:
        return None
    csrf_token, expires_at = str(row.pop("csrf_token")), row.pop("expires_at")
    return SignedIn(agent=Agent(**row), csrf_token=csrf_token, expires_at=expires_at, token_hash=token_hash)


async def read_roles(
    pool: AsyncConnectionPool, token_hashes: Collection[bytes], *, now: datetime
) -> dict[bytes, str]:
    """What the people of these sign-ins may do now; ended sign-ins are left out."""
    async with pool.connection() as conn:
        cursor = await conn.execute(ROLES, {"hashes": list(token_hashes), "now": now})
        return {bytes(row[0]): str(row[1]) for row in await cursor.fetchall()}


async def end(pool: AsyncConnectionPool, signed_in: SignedIn, *, now: datetime) -> None:
    """End this sign-in."""
    async with pool.connection() as conn, conn.transaction():
        await conn.execute(DELETE, (signed_in.token_hash,))
        await _record(conn, "session.ended", signed_in.agent.id, now)


async def _take_a_try(
    pool: AsyncConnectionPool, login: str, rules: SignInRules, now: datetime
) -> Mapping[str, Any] | None:
    row = {"login": login, "tries": rules.tries, "until": now + rules.lock, "now": now}
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(TAKE_A_TRY, row)
        found = await cursor.fetchone()
        if found is None:
            await cursor.execute(LOCKED_UNTIL, (login, now))
            locked = await cursor.fetchone()
            if locked is not None:
                raise too_many_tries((locked["locked_until"] - now).total_seconds())
    return found


def too_many_tries(retry_after_s: float) -> Locked:
    """The same words for accounts that exist and for those that do not."""
    return Locked("Too many wrong tries; the account is locked for a while.", retry_after_s=retry_after_s)


async def _start(pool: AsyncConnectionPool, agent_id: UUID, rules: SignInRules, now: datetime) -> NewSignIn:
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    row = {
        "token_hash": hash_of(token),
        "agent_id": agent_id,
        "csrf_token": csrf_token,
        "now": now,
        "expires_at": now + rules.session,
    }
    async with pool.connection() as conn, conn.transaction():
        await conn.execute(DELETE_EXPIRED, (now,))
        await conn.execute(SIGNED_IN, (agent_id,))
        await conn.execute(INSERT, row)
        await _record(conn, "session.started", agent_id, now)
        agent = await people.find(conn, agent_id)
    return NewSignIn(token=token, csrf_token=csrf_token, agent=agent)


async def _record(conn: AsyncConnection, action: str, agent_id: UUID, now: datetime) -> None:
    await audit.record(
        conn, actor_kind="agent", actor_id=agent_id, action=action, subject=f"agent:{agent_id}", now=now
    )
