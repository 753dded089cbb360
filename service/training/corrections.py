"""The agents' corrections out of the database, as the training wants them; without a database there are none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg

from desk.corrections import Correction, read_corrections
from routing.triage_corrections import Corrected
from routing.triage_decision import HEADS
from routing.triage_examples import Example
from service.database import running_database
from service.postgres.places import has_cluster
from service.settings import Settings


def has_database(settings: Settings) -> bool:
    """Whether there is a database that could hold any: a named one, or an embedded one that was created once."""
    return settings.secret("ANXIN_DATABASE_URL") is not None or has_cluster(settings.data)


def read(settings: Settings) -> list[Correction]:
    """Those in force. An embedded database that does not run is started for as long as it takes.

    Raises DatabaseUnavailable or psycopg.Error where there is a database and it cannot be asked.
    """
    if not has_database(settings):
        return []
    with running_database(settings) as url:
        return asyncio.run(_read(url))


async def _read(url: str) -> list[Correction]:
    async with await psycopg.AsyncConnection.connect(url) as conn:
        try:
            return await read_corrections(conn)
        except (
            psycopg.errors.UndefinedTable
        ):  # a database that an older program left; `anxin serve` brings it up to date
            return []


def as_examples(corrections: Sequence[Correction]) -> list[Corrected]:
    """With labels as the classifier counts them."""
    return [
        Corrected(example=Example(text=c.text, labels=_labels(c)), rank=c.rank, at=c.corrected_at)
        for c in corrections
    ]


def _labels(correction: Correction) -> tuple[int, ...]:
    said = correction.labels.as_row()
    return tuple(known.index(said[head]) for head, known in HEADS.items())
