"""People of the desk: agents, editors, supervisors and admins; their accounts and what they can do.

Signing in is desk.sign_ins; who gets which conversation is routing's and desk.assignment's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from desk import audit, passwords
from desk.errors import Conflict, DeskError, InvalidInput, NotFound
from desk.passwords import Passwords
from desk.wake import Wake, notify

Role = Literal["agent", "editor", "supervisor", "admin"]
Level = Literal["agent", "senior", "supervisor"]
Presence = Literal["online", "away", "offline"]
CHANGEABLE = ("name", "role", "level", "skills", "languages", "capacity", "is_active")
Change = str | int | bool | Sequence[str]

COLUMNS = """
a.id, a.login, a.name, a.role, a.level, a.skills, a.languages, a.capacity, a.presence, a.is_active,
a.must_change_password, a.created_at, a.locked_until,
(select count(*) from conversations c where c.agent_id = a.id)
  + (select count(*) from queue_entries q where q.offered_to = a.id) as load
"""
SELECT_ALL = f"select {COLUMNS} from agents a order by a.is_active desc, a.login"
SELECT_ONE = f"select {COLUMNS} from agents a where a.id = %s"
NAMES = "select id, name from agents where id = any(%s)"
INSERT = """
insert into agents (id, login, name, password_hash, must_change_password, role, level, skills, languages,
                    capacity, created_at)
values (%(id)s, %(login)s, %(name)s, %(password_hash)s, %(must_change)s, %(role)s, %(level)s, %(skills)s,
        %(languages)s, %(capacity)s, %(now)s)
"""
SET_PASSWORD = """
update agents set password_hash = %(password_hash)s, must_change_password = %(must_change)s,
                  wrong_passwords = 0, locked_until = null
where id = %(id)s returning id
"""
SET_PRESENCE = """
update agents set presence = %(state)s, seen_at = %(now)s,
                  presence_since = case when presence = %(state)s then presence_since else %(now)s end
where id = %(id)s and is_active returning id
"""
OTHER_ADMINS = "select id from agents where role = 'admin' and is_active order by id for update"
END_SIGN_INS = "delete from agent_sessions where agent_id = %s"


class WrongPassword(DeskError):
    """Login or password is wrong; never says which."""

    code = "wrong_password"


@dataclass(frozen=True, kw_only=True)
class Agent:
    """One person with an account. `load` counts own and offered conversations."""

    id: UUID
    login: str
    name: str
    role: Role
    level: Level
    skills: list[str]
    languages: list[str]
    capacity: int
    presence: Presence
    load: int
    is_active: bool
    must_change_password: bool
    created_at: datetime
    locked_until: datetime | None

    def as_me(self) -> dict[str, object]:
        """`me` of docs/api/rest.md."""
        return {
            "id": str(self.id),
            "login": self.login,
            "name": self.name,
            "role": self.role,
            "level": self.level,
            "skills": self.skills,
            "languages": self.languages,
            "capacity": self.capacity,
            "presence": self.presence,
            "load": self.load,
            "must_change_password": self.must_change_password,
        }

    def as_admin_json(self) -> dict[str, object]:
        """`me` and what only the admin page shows."""
        locked_until = self.locked_until.isoformat() if self.locked_until else None
        return {
            **self.as_me(),
            "is_active": self.is_active,
            "created_at": self.created_at.isoformat(),
            "locked_until": locked_until,
        }

    def as_colleague(self) -> dict[str, object]:
        """What every agent may see of another."""
        return {
            "id": str(self.id),
            "name": self.name,
            "presence": self.presence,
            "load": self.load,
            "capacity": self.capacity,
        }


@dataclass(frozen=True, kw_only=True)
class NewAgent:
    """An account to be made."""

    login: str
    name: str
    role: Role
    level: Level = "agent"
    skills: Sequence[str] = ()
    languages: Sequence[str] = ("zh-Hans",)
    capacity: int = 5


async def list_agents(pool: AsyncConnectionPool) -> list[Agent]:
    """Everybody, the active ones first."""
    async with pool.connection() as conn, conn.cursor(row_factory=class_row(Agent)) as cursor:
        await cursor.execute(SELECT_ALL)
        return await cursor.fetchall()


async def find(conn: AsyncConnection, agent_id: UUID) -> Agent:
    """One person; NotFound where there is none."""
    async with conn.cursor(row_factory=class_row(Agent)) as cursor:
        await cursor.execute(SELECT_ONE, (agent_id,))
        agent = await cursor.fetchone()
    if agent is None:
        raise NotFound("There is no such person.")
    return agent


async def read_names(conn: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of these people; who is not there is missing."""
    if not ids:
        return {}
    cursor = await conn.execute(NAMES, (list(ids),))
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def create(
    pool: AsyncConnectionPool,
    new: NewAgent,
    *,
    hasher: Passwords,
    by: UUID | None,
    now: datetime,
    password: str | None = None,
    must_change: bool = True,
) -> tuple[Agent, str]:
    """Make an account and its first password (generated unless given). Conflict when the login is taken."""
    password = password or passwords.generate()
    row = {
        "id": uuid4(),
        "login": new.login.lower(),
        "name": new.name,
        "password_hash": await hasher.hash(password),
        "must_change": must_change,
        "role": new.role,
        "level": new.level,
        "skills": list(new.skills),
        "languages": list(new.languages),
        "capacity": new.capacity,
        "now": now,
    }
    async with pool.connection() as conn, conn.transaction():
        try:
            await conn.execute(INSERT, row)
        except psycopg.errors.UniqueViolation:
            raise Conflict("This login is taken.", field="login") from None
        agent = await find(conn, _uuid(row["id"]))
        await _record(conn, by, "agent.created", agent.id, [], now)
        await notify(conn, Wake(agents=True))
    return agent, password


async def change(
    pool: AsyncConnectionPool, agent_id: UUID, changes: Mapping[str, Change], *, by: UUID, now: datetime
) -> Agent:
    """Change some of CHANGEABLE. An inactive person is signed out; the last active admin stays one."""
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise InvalidInput(f"{min(unknown)} cannot be changed.", field=min(unknown))
    async with pool.connection() as conn, conn.transaction():
        if changes.get("is_active") is False or changes.get("role", "admin") != "admin":
            await _keep_an_admin(conn, agent_id)
        await find(conn, agent_id)
        if changes:
            await _update(conn, agent_id, changes)
        if changes.get("is_active") is False:
            await conn.execute("update agents set presence = 'offline' where id = %s", (agent_id,))
            await conn.execute(END_SIGN_INS, (agent_id,))
        await _record(conn, by, "agent.changed", agent_id, sorted(changes), now)
        await notify(conn, Wake(agents=True))
        return await find(conn, agent_id)


async def give_first_password(
    pool: AsyncConnectionPool, agent_id: UUID, *, hasher: Passwords, by: UUID, now: datetime
) -> str:
    """A new first password; unlocks the account and ends all sign-ins of that person."""
    password = passwords.generate()
    row = {"id": agent_id, "password_hash": await hasher.hash(password), "must_change": True}
    async with pool.connection() as conn, conn.transaction():
        cursor = await conn.execute(SET_PASSWORD, row)
        if await cursor.fetchone() is None:
            raise NotFound("There is no such person.")
        await conn.execute(END_SIGN_INS, (agent_id,))
        await _record(conn, by, "agent.password_given", agent_id, [], now)
    return password


async def change_own_password(
    pool: AsyncConnectionPool,
    agent_id: UUID,
    *,
    old: str,
    new: str,
    keep_session: bytes,
    hasher: Passwords,
    now: datetime,
) -> None:
    """Change one's own password; all other sign-ins end. WrongPassword when the old one is wrong."""
    passwords.check_new(new, field="new_password")
    async with pool.connection() as conn:
        cursor = await conn.execute("select password_hash::text from agents where id = %s", (agent_id,))
        found = await cursor.fetchone()
    if found is None or not await hasher.is_right(str(found[0]), old):
        raise WrongPassword("The old password is wrong.", field="old_password")
    row = {"id": agent_id, "password_hash": await hasher.hash(new), "must_change": False}
    async with pool.connection() as conn, conn.transaction():
        await conn.execute(SET_PASSWORD, row)
        await conn.execute(f"{END_SIGN_INS} and token_hash <> %s", (agent_id, keep_session))
        await _record(conn, agent_id, "agent.password_changed", agent_id, [], now)


async def set_presence(pool: AsyncConnectionPool, agent_id: UUID, state: Presence, *, now: datetime) -> Agent:
    """Say whether somebody is there; assignment hears of it in the same commit."""
    async with pool.connection() as conn, conn.transaction():
        cursor = await conn.execute(SET_PRESENCE, {"id": agent_id, "state": state, "now": now})
        if await cursor.fetchone() is None:
            raise NotFound("There is no such person.")
        await notify(conn, Wake(agents=True, queue=True))
        return await find(conn, agent_id)


async def _keep_an_admin(conn: AsyncConnection, agent_id: UUID) -> None:
    cursor = await conn.execute(OTHER_ADMINS)
    admins = [row[0] for row in await cursor.fetchall()]
    if admins == [agent_id]:
        raise Conflict("This is the last admin; make another one first.")


async def _update(conn: AsyncConnection, agent_id: UUID, changes: Mapping[str, Change]) -> None:
    pairs = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(k), sql.Placeholder(k)) for k in changes
    )
    values = {k: list(v) if isinstance(v, list | tuple) else v for k, v in changes.items()}
    await conn.execute(
        sql.SQL("update agents set {} where id = %(_id)s").format(pairs), {**values, "_id": agent_id}
    )


async def _record(
    conn: AsyncConnection, by: UUID | None, action: str, agent_id: UUID, fields: Sequence[str], now: datetime
) -> None:
    await audit.record(
        conn,
        actor_kind="agent" if by else "system",
        actor_id=by,
        action=action,
        subject=f"agent:{agent_id}",
        details={"fields": list(fields)} if fields else {},
        now=now,
    )


def _uuid(value: object) -> UUID:
    assert isinstance(value, UUID)
    return value
