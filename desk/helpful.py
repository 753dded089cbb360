"""Whether an answer of the knowledge base helped, as its customer says.

It stands with the use, and in the message's payload, so that the customer finds it again after a reload.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from desk.conversations import Pool
from desk.errors import NotFound

HELPFUL = "helpful"
"""The payload's key: null under an answer that nobody has judged, true or false afterwards."""

# The message first: two taps at once wait for each other there, and the last one counts in both places.
_JUDGE = """
with judged as (
    update messages set payload = payload || jsonb_build_object('helpful', %(helpful)s::boolean)
     where conversation_id = %(id)s and seq = %(seq)s and sender = 'bot' and payload ? 'helpful'
    returning seq),
counted as (
    update knowledge_uses u set helpful = %(helpful)s, helpful_at = %(at)s
      from judged j where u.conversation_id = %(id)s and u.reply_seq = j.seq and u.helpful is distinct from %(helpful)s)
select seq from judged
"""


async def judge(pool: Pool, conversation_id: UUID, seq: int, *, helpful: bool, now: datetime) -> None:
    """Keep the customer's judgement; again is harmless, another one replaces it.

    Raises NotFound where the conversation has no such answer.
    """
    async with pool.connection() as conn:
        cursor = await conn.execute(
            _JUDGE, {"id": conversation_id, "seq": seq, "helpful": helpful, "at": now}
        )
        if await cursor.fetchone() is None:
            raise NotFound("There is no answer with this seq in the conversation.", field="seq")
