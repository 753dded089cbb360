"""What integration tests share besides the database: one real Rasa server for a whole run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from service.postgres.embedded import EmbeddedPostgres
from tests.rasa_server import RunningRasa, running


@pytest.fixture(scope="session")
async def rasa(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningRasa]:
    """A trained Rasa server whose trackers lie in a database of its own."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("create database rasa_of_tests")
    url = postgres.url.replace("/anxin?", "/rasa_of_tests?")
    folder: Path = tmp_path_factory.mktemp("rasa")
    async with running(url, folder) as server:
        yield server
