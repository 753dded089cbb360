"""Cases 工单: pieces of after-sales work that outlive a conversation.

First version: opened by the bot's turns and listed; states and owners are worked on in the console later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from desk.conversations import Pool, json_time
from desk.locked_conversation import LockedConversation
from routing.sla import resolution_due


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """A case that a turn opens."""

    type: str
    order_number: str = ""
    level: str = "minor"
    details: Mapping[str, Any] = field(default_factory=dict)


_OPEN = """
insert into cases (id, conversation_id, customer_id, order_number, type, level, details, history, due_at, turn_id, n, created_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (turn_id, n) do nothing
returning number
"""


async def open_cases(
    conn: AsyncConnection[Any],
    conversation: LockedConversation,
    turn_id: UUID,
    cases: Sequence[NewCase],
    now: datetime,
) -> None:
    """Open the cases of a turn and show the customer a card for each."""
    for n, case in enumerate(cases):
        due_at = resolution_due(case.level, now)
        history = [{"at": json_time(now), "state": "open", "by": "bot"}]
        cursor = await conn.execute(
            _OPEN,
            (
                uuid4(),
                conversation.id,
                conversation.customer_id,
                case.order_number,
                case.type,
                case.level,
                orjson.dumps(dict(case.details)).decode(),
                orjson.dumps(history).decode(),
                due_at,
                turn_id,
                n,
                now,
            ),
        )
        row = await cursor.fetchone()
        if row is not None:
            card = {"number": row[0], "type": case.type, "state": "open", "due_at": json_time(due_at)}
            conversation.append("system", now, kind="case_card", payload={"case": card})


async def read_cases(pool: Pool, conversation_id: UUID) -> list[dict[str, Any]]:
    """The cases of a conversation, newest first, as JSON."""
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select number, type, state, level, order_number, due_at, created_at from cases"
            " where conversation_id = %s order by number desc",
            (conversation_id,),
        )
        rows = await cursor.fetchall()
    return [
        row | {"due_at": json_time(row["due_at"]), "created_at": json_time(row["created_at"])} for row in rows
    ]
