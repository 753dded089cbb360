"""`anxin kb import FILE` and `anxin kb export --format`: CSV, XLSX, JSON and YAML. Folders: kb_content.py."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

    from knowledge_base.exchange.imports import Import, Options, Told
    from knowledge_base.exchange.preparing import Preparation
    from knowledge_base.exchange.tables import Table
    from service.settings import Settings

MOST_SHOWN = 50
"""Rows with problems that are printed; a file that is wrong throughout says so in the first of them."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The command's options."""

    mapping: Sequence[str]
    rows: str | None
    language: str | None
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    figures: str
    publish: bool
    overwrite: bool
    only: bool
    dry_run: bool

    @property
    def reading(self) -> Mapping[str, str | None]:
        """How the file is to be read, as far as it was said."""
        named = {"encoding": self.encoding, "delimiter": self.delimiter, "sheet": self.sheet}
        return {name: value for name, value in named.items() if value}


def run_file_import(settings: Settings, url: str, path: Path, asked: Asked) -> None:
    """Import one file and print what became of its rows. Exits with 1 where nothing could be taken."""
    from knowledge_base.exchange.tables import read_table

    content = path.read_bytes()
    table = read_table(path.name, content, **asked.reading)
    options = _options(table, asked)
    _show_table(path, table, options)
    if asked.dry_run:
        _show_preparation(asyncio.run(_prepare(url, table, options)))
        return
    found, rows = asyncio.run(_import(settings, url, path.name, content, options, asked))
    _show_rows(rows)
    if found.state != "done":
        raise click.ClickException(found.problem or "The import is under way in another process.")
    taken = sum(row.outcome in ("created", "changed", "unchanged") for row in rows)
    if not asked.publish and any(row.outcome in ("created", "changed") for row in rows):
        click.echo("They are drafts: publish them on the page, or import again with --publish.")
    if not taken:
        sys.exit(1)


def _options(table: Table, asked: Asked) -> Options:
    """Raises UsageError for a mapping that names no column or no field, or leaves out what every entry needs."""
    from knowledge_base.exchange.columns import FIELDS, guess, language_named, missing
    from knowledge_base.exchange.imports import Options
    from knowledge_base.exchange.preparing import Wishes

    mapping = guess(table.columns)
    for named in asked.mapping:
        field, _, column = named.partition("=")
        if field not in FIELDS or column not in table.columns:
            known = f"Fields: {', '.join(FIELDS)}. Columns: {', '.join(table.columns)}."
            raise click.UsageError(f"--map {named}: write FIELD=COLUMN. {known}")
        mapping = {c: None if f == field else f for c, f in mapping.items()} | {column: field}
    if not table.holds_entries and (lacking := missing(mapping)):
        columns = ", ".join(table.columns)
        raise click.UsageError(
            f"No column is the {' or the '.join(lacking)}. Name it: --map {lacking[0]}=… of {columns}."
        )
    language = language_named(asked.language) if asked.language else None
    if asked.language and language is None:
        raise click.UsageError(
            f"--language {asked.language} is not known; zh-Hans, zh-Hant-HK, en and the like."
        )
    wishes = Wishes(
        mapping=mapping,
        rows=_numbers(asked.rows) if asked.rows else None,
        language=language,
        figures="policy" if asked.figures == "policy" else "own",
    )
    return Options(wishes=wishes, publish=asked.publish, overwrite=asked.overwrite)


def _numbers(text: str) -> frozenset[int]:
    """2-10,15 as numbers of rows."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise click.UsageError(f"--rows {text}: write numbers and ranges, such as 2-10,15.")
        found |= set(range(int(first), min(int(last or first), 10_000_000) + 1))
    return frozenset(found)


async def _prepare(url: str, table: Table, options: Options) -> Preparation:
    from psycopg import AsyncConnection

    from knowledge_base.exchange.imports import read_existing
    from knowledge_base.exchange.preparing import prepare
    from knowledge_base.surroundings import read_surroundings

    async with await AsyncConnection.connect(url) as conn:
        return prepare(table, options.wishes, await read_surroundings(conn), await read_existing(conn))


async def _import(
    settings: Settings, url: str, name: str, content: bytes, options: Options, asked: Asked
) -> tuple[Import, Sequence[Told]]:
    from psycopg_pool import AsyncConnectionPool

    from knowledge_base.encoder import load_encoder
    from knowledge_base.exchange import imports
    from service.knowledge_imports import run_import

    encoder = load_encoder(settings.home / settings.sections.knowledge_base.encoder)
    async with AsyncConnectionPool(url, min_size=1, max_size=3, open=False) as pool:
        found = await _begun(pool, name, content, options, asked)
        with _progress() as progress:
            found = await run_import(
                pool, encoder, found.id, now=lambda: datetime.now(UTC), progress=progress
            )
        async with pool.connection() as conn:
            rows = await imports.read_rows(conn, found.id)
        if options.publish and found.state == "done":
            await _after_publishing(pool, settings, {row.entry for row in rows if row.entry}, asked)
        return found, rows


async def _begun(
    pool: AsyncConnectionPool, name: str, content: bytes, options: Options, asked: Asked
) -> Import:
    """A new import, or the same one that was cut off."""
    from knowledge_base.exchange import imports

    async with pool.connection() as conn:
        found = await imports.find_unfinished(conn, content, reading=asked.reading, options=options)
        if found is not None:
            click.echo(f"Going on with the import of {found.at:%Y-%m-%d %H:%M} UTC.", err=True)
            return found
        now = datetime.now(UTC)
        return await imports.keep_upload(
            conn, uuid4(), name, content, reading=asked.reading, options=options, by=None, now=now
        )


async def _after_publishing(
    pool: AsyncConnectionPool, settings: Settings, ids: set[str], asked: Asked
) -> None:
    """With --only the other entries go into the archive; then probabilities are fitted, as the service does by itself."""
    from knowledge_base.encoder import load_encoder
    from knowledge_base.indexing import PhrasingIndexer
    from knowledge_base.upkeep import bring_up_to_date
    from service.knowledge_content import archive_others

    encoder = load_encoder(settings.home / settings.sections.knowledge_base.encoder)
    if asked.only:
        gone = await archive_others(pool, ids, index=PhrasingIndexer(encoder), now=datetime.now(UTC))
        click.echo(f"archived  {gone:>6}")
    await bring_up_to_date(pool, encoder)


def _progress() -> _Bar:
    return _Bar()


class _Bar:
    """A bar on standard error, where that is a terminal."""

    def __enter__(self) -> _Bar:
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self._bar.start()
        self._task = self._bar.add_task("Importing", total=None)
        return self

    def __call__(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _show_table(path: Path, table: Table, options: Options) -> None:
    how = ", ".join(part for part in (table.format, table.encoding) if part)
    click.echo(f"{path.name}: {len(table.rows)} rows ({how})", err=True)
    for column, field in options.wishes.mapping.items():
        click.echo(f"  {column} → {field or '(not used)'}", err=True)
    for note in table.notes:
        click.echo(f"  {note.message}", err=True)


def _show_preparation(found: Preparation) -> None:
    for entry in found.entries[:MOST_SHOWN]:
        title = next(iter(entry.content["title"].values()))
        click.echo(f"row {entry.rows[0]}: {entry.id}: {title}")
    for problem in found.refused[:MOST_SHOWN]:
        click.echo(f"row {problem.row}: {problem.field}: {problem.message} {problem.fix}")
    for note in found.notes[:MOST_SHOWN]:
        click.echo(f"row {note.row}: {note.field}: {note.message}", err=True)
    click.echo(
        f"would take {len(found.entries)}, refuse {len({p.row for p in found.refused})}; nothing was written"
    )


def _show_rows(rows: Sequence[Told]) -> None:
    told = [row for row in rows if row.told is not None]
    for row in told[:MOST_SHOWN]:
        assert row.told is not None
        where = f"{row.told['field']}: " if row.told["field"] else ""
        click.echo(f"row {row.row}: {where}{row.told['message']} {row.told.get('fix', '')}".rstrip())
    if len(told) > MOST_SHOWN:
        click.echo(f"… and {len(told) - MOST_SHOWN} more")
    for outcome in ("created", "changed", "unchanged", "refused"):
        click.echo(f"{outcome:<10}{len({row.row for row in rows if row.outcome == outcome}):>6}")
