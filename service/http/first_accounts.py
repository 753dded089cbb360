"""The first accounts: an admin, and in demo mode some people to try it with.

Called at each start, before anybody can sign in. Demo accounts have a password that everybody knows, so they
exist in demo mode only: without it they are never made, and those of an earlier demo are switched off.
"""

from __future__ import annotations

from datetime import UTC, datetime

from psycopg_pool import AsyncConnectionPool

from desk import passwords, people
from desk.errors import Conflict
from desk.passwords import Passwords
from desk.people import NewAgent
from service.settings import Settings

TOLD_ONCE = "shown only this once"
"""Marks a line that holds a generated password; it is printed once and nowhere else."""
ADMIN_LOGIN = "admin"
DEMO_PASSWORD = "try-anxin-today"
LANGUAGES = ("zh-Hans", "zh-Hant-HK", "en")
DEMO_AGENTS = (
    NewAgent(login="demo-agent", name="小林", role="agent", level="agent", languages=LANGUAGES, capacity=5),
    NewAgent(login="demo-senior", name="阿欣", role="agent", level="senior", languages=LANGUAGES, capacity=5),
    NewAgent(
        login="demo-supervisor",
        name="周敏",
        role="supervisor",
        level="supervisor",
        languages=LANGUAGES,
        capacity=3,
    ),
    NewAgent(login="demo-editor", name="陈静", role="editor", languages=LANGUAGES, capacity=0),
)
DEMO_LOGINS = [agent.login for agent in DEMO_AGENTS]

HAS_ADMIN = "select 1 from agents where role = 'admin' and is_active limit 1"
SWITCH_OFF = """
with off as (
    update agents set is_active = false, presence = 'offline' where login = any(%s) and is_active returning id
)
delete from agent_sessions where agent_id in (select id from off)
"""
SWITCH_ON = "update agents set is_active = true where login = any(%s) and not is_active"
PRESENT = "select login from agents where login = any(%s)"


async def ensure_first_accounts(pool: AsyncConnectionPool, settings: Settings) -> list[str]:
    """Make what is missing; returns the lines to print: a generated password is told here and never again."""
    hasher = Passwords()
    try:
        lines = await _ensure_admin(pool, settings, hasher)
        if settings.sections.demo.enabled:
            return lines + await _ensure_demo_agents(pool, hasher)
        async with pool.connection() as conn, conn.transaction():
            await conn.execute(SWITCH_OFF, (DEMO_LOGINS,))
        return lines
    finally:
        hasher.close()


async def _ensure_admin(pool: AsyncConnectionPool, settings: Settings, hasher: Passwords) -> list[str]:
    async with pool.connection() as conn:
        cursor = await conn.execute(HAS_ADMIN)
        if await cursor.fetchone() is not None:
            return []
    given = settings.secret("ANXIN_ADMIN_PASSWORD")
    if given is not None:
        passwords.check_new(given, field="ANXIN_ADMIN_PASSWORD")
    new = NewAgent(login=ADMIN_LOGIN, name="Admin", role="admin", languages=LANGUAGES, capacity=0)
    try:
        _, password = await people.create(
            pool,
            new,
            hasher=hasher,
            by=None,
            now=datetime.now(UTC),
            password=given,
            must_change=given is None,
        )
    except Conflict:
        return []  # another process was faster, or somebody who is no admin any more has that login
    shown = "the one in ANXIN_ADMIN_PASSWORD" if given is not None else f"{password}  ({TOLD_ONCE})"
    return [f"First admin: login {ADMIN_LOGIN}, password {shown}"]


async def _ensure_demo_agents(pool: AsyncConnectionPool, hasher: Passwords) -> list[str]:
    async with pool.connection() as conn:
        cursor = await conn.execute(PRESENT, (DEMO_LOGINS,))
        present = {row[0] for row in await cursor.fetchall()}
        await conn.execute(SWITCH_ON, (DEMO_LOGINS,))
    for agent in DEMO_AGENTS:
        if agent.login in present:
            continue
        try:
            await people.create(
                pool,
                agent,
                hasher=hasher,
                by=None,
                now=datetime.now(UTC),
                password=DEMO_PASSWORD,
                must_change=False,
            )
        except Conflict:
            continue  # another process was faster
    return [f"Demo accounts: {', '.join(DEMO_LOGINS)}; password {DEMO_PASSWORD}"]
