"""Figures of a file of our own: those that the policy table lacks are published, for entries name them; others stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from knowledge_base import editing
from knowledge_base.editing import Index
from knowledge_base.policy_checking import figure_item_problems
from knowledge_base.surroundings import read_policy

INSERT = """
insert into knowledge_items (kind, id, position, published, revision, base_version, published_at, published_by)
select 'figure', %(id)s, coalesce(max(position), 0) + 1, %(content)s, 1, %(base_version)s, %(now)s, %(by)s
from knowledge_items where kind = 'figure'
"""
REMEMBER = """
insert into knowledge_revisions (kind, id, revision, content, at, by_agent, note)
values ('figure', %(id)s, 1, %(content)s, %(now)s, %(by)s, 'import')
"""


async def write_figures(
    conn: AsyncConnection[Any],
    figures: Mapping[str, Mapping[str, object]],
    *,
    by: UUID | None,
    now: datetime,
    index: Index,
) -> tuple[str, ...]:
    """Names of those that were new. A value is the policy table's to change: it goes through a draft of its own."""
    if not figures:
        return ()
    base_version = await editing.lock_base(conn) + 1
    policy = await read_policy(conn)
    new = {
        name: content
        for name, content in figures.items()
        if name not in policy.figures and not figure_item_problems(name, dict(content), None, policy)
    }
    for name, content in new.items():
        values = {
            "id": name,
            "content": Jsonb(dict(content)),
            "base_version": base_version,
            "now": now,
            "by": by,
        }
        await conn.execute(INSERT, values)
        await conn.execute(REMEMBER, values)
    if new:
        await editing.raise_version(conn, base_version, is_searched=False, now=now)
    return tuple(new)
