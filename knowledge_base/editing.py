"""Editing the knowledge base: drafts, publishing, history. On an open connection; the caller holds the transaction.

Each change names the version that its editor read; one who comes too late is told so with the item as it is now.
Publishes come one after the other, by the lock on the base's one row. Nothing here searches or knows who may edit.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import Any, Protocol
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, tuple_row
from psycopg.types.json import Jsonb

from knowledge_base.checking import Surroundings, entry_problems, is_id, related_problems
from knowledge_base.entries import Entry
from knowledge_base.errors import (
    EditConflict,
    IdTaken,
    InvalidItem,
    KnowledgeBaseError,
    Problem,
    UnknownEntry,
    UnknownRevision,
    UnusableContent,
)
from knowledge_base.indexing import Phrasing, phrasings_of
from knowledge_base.items import Item, ItemKind, Json, Revision, entry_from_json, published_form
from knowledge_base.policy import Policy, UnknownFigure
from knowledge_base.policy_checking import figure_item_problems
from knowledge_base.surroundings import ids_named, read_ids, read_policy, read_surroundings_of

MOST_CONTENT = 400_000
"""Characters of a draft as JSON. What is above is no entry; what may be published is far less."""

COLUMNS = """
kind, id, position, published, revision, base_version, published_at, published_by, draft, draft_at, draft_by, version,
review, publish_at, expires_at, schedule, archived
"""
COLUMNS_OF_I = ", ".join(f"i.{column.strip()}" for column in COLUMNS.split(","))
SELECT = f"select {COLUMNS} from knowledge_items where kind = %s and id = %s"
SELECT_LOCKED = f"{SELECT} for update"
"""So that nobody saves a draft between its check and its publication."""
CREATE = f"""
insert into knowledge_items as i (kind, id, position, draft, draft_at, draft_by)
select 'entry', %(id)s, coalesce(max(position), 0) + 1, %(draft)s, %(now)s, %(by)s
from knowledge_items where kind = 'entry'
on conflict (kind, id) do update
set draft = excluded.draft, draft_at = excluded.draft_at, draft_by = excluded.draft_by, version = i.version + 1
where i.published is null and i.draft is null
returning {COLUMNS_OF_I}
"""
"""What was discarded before it was ever published left its id to whoever wants it next."""
SAVE = f"""
update knowledge_items
set draft = %(draft)s, draft_at = %(now)s, draft_by = %(by)s, version = version + 1,
    review = case when review ->> 'state' = 'approved' and draft is distinct from %(draft)s then null else review end
where kind = %(kind)s and id = %(id)s and version = %(version)s and archived is null returning {COLUMNS}
"""
"""An approval is of one draft: another one drops it."""
DISCARD = f"""
update knowledge_items
set draft = null, draft_at = null, draft_by = null, version = version + 1, review = null, publish_at = null,
    schedule = case when expires_at is null then null else schedule - 'problem' end
where kind = %(kind)s and id = %(id)s and version = %(version)s and draft is not null and archived is null
  and (published is not null or revision = 0) returning {COLUMNS}
"""
"""What was published once and came back from the archive is archived again, never thrown away."""
LOCK = "select version from knowledge_base for update"
PUBLISH = f"""
update knowledge_items
set published = %(content)s, revision = revision + 1, base_version = %(base_version)s, published_at = %(now)s,
    published_by = %(by)s, version = version + 1, review = null, publish_at = null, due_until = null,
    schedule = case when expires_at is null then null else schedule - 'problem' end,
    draft = null, draft_at = null, draft_by = null
where kind = %(kind)s and id = %(id)s returning {COLUMNS}
"""
BRING_BACK = f"""
update knowledge_items
set published = %(content)s, revision = revision + 1, base_version = %(base_version)s, published_at = %(now)s,
    published_by = %(by)s, version = version + 1, expires_at = null, due_until = null,
    schedule = case when publish_at is null then null else schedule end
where kind = %(kind)s and id = %(id)s returning {COLUMNS}
"""
REMEMBER = """
insert into knowledge_revisions (kind, id, revision, content, at, by_agent, note, gate)
values (%(kind)s, %(id)s, %(revision)s, %(content)s, %(now)s, %(by)s, %(note)s, %(gate)s)
"""
RAISE = """
update knowledge_base
set version = %(version)s, changed_at = %(now)s,
    search_version = case when %(is_searched)s then %(version)s else search_version end
"""
REVISIONS = """
select revision, at, by_agent as by, note, content, gate from knowledge_revisions
where kind = %s and id = %s order by revision desc
"""
REVISION = "select content from knowledge_revisions where kind = %s and id = %s and revision = %s"


class Index(Protocol):
    """What publishing needs of the search."""

    async def replace(self, conn: AsyncConnection[Any], entries: Sequence[Entry]) -> None:
        """Index these entries anew, in the caller's transaction."""
        ...


async def read_item(conn: AsyncConnection[Any], kind: ItemKind, id_: str) -> Item:
    """The item as it is. Raises UnknownEntry or UnknownFigure."""
    found = await _one(conn, SELECT, (kind, id_))
    if found is None:
        raise _unknown(kind, id_)
    return found


async def create_entry(
    conn: AsyncConnection[Any], id_: str, content: Json, *, by: UUID | None, now: datetime
) -> Item:
    """A new entry, as a draft. Raises UnusableContent where the id is no id, IdTaken where it is somebody else's."""
    if not is_id(id_):
        raise UnusableContent(
            "id: lower-case words joined by _, a part after one dot; at most 80.", field="id"
        )
    refuse_unkeepable(content)
    values = {"id": id_, "draft": Jsonb(dict(content)), "by": by, "now": now}
    created = await _one(conn, CREATE, values)
    if created is None:
        raise IdTaken(f"There is an entry {id_!r} already.")
    return created


async def save_draft(
    conn: AsyncConnection[Any],
    kind: ItemKind,
    id_: str,
    content: Json,
    *,
    version: int,
    by: UUID | None,
    now: datetime,
) -> Item:
    """Keep what an editor has typed, right or wrong.

    Raises UnknownEntry, UnknownFigure, UnusableContent; EditConflict where `version` is not the item's.
    """
    refuse_unkeepable(content)
    values = {"kind": kind, "id": id_, "version": version, "by": by, "now": now}
    saved = await _one(conn, SAVE, {**values, "draft": Jsonb(dict(content))})
    if saved is None:
        raise conflict(await read_item(conn, kind, id_), version)
    return saved


async def discard_draft(conn: AsyncConnection[Any], kind: ItemKind, id_: str, *, version: int) -> Item:
    """Back to what is published. An entry that never was stands in no list any more, but its draft may be brought
    back by saving it again. Raises as save_draft does."""
    values = {"kind": kind, "id": id_, "version": version}
    discarded = await _one(conn, DISCARD, values)
    if discarded is None:
        raise conflict(await read_item(conn, kind, id_), version)
    return discarded


async def publish(
    conn: AsyncConnection[Any],
    kind: ItemKind,
    id_: str,
    *,
    version: int,
    note: str,
    by: UUID | None,
    now: datetime,
    index: Index,
    gate: Json | None = None,
) -> Item:
    """Give the draft to customers; the next turn of every process uses it. `gate` is what the revision says of it.

    Raises UnknownEntry, UnknownFigure; EditConflict where `version` is old or there is no draft; InvalidItem with
    every problem. Whether the gate lets it through is knowledge_base/publishing.py's to say.
    """
    await lock_base(conn)
    item = await _one(conn, SELECT_LOCKED, (kind, id_))
    if item is None:
        raise _unknown(kind, id_)
    refuse_unpublishable(item, version)
    assert item.draft is not None
    if problems := await draft_problems(conn, item):
        raise InvalidItem(problems)
    return await _give(conn, item, item.draft, PUBLISH, note=note, by=by, now=now, index=index, gate=gate)


async def bring_back(
    conn: AsyncConnection[Any], name: str, *, note: str, now: datetime, index: Index
) -> Item | None:
    """The figure's last revision but one holds again, as a new revision; its draft stays. None where there is none.

    Raises UnknownFigure; InvalidItem where it disagrees with the other figures of today.
    """
    await lock_base(conn)
    item = await _one(conn, SELECT_LOCKED, ("figure", name))
    if item is None:
        raise _unknown("figure", name)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(REVISION, ("figure", name, item.revision - 1))
        row = await cursor.fetchone()
    if row is None:
        return None
    if problems := await draft_problems(conn, replace(item, draft=row[0])):
        raise InvalidItem(problems)
    return await _give(conn, item, row[0], BRING_BACK, note=note, by=None, now=now, index=index, gate=None)


async def _give(
    conn: AsyncConnection[Any],
    item: Item,
    written: Json,
    query: str,
    *,
    note: str,
    by: UUID | None,
    now: datetime,
    index: Index,
    gate: Json | None,
) -> Item:
    """Checked content to customers, with its revision, the index and the base's version."""
    base_version = await lock_base(conn) + 1
    content = published_form(item.kind, item.id, written)
    values = {"kind": item.kind, "id": item.id, "content": Jsonb(content), "by": by, "now": now}
    published = await _one(conn, query, {**values, "base_version": base_version})
    assert published is not None, "its row is locked"
    stored = Jsonb(dict(gate)) if gate is not None else None
    await conn.execute(REMEMBER, {**values, "revision": published.revision, "note": note, "gate": stored})
    is_searched = changes_search(item.kind, item.published, content)
    if is_searched:
        await index.replace(conn, [entry_from_json(item.id, content)])
    await raise_version(conn, base_version, is_searched=is_searched, now=now)
    return published


def refuse_unpublishable(item: Item, version: int) -> None:
    """EditConflict where `version` is old, there is no draft, or the entry is archived."""
    if item.version != version:
        raise conflict(item, version)
    if item.archived is not None:
        raise conflict(item, version, "It is archived; take it out of the archive first.")
    if item.draft is None:
        raise conflict(item, version, "There is no draft to publish.")


async def change_item(
    conn: AsyncConnection[Any],
    query: str,
    kind: ItemKind,
    id_: str,
    version: int,
    values: Mapping[str, Any],
) -> Item:
    """Run an update that names kind, id and version. Raises UnknownEntry, UnknownFigure; EditConflict where nothing fits."""
    changed = await _one(conn, query, {"kind": kind, "id": id_, "version": version, **values})
    if changed is None:
        raise conflict(await read_item(conn, kind, id_), version)
    return changed


async def lock_base(conn: AsyncConnection[Any]) -> int:
    """Wait until no other publish is under way; the base's version."""
    cursor = await conn.execute(LOCK)
    row = await cursor.fetchone()
    assert row is not None, "migration 0002 inserts the row"
    return int(row[0])


async def raise_version(
    conn: AsyncConnection[Any], version: int, *, is_searched: bool, now: datetime
) -> None:
    """Tell every process that the base is another one; `is_searched` where titles or phrasings changed."""
    await conn.execute(RAISE, {"version": version, "now": now, "is_searched": is_searched})


def changes_search(kind: ItemKind, before: Json | None, after: Json) -> bool:
    """Whether the texts differ by which an entry is found."""
    if kind != "entry":
        return False
    return before is None or found_by(before) != found_by(after)


def found_by(content: Json) -> list[Phrasing]:
    """The texts by which an entry with this published content is found."""
    return list(phrasings_of(entry_from_json("", content)))


async def draft_problems(conn: AsyncConnection[Any], item: Item) -> list[Problem]:
    """What keeps the draft from being published now; nothing where there is none."""
    if item.draft is None:
        return []
    if item.kind == "figure":
        policy = await read_policy(conn)
        return figure_item_problems(item.id, item.draft, policy.figures.get(item.id), policy)
    around = await read_surroundings_of(conn, item.id, item.draft)
    return await asyncio.to_thread(entry_problems, item.id, item.draft, around)


async def item_problems(conn: AsyncConnection[Any], item: Item) -> list[Problem]:
    """What keeps the draft from being published; without one, which links of what customers get lead nowhere."""
    if item.draft is not None or item.published is None or item.kind == "figure":
        return await draft_problems(conn, item)
    related = item.published.get("related")
    if not related:
        return []
    entries, archived = await read_ids(conn, ids_named(item.id, item.published))
    around = Surroundings(
        policy=Policy(revision=0, figures={}), entries=entries, phrasings={}, archived=archived
    )
    return [replace(p, entry=item.id) for p in related_problems(item.id, related, around)]


async def revisions(conn: AsyncConnection[Any], kind: ItemKind, id_: str) -> list[Revision]:
    """What was published, newest first. Raises UnknownEntry or UnknownFigure."""
    await read_item(conn, kind, id_)
    async with conn.cursor(row_factory=class_row(Revision)) as cursor:
        await cursor.execute(REVISIONS, (kind, id_))
        return await cursor.fetchall()


async def restore(
    conn: AsyncConnection[Any],
    kind: ItemKind,
    id_: str,
    revision: int,
    *,
    version: int,
    by: UUID | None,
    now: datetime,
) -> Item:
    """The content of an earlier revision becomes the draft. Raises as save_draft does, and UnknownRevision."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(REVISION, (kind, id_, revision))
        row = await cursor.fetchone()
    if row is None:
        await read_item(conn, kind, id_)
        raise UnknownRevision(f"{id_} has no revision {revision}.")
    return await save_draft(conn, kind, id_, row[0], version=version, by=by, now=now)


def refuse_unkeepable(content: Json) -> None:
    """UnusableContent for what the database cannot keep, or what is too large to look at."""
    length = len(json.dumps(content, ensure_ascii=False))
    if length > MOST_CONTENT:
        message = f"content: at most {MOST_CONTENT} characters as JSON, this has {length}."
        raise UnusableContent(message, field="content")
    if any(not _is_keepable(part) for part in _parts(content)):
        message = "content: must not contain NUL characters, halves of characters or endless numbers."
        raise UnusableContent(message, field="content")


def _parts(value: object) -> Iterator[object]:
    """Keys, texts and numbers, however deep."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield key
            yield from _parts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _parts(part)
    else:
        yield value


def _is_keepable(part: object) -> bool:
    """PostgreSQL's jsonb takes neither NUL nor halves of surrogate pairs, and JSON no infinite numbers."""
    if isinstance(part, str):
        return not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in part)
    return not isinstance(part, float) or isfinite(part)


async def _one(
    conn: AsyncConnection[Any], query: str, values: Mapping[str, Any] | tuple[Any, ...]
) -> Item | None:
    async with conn.cursor(row_factory=class_row(Item)) as cursor:
        await cursor.execute(query.encode(), values)
        return await cursor.fetchone()


def _unknown(kind: ItemKind, id_: str) -> KnowledgeBaseError:
    if kind == "entry":
        return UnknownEntry(f"There is no entry {id_!r} in the knowledge base.")
    return UnknownFigure(f"The policy table has no figure {id_!r}.")


def conflict(current: Item, version: int, otherwise: str = "") -> EditConflict:
    """Why a change that named `version` does not fit: somebody was faster, else what the item's state says."""
    if current.version != version:
        return EditConflict("Somebody else changed this meanwhile.", current)
    if otherwise:
        return EditConflict(otherwise, current)
    if current.archived is not None:
        return EditConflict("It is archived; take it out of the archive first.", current)
    if current.draft is None:
        return EditConflict("There is no draft.", current)
    return EditConflict("It was published before; archive it instead.", current)
