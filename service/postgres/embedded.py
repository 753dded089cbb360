"""The embedded PostgreSQL 18 with pgvector: created, started, adopted, stopped.

It listens on a unix socket only and asks everybody for a password; nobody can sign in as its superuser.
This is not where the schema lives (desk/schema.py), nor what restarts it (service/supervision).
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import psutil
import psycopg

from service.postgres.places import DatabaseUnavailable, Places, find_places, remove
from service.supervision import launch

ROLE = "anxin"
DATABASE = "anxin"
POLL_S = 0.05
ORPHANS_S = 5.0
"""Backends whose postmaster was killed notice it at once unless they are in the middle of something."""
STOP_S = 60.0
LOG_BYTES = 20_000_000
CONFIGURATION: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "512MB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",  # our queries are short, compiling them takes longer than running them
    "io_workers": "2",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "300s",
    # No message text or personal data in the log: neither statements nor the values in an error's detail.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
"""Made for a machine with two cores and a few gigabytes; fsync and synchronous_commit stay on."""


class EmbeddedPostgres:
    """One cluster below one data folder. All methods block; `start` must run in a thread that lives on."""

    def __init__(
        self,
        data: Path,
        *,
        start_timeout_s: float = 120,
        log_file: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.places: Places = find_places(data)
        self.adopted = False
        self._start_timeout_s = start_timeout_s
        self._log_file = log_file or data / "logs" / "postgresql.log"
        self._options = {**CONFIGURATION, **(options or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Connection URL of our database; only once the cluster was prepared."""
        password = self.places.password_file.read_text(encoding="ascii").strip()
        return f"postgresql://{ROLE}:{password}@/{DATABASE}?host={quote(str(self.places.sockets), safe='')}"

    @property
    def pid(self) -> int | None:
        """The running postmaster of this data folder, whoever started it; None if there is none."""
        return _postmaster(self.places.data)

    def start(self) -> str:
        """Create the cluster if there is none, start or adopt its server, wait for it; return the URL.

        Raises DatabaseUnavailable with the end of PostgreSQL's log when it does not come up in time.
        """
        self.prepare()
        if not self.adopt():
            self.spawn()
            self.wait_ready()
        return self.url

    def prepare(self) -> None:
        """Create the cluster in one rename, so that an interrupted creation leaves nothing behind."""
        written = self.places.data / "PG_VERSION"
        if not written.exists():
            self._create()
        elif (found := written.read_text().strip()) != "18":
            raise DatabaseUnavailable(
                f"{self.places.data} was written by PostgreSQL {found}, this is 18. "
                "Move the folder away and restore a backup."
            )
        elif not self.places.password_file.exists():
            raise DatabaseUnavailable(
                f"{self.places.password_file} is gone; nothing else opens the database."
            )

    def adopt(self) -> bool:
        """Take over a server that already runs on this data folder; True if one does and accepts us.

        One that is just stopping is waited for; what a killed one left behind is cleared away.
        """
        deadline = time.monotonic() + self._start_timeout_s
        while (pid := self.pid) is not None:
            if self._accepts():
                self.adopted = True
                return True
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"A PostgreSQL (process {pid}) holds {self.places.data} but does not answer."
                )
            time.sleep(POLL_S)
        self._clear_remains()
        return False

    def adopt_running(self) -> bool:
        """Take over a server that runs and accepts us; creates, clears and waits for nothing."""
        self.adopted = self.pid is not None and self._accepts()
        return self.adopted

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server; it stops by itself (fast) when the calling thread ends."""
        settings = {**self._options, "unix_socket_directories": str(self.places.sockets)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self.adopted = False
        with _open_log(self._log_file) as log:
            self._process = subprocess.Popen(
                self._as_user(
                    [self.places.program("postgres"), "-D", str(self.places.data), *options], signal.SIGINT
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on, in order
                env=_environment(),
            )
        return self._process

    def wait_ready(self) -> None:
        """Wait until the spawned server accepts us, crash recovery included."""
        deadline = time.monotonic() + self._start_timeout_s
        while not self._accepts():
            if self._process and self._process.poll() is not None:
                raise DatabaseUnavailable(f"PostgreSQL ended while starting:\n{self._end_of_log()}")
            if time.monotonic() > deadline:
                self.stop()
                raise DatabaseUnavailable(
                    f"PostgreSQL was not ready after {self._start_timeout_s:g} s "
                    f"(database.start_timeout_s):\n{self._end_of_log()}"
                )
            time.sleep(POLL_S)

    def is_running(self) -> bool:
        """Whether the server's process is alive."""
        if self._process:
            return self._process.poll() is None
        return self.pid is not None

    def stop(self) -> None:
        """Stop the server (fast, then immediate); nothing happens when it does not run."""
        for number, patience_s in ((signal.SIGINT, STOP_S), (signal.SIGQUIT, 10.0)):
            pid = self._process.pid if self._process and self._process.poll() is None else self.pid
            if pid is None:
                break
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if self._ended_within(patience_s):
                break
        self._process = None

    def destroy(self) -> None:
        """Stop the server and delete the cluster with everything in it."""
        self.stop()
        remove(self.places)

    def _ended_within(self, patience_s: float) -> bool:
        deadline = time.monotonic() + patience_s
        while self.is_running() or self.pid is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True

    def _accepts(self) -> bool:
        if not self.places.password_file.exists():
            return False
        try:
            with psycopg.connect(self.url, connect_timeout=2):
                return True
        except psycopg.Error:
            return False

    def _create(self) -> None:
        places, new = self.places, self.places.cluster / "new"
        shutil.rmtree(new, ignore_errors=True)
        password = secrets.token_urlsafe(24)
        self._write(places.password_file, password + "\n")
        options = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        access = ["--username=postgres", "--auth=reject", "--no-instructions"]
        self._run([places.program("initdb"), "-D", str(new), *options, *access, *self._sync_option()])
        self._write(
            new / "pg_hba.conf",
            "# A password from everybody, over the unix socket only.\nlocal all all scram-sha-256\n",
        )
        self._single_user(new, "template1", ["create extension vector"])
        create_role = f"create role {ROLE} login createdb password '{password}'"
        statements = [create_role, f"grant pg_monitor to {ROLE}", f"create database {DATABASE} owner {ROLE}"]
        self._single_user(new, "postgres", statements)
        new.rename(places.data)

    def _sync_option(self) -> list[str]:
        return ["--no-sync"] if self._options.get("fsync") == "off" else []

    def _single_user(self, data: Path, database: str, statements: Sequence[str]) -> None:
        arguments = ["--single", "-D", str(data), "-c", "log_min_messages=error", "-c", "exit_on_error=on"]
        self._run(
            [self.places.program("postgres"), *arguments, database], "".join(f"{s};\n" for s in statements)
        )

    def _run(self, argv: Sequence[str], stdin: str = "") -> None:
        done = subprocess.run(
            self._as_user(argv, signal.SIGKILL),
            input=stdin,
            capture_output=True,
            text=True,
            cwd="/",
            env=_environment(),
            check=False,
        )
        if done.returncode != 0:
            raise DatabaseUnavailable(
                f"{Path(argv[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}"
            )

    def _as_user(self, argv: Sequence[str], number: signal.Signals) -> list[str]:
        user = self.places.user
        return launch.wrap(
            argv, signal=number, uid=user.pw_uid if user else None, gid=user.pw_gid if user else None
        )

    def _write(self, path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        if self.places.user:
            os.chown(path, self.places.user.pw_uid, self.places.user.pw_gid)

    def _clear_remains(self) -> None:
        """Wait for backends that outlived their postmaster, then remove pid files that name nobody of ours.

        PostgreSQL itself takes any live process of the same user and number for its predecessor.
        """
        deadline = time.monotonic() + ORPHANS_S
        while orphans := _processes_in(self.places.data):
            if time.monotonic() > deadline:
                for orphan in orphans:
                    with suppress(psutil.Error):
                        orphan.kill()
            time.sleep(POLL_S)
        (self.places.data / "postmaster.pid").unlink(missing_ok=True)
        (self.places.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _end_of_log(self) -> str:
        try:
            return "\n".join(self._log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        except FileNotFoundError:
            return "(no log)"


@contextmanager
def running(data: Path, *, start_timeout_s: float = 120) -> Iterator[str]:
    """The URL of the embedded database, started for this block if it did not run already."""
    server = EmbeddedPostgres(data, start_timeout_s=start_timeout_s)
    try:
        yield server.start()
    finally:
        if not server.adopted:
            server.stop()


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}


def _open_log(path: Path) -> BinaryIO:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _postmaster(data: Path) -> int | None:
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        ours = process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == data
    except (FileNotFoundError, ValueError, psutil.Error):
        return None
    return pid if ours else None


def _processes_in(data: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if Path(process.cwd()) == data and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
