"""Pinned questions: what customers really asked and somebody has decided upon. The gate asks them at every publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from knowledge_base.errors import TooManyPinned, UnknownPinned

MOST = 500
"""More would not be asked in seconds."""

COLUMNS = "id, question, language, context, expected, note, by_agent as by, at"
LIST = f"select {COLUMNS} from knowledge_pinned order by at, id"
COUNT = "select count(*) from knowledge_pinned"
WRITE = f"""
insert into knowledge_pinned (id, question, language, context, expected, note, by_agent, at)
values (%(id)s, %(question)s, %(language)s, %(context)s, %(expected)s, %(note)s, %(by)s, %(now)s) returning {COLUMNS}
"""
CHANGE = f"""
update knowledge_pinned
set question = %(question)s, language = %(language)s, context = %(context)s, expected = %(expected)s,
    note = %(note)s, by_agent = %(by)s, at = %(now)s
where id = %(id)s returning {COLUMNS}
"""
UNPIN = "delete from knowledge_pinned where id = %s"


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """`expected` is the entry that answers, None for a question that must not be answered."""

    id: UUID
    question: str
    language: str
    context: str | None
    expected: str | None
    note: str
    by: UUID | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PinnedText:
    """What somebody decides of a pinned question."""

    question: str
    language: str
    context: str | None
    expected: str | None
    note: str


async def list_pinned(conn: AsyncConnection[Any]) -> list[Pinned]:
    """All of them, the oldest first."""
    async with conn.cursor(row_factory=class_row(Pinned)) as cursor:
        await cursor.execute(LIST.encode())
        return await cursor.fetchall()


async def pin(conn: AsyncConnection[Any], id_: UUID, text: PinnedText, *, by: UUID, now: datetime) -> Pinned:
    """One more. Raises TooManyPinned."""
    row = await (await conn.execute(COUNT)).fetchone()
    if row is not None and row[0] >= MOST:
        raise TooManyPinned(f"At most {MOST} questions can be pinned; the gate asks all of them.")
    return await _written(conn, WRITE, id_, text, by, now)


async def change_pinned(
    conn: AsyncConnection[Any], id_: UUID, text: PinnedText, *, by: UUID, now: datetime
) -> Pinned:
    """Another text or another answer. Raises UnknownPinned."""
    return await _written(conn, CHANGE, id_, text, by, now)


async def unpin(conn: AsyncConnection[Any], id_: UUID) -> None:
    """Not asked any more. Raises UnknownPinned."""
    if (await conn.execute(UNPIN, (id_,))).rowcount == 0:
        raise UnknownPinned("There is no such pinned question.")


async def _written(
    conn: AsyncConnection[Any], query: str, id_: UUID, text: PinnedText, by: UUID, now: datetime
) -> Pinned:
    values = {"id": id_, "by": by, "now": now, **vars(text)}
    async with conn.cursor(row_factory=class_row(Pinned)) as cursor:
        await cursor.execute(query.encode(), values)
        written = await cursor.fetchone()
    if written is None:
        raise UnknownPinned("There is no such pinned question.")
    return written
