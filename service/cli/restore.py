"""`anxin restore`: fill the database from a backup."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace everything in a database that is not empty.")
def command(file: Path, *, force: bool) -> None:
    """Restore the backup FILE into the database, in one transaction.

    The desk must be stopped. A database that is not empty is refused without --force.
    """
    from service.cli.database import database_or_exit
    from service.postgres.copies import CopyFailed, restore

    with database_or_exit() as url:
        try:
            version = restore(url, file, force=force)
        except CopyFailed as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)
    click.echo(f"Restored {file}, schema {version}.")
