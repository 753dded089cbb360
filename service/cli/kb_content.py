"""`anxin kb import` and `anxin kb export`: content folders into the database and back; and the database of all `anxin kb`."""

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
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option(
    "--overwrite", is_flag=True, help="Also what people have published since; it stays in the history."
)
def import_command(folder: Path | None, overwrite: bool) -> None:
    """Publish what is new or other in FOLDER (default: knowledge_base.content of the settings).

    What people have published stays, unless --overwrite. The whole folder is checked first; a second import of the same
    content changes nothing. The running service uses it at once.

    Exit codes: 0 done, 1 the folder or the database cannot be used.
    """
    with open_database(OSError) as (settings, url):
        found = asyncio.run(_import(settings, url, folder, overwrite))
    for name in ("new", "changed", "kept", "unchanged"):
        ids = getattr(found, name)
        shown = f": {', '.join(ids)}" if ids and name in {"changed", "kept"} else ""
        click.echo(f"{name:<10}{len(ids):>5}{shown}")


@click.command(name="export")
@click.argument("folder", type=click.Path(path_type=Path))
def export_command(folder: Path) -> None:
    """Write what is published into FOLDER, as `anxin kb import` reads it; drafts are left out.

    Exit codes: 0 done, 1 nothing is published, or the folder holds other entries.
    """
    with open_database(OSError) as (_, url):
        found = asyncio.run(_export(url, folder))
    click.echo(f"{folder}: {found.entries} entries, {found.figures} figures in {len(found.files)} files")


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
