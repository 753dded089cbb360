"""Content folders into the database and back: the demo shop's entries, a newer program's, a shop's own files.

What a person has published stays, unless it is to be overwritten; a second import of the same content changes nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from knowledge_base import editing
from knowledge_base.checking import Surroundings, entry_problems, phrasing_owners
from knowledge_base.editing import Index
from knowledge_base.entries import Content
from knowledge_base.items import (
    ItemKind,
    entry_as_json,
    entry_from_json,
    figure_as_json,
    figure_from_json,
    published_form,
)
from knowledge_base.policy import Policy
from knowledge_base.policy_checking import contradictions, other_kind

NOTE = "import"
IS_OLDER = """
select exists (select from knowledge_contents c where c.digest = %(digest)s
               and c.id < (select max(id) from knowledge_contents))
"""
REMEMBER_CONTENT = (
    "insert into knowledge_contents (digest, at) values (%(digest)s, %(now)s) on conflict (digest) do nothing"
)
Key = tuple[ItemKind, str]

STORED = """
select i.kind, i.id, i.published,
       (i.published is null and i.draft is not null) or r.by_agent is not null as is_of_a_person
from knowledge_items i
left join knowledge_revisions r on r.kind = i.kind and r.id = i.id and r.revision = i.revision
"""
"""A draft that was never published is somebody's work too."""
INSERT = """
insert into knowledge_items (kind, id, position, published, revision, base_version, published_at)
values (%(kind)s, %(id)s, %(position)s, %(content)s, 1, %(base_version)s, %(now)s)
"""
UPDATE = """
update knowledge_items
set published = %(content)s, revision = revision + 1, base_version = %(base_version)s, published_at = %(now)s,
    published_by = null, version = version + 1
where kind = %(kind)s and id = %(id)s
"""
REMEMBER = """
insert into knowledge_revisions (kind, id, revision, content, at, note)
select kind, id, revision, published, %(now)s, %(note)s from knowledge_items where kind = %(kind)s and id = %(id)s
"""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """Ids of entries and names of figures, by what became of them.

    `kept` are those that a person has published, those that would not fit beside what a person has published, and figures
    of another kind or unit than this program's rules read.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    kept: tuple[str, ...]
    unchanged: tuple[str, ...]
    is_older: bool = False
    """Whether a newer program has brought its content since; then nothing was taken."""


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """An item of the content, and how it stands in the database."""

    kind: ItemKind
    id: str
    position: int
    content: dict[str, Any]
    stored: _Stored | None

    @property
    def key(self) -> Key:
        """What the item is known by."""
        return self.kind, self.id

    @property
    def is_new(self) -> bool:
        return self.stored is None

    @property
    def is_unchanged(self) -> bool:
        return self.stored is not None and self.stored.published == self.content

    @property
    def is_searched(self) -> bool:
        """Whether titles or phrasings differ from what is published."""
        before = self.stored.published if self.stored is not None else None
        return editing.changes_search(self.kind, before, self.content)


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """What an import needs to know of an item of the database."""

    kind: ItemKind
    id: str
    published: dict[str, Any] | None
    is_of_a_person: bool


async def import_content(
    conn: AsyncConnection[Any],
    content: Content,
    *,
    index: Index,
    now: datetime,
    overwrite: bool = False,
    is_shipped: bool = False,
) -> Imported:
    """Publish what is new or other in `content`; the caller holds the transaction. Drafts stay as they are.

    `is_shipped`: a program brings it along at its start. In a rolling update an older program may start once more after
    a newer one; what it brings has been here before the newest, and is left alone.
    """
    base_version = await editing.lock_base(conn) + 1
    async with conn.cursor(row_factory=class_row(_Stored)) as cursor:
        await cursor.execute(STORED)
        stored = {(row.kind, row.id): row for row in await cursor.fetchall()}
    wanted = _wanted(content, stored)
    other = [item for item in wanted if not item.is_unchanged]
    if is_shipped and not overwrite and await _is_older(conn, wanted, now):
        unchanged = tuple(item.id for item in wanted if item.is_unchanged)
        return Imported(
            new=(), changed=(), kept=tuple(i.id for i in other), unchanged=unchanged, is_older=True
        )
    taken = [item for item in other if overwrite or item.stored is None or not item.stored.is_of_a_person]
    if taken:
        taken = await asyncio.to_thread(_fitting, taken, stored)
        await _publish(conn, taken, base_version=base_version, index=index, now=now)
    taken_keys = {item.key for item in taken}
    return Imported(
        new=tuple(item.id for item in taken if item.is_new),
        changed=tuple(item.id for item in taken if not item.is_new),
        kept=tuple(item.id for item in other if item.key not in taken_keys),
        unchanged=tuple(item.id for item in wanted if item.is_unchanged),
    )


async def _is_older(conn: AsyncConnection[Any], wanted: Sequence[_Wanted], now: datetime) -> bool:
    """Whether this content came before the newest; one that never came is the newest from now on."""
    items = [(item.kind, item.id, item.content) for item in wanted]
    digest = hashlib.sha256(json.dumps(items, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    values = {"digest": digest, "now": now}
    row = await (await conn.execute(IS_OLDER, values)).fetchone()
    await conn.execute(REMEMBER_CONTENT, values)
    return bool(row and row[0])


def _wanted(content: Content, stored: Mapping[Key, _Stored]) -> list[_Wanted]:
    """In the form in which items are published, so that equal ones are found equal."""
    kinds: tuple[tuple[ItemKind, Iterable[tuple[str, dict[str, Any]]]], ...] = (
        ("figure", ((f.name, figure_as_json(f)) for f in content.policy.figures.values())),
        ("entry", ((e.id, entry_as_json(e)) for e in content.entries.values())),
    )
    return [
        _Wanted(
            kind=kind,
            id=id_,
            position=position,
            content=published_form(kind, id_, json),
            stored=stored.get((kind, id_)),
        )
        for kind, items in kinds
        for position, (id_, json) in enumerate(items, start=1)
    ]


def _fitting(taken: list[_Wanted], stored: Mapping[Key, _Stored]) -> list[_Wanted]:
    """Without figures of a kind that no rule reads, and those that would be wrong beside what people have published;
    leaving one out may unsettle others."""
    taken = [item for item in taken if not _is_of_other_kind(item)]
    while True:
        keys = {item.key for item in taken}
        base = {k: row.published for k, row in stored.items() if row.published is not None and k not in keys}
        wrong = _wrong(base | {item.key: item.content for item in taken})
        if not keys & wrong:
            return taken
        taken = [item for item in taken if item.key not in wrong]


def _is_of_other_kind(item: _Wanted) -> bool:
    before = item.stored.published if item.stored is not None else None
    published = figure_from_json(item.id, before) if item.kind == "figure" and before is not None else None
    return item.kind == "figure" and other_kind(item.id, item.content, published) is not None


def _wrong(base: Mapping[Key, dict[str, Any]]) -> set[Key]:
    """Items of a whole base that have problems; of two that share a phrasing, the later."""
    figures = {id_: figure_from_json(id_, json) for (kind, id_), json in base.items() if kind == "figure"}
    policy = Policy(revision=0, figures=figures)
    entries = {id_: json for (kind, id_), json in base.items() if kind == "entry"}
    owners = phrasing_owners((id_, json["phrasings"]) for id_, json in entries.items())
    around = Surroundings(policy=policy, entries=entries.keys(), phrasings=owners)
    wrong: set[Key] = {("figure", problem.entry) for problem in contradictions(policy)}
    return wrong | {("entry", id_) for id_, json in entries.items() if entry_problems(id_, json, around)}


async def _publish(
    conn: AsyncConnection[Any], taken: Sequence[_Wanted], *, base_version: int, index: Index, now: datetime
) -> None:
    values = {"base_version": base_version, "now": now, "note": NOTE}
    rows = {
        item.key: {**values, "kind": item.kind, "id": item.id, "position": item.position}
        | {"content": Jsonb(item.content)}
        for item in taken
    }
    async with conn.cursor() as cursor:
        await cursor.executemany(INSERT, [rows[item.key] for item in taken if item.is_new])
        await cursor.executemany(UPDATE, [rows[item.key] for item in taken if not item.is_new])
        await cursor.executemany(REMEMBER, list(rows.values()))
    searched = [entry_from_json(item.id, item.content) for item in taken if item.is_searched]
    if searched:
        await index.replace(conn, searched)
    await editing.raise_version(conn, base_version, is_searched=bool(searched), now=now)
