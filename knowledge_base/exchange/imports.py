"""Imports as the database keeps them: the file, what is wished, how far it has come, what became of each row.

On an open connection; the caller holds the transaction. The work itself: running.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row, tuple_row
from psycopg.types.json import Jsonb

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.exchange.preparing import Figures, Wishes
from knowledge_base.exchange.tables import keepable
from knowledge_base.policy import Language
from knowledge_base.portions import in_portions

State = Literal["uploaded", "waiting", "running", "done", "failed"]
KEPT = timedelta(days=1)
"""Files that were only looked at, or whose import failed, are forgotten after this; those of an import when it is done."""
MOST_TOLD = 5_000
"""Rows that are told one by one while somebody waits; all are counted."""

BROKE_OFF = "The import broke off; what is done is kept, and giving it again goes on."
"""Why an import failed that was no fault of its file."""

LONGEST_NAME = 300
"""Its end says what the file is."""

COLUMNS = (
    "id, name, content, digest, reading, wishes, state, done, total, problem, by_agent as by, at, finished_at"
)
INSERT = f"""
insert into knowledge_imports (id, name, content, digest, reading, wishes, state, by_agent, at)
values (%(id)s, %(name)s, %(content)s, %(digest)s, %(reading)s, %(wishes)s, %(state)s, %(by)s, %(now)s)
returning {COLUMNS}
"""
SELECT = f"select {COLUMNS} from knowledge_imports where id = %s"
SELECT_STATE = (
    f"select {COLUMNS.replace('content', 'null::bytea as content')} from knowledge_imports where id = %s"
)
UNFINISHED = f"""
select {COLUMNS} from knowledge_imports
where digest = %(digest)s and reading = %(reading)s and wishes = %(wishes)s and state in ('waiting', 'running', 'failed')
  and content is not null
order by at desc limit 1
"""
START = f"""
update knowledge_imports set wishes = %(wishes)s, state = 'waiting', by_agent = %(by)s, at = %(now)s, problem = null
where id = %(id)s and state <> 'running' and content is not null returning {COLUMNS}
"""
OPEN = "select id from knowledge_imports where state in ('waiting', 'running') order by at"
FORGET = "delete from knowledge_imports where state = 'uploaded' and at < %s"
FORGET_FILES = """
update knowledge_imports set content = null where state = 'failed' and content is not null and finished_at < %s
"""
ROWS = "select row, outcome, entry, told from knowledge_import_rows where import = %s order by row, outcome"
COUNTS = "select outcome, count(*) from knowledge_import_rows where import = %s group by outcome"
TOLD = """
select row, outcome, entry, told from knowledge_import_rows
where import = %s and outcome in ('refused', 'noted') order by row, outcome limit %s
"""


class UnknownImport(KnowledgeBaseError):
    """There is no such upload or import, or its file is gone."""

    code = "unknown_import"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is wished beyond the reading of the rows.

    `publish`: all at once at the end, else they stay drafts. `overwrite`: also entries that a person has published since.
    """

    wishes: Wishes
    publish: bool = False
    overwrite: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        wishes = self.wishes
        return {
            "mapping": dict(wishes.mapping),
            "rows": None if wishes.rows is None else sorted(wishes.rows),
            "language": wishes.language,
            "figures": wishes.figures,
            "publish": self.publish,
            "overwrite": self.overwrite,
        }


def options_from_json(stored: Mapping[str, Any]) -> Options:
    """What Options.as_json wrote."""
    language: Language | None = stored["language"]
    figures: Figures = stored["figures"]
    rows = None if stored["rows"] is None else frozenset(stored["rows"])
    wishes = Wishes(mapping=stored["mapping"], rows=rows, language=language, figures=figures)
    return Options(wishes=wishes, publish=stored["publish"], overwrite=stored["overwrite"])


@dataclass(frozen=True, kw_only=True)
class Import:
    """A row of knowledge_imports; the columns are explained in the migration."""

    id: UUID
    name: str
    content: bytes | None
    digest: str
    reading: dict[str, str | None]
    wishes: dict[str, Any] | None
    state: State
    done: int
    total: int
    problem: str | None
    """Why it failed: BROKE_OFF, or what is wrong with the file."""
    by: UUID | None
    at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Told:
    """What became of a row: `told` has field, code, values, message and fix where it was refused or noted."""

    row: int
    outcome: str
    entry: str | None
    told: Mapping[str, Any] | None


async def keep_upload(
    conn: AsyncConnection[Any],
    id_: UUID,
    name: str,
    content: bytes,
    *,
    reading: Mapping[str, str | None],
    options: Options | None = None,
    by: UUID | None,
    now: datetime,
) -> Import:
    """Keep a file, to be looked at or (with `options`) to be imported."""
    await conn.execute(FORGET, (now - KEPT,))
    await conn.execute(FORGET_FILES, (now - KEPT,))
    values = {
        "id": id_,
        "name": keepable(name)[-LONGEST_NAME:],
        "content": content,
        "digest": hashlib.sha256(content).hexdigest(),
        "reading": Jsonb(dict(reading)),
        "wishes": Jsonb(options.as_json()) if options else None,
        "state": "waiting" if options else "uploaded",
        "by": by,
        "now": now,
    }
    found = await _one(conn, INSERT, values)
    assert found is not None
    return found


async def find_unfinished(
    conn: AsyncConnection[Any], content: bytes, *, reading: Mapping[str, str | None], options: Options
) -> Import | None:
    """An import of the same file with the same wishes that was cut off."""
    digest = hashlib.sha256(content).hexdigest()
    values = {"digest": digest, "reading": Jsonb(dict(reading)), "wishes": Jsonb(options.as_json())}
    return await _one(conn, UNFINISHED, values)


async def start(
    conn: AsyncConnection[Any], id_: UUID, options: Options, *, by: UUID | None, now: datetime
) -> Import:
    """Let an upload be imported, or a failed import go on. Raises UnknownImport."""
    found = await _one(conn, START, {"id": id_, "wishes": Jsonb(options.as_json()), "by": by, "now": now})
    if found is None:
        raise UnknownImport(
            "There is no such upload, or its import is done or under way; upload the file again."
        )
    return found


async def read(conn: AsyncConnection[Any], id_: UUID) -> Import:
    """An import as far as it is. Raises UnknownImport."""
    found = await _one(conn, SELECT, (id_,))
    if found is None:
        raise UnknownImport("There is no such import.")
    return found


async def read_state(conn: AsyncConnection[Any], id_: UUID) -> Import:
    """The same without the file, which may be large: for asking every second. Raises UnknownImport."""
    found = await _one(conn, SELECT_STATE, (id_,))
    if found is None:
        raise UnknownImport("There is no such import.")
    return found


async def read_told(conn: AsyncConnection[Any], id_: UUID) -> tuple[Mapping[str, int], Sequence[Told]]:
    """How many rows came to what, and those refused or noted, MOST_TOLD at most."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(COUNTS, (id_,))
        counts: dict[str, int] = dict(await cursor.fetchall())
    async with conn.cursor(row_factory=class_row(Told)) as cursor:
        await cursor.execute(TOLD, (id_, MOST_TOLD))
        return counts, await in_portions(cursor)


async def read_rows(conn: AsyncConnection[Any], id_: UUID) -> Sequence[Told]:
    """What became of the rows so far."""
    async with conn.cursor(row_factory=class_row(Told)) as cursor:
        await cursor.execute(ROWS, (id_,))
        return await cursor.fetchall()


async def open_imports(conn: AsyncConnection[Any]) -> Sequence[UUID]:
    """Those that wait, and those that run or were cut off, oldest first."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(OPEN)
        return [row[0] for row in await cursor.fetchall()]


async def read_existing(conn: AsyncConnection[Any]) -> Mapping[str, Mapping[str, Any]]:
    """The newest content of every entry, by id."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select id, coalesce(draft, published) as content from knowledge_items"
            " where kind = 'entry' and coalesce(draft, published) is not null"
        )
        return {row["id"]: row["content"] for row in await in_portions(cursor)}


async def _one(conn: AsyncConnection[Any], query: str, values: Any) -> Import | None:
    async with conn.cursor(row_factory=class_row(Import)) as cursor:
        await cursor.execute(query.encode(), values)
        return await cursor.fetchone()
