"""The schema's version: bring it up to date, tell which one a database has.

All pending migrations are one transaction: one that fails leaves the database as it was. There is no way back
but a backup. Alembic is driven from here, with the folder desk/migrations and without a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool, text

from desk.errors import DeskError

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x616E78696E  # «anxin»; two processes that start together migrate one after the other
VERSION_TABLE = "alembic_version"


class SchemaTooNew(DeskError):
    """The database was written by a newer program; nothing was changed."""

    code = "schema_too_new"


def upgrade(url: str, migrations: Path = MIGRATIONS) -> str:
    """Apply what is missing and return the version; does nothing on a database that is up to date.

    Raises SchemaTooNew, or the migration's own error with the database left as it was.
    """
    with _connect(url) as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        found = _version(connection)
        _refuse_newer(found, migrations)
        if found != head(migrations):
            config = _config(migrations)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        connection.commit()
    return head(migrations)


def current(url: str) -> str | None:
    """The database's version; None where there is no schema of ours yet."""
    with _connect(url) as connection:
        return _version(connection)


def is_newer(url: str, migrations: Path = MIGRATIONS) -> bool:
    """Whether the database's version is one that this program does not know."""
    found = current(url)
    return found is not None and found not in known(migrations)


def head(migrations: Path = MIGRATIONS) -> str:
    """The version that this program wants."""
    found = ScriptDirectory.from_config(_config(migrations)).get_current_head()
    assert found is not None
    return found


def _refuse_newer(found: str | None, migrations: Path) -> None:
    if found is not None and found not in known(migrations):
        raise SchemaTooNew(
            f"The database has schema {found}, this program knows {head(migrations)} at most: "
            "start the newer program, or restore a backup of this one."
        )


def known(migrations: Path = MIGRATIONS) -> set[str]:
    """All versions that this program can bring up to date."""
    return {script.revision for script in ScriptDirectory.from_config(_config(migrations)).walk_revisions()}


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _connect(url: str) -> Iterator[Connection]:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=pool.NullPool
    )
    with engine.connect() as connection:
        yield connection
