"""A whole desk as `make serve` starts it, on free ports in a folder of its own, and a wire to it that tests can cut."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 400.0
"""With nothing trained yet, on a busy machine; a second start takes well under 45 s."""
DEMO_PASSWORD = "try-anxin-today"


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Wire:
    """A TCP proxy: everything goes through until it is cut, then all connections break and none is made."""

    target: int
    port: int = field(default_factory=free_port)
    is_cut: bool = False
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._connect, "127.0.0.1", self.port)

    def cut(self) -> None:
        self.is_cut = True
        for writer in tuple(self._writers):
            writer.transport.abort()

    def mend(self) -> None:
        self.is_cut = False

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, there_writer}
        await asyncio.gather(self._copy(reader, there_writer), self._copy(there_reader, writer))
        self._writers -= {writer, there_writer}

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        with contextlib.suppress(OSError):
            sink.close()


@dataclass(frozen=True, kw_only=True)
class RunningDesk:
    """The desk's own address, and its address at the other end of the wire."""

    address: str
    wired_address: str
    wire: Wire
    data: Path

    async def cli(self, *arguments: str, given: str = "") -> str:
        """What `anxin ARGUMENTS` prints, run against this desk."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service", *arguments,
            cwd=ROOT, env=os.environ | {"ANXIN_DATA": str(self.data)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate(given.encode())
        assert process.returncode == 0, err.decode()
        return out.decode()


@contextlib.asynccontextmanager
async def running_desk(folder: Path) -> AsyncIterator[RunningDesk]:
    """Start everything and wait until it is ready; stop everything with SIGTERM, as an operator would."""
    data = folder / "var"
    _lend_models(data)
    port = free_port()
    wire = Wire(target=port)
    environment = os.environ | {
        "ANXIN_DATA": str(data),
        "ANXIN_SERVICE__PORT": str(port),
        "ANXIN_BOT__RASA_PORT": str(free_port()),
        "ANXIN_BOT__ACTION_PORT": str(free_port()),
        "ANXIN_SHOP__OPEN_FROM": "00:00",
    }
    log = folder / "serve.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "service",
            "serve",
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = await wire.serve()
    try:
        await _until_ready(process, log)
        yield RunningDesk(
            address=f"http://127.0.0.1:{port}",
            wired_address=f"http://127.0.0.1:{wire.port}",
            wire=wire,
            data=data,
        )
    finally:
        wire.cut()
        server.close()
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)
        _return_models(data)


def _lend_models(data: Path) -> None:
    """Models are named by what they were trained from, so those of the checkout may serve here too."""
    if (ROOT / "var" / "models").is_dir():
        shutil.copytree(ROOT / "var" / "models", data / "models", dirs_exist_ok=True)


def _return_models(data: Path) -> None:
    if (data / "models").is_dir():
        shutil.copytree(data / "models", ROOT / "var" / "models", dirs_exist_ok=True)


async def _until_ready(process: asyncio.subprocess.Process, log: Path) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while "Ready." not in _written(log):
                assert process.returncode is None, _written(log)
                await asyncio.sleep(0.25)
    except TimeoutError:
        raise AssertionError(_written(log)) from None


def _written(log: Path) -> str:
    return log.read_text("utf-8", "replace")
