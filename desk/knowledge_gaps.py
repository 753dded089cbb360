"""The gaps of the knowledge base as editors see them: found, hidden while dismissed, begun as an entry.

Finding takes seconds where many questions went wrong, so it runs in a thread, once at a time, and a find that took long
is kept for a minute.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row, tuple_row

from desk.conversations import Pool
from desk.errors import NotFound
from desk.missed_questions import read_missed
from knowledge_base import gaps
from knowledge_base.encoder import Encoder
from knowledge_base.gaps import Gap, Why

DAYS = 30
GROWN = 1.5
"""A dismissed gap is shown again when it has so many times the questions it had."""
LONG_S, KEPT_S = 0.5, 60.0

_DISMISSALS = "select conversation_id, seq, count, days from knowledge_dismissals"
_DISMISS = """
insert into knowledge_dismissals (conversation_id, seq, count, days, by_agent, at)
select w.id, w.seq, %(count)s, %(days)s, %(by)s, %(at)s from unnest(%(ids)s::uuid[], %(seqs)s::bigint[]) as w (id, seq)
 where exists (select from messages m where m.conversation_id = w.id and m.seq = w.seq)
on conflict (conversation_id, seq) do update
   set count = excluded.count, days = excluded.days, by_agent = excluded.by_agent, at = excluded.at
"""
_ENTRY = """
select published ->> 'group', published -> 'phrasings' from knowledge_items
 where kind = 'entry' and published is not null and id = %s
"""
_TITLES = """
select id, coalesce(published, draft) -> 'title' from knowledge_items where kind = 'entry' and id = any(%s)
"""


@dataclass(frozen=True, kw_only=True)
class Period:
    """The last `days` before `until`."""

    days: int
    until: datetime

    @property
    def since(self) -> datetime:
        """Its beginning."""
        return self.until - timedelta(days=self.days)


@dataclass(frozen=True, kw_only=True)
class _Kept:
    found: list[Gap]
    until: float


class KnowledgeGaps:
    """One per process."""

    def __init__(self, pool: Pool, encoder: Encoder, costs: Mapping[Why, float] = gaps.COSTS) -> None:
        self._pool = pool
        self._encoder = encoder
        self._costs = costs
        self._finding = asyncio.Lock()
        self._kept: dict[int, _Kept] = {}

    async def find(self, period: Period, *, language: str | None = None) -> list[Gap]:
        """Those that nobody has dismissed, the dearest first; with a language, what of them was asked in it."""
        found = await self._all(period)
        dismissed = await self._dismissed()
        shown = [gap for gap in found if not _is_dismissed(gap, dismissed, period.days)]
        if language is None:
            return shown
        kept = [gaps.of_language(gap, language, self._costs) for gap in shown]
        return sorted((gap for gap in kept if gap), key=lambda gap: (-gap.cost, gap.id))

    async def dismiss(self, id_: str, period: Period, *, by: UUID) -> None:
        """Hide the gap until it has grown by half. Raises NotFound."""
        gap = await self._one(id_, period)
        async with self._pool.connection() as conn:
            await conn.execute(
                _DISMISS,
                {
                    "count": len(gap.questions),
                    "days": period.days,
                    "by": by,
                    "at": period.until,
                    "ids": [question.conversation_id for question in gap.questions],
                    "seqs": [question.seq for question in gap.questions],
                },
            )

    async def draft(self, id_: str, period: Period) -> dict[str, Any]:
        """The content of an entry to begin with. Raises NotFound."""
        gap = await self._one(id_, period)
        group, known = "", []
        async with self._pool.connection() as conn, conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_ENTRY, (gap.nearest,))
            if row := await cursor.fetchone():
                group, known = row[0] or "", [text for texts in (row[1] or {}).values() for text in texts]
            else:
                gap = replace(gap, nearest=None)
        return await asyncio.to_thread(gaps.draft, gap, self._encoder, group=group, known=known)

    async def titles(self, entries: Sequence[str]) -> dict[str, dict[str, str]]:
        """Titles by language of those entries that there are."""
        async with self._pool.connection() as conn, conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_TITLES, (list(entries),))
            return {id_: title or {} for id_, title in await cursor.fetchall()}

    async def _one(self, id_: str, period: Period) -> Gap:
        for gap in await self._all(period):
            if gap.holds(id_):
                return gap
        raise NotFound("There is no such gap in this period; its questions may be gone.")

    async def _all(self, period: Period) -> list[Gap]:
        async with self._finding:
            kept = self._kept.get(period.days)
            if kept is not None and time.monotonic() < kept.until:
                return kept.found
            async with self._pool.connection() as conn:
                questions = await read_missed(conn, since=period.since, until=period.until)
            started = time.monotonic()
            found = await asyncio.to_thread(gaps.find_gaps, questions, self._encoder, costs=self._costs)
            self._kept.clear()
            if time.monotonic() - started > LONG_S:
                self._kept[period.days] = _Kept(found=found, until=time.monotonic() + KEPT_S)
            return found

    async def _dismissed(self) -> dict[tuple[UUID, int], tuple[int, int]]:
        async with self._pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_DISMISSALS)
            return {
                (row["conversation_id"], row["seq"]): (row["count"], row["days"])
                for row in await cursor.fetchall()
            }


def _is_dismissed(gap: Gap, dismissed: Mapping[tuple[UUID, int], tuple[int, int]], days: int) -> bool:
    """A longer period has more questions by itself; that is no growth."""
    for question in gap.questions:
        count, of_days = dismissed.get((question.conversation_id, question.seq), (0, days))
        if len(gap.questions) < GROWN * count * max(1.0, days / of_days):
            return True
    return False
