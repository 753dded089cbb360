"""Demo mode: lets hours pass in a played conversation, and in no other.

What would have happened in them by itself (reminder, close) happens first; then all that is stored of the
conversation is moved back, so that every rule that compares with the present sees the longer time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from desk.conversations import Pool
from desk.demo_play import is_play
from desk.errors import NotFound
from desk.locked_conversation import flush, lock
from desk.order_proof import conversation_key, order_key
from desk.settings import ConversationSettings
from desk.silence import take_silence_step


async def pass_time(
    pool: Pool, settings: ConversationSettings, conversation_id: UUID, gap: timedelta, *, now: datetime
) -> None:
    """Let `gap` pass; the shop's clock of this conversation is later by as much. Raises NotFound for any that is not played.

    A bot turn under way keeps its lease: that is the machine's time, not the story's.
    """
    async with pool.connection() as conn, conn.transaction():
        conversation = (await lock(conn, [conversation_id])).get(conversation_id)
        if conversation is None or not is_play(conversation.sandbox):
            raise NotFound("There is no such played conversation.")
        while conversation.silence_at is not None and conversation.silence_at <= now + gap:
            take_silence_step(conversation, settings, conversation.silence_at)
        await flush(conn, [conversation])
        tried = [order_key(str(number), conversation.sandbox) for number in conversation.refs.values()]
        values = {"id": conversation_id, "gap": gap, "keys": [conversation_key(conversation_id), *tried]}
        for statement in _MOVE_BACK:
            await conn.execute(statement, values)


_MOVE_BACK = (
    """
    update conversations
       set clock_shift_s = clock_shift_s + round(extract(epoch from %(gap)s::interval)),
           created_at = created_at - %(gap)s, generation_at = generation_at - %(gap)s,
           last_customer_at = last_customer_at - %(gap)s, last_reply_at = last_reply_at - %(gap)s,
           silence_at = silence_at - %(gap)s, closed_at = closed_at - %(gap)s
     where id = %(id)s
    """,
    "update messages set sent_at = sent_at - %(gap)s where conversation_id = %(id)s",
    "update ownerships set at = at - %(gap)s where conversation_id = %(id)s",
    """
    update turns set claimed_at = claimed_at - %(gap)s, finished_at = finished_at - %(gap)s
     where conversation_id = %(id)s and state <> 'claimed'
    """,
    """
    update queue_entries
       set enqueued_at = enqueued_at - %(gap)s, first_response_due_at = first_response_due_at - %(gap)s
     where conversation_id = %(id)s
    """,
    """
    update cases set created_at = created_at - %(gap)s, due_at = due_at - %(gap)s, closed_at = closed_at - %(gap)s
     where conversation_id = %(id)s
    """,
    """
    update lookup_attempts set first_at = first_at - %(gap)s, locked_until = locked_until - %(gap)s
     where key = any(%(keys)s)
    """,
)
