"""What agents write: replies to the customer, and notes among themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from desk.conversations import Pool
from desk.errors import Conflict, ConversationClosed, NotFound
from desk.locked_conversation import flush, lock
from desk.message_rules import check_client_id, check_text
from desk.receiving import Receipt


async def reply(
    pool: Pool,
    conversation_id: UUID,
    agent_id: UUID,
    *,
    client_id: str,
    text: str,
    max_characters: int,
    now: datetime,
) -> Receipt:
    """Say this to the customer; only the conversation's owner may.

    Raises Conflict, ConversationClosed, InvalidInput, NotFound. A client_id that is there already returns its receipt.
    """
    check_client_id(client_id)
    check_text(text, max_characters)
    return await _append(pool, conversation_id, agent_id, client_id, text, "text", now)


async def note(
    pool: Pool,
    conversation_id: UUID,
    agent_id: UUID,
    *,
    client_id: str,
    text: str,
    max_characters: int,
    now: datetime,
) -> Receipt:
    """Write this for colleagues; customers never receive it. Any agent may, also after the close."""
    check_client_id(client_id)
    check_text(text, max_characters)
    return await _append(pool, conversation_id, agent_id, client_id, text, "note", now)


async def _append(
    pool: Pool, conversation_id: UUID, agent_id: UUID, client_id: str, text: str, kind: str, now: datetime
) -> Receipt:
    async with pool.connection() as conn, conn.pipeline(), conn.transaction():
        conversation = (await lock(conn, [conversation_id])).get(conversation_id)
        if conversation is None:
            raise NotFound("There is no such conversation.", field="conversation_id")
        if (there := await _already_there(conn, conversation_id, client_id)) is not None:
            return there
        if kind == "text":
            if conversation.owner == "none":
                raise ConversationClosed("The conversation is closed.")
            if conversation.agent_id != agent_id:
                raise Conflict("The conversation is not yours.")
        message = conversation.append(
            "agent", now, agent_id=agent_id, client_id=client_id, text=text, kind=kind
        )
        if kind == "text":
            conversation.mark_answered(conversation.last_customer_seq)
        await flush(conn, [conversation])
    return Receipt(seq=message.seq, sent_at=now, is_new=True)


async def _already_there(conn: AsyncConnection[Any], conversation_id: UUID, client_id: str) -> Receipt | None:
    cursor = await conn.execute(
        "select seq, sent_at from messages where conversation_id = %s and client_id = %s",
        (conversation_id, client_id),
    )
    row = await cursor.fetchone()
    return Receipt(seq=row[0], sent_at=row[1], is_new=False) if row else None
