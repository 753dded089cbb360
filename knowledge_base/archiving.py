"""The archive: an entry leaves the search at the next turn of every process, and is kept with its history.

What was published becomes the draft, so nothing else of the base knows a third kind of entry; taken out of the archive
it is a draft that goes through the gate again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from knowledge_base.editing import (
    COLUMNS,
    Index,
    change_item,
    conflict,
    lock_base,
    raise_version,
    read_item,
)
from knowledge_base.items import Item, entry_from_json

ARCHIVE = f"""
update knowledge_items
set draft = coalesce(draft, published), draft_at = coalesce(draft_at, published_at),
    draft_by = case when draft is null then published_by else draft_by end,
    published = null, base_version = %(base_version)s, archived = %(archived)s, review = null,
    publish_at = null, expires_at = null, schedule = null, due_until = null, version = version + 1
where kind = %(kind)s and id = %(id)s and version = %(version)s and archived is null
  and coalesce(draft, published) is not null returning {COLUMNS}
"""
UNARCHIVE = f"""
update knowledge_items set archived = null, version = version + 1
where kind = %(kind)s and id = %(id)s and version = %(version)s and archived is not null returning {COLUMNS}
"""


async def archive(
    conn: AsyncConnection[Any],
    id_: str,
    *,
    version: int,
    note: str,
    by: UUID | None,
    now: datetime,
    index: Index,
) -> Item:
    """Take the entry away from customers. Raises UnknownEntry, EditConflict. `by` is None when its time is over."""
    base_version = await lock_base(conn) + 1
    item = await read_item(conn, "entry", id_)
    if item.archived is not None and item.version == version:
        raise conflict(item, version, "It is archived already.")
    archived = {"at": now.isoformat(), "by": str(by) if by else None, "note": note}
    values = {"base_version": base_version, "archived": Jsonb(archived)}
    changed = await change_item(conn, ARCHIVE, "entry", id_, version, values)
    if item.published is not None:
        # An entry without any text leaves the index: one without phrasings would be found by its answer.
        nothing = replace(
            entry_from_json(id_, item.published), title={}, phrasings={}, answer={}, variants=()
        )
        await index.replace(conn, [nothing])
        await raise_version(conn, base_version, is_searched=True, now=now)
    return changed


async def unarchive(conn: AsyncConnection[Any], id_: str, *, version: int) -> Item:
    """Back among the drafts. Raises UnknownEntry, EditConflict."""
    item = await read_item(conn, "entry", id_)
    if item.archived is None and item.version == version:
        raise conflict(item, version, "It is not archived.")
    return await change_item(conn, UNARCHIVE, "entry", id_, version, {})
