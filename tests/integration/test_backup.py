"""Backup and restore: the same rows come back, and nothing is overwritten by mistake."""

from __future__ import annotations

import stat
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from desk import schema
from service.postgres.copies import CopyFailed, backup, restore

ROWS = """
insert into customers (id, shop_id, name, phone) values
    ('00000000-0000-0000-0000-00000000000a', 'c-1', '王小明 ''引号'' \\ 反斜杠', '13900001234');
insert into conversations (id, customer_id, language, dialogue) values
    ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000a', 'zh-Hant-HK',
     '{"slots": {"topic": "退货"}}');
insert into messages (conversation_id, seq, epoch, sender, text) values
    ('00000000-0000-0000-0000-00000000000b', 1, 1, 'customer', E'第一行\\n第二行\\t🙂 \\\\.');
insert into attachments (id, conversation_id, media_type, content) values
    ('00000000-0000-0000-0000-00000000000c', '00000000-0000-0000-0000-00000000000b', 'image/png', '\\x00ff0a5c');
insert into cases (id, conversation_id, type, due_at) values
    ('00000000-0000-0000-0000-00000000000d', '00000000-0000-0000-0000-00000000000b', 'return', now());
select procrastinate_defer_jobs_v1(array[row('q', 'task', 0, null, null, '{}', null)::procrastinate_job_to_defer_v1]);
"""


def fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(ROWS)


def contents(url: str) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with psycopg.connect(url) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        query = sql.SQL("select t::text from {} t order by 1")
        return {
            name: [row for (row,) in connection.execute(query.format(sql.Identifier(name)))]
            for (name,) in names
        }


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_round_trip_into_an_empty_database(
    database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    fill(database_url)
    before = contents(database_url)
    assert sum(len(rows) for rows in before.values()) > 5
    assert backup(database_url, tmp_path / "all.backup") > 1000
    assert restore(empty_database_url, tmp_path / "all.backup") == schema.head()
    assert contents(empty_database_url) == before
    # Identities go on where they were.
    execute(
        empty_database_url, "insert into cases (id, type, due_at) values (gen_random_uuid(), 'refund', now())"
    )
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("select max(number) from cases").fetchone() == (2,)


def test_only_the_owner_can_read_a_backup(database_url: str, tmp_path: Path) -> None:
    backup(database_url, tmp_path / "all.backup")
    assert stat.S_IMODE((tmp_path / "all.backup").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["all.backup"]


def test_a_database_that_is_not_empty_is_refused(database_url: str, tmp_path: Path) -> None:
    backup(database_url, tmp_path / "all.backup")
    fill(database_url)
    before = contents(database_url)
    with pytest.raises(CopyFailed, match="not empty"):
        restore(database_url, tmp_path / "all.backup")
    assert contents(database_url) == before


def test_force_replaces_everything(database_url: str, tmp_path: Path) -> None:
    fill(database_url)
    before = contents(database_url)
    backup(database_url, tmp_path / "all.backup")
    execute(
        database_url,
        "delete from messages; create table left_over (id integer); create type mood as enum ('x')",
    )
    restore(database_url, tmp_path / "all.backup", force=True)
    assert contents(database_url) == before


def test_force_replaces_the_trackers_of_rasa(database_url: str, tmp_path: Path) -> None:
    execute(
        database_url,
        "create schema rasa; create table rasa.events (id integer); insert into rasa.events values (1)",
    )
    backup(database_url, tmp_path / "all.backup")
    execute(database_url, "insert into rasa.events values (2)")
    restore(database_url, tmp_path / "all.backup", force=True)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select id from rasa.events").fetchall() == [(1,)]


def test_a_broken_backup_leaves_the_database_as_it_was(database_url: str, tmp_path: Path) -> None:
    fill(database_url)
    backup(database_url, tmp_path / "all.backup")
    whole = (tmp_path / "all.backup").read_bytes()
    (tmp_path / "broken.backup").write_bytes(whole[: len(whole) * 2 // 3])
    execute(database_url, "delete from messages")
    before = contents(database_url)
    with pytest.raises(CopyFailed):
        restore(database_url, tmp_path / "broken.backup", force=True)
    assert contents(database_url) == before


def test_rows_that_break_a_rule_leave_the_database_as_it_was(
    database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    schema.upgrade(empty_database_url)
    execute(empty_database_url, "create function refuse(text) returns boolean language sql as 'select true'")
    execute(empty_database_url, "create table guarded (name text check (refuse(name)))")
    execute(empty_database_url, "insert into guarded values ('once allowed')")
    execute(
        empty_database_url,
        "create or replace function refuse(text) returns boolean language sql as 'select false'",
    )
    backup(empty_database_url, tmp_path / "all.backup")
    fill(database_url)
    before = contents(database_url)
    with pytest.raises(CopyFailed, match=r"psql failed: .*guarded"):
        restore(database_url, tmp_path / "all.backup", force=True)
    assert contents(database_url) == before


def test_a_backup_of_a_newer_program_is_refused(
    database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    execute(database_url, "update alembic_version set version_num = '2099'")
    backup(database_url, tmp_path / "all.backup")
    with pytest.raises(CopyFailed, match="has schema 2099"):
        restore(empty_database_url, tmp_path / "all.backup")
    assert contents(empty_database_url) == {}


def test_a_file_that_is_no_backup_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("你好")
    with pytest.raises(CopyFailed, match="no backup"):
        restore(empty_database_url, tmp_path / "letter.txt")
    with pytest.raises(CopyFailed, match="cannot be read"):
        restore(empty_database_url, tmp_path / "missing")


def test_a_database_in_use_is_refused(database_url: str, tmp_path: Path) -> None:
    backup(database_url, tmp_path / "all.backup")
    with psycopg.connect(database_url), pytest.raises(CopyFailed, match="in use by 1 connection"):
        restore(database_url, tmp_path / "all.backup", force=True)
