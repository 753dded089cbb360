"""Where the database is, for commands: one that runs already, or an embedded one started for as long as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from desk import schema
from service.postgres.embedded import EmbeddedPostgres
from service.postgres.places import DatabaseUnavailable
from service.settings import Settings


def resolve_url(settings: Settings) -> str:
    """ANXIN_DATABASE_URL, else the running embedded database's URL.

    Raises DatabaseUnavailable, with the fix, when neither is there.
    """
    if url := settings.secret("ANXIN_DATABASE_URL"):
        return url
    embedded = EmbeddedPostgres(settings.data)
    if not embedded.adopt_running():
        raise DatabaseUnavailable(
            f"No database runs in {settings.data}. Start it with `anxin serve`, or name one by ANXIN_DATABASE_URL."
        )
    return embedded.url


@contextmanager
def running_database(settings: Settings) -> Iterator[str]:
    """The URL of the database that runs; an embedded one that does not run is started, its schema brought up to date,
    and stopped afterwards. Raises DatabaseUnavailable.
    """
    server = EmbeddedPostgres(settings.data, start_timeout_s=settings.sections.database.start_timeout_s)
    if settings.secret("ANXIN_DATABASE_URL") or server.adopt_running():
        yield resolve_url(settings)
        return
    server.start()
    try:
        schema.upgrade(server.url)
        yield server.url
    finally:
        server.stop()
