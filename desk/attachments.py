"""Pictures that customers send; checked by whoever takes them in, kept with their conversation."""

from __future__ import annotations

from uuid import UUID, uuid4

from desk.conversations import Pool
from desk.errors import NotFound


async def store(pool: Pool, conversation_id: UUID, media_type: str, content: bytes) -> UUID:
    """Keep a picture; it becomes a message when one names it. Raises NotFound for an unknown conversation."""
    attachment_id = uuid4()
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "insert into attachments (id, conversation_id, media_type, content) select %s, id, %s, %s from conversations where id = %s",
            (attachment_id, media_type, content, conversation_id),
        )
        if cursor.rowcount == 0:
            raise NotFound("There is no such conversation.")
    return attachment_id


async def read(pool: Pool, conversation_id: UUID, attachment_id: UUID) -> tuple[str, bytes]:
    """Media type and bytes of a picture of this conversation. Raises NotFound."""
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "select media_type, content from attachments where id = %s and conversation_id = %s",
            (attachment_id, conversation_id),
        )
        row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such picture in this conversation.")
    return row[0], row[1]
