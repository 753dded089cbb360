"""Offering waiting conversations to agents: routing chooses, this makes it true.

One offer is one transaction: conversation, then agent under lock, load counted there. Offers of several
processes take turns by an advisory lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from desk.conversations import Pool
from desk.locked_conversation import flush, lock
from desk.ownership import Ownership, lock_agent, withdraw_offer
from desk.settings import AssignmentSettings
from routing.assignment import Candidate, Choice, Waiting, choose

log = structlog.get_logger(__name__)

_ADVISORY_LOCK = 0x616E78  # one pass of offering at a time over all processes
_LOOKED_AT = 200
"""Waiting conversations of one level and language that a pass looks at; the rest waits for the next pass."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A conversation offered to an agent until `expires_at`."""

    conversation_id: UUID
    agent_id: UUID
    expires_at: datetime
    brief: dict[str, Any]


class Offering:
    """Passes over the queue; call `run_pass` when the queue or the agents changed, and every second."""

    def __init__(self, pool: Pool, ownership: Ownership, settings: AssignmentSettings) -> None:
        self._pool = pool
        self._ownership = ownership
        self._settings = settings

    async def run_pass(self, now: datetime) -> int:
        """Withdraw expired offers, take back from agents who are gone, offer what waits; returns the new offers."""
        await self._withdraw_expired(now)
        await self._return_from_gone_agents(now)
        made = 0
        candidates = await self._candidates(now)
        stuck: set[tuple[str, str]] = set()
        for waiting in await self._waiting():
            if (waiting.required_level, waiting.language) in stuck:
                continue
            choice = choose(waiting, candidates)
            if choice.agent_id is None:
                # Then there is nobody for the others of its level and language either.
                stuck.add((waiting.required_level, waiting.language))
                continue
            made += await self._offer(waiting, choice, now)
            candidates = await self._candidates(now)
        return made

    async def _withdraw_expired(self, now: datetime) -> None:
        async with self._pool.connection() as conn:
            cursor = await conn.execute(_WITHDRAWN, (now,))
            rows = await cursor.fetchall()
        for conversation_id, agent_id, expires_at in rows:
            async with self._pool.connection() as conn, conn.transaction():
                locked = await lock(conn, [conversation_id])
                # Another process may have been quicker, and the offer by now be somebody else's.
                if await withdraw_offer(conn, conversation_id, agent_id=agent_id, expires_at=expires_at):
                    await flush(conn, locked.values(), queue=True)

    async def _return_from_gone_agents(self, now: datetime) -> None:
        """Customers who wait for an agent whose consoles were silent for long get another one."""
        async with self._pool.connection() as conn:
            cursor = await conn.execute(
                """
                select c.id, c.epoch from conversations c join agents a on a.id = c.agent_id
                 where c.owner = 'agent' and c.last_customer_seq > c.answered_seq
                   and (not a.is_active or coalesce(a.seen_at, a.presence_since) < %s)
                """,
                (now - timedelta(seconds=self._settings.agent_gone_s),),
            )
            rows = await cursor.fetchall()
        for conversation_id, epoch in rows:
            if await self._ownership.return_from_gone_agent(conversation_id, epoch=epoch, now=now):
                log.info("returned_from_gone_agent", conversation_id=str(conversation_id))

    async def _waiting(self) -> list[Waiting]:
        async with self._pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_WAITING, (_LOOKED_AT,))
            rows = await cursor.fetchall()
        return [Waiting(**{**row, "passed_by": frozenset(row["passed_by"])}) for row in rows]

    async def _candidates(self, now: datetime) -> Sequence[Candidate]:
        async with self._pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_CANDIDATES, (now - timedelta(seconds=self._settings.agent_seen_s),))
            rows = await cursor.fetchall()
        return [
            Candidate(**{**row, "skills": frozenset(row["skills"]), "languages": frozenset(row["languages"])})
            for row in rows
        ]

    async def _offer(self, waiting: Waiting, choice: Choice, now: datetime) -> int:
        assert choice.agent_id is not None
        async with self._pool.connection() as conn, conn.transaction():
            await conn.execute("select pg_advisory_xact_lock(%s)", (_ADVISORY_LOCK,))
            conversation = (await lock(conn, [waiting.conversation_id])).get(waiting.conversation_id)
            if conversation is None or conversation.owner != "queue":
                return 0
            agent = await lock_agent(conn, choice.agent_id)
            if agent.load >= agent.capacity or not await _is_online(conn, agent.id):
                return 0
            cursor = await conn.execute(
                _OFFER,
                (
                    agent.id,
                    now + timedelta(seconds=self._settings.offer_s),
                    orjson.dumps({"assignment": choice.explanation}).decode(),
                    conversation.id,
                ),
            )
            if cursor.rowcount == 0:
                return 0
            await flush(conn, [conversation], queue=True)
        return 1


async def _is_online(conn: AsyncConnection[Any], agent_id: UUID) -> bool:
    cursor = await conn.execute(
        "select presence = 'online' and is_active from agents where id = %s", (agent_id,)
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def read_offers(pool: Pool, agent_ids: Sequence[UUID], now: datetime) -> list[Offer]:
    """The open offers of these agents."""
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            """
            select conversation_id, offered_to as agent_id, offer_expires_at as expires_at, brief from queue_entries
             where offered_to = any(%s) and offer_expires_at > %s order by priority desc, enqueued_at
            """,
            (list(agent_ids), now),
        )
        return [Offer(**row) for row in await cursor.fetchall()]


_CANDIDATES = """
select a.id as agent_id, a.name, a.level, a.skills, a.languages, a.capacity, a.last_assigned_at,
       (select count(*) from conversations c where c.agent_id = a.id)
     + (select count(*) from queue_entries q where q.offered_to = a.id) as load
  from agents a
 where a.is_active and a.presence = 'online' and a.seen_at > %s and a.role in ('agent', 'supervisor', 'admin')
 order by a.id
"""

# Counted by level and language, so that many who wait for somebody rare do not hide those who could be served.
_WAITING = """
select conversation_id, language, required_level, skill, preferred_agent_id, passed_by
  from (select *, row_number() over (partition by required_level, language order by priority desc, enqueued_at) as place
          from queue_entries where offered_to is null) w
 where place <= %s order by priority desc, enqueued_at
"""

_WITHDRAWN = """
select q.conversation_id, q.offered_to, q.offer_expires_at from queue_entries q join agents a on a.id = q.offered_to
 where q.offer_expires_at <= %s or a.presence <> 'online' or not a.is_active
"""

_OFFER = """
update queue_entries
   set offered_to = %s, offer_expires_at = %s, explanation = explanation || %s::jsonb
 where conversation_id = %s and offered_to is null
"""
