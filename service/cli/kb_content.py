"""`anxin kb import` and `anxin kb export`, of content folders (files: kb_files.py); and the database of all `anxin kb`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from knowledge_base.exporting import Exported
    from knowledge_base.importing import Imported
    from service.settings import Settings


@click.command(name="import")
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option(
    "--overwrite", is_flag=True, help="Also what people have published since; it stays in the history."
)
@click.option(
    "--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="What a column of FILE means; repeatable."
)
@click.option("--publish", is_flag=True, help="Publish the entries of FILE; without it they are drafts.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each row of FILE, and write nothing.")
@click.option("--rows", metavar="2-10,15", help="Only these rows, as the spreadsheet counts them.")
@click.option("--language", help="Of texts whose column and row name none; default: as they are written.")
@click.option("--encoding", help="utf-8, gb18030 or big5; default: found out.")
@click.option("--delimiter", help="Of a CSV; default: found out.")
@click.option("--sheet", help="Of a workbook; default: the first that is not hidden.")
@click.option(
    "--figures",
    type=click.Choice(["own", "policy"]),
    default="own",
    show_default=True,
    help="Whether figures written out in answers are the entry's own, or must be the policy table's.",
)
@click.option(
    "--only", is_flag=True, help="With --publish: entries that are not in FILE go into the archive."
)
@click.option(
    "--open", "go_on", is_flag=True, help="Bring imports of files that wait or were cut off to their end."
)
def import_command(
    source: Path | None,
    overwrite: bool,
    mapping: tuple[str, ...],
    publish: bool,
    dry_run: bool,
    rows: str | None,
    language: str | None,
    encoding: str | None,
    delimiter: str | None,
    sheet: str | None,
    figures: str,
    only: bool,
    go_on: bool,
) -> None:
    """Import a FILE (CSV, XLSX, JSON, YAML), or a content FOLDER (default: knowledge_base.content of the settings).

    \b
    FILE needs a question and an answer in each row; phrasings, category, id,
    language and more are taken where there are columns for them. Columns are
    known by their names, Chinese or English, or named by --map, such as
    --map question=问题 --map answer.en="Reply (EN)". Each row that cannot be
    taken is told with its number and the fix; the others are taken. The same
    FILE again changes only what has changed; one that was cut off goes on.

    A FOLDER is published: what is new or other in it. What people have published stays, unless --overwrite; an older
    content of the program is refused beside a newer one.

    Exit codes: 0 done, 1 nothing could be taken, or the database cannot be used, 2 wrong options.
    """
    from service.cli.kb_files import Asked, run_file_import

    if source is not None and not source.exists():
        raise click.ClickException(f"{source}: there is no such file or folder.")
    with open_database(OSError) as (settings, url):
        if go_on:
            asyncio.run(_go_on(settings, url))
            return
        if source is not None and source.is_file():
            asked = Asked(
                mapping=mapping,
                rows=rows,
                language=language,
                encoding=encoding,
                delimiter=delimiter,
                sheet=sheet,
                figures=figures,
                publish=publish,
                overwrite=overwrite,
                only=only,
                dry_run=dry_run,
            )
            run_file_import(settings, url, source, asked)
            return
        imported = asyncio.run(_import(settings, url, source, overwrite))
    if imported.is_older:
        click.echo(
            "A newer program has brought its content already; nothing was taken. --overwrite does it all the same."
        )
    for name in ("new", "changed", "kept", "unchanged"):
        ids: tuple[str, ...] = getattr(imported, name)
        shown = f": {', '.join(ids)}" if ids and name in {"changed", "kept"} else ""
        click.echo(f"{name:<10}{len(ids):>5}{shown}")


@click.command(name="export")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "xlsx", "json", "yaml", "folder"]),
    help="Default: by the ending of TARGET; without one a content folder.",
)
@click.option("--group", help="Only the entries of this group.")
@click.option("--drafts", is_flag=True, help="Drafts instead of what is published, where there are any.")
def export_command(target: Path, format_: str | None, group: str | None, drafts: bool) -> None:
    """Write the base into TARGET: a file, as `anxin kb import` reads it, or a content folder of what is published.

    JSON, YAML and XLSX hold the policy figures too; CSV holds entries alone. `-` is standard output.

    Exit codes: 0 done, 1 there is nothing to export, or the folder holds other entries.
    """
    endings = {".csv": "csv", ".xlsx": "xlsx", ".json": "json", ".yml": "yaml", ".yaml": "yaml"}
    format_ = format_ or endings.get(target.suffix.lower(), "folder")
    with open_database(OSError) as (_, url):
        if format_ == "folder":
            found = asyncio.run(_export(url, target))
            click.echo(
                f"{target}: {found.entries} entries, {found.figures} figures in {len(found.files)} files"
            )
            return
        content = asyncio.run(_export_file(url, format_, group, drafts))
    if str(target) == "-":
        click.echo(content, nl=False)
    else:
        target.write_bytes(content)
        click.echo(f"{target}: {len(content):,} bytes")


@click.command(name="calibration")
@click.option(
    "--direct-answers",
    type=click.Choice(["on", "off", "auto"]),
    help="Let the bot answer directly, or only ask back; auto: as the calibration says.",
)
def calibration_command(direct_answers: str | None) -> None:
    """How far probabilities are off in this base, as one JSON line, and whether the bot answers directly.

    A base without phrasings waits: look at the error, then switch direct answers on.
    """
    import json

    with open_database() as (settings, url):
        click.echo(json.dumps(asyncio.run(_calibration(settings, url, direct_answers))))


async def _calibration(settings: Settings, url: str, wish: str | None) -> dict[str, object]:
    from psycopg import AsyncConnection

    from knowledge_base import calibration
    from knowledge_base.encoder import load_encoder

    encoder = load_encoder(settings.home / settings.sections.knowledge_base.encoder).hash
    async with await AsyncConnection.connect(url) as conn:
        for known in ("on", "off", "auto"):
            if known == wish:
                await calibration.switch(conn, encoder, known)
        found = await calibration.read_newest(conn, encoder)
        fitted_at = await calibration.read_fitted_at(conn, encoder)
        why = calibration.why(found, await calibration.read_wish(conn))
    return {
        "fitted_at": fitted_at.isoformat() if fitted_at else None,
        "error": found.error,
        "interval": found.interval,
        "questions": found.questions,
        "direct_answers": found.direct,
        "why": why,
    }


async def _go_on(settings: Settings, url: str) -> None:
    from psycopg_pool import AsyncConnectionPool

    from service.knowledge_imports import run_open_imports

    async with AsyncConnectionPool(url, min_size=1, max_size=3, open=False) as pool:
        await run_open_imports(pool, settings, lambda: datetime.now(UTC))


async def _export_file(url: str, format_: str, group: str | None, drafts: bool) -> bytes:
    from psycopg import AsyncConnection

    from knowledge_base.exporting import export_file

    async with await AsyncConnection.connect(url) as conn:
        return await export_file(conn, format_, group=group, with_drafts=drafts)


async def _import(settings: Settings, url: str, folder: Path | None, overwrite: bool) -> Imported:
    from psycopg_pool import AsyncConnectionPool

    from service.knowledge_content import import_folder

    async with AsyncConnectionPool(url, min_size=1, max_size=1, open=False) as pool:
        return await import_folder(pool, settings, folder, now=datetime.now(UTC), overwrite=overwrite)


async def _export(url: str, folder: Path) -> Exported:
    from psycopg import AsyncConnection

    from knowledge_base.exporting import export_content

    async with await AsyncConnection.connect(url) as conn:
        return await export_content(conn, folder)


@contextmanager
def open_database(*expected: type[Exception]) -> Iterator[tuple[Settings, str]]:
    """Settings, and the URL of the running database; an embedded one that does not run is started meanwhile.

    What a person can put right, `expected` errors too, becomes a line and exit code 1.
    """
    import psycopg

    from knowledge_base.errors import KnowledgeBaseError
    from service.cli.settings_problems import load_or_exit
    from service.database import running_database
    from service.postgres.places import DatabaseUnavailable

    can_be_put_right: tuple[type[Exception], ...] = (DatabaseUnavailable, KnowledgeBaseError, psycopg.Error)
    settings = load_or_exit()
    try:
        with running_database(settings) as url:
            yield settings, url
    except (*can_be_put_right, *expected) as error:
        raise click.ClickException(str(error)) from None
