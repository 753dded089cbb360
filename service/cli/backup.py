"""`anxin backup`: one file that holds the whole database, while it runs or not."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click


@click.command(name="backup")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path | None) -> None:
    """Write a backup of the database to FILE (default: anxin-DATE-TIME.backup in the current folder).

    It holds customers' data; only its owner can read it. Keep it away from this machine, together with the data
    folder's `secrets`, without which customers' present tokens are no longer accepted.
    """
    from service.cli.database import database_or_exit
    from service.postgres.copies import CopyFailed, backup

    target = file or Path(f"anxin-{datetime.now().astimezone():%Y%m%d-%H%M%S}.backup")
    with database_or_exit() as url:
        try:
            size = backup(url, target)
        except (CopyFailed, OSError) as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)
    click.echo(f"{target} ({size / 1e6:.1f} MB)")
