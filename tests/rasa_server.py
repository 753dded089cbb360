"""A real, trained Rasa server for tests: trained once for the present sources, started once for a test run."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.rasa_client import RasaClient
from bot.rasa_places import PROGRAM
from bot.rasa_server import command
from bot.rasa_training import train_if_changed
from service.settings import load

TOKEN = "a-token-for-tests-only"
START_S = 240
PATIENT = {
    "ANXIN_BOT__ACTION_TIMEOUT_S": "10",
    "ANXIN_BOT__RASA_TIMEOUT_S": "11",
    "ANXIN_CONVERSATIONS__TURN_LEASE_S": "12",
}
"""Limits for a machine that does many other things while it tests."""


@dataclass(frozen=True, kw_only=True)
class RunningRasa:
    """Where it listens, and the port on which it looks for actions."""

    url: str
    token: str
    model: str
    action_port: int

    def client(self, timeout_s: float = 20.0) -> RasaClient:
        """A client of its own; the caller closes it."""
        return RasaClient(self.url, self.token, timeout_s=timeout_s)

    @asynccontextmanager
    async def actions(self, app: web.Application) -> AsyncIterator[None]:
        """Serve Rasa's actions by `app` meanwhile."""
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.action_port, reuse_address=True).start()
            yield
        finally:
            await runner.cleanup()


@asynccontextmanager
async def running(database_url: str, folder: Path) -> AsyncIterator[RunningRasa]:
    """Train if needed (kept in var/), start on free ports, stop afterwards."""
    model = await asyncio.to_thread(train_if_changed, load({"ANXIN_DATA": str(PROGRAM / "var")}))
    port, action_port = _free_port(), _free_port()
    argv, environment = command(
        load({"ANXIN_DATA": str(folder)} | PATIENT),
        model,
        database_url,
        token=TOKEN,
        action_url=f"http://127.0.0.1:{action_port}/webhook",
        port=port,
    )
    log = folder / "rasa.log"
    process = _spawn(argv, environment, log)
    rasa = RunningRasa(url=f"http://127.0.0.1:{port}", token=TOKEN, model=model.name, action_port=action_port)
    try:
        await _wait_ready(rasa, process, log)
        yield rasa
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _spawn(argv: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            argv, env=environment, cwd=log.parent, stdout=output, stderr=output, start_new_session=True
        )


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]


async def _wait_ready(rasa: RunningRasa, process: subprocess.Popen[bytes], log: Path) -> None:
    client = rasa.client()
    deadline = time.monotonic() + START_S
    try:
        while not (await client.health()).ready:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Rasa did not start:\n{_end_of(log)}")
            await asyncio.sleep(0.3)
    finally:
        await client.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
