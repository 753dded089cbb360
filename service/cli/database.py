"""`anxin database`: the schema's version, and bringing it up to date by hand (`anxin serve` does it by itself)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click


@click.group(name="database")
def command() -> None:
    """Bring the schema up to date."""


@command.command()
def upgrade() -> None:
    """Apply the migrations that are missing, all in one transaction."""
    from desk import schema

    with database_or_exit() as url:
        before = schema.current(url)
        after = schema.upgrade(url)
    click.echo(
        f"schema {after}" + (" (was up to date)" if before == after else f" (was {before or 'empty'})")
    )


@command.command()
def version() -> None:
    """Print the schema's version in the database and the one that this program wants."""
    from desk import schema

    with database_or_exit() as url:
        found = schema.current(url)
    click.echo(f"database {found or 'empty'}\nprogram  {schema.head()}")


@contextmanager
def database_or_exit() -> Iterator[str]:
    """The database's URL, the embedded one started for the moment if it does not run; errors end with 1."""
    import psycopg

    from desk.errors import DeskError
    from service.cli.settings_problems import load_or_exit
    from service.postgres.embedded import running
    from service.postgres.places import DatabaseUnavailable

    settings = load_or_exit()
    try:
        if url := settings.secret("ANXIN_DATABASE_URL"):
            yield url
        else:
            with running(settings.data, start_timeout_s=settings.sections.database.start_timeout_s) as url:
                yield url
    except (DatabaseUnavailable, DeskError, psycopg.Error) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
