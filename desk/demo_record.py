"""Demo mode: what a played conversation came to, for whoever played it.

Read-only. What customers are told stands in the messages; this adds what only the desk knows.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from desk.cases import read_cases
from desk.conversations import Pool
from desk.demo_play import is_play
from desk.errors import NotFound

_CONVERSATION = """
select sandbox, owner, next_seq - 1 as last_seq, due_at is not null as awaits_bot from conversations where id = %s
"""
_HANDOFFS = """
select from_seq - 1 as after_seq, coalesce(explanation -> 'reasons', to_jsonb(array[reason])) as reasons
  from ownerships where conversation_id = %s and owner = 'queue' order by epoch
"""
_ANSWERED = """
select t.last_seq as seq, e.effect ->> 'entry' as entry
  from turns t, jsonb_array_elements(t.effects) with ordinality e (effect, n)
 where t.conversation_id = %s and t.state = 'committed' and e.effect ->> 'kind' = 'answered_entry'
 order by t.last_seq, e.n
"""


async def read_play(pool: Pool, conversation_id: UUID) -> dict[str, Any]:
    """`{owner, last_seq, awaits_bot, handoffs, cases, answered}` of docs/api/rest.md; cases oldest first.

    Raises NotFound for any conversation that is not a played one.
    """
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_CONVERSATION, (conversation_id,))
        conversation = await cursor.fetchone()
        if conversation is None or not is_play(conversation.pop("sandbox")):
            raise NotFound("There is no such played conversation.")
        await cursor.execute(_HANDOFFS, (conversation_id,))
        handoffs = await cursor.fetchall()
        await cursor.execute(_ANSWERED, (conversation_id,))
        answered = await cursor.fetchall()
    cases = list(reversed(await read_cases(pool, conversation_id)))
    return {**conversation, "handoffs": handoffs, "cases": cases, "answered": answered}
