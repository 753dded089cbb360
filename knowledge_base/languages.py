"""Which language of which entry is missing, or older than its zh-Hans. Read from what was published, revision by revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from knowledge_base.listing import languages_of
from knowledge_base.policy import LANGUAGES, Language

LEADING: Language = "zh-Hans"
"""The language that the others are held against."""
State = Literal["ok", "missing", "older"]

NEWEST = """
select id, coalesce(draft, published) from knowledge_items
where kind = 'entry' and coalesce(draft, published) is not null and archived is null order by position, id
"""
CHANGES = """
with texts as (
    select r.id, r.revision, r.at, l.language, jsonb_build_array(
        r.content -> 'title' -> l.language, r.content -> 'answer' -> l.language,
        jsonb_path_query_array(r.content, '$.variants[*].answer.keyvalue() ? (@.key == $language).value',
                               jsonb_build_object('language', l.language))) as written
    from knowledge_revisions r cross join unnest(%s::text[]) as l (language) where r.kind = 'entry'
), steps as (
    select id, language, at, written is distinct from lag(written) over (partition by id, language order by revision) as is_other
    from texts
)
select id, language, max(at) from steps where is_other group by id, language
"""
"""When title, answer or a variant of a language last became another one."""


@dataclass(frozen=True, kw_only=True)
class LanguageState:
    """`changed_at` is None where the language was never published."""

    state: State
    changed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EntryLanguages:
    """An entry by its newest content, the draft where there is one."""

    id: str
    title: Mapping[str, str]
    languages: Mapping[Language, LanguageState]


async def read_languages(conn: AsyncConnection[Any]) -> Sequence[EntryLanguages]:
    """Every entry that is not archived, in the order of the list."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(CHANGES, (list(LANGUAGES),))
        changed = {(id_, language): at for id_, language, at in await cursor.fetchall()}
        await cursor.execute(NEWEST)
        rows = await cursor.fetchall()
    return [_entry(id_, content, changed) for id_, content in rows]


def _entry(
    id_: str, content: Mapping[str, Any], changed: Mapping[tuple[str, Language], datetime]
) -> EntryLanguages:
    title, written = content.get("title"), languages_of(content)
    leading = changed.get((id_, LEADING)) if LEADING in written else None
    states: dict[Language, LanguageState] = {}
    for language in LANGUAGES:
        at = changed.get((id_, language)) if language in written else None
        is_older = at is not None and leading is not None and at < leading
        state: State = "missing" if language not in written else "older" if is_older else "ok"
        states[language] = LanguageState(state=state, changed_at=at)
    return EntryLanguages(id=id_, title=title if isinstance(title, dict) else {}, languages=states)
