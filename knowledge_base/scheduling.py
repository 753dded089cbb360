"""Drafts that reach customers at a time, and what ends at one: an entry goes to the archive, a figure's value before
it comes back. On an open connection; doing what is due is knowledge_base/due.py.

Times are instants with a zone, kept in UTC; pages show them in the shop's zone. What counts is the clock of whichever
service process looks first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from knowledge_base.editing import COLUMNS, change_item, conflict, read_item, refuse_unpublishable
from knowledge_base.errors import UnusableSchedule
from knowledge_base.items import Item, ItemKind

SCHEDULE = f"""
update knowledge_items
set publish_at = %(publish_at)s, expires_at = %(expires_at)s, schedule = %(schedule)s, due_until = null,
    version = version + 1
where kind = %(kind)s and id = %(id)s and version = %(version)s and archived is null returning {COLUMNS}
"""
UNSCHEDULE = f"""
update knowledge_items
set publish_at = null, expires_at = null, schedule = null, due_until = null, version = version + 1
where kind = %(kind)s and id = %(id)s and version = %(version)s and schedule is not null returning {COLUMNS}
"""


async def schedule(
    conn: AsyncConnection[Any],
    kind: ItemKind,
    id_: str,
    *,
    version: int,
    publish_at: datetime | None,
    expires_at: datetime | None,
    note: str,
    by: UUID,
    now: datetime,
) -> Item:
    """Publish the draft then, the newest there is; end what customers get then. In place of what was planned before.

    Raises UnknownEntry, UnknownFigure, EditConflict; UnusableSchedule for no time, a past one, or an end before the beginning.
    """
    _check(publish_at, expires_at, now)
    item = await read_item(conn, kind, id_)
    if publish_at is not None:
        refuse_unpublishable(item, version)
    elif item.version == version and item.published is None:
        raise conflict(item, version, "Customers do not get it, so it cannot end.")
    values = {
        "publish_at": publish_at,
        "expires_at": expires_at,
        "schedule": Jsonb({"by": str(by), "note": note}),
    }
    return await change_item(conn, SCHEDULE, kind, id_, version, values)


async def unschedule(conn: AsyncConnection[Any], kind: ItemKind, id_: str, *, version: int) -> Item:
    """Nothing happens by itself. Raises UnknownEntry, UnknownFigure, EditConflict."""
    item = await read_item(conn, kind, id_)
    if item.schedule is None and item.version == version:
        raise conflict(item, version, "Nothing is planned for it.")
    return await change_item(conn, UNSCHEDULE, kind, id_, version, {})


def _check(publish_at: datetime | None, expires_at: datetime | None, now: datetime) -> None:
    if publish_at is None and expires_at is None:
        raise UnusableSchedule("publish_at: name a time, or one for expires_at.", field="publish_at")
    for field, at in (("publish_at", publish_at), ("expires_at", expires_at)):
        if at is not None and at <= now:
            raise UnusableSchedule(f"{field}: lies in the past.", field=field)
    if publish_at is not None and expires_at is not None and expires_at <= publish_at:
        raise UnusableSchedule("expires_at: lies before publish_at.", field="expires_at")
