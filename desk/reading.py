"""Who may read a conversation, who has read how far, and who types: small facts beside the messages."""

from __future__ import annotations

from uuid import UUID

from desk.conversations import Pool
from desk.errors import NotFound
from desk.wake import Read, Typing, Wake, notify

SEES_ALL = frozenset({"supervisor", "admin"})
"""Roles that read every conversation and may take over; agents read the bot's, the queue's, their own and those they had."""

_MAY_READ = """
select c.owner in ('queue', 'bot') or c.agent_id = %(agent)s or c.closed_agent_id = %(agent)s
       or exists (select 1 from ownerships o where o.conversation_id = c.id and o.agent_id = %(agent)s),
       c.agent_id
  from conversations c where c.id = %(id)s
"""

_HAD_IT = "select exists (select 1 from ownerships where conversation_id = %s and agent_id = %s)"

READ_BY_CUSTOMER = """
update conversations set customer_read_seq = least(%(seq)s, next_seq - 1)
where id = %(id)s and customer_read_seq < least(%(seq)s, next_seq - 1)
"""
READ_BY_AGENT = """
update conversations set agent_read_seq = least(%(seq)s, next_seq - 1)
where id = %(id)s and agent_id = %(agent)s and agent_read_seq < least(%(seq)s, next_seq - 1)
returning agent_read_seq
"""


async def check_may_read(pool: Pool, conversation_id: UUID, *, agent_id: UUID, role: str) -> UUID | None:
    """The agent who owns it, if one does.

    Raises NotFound unless the conversation exists and this person may read it; the two are never told apart.
    """
    async with pool.connection() as conn:
        cursor = await conn.execute(_MAY_READ, {"id": conversation_id, "agent": agent_id})
        row = await cursor.fetchone()
    if row is None or not (row[0] or role in SEES_ALL):
        raise NotFound("There is no such conversation.", field="conversation_id")
    owner: UUID | None = row[1]
    return owner


async def may_read_whoever_owns_it(pool: Pool, conversation_id: UUID, *, agent_id: UUID, role: str) -> bool:
    """Whether this person may go on reading when a colleague takes the conversation: by role, or for having had it."""
    if role in SEES_ALL:
        return True
    async with pool.connection() as conn:
        row = await (await conn.execute(_HAD_IT, (conversation_id, agent_id))).fetchone()
    return bool(row and row[0])


async def read_by_customer(pool: Pool, conversation_id: UUID, seq: int) -> None:
    """The customer has read up to here; never backwards, never beyond the newest message."""
    async with pool.connection() as conn:
        await conn.execute(READ_BY_CUSTOMER, {"id": conversation_id, "seq": seq})


async def read_by_agent(pool: Pool, conversation_id: UUID, agent_id: UUID, seq: int) -> None:
    """The owning agent has read up to here, and the customer is told; what others read counts for nothing."""
    async with pool.connection() as conn, conn.transaction():
        cursor = await conn.execute(READ_BY_AGENT, {"id": conversation_id, "agent": agent_id, "seq": seq})
        row = await cursor.fetchone()
        if row is not None:
            read = Read(conversation_id=conversation_id, seq=row[0])
            await notify(conn, Wake(read=(read,), conversations=frozenset({conversation_id})))


async def tell_typing(pool: Pool, typing: Typing) -> None:
    """Tell the other side; nothing is stored."""
    async with pool.connection() as conn:
        await notify(conn, Wake(typing=(typing,)))
