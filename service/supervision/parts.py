"""The parts that are watched over: a process of ours, or the embedded database.

A part knows how to start, to tell when it ended, and to stop; when to do so is the supervisor's business.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from service.postgres.embedded import EmbeddedPostgres
from service.postgres.places import DatabaseUnavailable
from service.supervision import launch

POLL_S = 0.2
LOG_BYTES = 50_000_000
LOG_CHECK_S = 60.0


class PartFailed(Exception):
    """A part did not come up; the message holds the end of its log."""


class Part(Protocol):
    """Something that runs until it is stopped, and is started again when it ends by itself."""

    name: str

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""

    async def start(self) -> None:
        """Start it and wait until it is ready; raises PartFailed."""

    async def ended(self) -> str:
        """Wait until it ends by itself; says how it ended."""

    async def stop(self) -> None:
        """End it and everything it started; harmless when it does not run."""


class ProcessPart:
    """A child process with a log file, ready when `is_ready` says so.

    It is killed when we are, whatever kills us.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        log_file: Path | None,
        is_ready: Callable[[], Awaitable[bool]],
        ready_timeout_s: float,
        stop_timeout_s: float = 15,
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self._argv = list(argv)
        self._environment = dict(environment)
        self._log_file = log_file
        self._is_ready = is_ready
        self._ready_timeout_s = ready_timeout_s
        self._stop_timeout_s = stop_timeout_s
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Spawn the process and wait until it is ready."""
        await self.stop()  # what an earlier life of it left running
        log = self._open_log()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *launch.wrap(self._argv, signal=signal.SIGKILL),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
                start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on, in order
            )
        finally:
            if log is not None:
                os.close(log)
        await self._wait_ready(self._process)

    async def ended(self) -> str:
        """Wait for the end of the process."""
        assert self._process
        while True:
            try:
                code = await asyncio.wait_for(self._process.wait(), LOG_CHECK_S)
                break
            except TimeoutError:
                if self._log_file is not None:
                    await asyncio.to_thread(shorten_log, self._log_file)
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL for its whole group."""
        if not (process := self._process):
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self._stop_timeout_s)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        self._process = None

    async def _wait_ready(self, process: asyncio.subprocess.Process) -> None:
        deadline = time.monotonic() + self._ready_timeout_s
        while not await self._is_ready():
            if process.returncode is not None:
                raise PartFailed(f"{self.name} {await self.ended()} while starting.{self._end_of_log()}")
            if time.monotonic() > deadline:
                raise PartFailed(
                    f"{self.name} was not ready after {self._ready_timeout_s:g} s.{self._end_of_log()}"
                )
            await asyncio.sleep(POLL_S)

    def _open_log(self) -> int | None:
        if self._log_file is None:
            return None
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        shorten_log(self._log_file)
        return os.open(self._log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)

    def _end_of_log(self) -> str:
        if self._log_file is None or not self._log_file.exists():
            return ""
        with self._log_file.open("rb") as file:
            file.seek(max(0, self._log_file.stat().st_size - 4000))
            lines = file.read().decode(errors="replace").splitlines()[-15:]
        return f" The end of {self._log_file}:\n" + "\n".join(f"  {line}" for line in lines)


class DatabasePart:
    """The embedded PostgreSQL as a part; its `start` is quick to call in the thread of the event loop."""

    name = "database"

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server

    @property
    def pid(self) -> int | None:
        """The postmaster."""
        return self.server.pid

    async def start(self) -> None:
        """Create, adopt or start it; raises PartFailed."""
        try:
            await asyncio.to_thread(self.server.prepare)
            if not await asyncio.to_thread(self.server.adopt):
                self.server.spawn()  # here, because it ends with the thread that started it
                await asyncio.to_thread(self.server.wait_ready)
        except DatabaseUnavailable as error:
            raise PartFailed(str(error)) from error

    async def ended(self) -> str:
        """Poll, because a server that was adopted is no child of ours."""
        while self.server.is_running():  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)
        return "ended"

    async def stop(self) -> None:
        """Stop it, waiting for its last checkpoint."""
        await asyncio.to_thread(self.server.stop)


def shorten_log(path: Path) -> None:
    """Move what a large log holds aside; whoever appends to it goes on with an empty one."""
    with suppress(FileNotFoundError):
        if path.stat().st_size > LOG_BYTES:
            path.with_suffix(".log.1").write_bytes(path.read_bytes())
            os.truncate(path, 0)
