"""What became of each entry with customers: figures by day, and entries that nobody has needed.

`shown` = answered + asked back: a customer saw the answer, or the title as an option. `taken` of the options were tapped;
judgements and handoffs count where the answer itself was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

_FIGURES = """
with said as (
    select u.*, (u.at at time zone %(zone)s)::date as day from knowledge_uses u
     where u.shown @> array[%(entry)s] and u.at < %(until)s
       and u.at >= (%(since)s at time zone %(zone)s)::date::timestamp at time zone %(zone)s
)
select d.day::date as day,
       count(s.*) filter (where outcome in ('answered', 'asked_back')) as shown,
       count(s.*) filter (where outcome = 'answered') as answered,
       count(s.*) filter (where outcome = 'asked_back') as asked_back,
       count(s.*) filter (where outcome = 'option') as taken,
       count(s.*) filter (where outcome in ('answered', 'option') and helpful) as helpful,
       count(s.*) filter (where outcome in ('answered', 'option') and not helpful) as unhelpful,
       count(s.*) filter (where outcome in ('answered', 'option') and handed_over is not null) as handed_over
  from generate_series((%(since)s at time zone %(zone)s)::date, (%(until)s at time zone %(zone)s)::date, interval '1 day') d (day)
  left join said s on s.day = d.day
 group by d.day order by d.day
"""
_UNUSED = """
with used as (
    select entry, max(at) as last_used from knowledge_uses, unnest(shown) entry
     where outcome in ('answered', 'option') group by entry
)
select i.id, i.published -> 'title' as title, used.last_used,
       (select min(r.at) from knowledge_revisions r where r.kind = i.kind and r.id = i.id) as first_published_at
  from knowledge_items i left join used on used.entry = i.id
 where i.kind = 'entry' and i.published is not null and (used.last_used is null or used.last_used < %s)
 order by used.last_used nulls first, i.position, i.id
"""


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """Of one entry and one day of the shop's zone."""

    day: date
    shown: int
    answered: int
    asked_back: int
    taken: int
    helpful: int
    unhelpful: int
    handed_over: int

    def as_json(self) -> dict[str, object]:
        """The day as YYYY-MM-DD."""
        return {"day": self.day.isoformat(), **self.counts()}

    def counts(self) -> dict[str, int]:
        """All but the day."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "day"}


@dataclass(frozen=True, kw_only=True)
class UnusedEntry:
    """A published entry whose answer was not said in the period; `last_used` None = never."""

    id: str
    title: dict[str, str] | None
    last_used: datetime | None
    first_published_at: datetime | None


async def figures_of(
    conn: AsyncConnection[Any], entry: str, *, since: datetime, until: datetime, zone: str
) -> list[DayFigures]:
    """One for each day from that of `since`, which counts from its midnight, to `until`; zeros too."""
    async with conn.cursor(row_factory=class_row(DayFigures)) as cursor:
        values = {"entry": entry, "since": since, "until": until, "zone": zone}
        await cursor.execute(_FIGURES, values)
        return await cursor.fetchall()


def totals(days: Sequence[DayFigures]) -> dict[str, int]:
    """The sums over all days."""
    names = [f.name for f in fields(DayFigures) if f.name != "day"]
    return {name: sum(getattr(day, name) for day in days) for name in names}


async def unused_since(conn: AsyncConnection[Any], since: datetime) -> list[UnusedEntry]:
    """Those never used first, then the longest unused."""
    async with conn.cursor(row_factory=class_row(UnusedEntry)) as cursor:
        await cursor.execute(_UNUSED, (since,))
        return await cursor.fetchall()
