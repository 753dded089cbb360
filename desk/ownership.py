"""Who owns a conversation, as people ask for it: accept, pass, claim, hand back, transfer, close.

Each use case is one transaction that first locks the conversation, then (where load counts) the agent's row, in this
order everywhere. The agent's lock makes «never over capacity» true under any interleaving; the epoch tells whoever
was slower.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from desk.conversations import Pool
from desk.errors import Conflict, ConversationClosed, InvalidInput, NotFound, OverCapacity
from desk.handoff import HandoffDesk
from desk.locked_conversation import LockedConversation, flush, lock

Resolution = Literal["solved", "unsolved"]


@dataclass(frozen=True, kw_only=True)
class AgentRow:
    """What assignment needs of an agent, read under the row's lock. `load` counts owned and offered conversations."""

    id: UUID
    name: str
    role: str
    level: str
    capacity: int
    is_active: bool
    load: int


_LOCK_AGENT = "select id, name, role, level, capacity, is_active from agents where id = %s for update"
_LOAD = """
select (select count(*) from conversations where agent_id = %(id)s)
     + (select count(*) from queue_entries where offered_to = %(id)s) as load
"""


async def lock_agent(conn: AsyncConnection[Any], agent_id: UUID) -> AgentRow:
    """The agent under lock, with the load as of now. Raises NotFound."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_LOCK_AGENT, (agent_id,))
        row = await cursor.fetchone()
        if row is None:
            raise NotFound("There is no such agent.", field="agent_id")
        await cursor.execute(_LOAD, {"id": agent_id})
        load = await cursor.fetchone()
    assert load is not None
    return AgentRow(**row, **load)


class Ownership:
    """Changes of owner that people ask for."""

    def __init__(self, pool: Pool, handoffs: HandoffDesk, *, silence_reminder_s: float) -> None:
        self._pool = pool
        self._handoffs = handoffs
        self._silence_reminder_s = silence_reminder_s

    async def accept(self, conversation_id: UUID, agent_id: UUID, *, epoch: int, now: datetime) -> None:
        """Take what was offered. Raises Conflict when it is no longer offered to this agent."""
        async with self._pool.connection() as conn, conn.transaction():
            conversation = await _locked(conn, conversation_id, epoch)
            entry = await _queue_row(conn, conversation)
            if entry["offered_to"] != agent_id or entry["offer_expires_at"] <= now:
                raise Conflict("The conversation is not offered to you any more.")
            agent = await lock_agent(conn, agent_id)
            _check_room(agent, already_counted=1)
            await self._give(conn, conversation, agent, now, "accepted", entry["explanation"])

    async def pass_offer(self, conversation_id: UUID, agent_id: UUID) -> None:
        """Decline what was offered; somebody else is asked."""
        async with self._pool.connection() as conn, conn.transaction():
            conversation = await _locked(conn, conversation_id, None)
            entry = await _queue_row(conn, conversation)
            if entry["offered_to"] != agent_id:
                raise Conflict("The conversation is not offered to you any more.")
            await withdraw_offer(
                conn, conversation_id, agent_id=agent_id, expires_at=entry["offer_expires_at"]
            )
            await flush(conn, [conversation], queue=True)

    async def claim(
        self, conversation_id: UUID, agent_id: UUID, *, epoch: int, now: datetime, may_take_over: bool
    ) -> None:
        """Take from the queue; with `may_take_over` (supervisors) also from the bot or another agent."""
        async with self._pool.connection() as conn, conn.transaction():
            conversation = await _locked(conn, conversation_id, epoch)
            if conversation.agent_id == agent_id:
                return
            if conversation.owner != "queue" and not may_take_over:
                raise Conflict("Only waiting conversations can be taken.")
            agent = await lock_agent(conn, agent_id)
            already = 0
            if conversation.owner == "queue":
                entry = await _queue_row(conn, conversation)
                already = 1 if entry["offered_to"] == agent_id else 0
            _check_room(agent, already_counted=already)
            explanation: dict[str, Any] = {"rule": "claimed by the agent"}
            if conversation.owner != "queue":  # nobody has handed it over, so nobody has written a brief
                explanation["brief"] = await self._handoffs.write_brief(conn, conversation)
            await self._give(conn, conversation, agent, now, "claimed", explanation)

    async def hand_back(
        self, conversation_id: UUID, agent_id: UUID, *, epoch: int, summary: str, now: datetime
    ) -> None:
        """Back to the bot, which is told the summary and answers what the agent has not seen."""
        async with self._pool.connection() as conn, conn.transaction():
            conversation = await _owned(conn, conversation_id, agent_id, epoch)
            unseen = await _first_unseen(conn, conversation)
            conversation.dialogue = {"summary": summary[:1000]} | _lasting(conversation.dialogue)
            conversation.to_bot(now, "handed_back")
            conversation.mark_answered(conversation.last_customer_seq if unseen is None else unseen - 1)
            conversation.append_notice("handed_back", now)
            if unseen is not None:
                conversation.wait_for_bot(now, window_s=0, bound_s=0)
            else:
                conversation.wait_for_customer(now, reminder_s=self._silence_reminder_s)
            await flush(conn, [conversation])

    async def transfer(
        self,
        conversation_id: UUID,
        agent_id: UUID,
        *,
        epoch: int,
        to_agent_id: UUID | None,
        note: str,
        now: datetime,
        required_level: Literal["agent", "senior", "supervisor"] = "agent",
    ) -> None:
        """To another agent's attention or back to the queue; the note is for the next one only."""
        async with self._pool.connection() as conn, conn.transaction():
            conversation = await _owned(conn, conversation_id, agent_id, epoch)
            if to_agent_id == agent_id:
                raise InvalidInput("agent_id: the conversation is already yours.", field="agent_id")
            if to_agent_id is not None and not (await lock_agent(conn, to_agent_id)).is_active:
                raise InvalidInput("agent_id: this person has left.", field="agent_id")
            if note.strip():
                conversation.append("agent", now, agent_id=agent_id, kind="note", text=note.strip())
            self._handoffs.return_to_people(
                conversation,
                now,
                preferred_agent_id=to_agent_id,
                reason="transferred",
                notice="transferred",
                required_level=required_level,
                details={"from_agent": str(agent_id)},
            )
            await self._handoffs.fill_briefs(conn, [conversation], now)
            await flush(conn, [conversation])
            await conn.execute(
                "update queue_entries set passed_by = array[%s]::uuid[] where conversation_id = %s",
                (agent_id, conversation_id),
            )

    async def close_by_agent(
        self, conversation_id: UUID, agent_id: UUID, *, epoch: int, resolution: Resolution, now: datetime
    ) -> None:
        """End it, solved or not."""
        async with self._pool.connection() as conn, conn.transaction():
            conversation = await _owned(conn, conversation_id, agent_id, epoch)
            conversation.append_notice("closed", now)
            conversation.close("agent", now, resolution)
            await flush(conn, [conversation])

    async def close_by_customer(self, conversation_id: UUID, *, now: datetime) -> None:
        """The customer ends it; closing a closed one changes nothing."""
        async with self._pool.connection() as conn, conn.transaction():
            conversation = await _locked(conn, conversation_id, None)
            if conversation.owner == "none":
                return
            conversation.append_notice("closed", now)
            conversation.close("customer", now, None)
            await flush(conn, [conversation])

    async def return_from_gone_agent(self, conversation_id: UUID, *, epoch: int, now: datetime) -> bool:
        """Queue the conversation of an agent who is gone; False when it changed hands meanwhile."""
        async with self._pool.connection() as conn, conn.transaction():
            conversation = (await lock(conn, [conversation_id])).get(conversation_id)
            if conversation is None or conversation.epoch != epoch or conversation.owner != "agent":
                return False
            self._handoffs.return_to_people(
                conversation, now, preferred_agent_id=None, reason="agent_gone", notice="agent_left"
            )
            await self._handoffs.fill_briefs(conn, [conversation], now)
            await flush(conn, [conversation])
            return True

    async def _give(
        self,
        conn: AsyncConnection[Any],
        conversation: LockedConversation,
        agent: AgentRow,
        now: datetime,
        reason: str,
        explanation: Mapping[str, Any],
    ) -> None:
        conversation.to_agent(agent.id, now, reason, explanation)
        conversation.append_notice("agent_joined", now, agent=agent.name)
        await flush(conn, [conversation])
        await conn.execute("update agents set last_assigned_at = %s where id = %s", (now, agent.id))


async def withdraw_offer(
    conn: AsyncConnection[Any], conversation_id: UUID, *, agent_id: UUID, expires_at: datetime
) -> bool:
    """This offer is over without an accept, False if it was before; whoever had it is asked last from now on."""
    cursor = await conn.execute(
        """
        update queue_entries set passed_by = array_append(array_remove(passed_by, offered_to), offered_to),
               offered_to = null, offer_expires_at = null
         where conversation_id = %s and offered_to = %s and offer_expires_at = %s
        """,
        (conversation_id, agent_id, expires_at),
    )
    return cursor.rowcount > 0


def _check_room(agent: AgentRow, *, already_counted: int) -> None:
    if not agent.is_active:
        raise Conflict("This account is not active.")
    if agent.load - already_counted >= agent.capacity:
        raise OverCapacity(f"{agent.name} has {agent.load} of {agent.capacity} conversations.")


def _lasting(dialogue: Mapping[str, Any]) -> dict[str, Any]:
    """What stays known when people hand back: the order, not the open form."""
    return {
        key: dialogue[key]
        for key in ("order", "order_facts", "order_value_cents", "model")
        if key in dialogue
    }


async def _locked(conn: AsyncConnection[Any], conversation_id: UUID, epoch: int | None) -> LockedConversation:
    conversation = (await lock(conn, [conversation_id])).get(conversation_id)
    if conversation is None:
        raise NotFound("There is no such conversation.", field="conversation_id")
    if epoch is not None and conversation.epoch != epoch:
        raise Conflict(
            f"The conversation changed meanwhile (epoch {conversation.epoch}, not {epoch}).", field="epoch"
        )
    return conversation


async def _owned(
    conn: AsyncConnection[Any], conversation_id: UUID, agent_id: UUID, epoch: int
) -> LockedConversation:
    conversation = await _locked(conn, conversation_id, epoch)
    if conversation.owner == "none":
        raise ConversationClosed("The conversation is closed.")
    if conversation.agent_id != agent_id:
        raise Conflict("The conversation is not yours.")
    return conversation


async def _first_unseen(conn: AsyncConnection[Any], conversation: LockedConversation) -> int | None:
    """Seq of the customer's first message under this agent that was neither answered nor read; None without one.

    A message that crossed with the hand-back would else be nobody's: the agent is gone and the bot was not asked.
    """
    cursor = await conn.execute(
        """
        select min(m.seq) from conversations c
          join ownerships o on o.conversation_id = c.id and o.epoch = c.epoch
          join messages m on m.conversation_id = c.id and m.sender = 'customer'
           and m.seq >= o.from_seq and m.seq > greatest(c.answered_seq, c.agent_read_seq)
         where c.id = %s
        """,
        (conversation.id,),
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def _queue_row(conn: AsyncConnection[Any], conversation: LockedConversation) -> dict[str, Any]:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select offered_to, offer_expires_at, explanation from queue_entries where conversation_id = %s",
            (conversation.id,),
        )
        row = await cursor.fetchone()
    if row is None:
        raise Conflict("The conversation does not wait in the queue.")
    return row
