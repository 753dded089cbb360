"""`anxin serve`: parts are mended when they are killed, stopped in order, and never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import IO

import psutil
import psycopg
import pytest

from desk import schema
from service.postgres.embedded import EmbeddedPostgres
from service.supervision import preflight
from service.supervision.back_off import BackOff
from service.supervision.parts import PartFailed, ProcessPart
from service.supervision.serve_lock import AlreadyServed, held
from service.supervision.supervisor import Supervisor

QUICK = BackOff(first_s=0.05, most_s=0.4, well_s=60)
SLEEPER = "import time\nwhile True: time.sleep(60)"
WITH_GRANDCHILD = (
    "import subprocess, time\np = subprocess.Popen(['sleep', '600'])\nprint(p.pid, flush=True)\n" + SLEEPER
)
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('on', flush=True)\n" + SLEEPER
PARENT = """
import asyncio, os, sys
from service.supervision.parts import ProcessPart
async def main():
    async def ready(): return True
    part = ProcessPart("child", [sys.executable, "-c", sys.argv[1]], environment=dict(os.environ), log_file=None,
                       is_ready=ready, ready_timeout_s=10)
    await part.start()
    print(part.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def always() -> bool:
    return True


async def never() -> bool:
    return False


def says_something(log_file: Path) -> Callable[[], Awaitable[bool]]:
    async def is_ready() -> bool:
        return log_file.exists() and log_file.stat().st_size > 0  # noqa: ASYNC240

    return is_ready


def child(
    folder: Path,
    code: str = SLEEPER,
    name: str = "child",
    *,
    is_ready: Callable[[], Awaitable[bool]] = always,
    stop_timeout_s: float = 5,
) -> ProcessPart:

    return ProcessPart(
        name,
        [sys.executable, "-c", code],
        environment=dict(os.environ),
        log_file=folder / f"{name}.log",
        is_ready=is_ready,
        ready_timeout_s=10,
        stop_timeout_s=stop_timeout_s,
    )


def parent_with_a_child() -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", PARENT, SLEEPER]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


async def test_a_killed_child_is_noticed_and_mended(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append, QUICK)
    part = child(tmp_path)
    await supervisor.add(part)
    first = part.pid
    assert first
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: "child is back." in said)
    assert part.pid not in (None, first)
    assert said[0] == "child killed by SIGKILL; starting it again in 0.05 s."
    await supervisor.stop()
    assert part.pid is None


async def test_a_child_that_keeps_ending_is_waited_for_longer_each_time(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append, QUICK)
    await supervisor.add(child(tmp_path, "raise SystemExit(3)"))
    await eventually(lambda: sum("ended with code 3" in line for line in said) >= 4)
    await supervisor.stop()
    waits = [line.split(" in ")[1] for line in said if "ended with code 3" in line]
    assert waits[:4] == ["0.05 s.", "0.1 s.", "0.2 s.", "0.4 s."]


async def test_a_child_that_does_not_come_up_shows_the_end_of_its_log(tmp_path: Path) -> None:
    part = child(tmp_path, "raise SystemExit('no such model')", is_ready=never)
    supervisor = Supervisor(print, QUICK)
    with pytest.raises(PartFailed, match=r"child ended with code 1 while starting.*\n.*no such model"):
        await supervisor.add(part)
    await supervisor.stop()


async def test_one_of_two_that_fails_to_start_ends_the_other(tmp_path: Path) -> None:
    good, bad = child(tmp_path, name="good"), child(tmp_path, "raise SystemExit(1)", "bad", is_ready=never)
    supervisor = Supervisor(print, QUICK)
    with pytest.raises(PartFailed, match="bad ended with code 1"):
        await supervisor.add_together(good, bad)
    await supervisor.stop()
    assert good.pid is None


async def test_parts_are_stopped_in_the_opposite_order(tmp_path: Path) -> None:
    order: list[str] = []

    class Noted:
        pid = None

        def __init__(self, name: str) -> None:
            self.name = name

        async def start(self) -> None:
            order.append(f"start {self.name}")

        async def ended(self) -> str:
            await asyncio.sleep(600)
            return "ended"

        async def stop(self) -> None:
            order.append(f"stop {self.name}")

    supervisor = Supervisor(print)
    for name in ("database", "rasa", "service"):
        await supervisor.add(Noted(name))
    await supervisor.stop()
    assert order[3:] == ["stop service", "stop rasa", "stop database"]


async def test_stopping_takes_grandchildren_and_the_stubborn_along(tmp_path: Path) -> None:
    supervisor = Supervisor(print)
    part = child(tmp_path, WITH_GRANDCHILD, is_ready=says_something(tmp_path / "child.log"))
    quiet = says_something(tmp_path / "stubborn.log")
    stubborn = child(tmp_path, STUBBORN, "stubborn", is_ready=quiet, stop_timeout_s=0.3)
    await supervisor.add_together(part, stubborn)
    grandchild = int((tmp_path / "child.log").read_text())
    pids = [part.pid, stubborn.pid, grandchild]
    assert all(pid and is_alive(pid) for pid in pids)
    await supervisor.stop()
    await eventually(lambda: not any(pid and is_alive(pid) for pid in pids))


async def test_a_killed_supervisor_takes_its_children_along() -> None:
    parent = parent_with_a_child()
    assert parent.stdout
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    parent.communicate()
    await eventually(lambda: not is_alive(pid))


def test_a_second_holder_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    with (
        held(tmp_path, ["database", "service"]),
        pytest.raises(AlreadyServed, match=f"service of .* already served by process {os.getpid()}"),
        held(tmp_path, ["service"]),
    ):
        pass
    with held(tmp_path, ["service"]):
        pass


# The command itself, with the real database


class Serve:
    """`anxin serve database` as a process of its own."""

    def __init__(self, data: Path, **variables: str) -> None:
        environment = {**os.environ, "ANXIN_DATA": str(data), **variables}
        argv = [sys.executable, "-c", "from service.cli import main; main()", "serve", "database"]
        self.process = subprocess.Popen(
            argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []

    def wait_for(self, text: str) -> None:
        out: IO[str] | None = self.process.stdout
        assert out
        for line in out:
            self.lines.append(line.rstrip())
            if text in line:
                return
        raise AssertionError(f"ended without {text!r}: {self.lines}")

    def end(self, number: int = signal.SIGTERM) -> str:
        self.process.send_signal(number)
        return self.rest()

    def rest(self) -> str:
        out, _ = self.process.communicate(timeout=60)
        return "\n".join([*self.lines, out])


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="anxin-serve-") as folder:
        yield Path(folder)
        EmbeddedPostgres(Path(folder)).destroy()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_starts_migrates_and_stops_the_database(data: Path, number: int) -> None:
    serve = Serve(data)
    serve.wait_for("Ready")
    server = EmbeddedPostgres(data)
    assert server.adopt_running()
    assert schema.current(server.url) == schema.head()
    out = serve.end(number)
    assert serve.process.returncode == 0, out
    assert server.pid is None


def test_serve_mends_a_killed_database(data: Path) -> None:
    serve = Serve(data)
    serve.wait_for("Ready")
    server = EmbeddedPostgres(data)
    with psycopg.connect(server.url) as connection:
        connection.execute("create table kept as select 1 as one")
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    serve.wait_for("database ended; starting it again")
    serve.wait_for("database is back.")
    with psycopg.connect(server.url) as connection:
        assert connection.execute("select one from kept").fetchone() == (1,)
    serve.end()
    assert server.pid is None


def test_a_second_serve_of_the_same_data_is_refused(data: Path) -> None:
    first = Serve(data)
    first.wait_for("Ready")
    second = Serve(data)
    assert f"already served by process {first.process.pid}" in second.rest()
    assert second.process.returncode == 1
    assert EmbeddedPostgres(data).pid is not None
    first.end()


def test_after_a_killed_serve_the_next_one_starts(data: Path) -> None:
    first = Serve(data)
    first.wait_for("Ready")
    first.end(signal.SIGKILL)
    second = Serve(data)
    second.wait_for("Ready")
    assert str(_code(second)) == "0"
    assert EmbeddedPostgres(data).pid is None


def _code(serve: Serve) -> int | None:
    serve.end()
    return serve.process.returncode


def test_a_schema_newer_than_the_program_stops_the_start(data: Path) -> None:
    server = EmbeddedPostgres(data)
    server.start()
    schema.upgrade(server.url)
    with psycopg.connect(server.url) as connection:
        connection.execute("update alembic_version set version_num = '2099'")
    server.stop()
    serve = Serve(data)
    assert "schema 2099, this program knows" in serve.rest()
    assert serve.process.returncode == 1
    assert server.pid is None


def test_an_unreachable_database_stops_the_start(data: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql://u:p@127.0.0.1:{closed.getsockname()[1]}/x"
        serve = Serve(data, ANXIN_DATABASE_URL=url)
        assert "ANXIN_DATABASE_URL cannot be reached" in serve.rest()
    assert serve.process.returncode == 1


def test_wrong_settings_stop_the_start(data: Path) -> None:
    serve = Serve(data, ANXIN_BOT__WORKERS="0")
    assert "bot.workers" in serve.rest()
    assert serve.process.returncode == 1


def test_a_database_of_ones_own_that_fits_has_no_problems(database_url: str) -> None:
    assert preflight.database_problems(database_url) == []


def test_a_newer_schema_of_ones_own_database_is_told_before_the_start(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("update alembic_version set version_num = '2099'")
    (problem,) = preflight.database_problems(database_url)
    assert "schema 2099" in problem


def test_a_database_without_utf8_is_told(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(
            "create database latin encoding 'LATIN1' template template0 locale_provider libc locale 'C'"
        )
        try:
            problems = preflight.database_problems(postgres.url.replace("/anxin?", "/latin?"))
        finally:
            connection.execute("drop database latin with (force)")
    assert any("encoding is LATIN1" in problem for problem in problems)
