"""The embedded PostgreSQL: closed to others, adopted when it runs, recovered when it was killed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from service.postgres import embedded, places
from service.postgres.embedded import EmbeddedPostgres
from service.postgres.places import DatabaseUnavailable

CLIENT = """
import sys
from pathlib import Path
from service.postgres.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder with a short path; the cluster that belongs to it is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="anxin-pg-") as folder:
        yield Path(folder)
        EmbeddedPostgres(Path(folder)).destroy()


@pytest.fixture
def server(data: Path) -> EmbeddedPostgres:
    started = EmbeddedPostgres(data, start_timeout_s=60)
    started.start()
    return started


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from kept").fetchone()
    assert row is not None
    return int(row[0])


def write_rows(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select generate_series(1, 1000)")


def test_it_is_version_18_in_utf8_with_pgvector(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(
            "select datlocprovider, datlocale, pg_encoding_to_char(encoding), "
            "(select extname from pg_extension where extname = 'vector'), current_setting('fsync'), "
            "current_setting('synchronous_commit') from pg_database where datname = current_database()"
        ).fetchone()
        assert connection.info.server_version // 10_000 == 18
    assert row == ("b", "C.UTF-8", "UTF8", "vector", "on", "on")


def test_folders_are_closed_to_others_and_parents_are_left_alone(data: Path) -> None:
    data.chmod(0o711)
    server = EmbeddedPostgres(data)
    server.start()
    for folder in (server.places.cluster, server.places.data, server.places.sockets):
        assert mode(folder) == 0o700
    assert mode(server.places.password_file) == 0o600
    assert mode(server.places.sockets / places.SOCKET_NAME) == 0o700
    assert mode(data) == 0o711
    assert mode(data.parent) == 0o1777


def test_nobody_gets_in_without_the_password(server: EmbeddedPostgres) -> None:
    password = server.places.password_file.read_text().strip()
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(server.url.replace(f":{password}@", "@"))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace(password, "wrong"))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace("//anxin:", "//postgres:"))
    assert "trust" not in (server.places.data / "pg_hba.conf").read_text()


def test_our_role_is_no_superuser(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        assert connection.execute("select rolsuper from pg_roles where rolname = 'anxin'").fetchone() == (
            False,
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("copy (select 1) to program 'true'")


def test_it_listens_on_the_socket_only(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)


def test_a_second_start_adopts_the_running_server(server: EmbeddedPostgres, data: Path) -> None:
    second = EmbeddedPostgres(data)
    second.start()
    assert second.adopted
    assert second.pid == server.pid


def test_running_leaves_a_server_that_ran_before(server: EmbeddedPostgres, data: Path) -> None:
    with embedded.running(data) as url:
        write_rows(url)
    assert server.is_running()


def test_running_stops_what_it_started(data: Path) -> None:
    with embedded.running(data) as url:
        write_rows(url)
    server = EmbeddedPostgres(data)
    assert server.pid is None
    server.start()
    assert count(server.url) == 1000


def test_what_was_committed_survives_a_kill_of_the_server(server: EmbeddedPostgres, data: Path) -> None:
    write_rows(server.url)
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.is_running())
    assert count(EmbeddedPostgres(data).start()) == 1000


def test_a_pid_file_that_names_a_foreign_process_is_no_obstacle(server: EmbeddedPostgres, data: Path) -> None:
    pid_file = server.places.data / "postmaster.pid"
    written = pid_file.read_text()
    server.stop()
    foreign = subprocess.Popen(
        ["sleep", "60"], user=server.places.user.pw_uid if server.places.user else None
    )
    try:
        pid_file.write_text("\n".join([str(foreign.pid), *written.split("\n")[1:]]))
        again = EmbeddedPostgres(data)
        again.start()
        assert not again.adopted
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


def test_a_killed_starter_takes_the_server_along(data: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout and int(starter.stdout.readline()) == EmbeddedPostgres(data).pid
    starter.kill()
    starter.communicate()
    wait_until(lambda: EmbeddedPostgres(data).pid is None)


def test_an_interrupted_creation_is_begun_again(data: Path) -> None:
    server = EmbeddedPostgres(data)
    (server.places.cluster / "new").mkdir()
    (server.places.cluster / "new" / "half").write_text("")
    server.start()
    assert not (server.places.cluster / "new").exists()


def test_root_does_not_begin_anew_beside_a_users_database(data: Path) -> None:
    (data / "postgres" / "data").mkdir(parents=True)
    if os.geteuid() == 0:
        with pytest.raises(DatabaseUnavailable, match="Start the desk as that user"):
            EmbeddedPostgres(data)
    else:
        assert EmbeddedPostgres(data).places.cluster == data / "postgres"
    (data / "postgres" / "data").rmdir()


def test_data_of_another_version_is_refused(server: EmbeddedPostgres, data: Path) -> None:
    server.stop()
    (server.places.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseUnavailable, match="written by PostgreSQL 16"):
        EmbeddedPostgres(data).start()


def test_a_start_that_fails_shows_the_end_of_the_log(data: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"ended while starting:\n.*shared_buffers"):
        EmbeddedPostgres(data, options={"shared_buffers": "no number"}).start()


def test_socket_paths_stay_short_below_long_folders(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    found = places.find_places(deep)
    try:
        assert len(os.fsencode(found.sockets / places.SOCKET_NAME)) <= places.MAX_SOCKET_PATH
    finally:
        places.remove(found)


def test_neither_statements_nor_values_are_logged(server: EmbeddedPostgres, data: Path) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("create table people (phone text primary key)")
        connection.execute("insert into people values ('13900001234')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into people values ('13900001234')")
    log = (data / "logs" / "postgresql.log").read_text()
    assert "duplicate key" in log
    assert "13900001234" not in log
