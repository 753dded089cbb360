"""Runs of the publish gate as the database keeps them, so that every process can tell how far one is.

A run holds for one item at one version, and for the base as it was: its phrasings, its encoder, what is pinned. Figures
of the policy and answers of other entries do not matter to what is found, so their publishes leave a verdict standing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, tuple_row
from psycopg.types.json import Jsonb

from knowledge_base.gate import GateResult
from knowledge_base.items import ItemKind, Json

ABANDONED_S = 60
"""Without a sign of life for so long, the process that ran it is gone; it gives one twice a second."""
KEPT_DAYS = 30

COLUMNS = "id, kind, item, version, base, state, done, total, result, by_agent as by, started_at, beat_at, finished_at"
BEGIN = f"""
insert into knowledge_gate_runs (id, kind, item, version, base, state, by_agent, started_at, beat_at)
values (%(id)s, %(kind)s, %(item)s, %(version)s, %(base)s, 'running', %(by)s, %(now)s, %(now)s) returning {COLUMNS}
"""
FORGET = "delete from knowledge_gate_runs where kind = %s and item = %s and started_at < %s"
BEAT = """
update knowledge_gate_runs set done = %s, total = %s, beat_at = %s where id = %s and state = 'running'
"""
FINISH = f"""
update knowledge_gate_runs
set state = %(state)s, result = %(result)s, finished_at = %(now)s, beat_at = %(now)s,
    done = case when %(state)s = 'done' then total else done end
where id = %(id)s returning {COLUMNS}
"""
READ = f"select {COLUMNS} from knowledge_gate_runs where id = %s"
NEWEST = f"""
select {COLUMNS} from knowledge_gate_runs
where kind = %(kind)s and item = %(item)s and version = %(version)s and base = %(base)s
  and (state = 'done' or state = 'running' and beat_at > %(alive)s)
order by state, started_at desc limit 1
"""
BASE = """
select b.search_version || ' ' || b.encoder || ' ' || coalesce(
    (select md5(string_agg(concat_ws('|', id, question, language, context, expected), ',' order by id))
     from knowledge_pinned), '')
from knowledge_base b
"""


@dataclass(frozen=True, kw_only=True)
class GateRun:
    """A row of knowledge_gate_runs; `result` is GateResult's JSON, None until it is done."""

    id: UUID
    kind: ItemKind
    item: str
    version: int
    base: str
    state: Literal["running", "done", "failed"]
    done: int
    total: int
    result: Json | None
    by: UUID | None
    started_at: datetime
    beat_at: datetime
    finished_at: datetime | None

    @property
    def has_passed(self) -> bool:
        """Whether its verdict lets the draft through."""
        return self.result is not None and self.result["verdict"] == "passed"


async def read_base(conn: AsyncConnection[Any]) -> str:
    """What of the base a verdict depends on, as one text to be compared."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(BASE)
        row = await cursor.fetchone()
    assert row is not None, "migration 0002 inserts the row"
    return str(row[0])


async def begin(
    conn: AsyncConnection[Any],
    id_: UUID,
    kind: ItemKind,
    item: str,
    version: int,
    *,
    base: str,
    by: UUID | None,
    now: datetime,
) -> GateRun:
    """A run that is under way; old ones of the item are forgotten."""
    await conn.execute(FORGET, (kind, item, now - timedelta(days=KEPT_DAYS)))
    values = {"id": id_, "kind": kind, "item": item, "version": version, "base": base, "by": by, "now": now}
    begun = await _one(conn, BEGIN, values)
    assert begun is not None
    return begun


async def beat(conn: AsyncConnection[Any], id_: UUID, done: int, total: int, *, now: datetime) -> None:
    """How far it is, and that its process lives."""
    await conn.execute(BEAT, (done, total, now, id_))


async def finish(
    conn: AsyncConnection[Any], id_: UUID, result: GateResult | None, *, now: datetime
) -> GateRun:
    """Done, or with None failed."""
    stored = Jsonb(result.as_json()) if result is not None else None
    values = {"id": id_, "state": "done" if result else "failed", "result": stored, "now": now}
    finished = await _one(conn, FINISH, values)
    assert finished is not None, "nobody deletes a run of today"
    return finished


async def read_run(conn: AsyncConnection[Any], id_: UUID, *, now: datetime) -> GateRun | None:
    """The run; one that its process abandoned has failed."""
    found = await _one(conn, READ, (id_,))
    if found is not None and found.state == "running" and found.beat_at < _alive(now):
        return await finish(conn, id_, None, now=now)
    return found


async def read_newest(
    conn: AsyncConnection[Any], kind: ItemKind, item: str, version: int, *, base: str, now: datetime
) -> GateRun | None:
    """A run of exactly this: one that is done, else one that is under way."""
    values = {"kind": kind, "item": item, "version": version, "base": base, "alive": _alive(now)}
    return await _one(conn, NEWEST, values)


def _alive(now: datetime) -> datetime:
    return now - timedelta(seconds=ABANDONED_S)


async def _one(conn: AsyncConnection[Any], query: str, values: Any) -> GateRun | None:
    async with conn.cursor(row_factory=class_row(GateRun)) as cursor:
        await cursor.execute(query.encode(), values)
        return await cursor.fetchone()
