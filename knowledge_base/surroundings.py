"""Reads the published base around one item, for checking it; a snapshot of the caller's transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from knowledge_base.checking import Surroundings, phrasing_owners
from knowledge_base.features import pieces_hash
from knowledge_base.items import figure_from_json
from knowledge_base.policy import Policy
from knowledge_base.portions import in_portions
from knowledge_base.text_normalisation import matching_form

POLICY = """
select b.version, i.id, i.published
from knowledge_base b left join knowledge_items i on i.kind = 'figure' and i.published is not null
order by i.position, i.id
"""
OTHERS = """
select id, published -> 'phrasings' from knowledge_items
where kind = 'entry' and published is not null and id <> all(%s) order by position, id
"""
OWNERS = """
select form, entry, text from knowledge_phrasings
where form = any(%s) and entry <> all(%s) and not is_title order by id
"""
IS_CUT_AS_NOW = "select split_part(encoder, ' ', 2) = %s from knowledge_base"
IDS = """
select id, archived is not null from knowledge_items
where kind = 'entry' and (published is not null or archived is not null) and (%(named)s::text[] is null or id = any(%(named)s))
"""


async def read_policy(conn: AsyncConnection[Any]) -> Policy:
    """The published policy table; its revision is the base's version."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(POLICY)
        rows = await cursor.fetchall()
    figures = {name: figure_from_json(name, content) for _, name, content in rows if name is not None}
    return Policy(revision=rows[0][0], figures=figures)


async def read_surroundings(conn: AsyncConnection[Any], *, without: tuple[str, ...] = ()) -> Surroundings:
    """What is published; the phrasings of the entries `without` are left out."""
    policy = await read_policy(conn)
    entries, archived = await read_ids(conn)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(OTHERS, (list(without),))
        others = await in_portions(cursor)
    phrasings = await asyncio.to_thread(phrasing_owners, others)  # a second for 5,000 entries
    return Surroundings(policy=policy, entries=entries, phrasings=phrasings, archived=archived)


async def read_surroundings_of(
    conn: AsyncConnection[Any], id_: str, content: Mapping[str, Any]
) -> Surroundings:
    """What is published around one entry with this content; of the others' phrasings only those that it has too.

    Costs the same in a base of any size. An index cut by another program is not asked.
    """
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(IS_CUT_AS_NOW, (pieces_hash(),))
        if await cursor.fetchone() != (True,):
            return await read_surroundings(conn, without=(id_,))
        forms = [matching_form(text) for text in _texts(content.get("phrasings"))]
        await cursor.execute(OWNERS, (forms, [id_]))
        owners: dict[str, tuple[str, str]] = {}
        for form, entry, text in await cursor.fetchall():
            owners.setdefault(form, (entry, text))
    entries, archived = await read_ids(conn, ids_named(id_, content))
    return Surroundings(policy=await read_policy(conn), entries=entries, phrasings=owners, archived=archived)


def ids_named(id_: str, content: Mapping[str, Any]) -> list[str]:
    """Entries that one with this content, which may be written in any way, relies on: its parent and its links."""
    related = content.get("related")
    linked = [other for other in related if isinstance(other, str)] if isinstance(related, list) else []
    return [id_.partition(".")[0], *linked]


def _texts(phrasings: object) -> Iterator[str]:
    """Of a draft, which may be written in any way."""
    for texts in phrasings.values() if isinstance(phrasings, Mapping) else ():
        yield from (text for text in texts if isinstance(text, str)) if isinstance(texts, list) else ()


async def read_ids(
    conn: AsyncConnection[Any], named: Sequence[str] | None = None
) -> tuple[set[str], set[str]]:
    """Published entries, and archived ones; with `named` only those among them."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(IDS, {"named": None if named is None else list(named)})
        rows = await in_portions(cursor, 5_000)
    return {id_ for id_, is_archived in rows if not is_archived}, {
        id_ for id_, is_archived in rows if is_archived
    }
