"""The schema: created in one go, unchanged by a migration that fails, protected from an older program."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from desk import schema

FAILING = """
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.execute("create table half_done (id integer)")
    op.execute("select 1 / 0")
"""


@pytest.fixture
def newer_migrations(tmp_path: Path) -> Path:
    """A copy of our migrations with one more, which fails half-way."""
    copy = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "versions" / "9999_fails.py").write_text(FAILING.format(head=schema.head()))
    return copy


def tables(url: str) -> set[str]:
    query = "select table_name from information_schema.tables where table_schema = 'public'"
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute(query)}


def test_an_empty_database_gets_our_tables_and_procrastinates(empty_database_url: str) -> None:
    assert schema.current(empty_database_url) is None
    assert schema.upgrade(empty_database_url) == schema.head()
    assert schema.current(empty_database_url) == schema.head()
    assert {"conversations", "messages", "orders", "procrastinate_jobs"} <= tables(empty_database_url)


def test_pgvector_is_there_from_0_8_on(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select extversion from pg_extension where extname = 'vector'").fetchone()
        near = connection.execute("select '[1,0]'::vector <=> '[0,1]'::vector").fetchone()
    assert row is not None and tuple(map(int, row[0].split(".")[:2])) >= (0, 8)
    assert near == (1.0,)


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    before = tables(database_url)
    assert schema.upgrade(database_url) == schema.head()
    assert tables(database_url) == before


def test_a_failing_migration_leaves_the_old_state(database_url: str, newer_migrations: Path) -> None:
    with pytest.raises(Exception, match="division by zero"):
        schema.upgrade(database_url, newer_migrations)
    assert schema.current(database_url) == schema.head()
    assert "half_done" not in tables(database_url)


def test_a_failing_first_start_leaves_an_empty_database(
    empty_database_url: str, newer_migrations: Path
) -> None:
    with pytest.raises(Exception, match="division by zero"):
        schema.upgrade(empty_database_url, newer_migrations)
    assert tables(empty_database_url) == set()


def test_a_schema_newer_than_the_program_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("update alembic_version set version_num = '2099_far_future'")
    assert schema.is_newer(database_url)
    with pytest.raises(schema.SchemaTooNew, match=r"2099_far_future.*start the newer program"):
        schema.upgrade(database_url)


async def test_each_test_has_a_database_of_its_own(pool: AsyncConnectionPool) -> None:
    async with pool.connection() as connection:
        await connection.execute("insert into shop_settings (key, value) values ('only_mine', '1')")
        found = await (await connection.execute("select count(*) from shop_settings")).fetchone()
    assert found == (1,)


async def test_each_test_has_a_database_of_its_own_again(pool: AsyncConnectionPool) -> None:
    await test_each_test_has_a_database_of_its_own(pool)
