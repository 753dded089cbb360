"""Where the database is, for commands that talk to one that runs already; nothing is started here."""

from __future__ import annotations

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
