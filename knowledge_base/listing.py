"""The lists of the knowledge page: entries by filter, the policy table with where each figure is used.

A list shows the newest of each item, the draft where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row, tuple_row

from knowledge_base.editing import COLUMNS
from knowledge_base.items import Item, ItemState
from knowledge_base.policy import LANGUAGES, Language

NEWEST = "coalesce(draft, published)"
ENTRIES = f"""
select {COLUMNS} from knowledge_items i
where kind = 'entry' and {NEWEST} is not null
  and (%(group)s::text is null or {NEWEST} ->> 'group' = %(group)s)
  and (%(state)s::text is null and archived is null or %(state)s =
       case when archived is not null then 'archived' when published is null then 'draft'
            when draft is null then 'published' else 'changed' end)
  and (%(language)s::text is null or coalesce({NEWEST} -> 'answer' ->> %(language)s, '') <> '')
  and (%(pattern)s::text is null or id ilike %(pattern)s or exists (
       select from jsonb_path_query({NEWEST}, '$.**') as part
       where jsonb_typeof(part) = 'string' and part #>> '{{}}' ilike %(pattern)s))
  and (%(after)s::text is null or (position, id) > (
       select position, id from knowledge_items where kind = 'entry' and id = %(after)s))
order by position, id limit %(limit)s
"""
GROUPS = f"""
select {NEWEST} ->> 'group' from knowledge_items
where kind = 'entry' and archived is null and {NEWEST} ->> 'group' is not null group by 1 order by min(position)
"""
TITLES = f"""
select id, {NEWEST} -> 'title' as title from knowledge_items
where kind = 'entry' and archived is null and {NEWEST} is not null
  and (%(ids)s::text[] is null or id = any(%(ids)s))
  and (%(pattern)s::text is null or id ilike %(pattern)s or exists (
       select from jsonb_path_query({NEWEST}, '$.title.*') as part
       where jsonb_typeof(part) = 'string' and part #>> '{{}}' ilike %(pattern)s))
order by position, id limit %(limit)s
"""
DRAFTS = f"""
select {COLUMNS} from knowledge_items where kind = 'entry' and draft is not null and archived is null order by position, id
"""
VERSION = "select version from knowledge_base"
FIGURES = f"select {COLUMNS} from knowledge_items where kind = 'figure' and published is not null order by position, id"
USED_BY = r"""
select distinct name[1], i.position, i.id
from knowledge_items i, jsonb_path_query(i.published, '$.**.answer.*') as text,
     regexp_matches(text #>> '{}', '\{([a-z0-9_]+)(?::number)?\}', 'g') as name
where i.kind = 'entry' and i.published is not null order by i.position, i.id
"""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which entries a list shows; None shows all, but not the archive. `after` is the id of the last one of the page before."""

    text: str | None = None
    group: str | None = None
    state: ItemState | None = None
    language: Language | None = None
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class EntryList:
    """A page of entries; `groups` are those of all entries."""

    items: tuple[Item, ...]
    more: bool
    groups: tuple[str, ...]
    base_version: int


@dataclass(frozen=True, kw_only=True)
class FigureList:
    """The policy table in its order; `used_by` has the ids of the entries whose answers name a figure."""

    items: tuple[Item, ...]
    used_by: Mapping[str, tuple[str, ...]]
    base_version: int


async def list_entries(conn: AsyncConnection[Any], shown: Filter, *, limit: int) -> EntryList:
    """Entries in their order. Published content and drafts are searched for `text`, ids too."""
    values = {
        "pattern": f"%{_escaped(shown.text)}%" if shown.text else None,
        "group": shown.group,
        "state": shown.state,
        "language": shown.language,
        "after": shown.after,
        "limit": limit + 1,
    }
    async with conn.cursor(row_factory=class_row(Item)) as cursor:
        await cursor.execute(ENTRIES.encode(), values)
        items = await cursor.fetchall()
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(GROUPS.encode())
        groups = tuple(row[0] for row in await cursor.fetchall())
    return EntryList(
        items=tuple(items[:limit]),
        more=len(items) > limit,
        groups=groups,
        base_version=await read_base_version(conn),
    )


async def read_titles(
    conn: AsyncConnection[Any], *, ids: Sequence[str] | None = None, text: str | None = None, limit: int
) -> dict[str, dict[str, str]]:
    """Id → titles by language of entries that are not archived: those named, or those whose title or id holds `text`."""
    pattern = f"%{_escaped(text)}%" if text else None
    async with conn.cursor(row_factory=tuple_row) as cursor:
        values = {"ids": None if ids is None else list(ids), "pattern": pattern, "limit": limit}
        await cursor.execute(TITLES.encode(), values)
        return {id_: _texts_of(title) for id_, title in await cursor.fetchall()}


async def read_drafts(conn: AsyncConnection[Any]) -> list[Item]:
    """Entries that wait to be published."""
    async with conn.cursor(row_factory=class_row(Item)) as cursor:
        await cursor.execute(DRAFTS.encode())
        return await cursor.fetchall()


async def list_figures(conn: AsyncConnection[Any]) -> FigureList:
    """All of them."""
    async with conn.cursor(row_factory=class_row(Item)) as cursor:
        await cursor.execute(FIGURES.encode())
        items = await cursor.fetchall()
    return FigureList(
        items=tuple(items), used_by=await read_used_by(conn), base_version=await read_base_version(conn)
    )


async def read_used_by(conn: AsyncConnection[Any]) -> Mapping[str, tuple[str, ...]]:
    """Figure → ids of the published entries whose answers name it."""
    used_by: dict[str, tuple[str, ...]] = {}
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(USED_BY.encode())
        for name, _, id_ in await cursor.fetchall():
            used_by[name] = (*used_by.get(name, ()), id_)
    return used_by


async def read_base_version(conn: AsyncConnection[Any]) -> int:
    """How many publishes there were."""
    cursor = await conn.execute(VERSION)
    row = await cursor.fetchone()
    assert row is not None, "migration 0002 inserts the row"
    return int(row[0])


def _texts_of(title: object) -> dict[str, str]:
    """A draft's title may be of any shape."""
    texts = title if isinstance(title, Mapping) else {}
    return {language: text for language in LANGUAGES if isinstance(text := texts.get(language), str) and text}


def languages_of(content: Mapping[str, Any]) -> list[Language]:
    """Languages in which a draft, of whatever shape, has an answer."""
    answer = content.get("answer")
    if not isinstance(answer, Mapping):
        return []
    return [language for language in LANGUAGES if str(answer.get(language) or "").strip()]


def phrasings_in(content: Mapping[str, Any]) -> int:
    """How many phrasings a draft, of whatever shape, has."""
    phrasings = content.get("phrasings")
    lists = phrasings.values() if isinstance(phrasings, Mapping) else ()
    return sum(len(texts) for texts in lists if isinstance(texts, list))


def _escaped(text: str) -> str:
    """So that % and _ mean themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
