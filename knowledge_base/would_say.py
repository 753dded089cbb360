"""What the bot would say to a question, published and with drafts in place, and why. For editors; writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import AsyncConnection
from psycopg.rows import class_row

from knowledge_base.changed_base import Changes
from knowledge_base.checking import Surroundings, entry_problems
from knowledge_base.editing import COLUMNS
from knowledge_base.entries import Entry, Facts
from knowledge_base.items import Item, entry_from_json, figure_from_json
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.policy import Figure, Policy
from knowledge_base.policy_checking import figure_item_problems
from knowledge_base.search import SearchOutcome, query_form
from knowledge_base.surroundings import ids_named, read_ids, read_policy
from knowledge_base.text_normalisation import matching_form

MOST_DRAFTS = 200
"""Drafts that stand in place at once, the last changed first."""
NOT_IN_THE_WAY = frozenset({"unknown_entry", "archived_entry", "phrasing_elsewhere"})
"""Problems of a draft with which it can be searched and said all the same."""

Reason = Literal["word_for_word", "sure", "unsure", "too_unsure", "nothing_found", "not_a_question"]

DRAFTS = f"""
select {COLUMNS} from knowledge_items where draft is not null and archived is null
order by draft_at desc nulls last, kind, id limit %(most)s
"""
PLANNED = f"""
select {COLUMNS} from knowledge_items where archived is null and not coalesce(schedule, '{{}}'::jsonb) ? 'problem'
  and least(publish_at, expires_at) <= %(at)s order by least(publish_at, expires_at), kind, id
"""
REVISION_BEFORE = (
    "select content from knowledge_revisions where kind = 'figure' and id = %s and revision = %s"
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """A search's outcome and why it is that one."""

    found: SearchOutcome
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class WouldSay:
    """`draft` is None where there is no draft, `left_out` are drafts that cannot be said as they are."""

    published: Said
    draft: Said | None
    left_out: tuple[str, ...]


async def would_say(
    live: LiveKnowledgeBase,
    text: str,
    *,
    language: str,
    context: str | None,
    customer: Facts,
    at: datetime | None,
    with_drafts: bool,
) -> WouldSay:
    """`at` is a time to come: what is planned to be published or to end by then counts as done on both sides.

    Raises UnknownLanguage.
    """
    async with live.connection() as conn:
        planned, lost = await _planned(conn, at) if at is not None else (Changes(), [])
        drafts, left_out = await _drafts(conn) if with_drafts else (Changes(), [])
        published = await live.with_changes(conn, planned) if planned else live
        changes = _together(planned, drafts)
        drafted = await live.with_changes(conn, changes) if drafts else None

    async def said(base: LiveKnowledgeBase) -> Said:
        found = await base.search(text, language=language, context=context, customer=customer)
        return Said(found=found, reason=reason_of(text, found))

    return WouldSay(
        published=await said(published),
        draft=await said(drafted) if drafted is not None else None,
        left_out=tuple(dict.fromkeys([*lost, *left_out])),
    )


def reason_of(text: str, found: SearchOutcome) -> Reason:
    """Why the search decided so."""
    if not found.is_question:
        return "not_a_question"
    if not found.candidates:
        return "nothing_found"
    if found.outcome == "answer":
        is_verbatim = matching_form(found.candidates[0].phrasing) in (query_form(text), matching_form(text))
        return "word_for_word" if is_verbatim else "sure"
    return "unsure" if found.outcome == "ask" else "too_unsure"


async def _drafts(conn: AsyncConnection[Any]) -> tuple[Changes, list[str]]:
    return await _as_changes(conn, await _items(conn, DRAFTS, {"most": MOST_DRAFTS}))


async def _planned(conn: AsyncConnection[Any], at: datetime) -> tuple[Changes, list[str]]:
    """What publishes and ends until then."""
    items = await _items(conn, PLANNED, {"at": at})
    ended = [i for i in items if i.expires_at is not None and i.expires_at <= at]
    begun = [i for i in items if i.publish_at is not None and i.publish_at <= at and i not in ended]
    changes, left_out = await _as_changes(conn, begun)
    removed = frozenset(i.id for i in ended if i.kind == "entry")
    figures = {**changes.figures, **await _figures_before(conn, ended)}
    return Changes(entries=changes.entries, removed=removed, figures=figures), left_out


async def _figures_before(conn: AsyncConnection[Any], ended: Sequence[Item]) -> dict[str, Figure]:
    """Values that come back: those before the one that ends, which may itself not have begun yet."""
    found = {}
    for item in ended:
        has_begun = item.publish_at is None
        if item.kind == "figure" and has_begun:
            row = await (await conn.execute(REVISION_BEFORE, (item.id, item.revision - 1))).fetchone()
            if row is not None:
                found[item.id] = figure_from_json(item.id, row[0])
    return found


async def _as_changes(conn: AsyncConnection[Any], items: Sequence[Item]) -> tuple[Changes, list[str]]:
    if not items:
        return Changes(), []
    published = await read_policy(conn)
    figures, left_out = _figures(items, published)
    policy = Policy(revision=published.revision, figures={**published.figures, **figures})
    named = [other for item in items for other in ids_named(item.id, item.newest)]
    known, archived = await read_ids(conn, named)
    ids = {item.id for item in items}
    around = Surroundings(policy=policy, entries=known | ids, phrasings={}, archived=archived)
    entries, wrong = await asyncio.to_thread(_entries, items, around)
    return Changes(entries=entries, figures=figures), [*left_out, *wrong]


def _entries(items: Sequence[Item], around: Surroundings) -> tuple[dict[str, Entry], list[str]]:
    """Milliseconds for each."""
    entries: dict[str, Entry] = {}
    left_out = []
    for item in items:
        if item.kind != "entry" or item.draft is None:
            continue
        problems = entry_problems(item.id, item.draft, around)
        if all(problem.code in NOT_IN_THE_WAY for problem in problems):
            entries[item.id] = entry_from_json(item.id, item.draft)
        else:
            left_out.append(item.id)
    return entries, left_out


def _figures(items: Sequence[Item], policy: Policy) -> tuple[dict[str, Figure], list[str]]:
    figures: dict[str, Figure] = {}
    left_out = []
    for item in items:
        if item.kind != "figure" or item.draft is None:
            continue
        if figure_item_problems(item.id, item.draft, policy.figures.get(item.id), policy):
            left_out.append(item.id)
        else:
            figures[item.id] = figure_from_json(item.id, item.draft)
    return figures, left_out


def _together(planned: Changes, drafts: Changes) -> Changes:
    return Changes(
        entries={**planned.entries, **drafts.entries},
        removed=planned.removed - drafts.entries.keys(),
        figures={**planned.figures, **drafts.figures},
    )


async def _items(conn: AsyncConnection[Any], query: str, values: Mapping[str, object]) -> list[Item]:
    async with conn.cursor(row_factory=class_row(Item)) as cursor:
        await cursor.execute(query.encode(), dict(values))
        return await cursor.fetchall()
