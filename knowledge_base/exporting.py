"""Writes what is published as a content folder, which load_content reads back without loss, or as one file.

Questions known to be outside the base are no items and are not written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from knowledge_base import entries, policy
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.exchange import writing
from knowledge_base.exchange.tables import FORMATS
from knowledge_base.items import published_form
from knowledge_base.portions import in_portions

PUBLISHED = """
select b.version, i.kind, i.id, i.published from knowledge_base b, knowledge_items i
where i.published is not null order by i.kind, i.position, i.id
"""


NEWEST = """
select i.kind, i.id, case when %(with_drafts)s then coalesce(i.draft, i.published) else i.published end
from knowledge_items i
where (case when %(with_drafts)s then coalesce(i.draft, i.published) else i.published end) is not null
  and i.archived is null and (i.kind = 'figure' or %(group)s::text is null
       or (case when %(with_drafts)s then coalesce(i.draft, i.published) else i.published end) ->> 'group' = %(group)s)
order by i.kind, i.position, i.id
"""
"""An archived entry has a draft, which is no draft that anybody works on."""


class CannotExport(KnowledgeBaseError):
    """Nothing is published, or the folder holds files that would be mixed up with the new ones."""

    code = "cannot_export"


@dataclass(frozen=True, kw_only=True)
class Exported:
    """How much was written."""

    entries: int
    figures: int
    files: tuple[str, ...]


async def export_content(conn: AsyncConnection[Any], folder: Path) -> Exported:
    """Write <group>.yml files and policy.yml. Raises CannotExport before anything is written."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(PUBLISHED)
        rows = await cursor.fetchall()
    figures = {
        id_: published_form("figure", id_, content) for _, kind, id_, content in rows if kind == "figure"
    }
    items = [
        (id_, published_form("entry", id_, content)) for _, kind, id_, content in rows if kind == "entry"
    ]
    if not items or not figures:
        raise CannotExport("Nothing is published yet; import or publish first.")
    files = dict(_files(items, figures, revision=rows[0][0]))
    await asyncio.to_thread(_write, folder, files)
    return Exported(entries=len(items), figures=len(figures), files=tuple(files))


async def export_file(
    conn: AsyncConnection[Any], format_: str, *, group: str | None = None, with_drafts: bool = False
) -> bytes:
    """One file, csv, xlsx, json or yaml; `with_drafts` takes the draft where there is one. Raises CannotExport."""
    known = next((known for known in FORMATS if known == format_), None)
    if known is None:
        raise CannotExport(f"{format_!r} is not a format; known: {', '.join(FORMATS)}.")
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(NEWEST, {"with_drafts": with_drafts, "group": group})
        rows = await in_portions(cursor)
    figures = {id_: content for kind, id_, content in rows if kind == "figure"}
    items = [(id_, content) for kind, id_, content in rows if kind == "entry"]
    if not items:
        raise CannotExport("There is no such entry to export.")
    return await asyncio.to_thread(writing.write, known, items, figures)


def _files(
    items: Sequence[tuple[str, Mapping[str, Any]]], figures: Mapping[str, Any], *, revision: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "policy.yml", {"format": policy.FORMAT, "revision": max(1, revision), "figures": dict(figures)}
    for group in dict.fromkeys(content["group"] for _, content in items):
        own = {id_: _row(content) for id_, content in items if content["group"] == group}
        yield f"{group}.yml", {"format": entries.FORMAT, "entries": own}


def _row(content: Mapping[str, Any]) -> dict[str, Any]:
    """Without the group, which is the file's name, and without what is empty."""
    row = {name: part for name, part in content.items() if name != "group"}
    return {name: part for name, part in row.items() if part or name not in _MAY_BE_EMPTY}


_MAY_BE_EMPTY = frozenset({"variants", "related", "start_form", "own_figures"})


def _write(folder: Path, files: Mapping[str, object]) -> None:
    _refuse_other_files(folder, files)
    folder.mkdir(parents=True, exist_ok=True)
    for name, written in files.items():
        text = yaml.safe_dump(written, allow_unicode=True, sort_keys=False, width=140)
        (folder / name).write_text(text, encoding="utf-8")


def _refuse_other_files(folder: Path, files: Mapping[str, object]) -> None:
    if folder.exists() and not folder.is_dir():
        raise CannotExport(f"{folder} is no folder.")
    found = {path.name for path in folder.glob("*.yml")} - entries.NOT_ENTRIES - set(files)
    if found:
        raise CannotExport(f"{folder} holds {', '.join(sorted(found))}; name an empty folder.")
