"""Reviews: an editor asks somebody to look at a draft, who approves it or says what to change.

On an open connection; the caller holds the transaction. An approval is of one draft: the next change drops it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from knowledge_base.editing import COLUMNS, change_item, read_item, refuse_unpublishable
from knowledge_base.errors import EditConflict, OwnDraft
from knowledge_base.items import Item, ItemKind

Verdict = Literal["approved", "changes_wanted"]

REVIEW = f"""
update knowledge_items set review = %(review)s, version = version + 1
where kind = %(kind)s and id = %(id)s and version = %(version)s and draft is not null returning {COLUMNS}
"""


async def ask_for_review(
    conn: AsyncConnection[Any],
    kind: ItemKind,
    id_: str,
    *,
    version: int,
    note: str,
    by: UUID,
    now: datetime,
) -> Item:
    """Somebody is to look at the draft. Raises UnknownEntry, UnknownFigure; EditConflict also without a draft."""
    refuse_unpublishable(await read_item(conn, kind, id_), version)
    review = {"state": "asked", "asked_by": str(by), "asked_at": now.isoformat(), "note": note}
    return await _put(conn, kind, id_, version, review)


async def give_verdict(
    conn: AsyncConnection[Any],
    kind: ItemKind,
    id_: str,
    *,
    version: int,
    verdict: Verdict,
    comment: str,
    by: UUID,
    now: datetime,
    by_others_only: bool,
) -> Item:
    """What the reviewer found. Raises as ask_for_review does; EditConflict where nobody has asked; OwnDraft where
    `by_others_only` and the reviewer wrote the draft or asked for the review."""
    item = await read_item(conn, kind, id_)
    refuse_unpublishable(item, version)
    if item.review is None:
        raise EditConflict("Nobody has asked for a review of this draft.", item)
    if by_others_only and str(by) in (item.review["asked_by"], str(item.draft_by)):
        raise OwnDraft("Somebody else must look at this draft.")
    said = {"state": verdict, "by": str(by), "at": now.isoformat(), "comment": comment}
    return await _put(conn, kind, id_, version, {**item.review, **said})


async def _put(
    conn: AsyncConnection[Any], kind: ItemKind, id_: str, version: int, review: dict[str, str]
) -> Item:
    return await change_item(conn, REVIEW, kind, id_, version, {"review": Jsonb(review)})
