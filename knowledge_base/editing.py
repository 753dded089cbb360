"""Editing the knowledge base: drafts, publishing, history. On an open connection; the caller holds the transaction.

Each change names the version that its editor read; one who comes too late is told so with the item as it is now.
Publishes come one after the other, by the lock on the base's one row. Nothing here searches or knows who may edit.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, Protocol
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, tuple_row
from psycopg.types.json import Jsonb

from knowledge_base.checking import entry_problems, is_id
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
from knowledge_base.items import Item, ItemKind, Json, Revision, entry_from_json, published_form
from knowledge_base.policy import UnknownFigure
from knowledge_base.policy_checking import figure_item_problems
from knowledge_base.surroundings import read_policy, read_surroundings

MOST_CONTENT = 400_000
"""Characters of a draft as JSON. What is above is no entry; what may be published is far less."""

COLUMNS = """
kind, id, position, published, revision, base_version, published_at, published_by, draft, draft_at, draft_by, version
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
update knowledge_items set draft = %(draft)s, draft_at = %(now)s, draft_by = %(by)s, version = version + 1
where kind = %(kind)s and id = %(id)s and version = %(version)s returning {COLUMNS}
"""
DISCARD = f"""
update knowledge_items set draft = null, draft_at = null, draft_by = null, version = version + 1
where kind = %(kind)s and id = %(id)s and version = %(version)s and draft is not null returning {COLUMNS}
"""
LOCK = "select version from knowledge_base for update"
PUBLISH = f"""
update knowledge_items
set published = %(content)s, revision = revision + 1, base_version = %(base_version)s, published_at = %(now)s,
    published_by = %(by)s, draft = null, draft_at = null, draft_by = null, version = version + 1
where kind = %(kind)s and id = %(id)s returning {COLUMNS}
"""
REMEMBER = """
insert into knowledge_revisions (kind, id, revision, content, at, by_agent, note)
values (%(kind)s, %(id)s, %(revision)s, %(content)s, %(now)s, %(by)s, %(note)s)
"""
RAISE = """
update knowledge_base
set version = %(version)s, changed_at = %(now)s,
    search_version = case when %(is_searched)s then %(version)s else search_version end
"""
REVISIONS = """
select revision, at, by_agent as by, note, content from knowledge_revisions
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
        raise _conflict(await read_item(conn, kind, id_), version)
    return saved


async def discard_draft(conn: AsyncConnection[Any], kind: ItemKind, id_: str, *, version: int) -> Item:
    """Back to what is published. An entry that never was stands in no list any more, but its draft may be brought
    back by saving it again. Raises as save_draft does."""
    values = {"kind": kind, "id": id_, "version": version}
    discarded = await _one(conn, DISCARD, values)
    if discarded is None:
        raise _conflict(await read_item(conn, kind, id_), version)
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
) -> Item:
    """Give the draft to customers; the next turn of every process uses it.

    Raises UnknownEntry, UnknownFigure; EditConflict where `version` is old or there is no draft; InvalidItem with
    every problem.
    """
    base_version = await lock_base(conn) + 1
    item = await _one(conn, SELECT_LOCKED, (kind, id_))
    if item is None:
        raise _unknown(kind, id_)
    if item.version != version:
        raise _conflict(item, version)
    if item.draft is None:
        raise EditConflict("There is no draft to publish.", item)
    if problems := await draft_problems(conn, item):
        raise InvalidItem(problems)
    content = published_form(kind, id_, item.draft)
    values = {"kind": kind, "id": id_, "content": Jsonb(content), "by": by, "now": now}
    published = await _one(conn, PUBLISH, {**values, "base_version": base_version})
    assert published is not None, "its row is locked"
    await conn.execute(REMEMBER, {**values, "revision": published.revision, "note": note})
    is_searched = changes_search(kind, item.published, content)
    if is_searched:
        await index.replace(conn, [entry_from_json(id_, content)])
    await raise_version(conn, base_version, is_searched=is_searched, now=now)
    return published


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
    """Whether titles or phrasings differ."""
    if kind != "entry":
        return False
    return before is None or any(before[field] != after[field] for field in ("title", "phrasings"))


async def draft_problems(conn: AsyncConnection[Any], item: Item) -> list[Problem]:
    """What keeps the draft from being published now; nothing where there is none."""
    if item.draft is None:
        return []
    if item.kind == "figure":
        policy = await read_policy(conn)
        return figure_item_problems(item.id, item.draft, policy.figures.get(item.id), policy)
    around = await read_surroundings(conn, without=(item.id,))
    return await asyncio.to_thread(entry_problems, item.id, item.draft, around)


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


def _conflict(current: Item, version: int) -> EditConflict:
    if current.version == version:
        return EditConflict("There is no draft to discard.", current)
    return EditConflict("Somebody else changed this meanwhile.", current)
