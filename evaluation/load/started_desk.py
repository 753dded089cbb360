"""A desk of the run's own: `anxin serve` on free ports in a temporary data folder, stopped and deleted afterwards.

Everything is as in production but the rate limits: real fsync, real Rasa, supervised. Trained models are taken over, so
that nothing trains twice.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from evaluation.load.floor import BenchFailed
from service.postgres.embedded import EmbeddedPostgres
from service.settings import Settings, load

PROGRAM = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 300.0
STOP_WITHIN_S = 60.0
RAISED_LIMITS: Mapping[str, str] = {
    "ANXIN_LIMITS__MESSAGES_PER_MINUTE": "10000000",
    "ANXIN_LIMITS__MESSAGE_BURST": "1000000",
    "ANXIN_LIMITS__CONVERSATIONS_PER_HOUR": "1000000",
    "ANXIN_LIMITS__SIGN_INS_PER_MINUTE": "10000",
    "ANXIN_LIMITS__REQUESTS_PER_MINUTE": "1000000",
    "ANXIN_LIMITS__SOCKETS_PER_ADDRESS": "10000",
}


@dataclass(frozen=True, kw_only=True)
class StartedDesk:
    """Where it is, who its admin is, what it was started with."""

    url: str
    admin_password: str
    database_url: str
    data: Path
    rasa_url: str
    settings: Settings


@asynccontextmanager
async def started_desk(settings: Settings, say: Callable[[str], None]) -> AsyncIterator[StartedDesk]:
    """Start, wait until it is ready, stop. Raises BenchFailed with the end of its log."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="anxin-bench-")))
        stack.callback(_delete_database, folder)
        if (settings.data / "models").is_dir():
            shutil.copytree(settings.data / "models", folder / "models")
        password = secrets.token_urlsafe(16)
        environment = _environment(settings, folder, password)
        own = load(environment)
        service, bot = own.sections.service, own.sections.bot
        url = f"http://127.0.0.1:{service.port}"
        say(f"Starting a desk at {url} …")
        process = await _spawn(environment, folder / "serve.log")
        try:
            await _ready(url, process, folder / "serve.log")
            yield StartedDesk(
                url=url,
                admin_password=password,
                database_url=EmbeddedPostgres(folder).url,
                data=folder,
                rasa_url=f"http://127.0.0.1:{bot.rasa_port}",
                settings=own,
            )
        finally:
            await _stop(process)


def _environment(settings: Settings, folder: Path, password: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("ANXIN_DATABASE_URL", "ANXIN_BOT__RASA_URL")}
    ports = _free_ports(3)
    return {
        **kept,
        **RAISED_LIMITS,
        "ANXIN_CONFIG": str(settings.config_file),
        "ANXIN_DATA": str(folder),
        "ANXIN_SERVICE__HOST": "127.0.0.1",
        "ANXIN_SERVICE__PORT": str(ports[0]),
        "ANXIN_BOT__RASA_PORT": str(ports[1]),
        "ANXIN_BOT__ACTION_PORT": str(ports[2]),
        "ANXIN_DEMO__ENABLED": "true",
        "ANXIN_ADMIN_PASSWORD": password,
    }


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


async def _spawn(environment: Mapping[str, str], log: Path) -> asyncio.subprocess.Process:
    with log.open("wb") as out:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from service.cli import main; main()", "serve"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=dict(environment),
            cwd=PROGRAM,
            start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on
        )


async def _ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    deadline = asyncio.get_running_loop().time() + READY_WITHIN_S
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200 and (await answer.json())["status"] == "ok":
                        return
            if process.returncode is not None or asyncio.get_running_loop().time() > deadline:
                raise BenchFailed(f"The desk did not start:\n{_end_of(log)}")
            await asyncio.sleep(0.3)


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _delete_database(folder: Path) -> None:
    EmbeddedPostgres(folder).destroy()
