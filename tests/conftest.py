"""What all tests share: one real PostgreSQL with a fresh migrated database for each test, and one real Rasa server."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from psycopg_pool import AsyncConnectionPool

from desk import schema
from service.postgres.embedded import EmbeddedPostgres
from tests.rasa_server import RunningRasa, running

TEMPLATE = "anxin_template"
KNOWLEDGE_TEMPLATE = "anxin_knowledge_template"
_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-fsync", action="store_true", help="Let the test database forget what a power cut would take."
    )


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    """The embedded PostgreSQL of this test run, deleted afterwards."""
    options = {"fsync": "off"} if request.config.getoption("--no-fsync") else {}
    with tempfile.TemporaryDirectory(prefix="anxin-tests-") as folder:
        server = EmbeddedPostgres(Path(folder), options=options)
        try:
            server.start()
            yield server
        finally:
            server.destroy()


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """Name of a migrated database from which the tests' databases are cloned."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
    schema.upgrade(_with_database(postgres.url, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def empty_database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A fresh database without any schema, dropped after the test."""
    yield from _database(postgres.url, "template1")


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A fresh migrated database, dropped after the test."""
    yield from _database(postgres.url, template)


@pytest.fixture(scope="session")
async def knowledge_template(postgres: EmbeddedPostgres, template: str) -> str:
    """Name of a migrated database with the shipped knowledge base in it, indexed and calibrated."""
    from tests import knowledge  # numpy and the encoder: only where a test wants them

    with psycopg.connect(postgres.url, autocommit=True) as connection:
        create = sql.SQL("create database {} template {} strategy file_copy")
        connection.execute(create.format(sql.Identifier(KNOWLEDGE_TEMPLATE), sql.Identifier(template)))
    await knowledge.fill(_with_database(postgres.url, KNOWLEDGE_TEMPLATE))
    return KNOWLEDGE_TEMPLATE


@pytest.fixture
def knowledge_database_url(postgres: EmbeddedPostgres, knowledge_template: str) -> Iterator[str]:
    """A fresh database with the shipped knowledge base, dropped after the test."""
    yield from _database(postgres.url, knowledge_template)


@pytest.fixture(scope="module")
def module_database_url(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A migrated database for all tests of one module, which clear away what they write."""
    yield from _database(postgres.url, template)


@pytest.fixture(scope="module")
def module_knowledge_url(postgres: EmbeddedPostgres, knowledge_template: str) -> Iterator[str]:
    """The same with the shipped knowledge base."""
    yield from _database(postgres.url, knowledge_template)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    """An open pool on a fresh migrated database."""
    async with AsyncConnectionPool(database_url, min_size=1, max_size=12, open=False) as opened:
        yield opened


@pytest.fixture(scope="session")
async def rasa(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningRasa]:
    """A trained Rasa server whose trackers lie in a database of its own; one for a whole run."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("create database rasa_of_tests")
    folder: Path = tmp_path_factory.mktemp("rasa")
    async with running(_with_database(postgres.url, "rasa_of_tests"), folder) as server:
        yield server


def _database(server_url: str, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        create = sql.SQL("create database {} template {} strategy file_copy")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        yield _with_database(server_url, name)
        _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    """An autovacuum worker in it may not be ended by us; it is done in a moment."""
    for _ in range(100):
        try:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
            return
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(0.1)
    raise AssertionError(f"{name} stays in use")


def _with_database(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()
