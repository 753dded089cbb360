"""Runs an import: rows become drafts in chunks, each in a transaction of its own; at the end one publish of them all.

An import that was cut off goes on where it was, for every row that is done is written down with its chunk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row, tuple_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing
from knowledge_base.checking import entry_problems
from knowledge_base.editing import Index
from knowledge_base.exchange import imports
from knowledge_base.exchange.figures import write_figures
from knowledge_base.exchange.imports import Import, Options, options_from_json
from knowledge_base.exchange.preparing import Preparation, Prepared, prepare
from knowledge_base.exchange.tables import Table, UnreadableFile, read_table
from knowledge_base.items import entry_from_json
from knowledge_base.portions import in_portions
from knowledge_base.surroundings import read_surroundings

CHUNK = 500
NOTE = "import: {name}"
LOCK = 0x696D706F  # «impo»: one process works on an import at a time

DONE_ROWS = "select distinct row from knowledge_import_rows where import = %s and outcome <> 'noted'"
STORED = """
select i.id, i.published, i.draft, i.archived is not null as is_archived, r.import is null and r.by_agent is not null as is_edited,
       i.draft is null or exists (
           select from knowledge_import_rows w where w.entry = i.id and w.written = md5(i.draft::text)) as is_free
from knowledge_items i left join knowledge_revisions r on (r.kind, r.id, r.revision) = (i.kind, i.id, i.revision)
where i.kind = 'entry' and i.id = any(%s) order by i.id
"""
STORED_LOCKED = f"{STORED} for update of i"
POSITION = "select coalesce(max(position), 0) from knowledge_items where kind = 'entry'"
RESERVE = """
insert into knowledge_items (kind, id, position)
select 'entry', r.id, r.position from unnest(%(ids)s::text[], %(positions)s::int[]) as r (id, position)
order by r.id on conflict do nothing
"""
"""An id that nobody has is ours from now on: who creates such an entry meanwhile waits, and is told that it is taken."""
WRITE = """
update knowledge_items
set draft = %(draft)s, draft_at = %(now)s, draft_by = %(by)s, version = version + 1,
    review = case when review ->> 'state' = 'approved' and draft is distinct from %(draft)s then null else review end
where kind = 'entry' and id = %(id)s
"""
"""An approval is of one draft, here as in editing.py: another one drops it."""
TELL = """
insert into knowledge_import_rows (import, row, outcome, entry, written, told)
values (%(import)s, %(row)s, %(outcome)s, %(entry)s, md5(%(draft)s::jsonb::text), %(told)s)
"""
OURS = """
select i.position, i.id, i.draft from knowledge_items i
where i.kind = 'entry' and i.draft is not null and exists (
    select from knowledge_import_rows w
    where w.import = %s and w.entry = i.id and w.outcome in ('created', 'changed') and w.written = md5(i.draft::text))
order by i.id for update
"""
"""Rows are locked by id everywhere here, so that two imports never wait for each other in a circle."""
PUBLISH = """
update knowledge_items
set published = draft, revision = revision + 1, base_version = %(base_version)s, published_at = %(now)s,
    published_by = %(by)s, draft = null, draft_at = null, draft_by = null, version = version + 1,
    review = null, publish_at = null, due_until = null,
    schedule = case when expires_at is null then null else schedule - 'problem' end
where kind = 'entry' and id = any(%(ids)s)
"""
"""Takes the place of a planned publish, as one by hand does."""
REMEMBER = """
insert into knowledge_revisions (kind, id, revision, content, at, by_agent, note, import)
select kind, id, revision, published, %(now)s, %(by)s, %(note)s, %(import)s
from knowledge_items where kind = 'entry' and id = any(%(ids)s)
"""
Progress = Callable[[int, int], None]
"""Told of steps done and of all."""


@dataclass(frozen=True, kw_only=True)
class _Stored:
    id: str
    published: dict[str, Any] | None
    draft: dict[str, Any] | None
    is_archived: bool
    is_edited: bool | None
    is_free: bool


async def run(
    pool: AsyncConnectionPool,
    id_: UUID,
    *,
    index: Index,
    now: Callable[[], datetime],
    progress: Progress = lambda done, total: None,
) -> Import:
    """Bring the import to its end, from wherever it is; False … where another process works on it, it is left alone.

    What is wrong with the file as a whole is stored with it (state «failed»). Raises UnknownImport.
    """
    async with pool.connection() as holder, holder.transaction():
        cursor = await holder.execute("select pg_try_advisory_xact_lock(%s, hashtext(%s))", (LOCK, str(id_)))
        row = await cursor.fetchone()
        async with pool.connection() as conn:
            found = await imports.read(conn, id_)
        if not row or not row[0] or found.wishes is None or found.state in ("done", "uploaded"):
            return found
        work = _Run(pool=pool, found=found, index=index, now=now, progress=progress)
        await work.to_the_end_or_failed()
    async with pool.connection() as conn:
        return await imports.read(conn, id_)


async def foretold(
    conn: AsyncConnection[Any], entries: Sequence[Prepared], options: Options
) -> Sequence[tuple[int, str, dict[str, Any] | None]]:
    """What would become of each row as things stand: created, changed, unchanged, or refused with the reason."""
    async with conn.cursor(row_factory=class_row(_Stored)) as cursor:
        await cursor.execute(STORED, ([entry.id for entry in entries],))
        stored = {row.id: row for row in await in_portions(cursor)}
    outcomes = [(entry, _outcome(entry, stored.get(entry.id), options)) for entry in entries]
    return [(row, outcome, why) for entry, (outcome, why) in outcomes for row in entry.rows]


async def is_worked_on(conn: AsyncConnection[Any], id_: UUID) -> bool:
    """Whether a process holds the import just now."""
    cursor = await conn.execute("select pg_try_advisory_xact_lock(%s, hashtext(%s))", (LOCK, str(id_)))
    row = await cursor.fetchone()
    return not (row and row[0])


@dataclass
class _Run:
    pool: AsyncConnectionPool
    found: Import
    index: Index
    now: Callable[[], datetime]
    progress: Progress
    total: int = 0
    done: int = 0

    async def to_the_end_or_failed(self) -> None:
        """A database that is away leaves it as it is; any other surprise fails it, so that nobody tries for ever."""
        try:
            await self.to_the_end()
        except (psycopg.OperationalError, psycopg.InterfaceError):
            raise
        except Exception:
            await self._set("failed", imports.BROKE_OFF)
            raise

    async def to_the_end(self) -> None:
        options = options_from_json(self.found.wishes or {})
        await self._set("running", None)
        try:
            table = await asyncio.to_thread(self._read)
        except UnreadableFile as error:
            await self._set("failed", str(error))
            return
        async with self.pool.connection() as conn:
            await write_figures(conn, table.figures, by=self.found.by, now=self.now(), index=self.index)
            known, left = await self._left(conn, table, options)
        each = 2 if options.publish else 1
        self.total, self.done = (known + len(left.entries)) * each, known
        await self._tell_refused(left)
        for start in range(0, len(left.entries), CHUNK):
            chunk = left.entries[start : start + CHUNK]
            async with self.pool.connection() as conn:
                await self._write(conn, chunk, options)
            await self._step(len(chunk))
        if options.publish:
            await self._publish()
        await self._set("done", None)

    def _read(self) -> Table:
        return read_table(self.found.name, self.found.content or b"", **self.found.reading)

    async def _left(
        self, conn: AsyncConnection[Any], table: Table, options: Options
    ) -> tuple[int, Preparation]:
        """How many rows are done, and those that are not, prepared beside the base of this moment."""
        async with conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(DONE_ROWS, (self.found.id,))
            done = {row[0] for row in await cursor.fetchall()}
        around = await read_surroundings(conn)
        existing = await imports.read_existing(conn)
        prepared = await asyncio.to_thread(prepare, table, options.wishes, around, existing)
        return len(done), Preparation(
            entries=tuple(entry for entry in prepared.entries if not set(entry.rows) <= done),
            refused=tuple(problem for problem in prepared.refused if problem.row not in done),
            notes=tuple(note for note in prepared.notes if note.row not in done),
        )

    async def _tell_refused(self, left: Preparation) -> None:
        rows = [
            *(self._told(problem.row, "refused", None, problem.as_json()) for problem in left.refused),
            *(self._told(note.row, "noted", None, note.as_json()) for note in left.notes),
        ]
        async with self.pool.connection() as conn, conn.cursor() as cursor:
            await cursor.execute(
                "delete from knowledge_import_rows where import = %s and outcome = 'noted'", (self.found.id,)
            )
            await cursor.executemany(TELL, rows)

    async def _write(self, conn: AsyncConnection[Any], chunk: Sequence[Prepared], options: Options) -> None:
        ids = [entry.id for entry in chunk]
        last = await (await conn.execute(POSITION)).fetchone()
        first = 1 + (int(last[0]) if last else 0)
        await conn.execute(RESERVE, {"ids": ids, "positions": list(range(first, first + len(ids)))})
        async with conn.cursor(row_factory=class_row(_Stored)) as cursor:
            await cursor.execute(STORED_LOCKED.encode(), (ids,))
            stored = {row.id: row for row in await cursor.fetchall()}
        written, told = [], []
        for entry in chunk:
            outcome, problem = _outcome(entry, stored.get(entry.id), options)
            draft = Jsonb(entry.content) if outcome in ("created", "changed") else None
            if draft is not None:
                written.append({"id": entry.id, "draft": draft, "now": self.now(), "by": self.found.by})
            told += [self._told(row, outcome, entry.id, problem, draft) for row in entry.rows]
        async with conn.cursor() as cursor:
            await cursor.executemany(WRITE, written)
            await cursor.executemany(TELL, told)

    def _told(
        self,
        row: int,
        outcome: str,
        entry: str | None,
        told: dict[str, Any] | None,
        draft: Jsonb | None = None,
    ) -> dict[str, Any]:
        return {
            "import": self.found.id,
            "row": row,
            "outcome": outcome,
            "entry": entry,
            "told": Jsonb(told) if told else None,
            "draft": draft,
        }

    async def _publish(self) -> None:
        """All drafts that are still as this import wrote them, in one transaction."""
        async with self.pool.connection() as conn, conn.transaction():
            base_version = await editing.lock_base(conn) + 1
            async with conn.cursor(row_factory=tuple_row) as cursor:
                await cursor.execute(OURS, (self.found.id,))
                rows = sorted(await cursor.fetchall(), key=lambda row: (row[0], row[1]))
            drafts: dict[str, dict[str, Any]] = {id_: content for _, id_, content in rows}
            drafts = await self._still_fitting(conn, drafts)
            if not drafts:
                return
            note = NOTE.format(name=self.found.name)
            values = {
                "ids": list(drafts),
                "base_version": base_version,
                "now": self.now(),
                "by": self.found.by,
            }
            await conn.execute(PUBLISH, values)
            await conn.execute(REMEMBER, {**values, "note": note, "import": self.found.id})
            entries = [entry_from_json(id_, content) for id_, content in drafts.items()]
            for start in range(0, len(entries), CHUNK):
                await self.index.replace(conn, entries[start : start + CHUNK])
                await self._step(len(entries[start : start + CHUNK]))
            await editing.raise_version(conn, base_version, is_searched=True, now=self.now())

    async def _still_fitting(
        self, conn: AsyncConnection[Any], drafts: dict[str, dict[str, Any]]
    ) -> dict[str, dict[str, Any]]:
        """Without those that somebody's publish has made wrong since they were prepared; they stay drafts."""
        around = await read_surroundings(conn, without=tuple(drafts))

        def fitting() -> dict[str, dict[str, Any]]:
            """Leaving one out may unsettle those that are related to it."""
            left = drafts
            while True:
                beside = replace(around, entries={*around.entries, *left})
                kept = {id_: found for id_, found in left.items() if not entry_problems(id_, found, beside)}
                if len(kept) == len(left):
                    return kept
                left = kept

        return await asyncio.to_thread(fitting)

    async def _step(self, steps: int) -> None:
        self.done = min(self.total, self.done + steps)
        self.progress(self.done, self.total)
        async with self.pool.connection() as conn:
            await conn.execute(
                "update knowledge_imports set done = %s, total = %s where id = %s",
                (self.done, self.total, self.found.id),
            )

    async def _set(self, state: imports.State, problem: str | None) -> None:
        is_over = state in ("done", "failed")
        async with self.pool.connection() as conn:
            await conn.execute(
                "update knowledge_imports set state = %s, problem = %s, finished_at = %s,"
                " done = case when %s then total else done end, content = case when %s then null else content end where id = %s",
                (
                    state,
                    problem,
                    self.now() if is_over else None,
                    state == "done",
                    state == "done",
                    self.found.id,
                ),
            )


def _outcome(entry: Prepared, stored: _Stored | None, options: Options) -> tuple[str, dict[str, Any] | None]:
    """created, changed, unchanged, or refused with the reason."""
    if stored is None or (stored.published is None and stored.draft is None and not stored.is_archived):
        return "created", None
    if stored.is_archived:
        fix = "Bring it back first, or leave the row out."
        return "refused", _refused(entry, "archived", f"{entry.id} is archived.", fix)
    if stored.published == entry.content and stored.draft is None:
        return "unchanged", None
    if stored.draft == entry.content and not options.publish:
        return "unchanged", None
    if not stored.is_free and stored.draft != entry.content:
        fix = "Publish or discard that draft first."
        return "refused", _refused(entry, "has_draft", f"Somebody is working on {entry.id}.", fix)
    if stored.is_edited and not options.overwrite:
        fix = "Import it with «overwrite»; what was published stays in the history."
        return "refused", _refused(entry, "edited_since", f"A person has published {entry.id} since.", fix)
    return ("created" if stored.published is None else "changed"), None


def _refused(entry: Prepared, code: str, message: str, fix: str) -> dict[str, Any]:
    return {"field": "", "code": code, "values": {"entry": entry.id}, "message": message, "fix": fix}
