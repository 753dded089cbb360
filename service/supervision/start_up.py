"""`anxin serve` from the first check to the last stop: what is started in which order, and with what.

How a part lives is in parts.py, how it is kept alive in supervisor.py.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import psutil
import psycopg
from psycopg_pool import AsyncConnectionPool

from bot import rasa_training
from bot.rasa_training import TrainingFailed
from desk import demo_data, schema
from desk.errors import DeskError
from service import secrets
from service.http import first_accounts
from service.postgres.embedded import EmbeddedPostgres
from service.postgres.places import DatabaseUnavailable
from service.settings import Settings
from service.supervision import preflight
from service.supervision.announcer import Announcer
from service.supervision.parts import DatabasePart, PartFailed, ProcessPart
from service.supervision.rasa_part import rasa_part
from service.supervision.subcommand import CommandFailed, run_command
from service.supervision.supervisor import Supervisor

SERVICE_READY_S = 90.0
ALL_PARTS = frozenset({"database", "rasa", "service"})


class StartRefused(Exception):
    """Something must be put right first; one line for each problem."""


EXPECTED = (
    StartRefused,
    PartFailed,
    DatabaseUnavailable,
    DeskError,
    psycopg.Error,
    TrainingFailed,
)
"""What a person can put right; anything else is an error of ours and shows its trace."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """One start of the desk: what was asked for, and where it says how it goes."""

    settings: Settings
    parts: Set[str]
    announcer: Announcer
    supervisor: Supervisor

    @property
    def is_alone(self) -> bool:
        """Whether one part was asked for: it then writes its log to the terminal."""
        return len(self.parts) == 1

    def log_file(self, name: str) -> Path | None:
        """The log of a part."""
        return None if self.is_alone else self.settings.data / "logs" / f"{name}.log"


async def serve(settings: Settings, parts: Set[str], announcer: Announcer) -> int:
    """Start these parts, watch over them until SIGINT or SIGTERM, stop them; the exit code."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    supervisor = Supervisor(announcer.say)
    start = Start(settings=settings, parts=parts, announcer=announcer, supervisor=supervisor)
    starting = asyncio.create_task(_start(start))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and (error := starting.exception()):
            return _explain(error, announcer)
        await stop.wait()
        return 0
    finally:
        await _stop(supervisor, announcer, [starting, stopping])


async def _stop(supervisor: Supervisor, announcer: Announcer, tasks: list[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    _end_descendants(signal.SIGTERM, besides=supervisor.pids())  # a training that is under way
    await asyncio.gather(*tasks, return_exceptions=True)
    if supervisor.has_parts:
        async with announcer.step("Stopping"):
            await supervisor.stop()
    _end_descendants(signal.SIGKILL, besides=frozenset())


def _explain(error: BaseException, announcer: Announcer) -> int:
    if not isinstance(error, EXPECTED):
        raise error
    for line in str(error).splitlines():
        announcer.error(line) if not line.startswith("  ") else announcer.say(line)
    return 1


def _end_descendants(number: signal.Signals, *, besides: Set[int]) -> None:
    for child in psutil.Process().children():
        if child.pid not in besides:
            with suppress(psutil.Error):
                child.send_signal(number)


async def _start(start: Start) -> None:
    settings, announcer = start.settings, start.announcer
    if found := await asyncio.to_thread(preflight.problems, settings, start.parts):
        raise StartRefused("\n".join(found))
    url = await _start_database(start)
    environment = _environment(settings, url)
    accounts: list[str] = []
    if "service" in start.parts:
        accounts = await _fill(settings, url, announcer)
        for line in accounts:  # a generated password is told only once, so not after what may still fail
            announcer.say(line)
        async with announcer.step("Knowledge base"):
            await _run(environment, "kb", "import")
        async with announcer.step("Triage classifier, calibration of the knowledge base"):
            await asyncio.gather(
                _run(environment, "train", "--only", "triage", "--at-start"),
                _run(environment, "kb", "upkeep"),
            )
    parts = [_service(start, environment, n) for n in range(settings.sections.service.processes)]
    parts = parts if "service" in start.parts else []
    if "rasa" in start.parts and not settings.sections.bot.rasa_url:
        async with announcer.step("Rasa's model"):
            model = await _rasa_model(start, environment)
        is_ready = answers(f"http://127.0.0.1:{settings.sections.bot.rasa_port}/")
        token, log_file = environment["ANXIN_RASA_TOKEN"], start.log_file("rasa")
        parts.append(rasa_part(settings, model, url, token=token, log_file=log_file, is_ready=is_ready))
    if parts:
        async with announcer.step(
            "Rasa and the service" if len(start.parts) > 1 else next(iter(start.parts))
        ):
            await start.supervisor.add_together(*parts)
    _say_ready(start, accounts)


async def _rasa_model(start: Start, environment: Mapping[str, str]) -> Path:
    """The model of the present sources. Where they changed and another model could be used, the new one must not be
    worse; else the other one stays."""
    settings = start.settings
    present = await asyncio.to_thread(rasa_training.present_or_first, settings, start.announcer.say)
    if present is not None:
        return present
    printed = await _run(environment, "train", "--only", "rasa", "--at-start")
    start.announcer.say(printed.splitlines()[-1])
    model = await asyncio.to_thread(rasa_training.in_use, settings)
    assert model is not None, "a training that ended well leaves a model"
    return model


async def _start_database(start: Start) -> str:
    """Start, adopt or find the database, bring its schema up to date; the URL."""
    settings = start.settings
    url = settings.secret("ANXIN_DATABASE_URL")
    if url is None:
        server = EmbeddedPostgres(
            settings.data,
            start_timeout_s=settings.sections.database.start_timeout_s,
            options={"max_connections": str(_connections(settings))},
        )
        if "database" in start.parts:
            async with start.announcer.step("Database"):
                await start.supervisor.add(DatabasePart(server))
        elif not await asyncio.to_thread(server.adopt_running):
            raise StartRefused("The database does not run. Start it first: anxin serve database.")
        url = server.url
    async with start.announcer.step("Schema"):
        await asyncio.to_thread(schema.upgrade, url)
    return url


def _connections(settings: Settings) -> int:
    """Each process's pool with its listener and timers, Rasa's trackers, and 40 for commands and people."""
    return settings.sections.service.processes * (settings.sections.database.pool_size + 8) + 8 + 40


async def _fill(settings: Settings, url: str, announcer: Announcer) -> list[str]:
    """The demo shop and the first accounts, where there are none yet; lines about the accounts."""
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        if settings.sections.demo.enabled:
            async with announcer.step("Demo shop"):
                await demo_data.seed_if_empty(pool, settings.sections.demo, datetime.now(UTC))
        return await first_accounts.ensure_first_accounts(pool, settings)


async def _run(environment: Mapping[str, str], *arguments: str) -> str:
    """One of our commands in a process of its own: it may take 100 MB that the supervisor would keep."""
    try:
        return await run_command(*arguments, environment=environment)
    except CommandFailed as error:
        raise PartFailed(f"`anxin {' '.join(arguments)}` did not succeed. {error}") from None


def _environment(settings: Settings, url: str) -> dict[str, str]:
    return {
        **os.environ,
        **secrets.ensure(settings),
        "ANXIN_DATABASE_URL": url,
        "ANXIN_CONFIG": str(settings.config_file),
        "ANXIN_DATA": str(settings.data),
        "PYTHONUNBUFFERED": "1",
    }


def _service(start: Start, environment: Mapping[str, str], number: int) -> ProcessPart:
    several = start.settings.sections.service.processes > 1
    name = f"service-{number + 1}" if several else "service"
    return ProcessPart(
        name,
        [sys.executable, "-m", "service.run"],
        environment=environment,
        log_file=start.log_file(name),
        is_ready=answers(f"{local_address(start.settings)}/healthz"),
        ready_timeout_s=SERVICE_READY_S,
        folder=preflight.PROGRAM,
    )


def answers(address: str) -> Callable[[], Awaitable[bool]]:
    """Whether an HTTP server answers there with 200, asked again at each call."""

    async def ask() -> bool:
        timeout = aiohttp.ClientTimeout(total=2)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    return ask


def local_address(settings: Settings) -> str:
    """Where this machine reaches the service."""
    host = settings.sections.service.host
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{host}:{settings.sections.service.port}"


def _say_ready(start: Start, accounts: list[str]) -> None:
    say = start.announcer.say
    if "service" in start.parts:
        address = start.settings.sections.service.public_url.rstrip("/") or local_address(start.settings)
        say("")
        say(f"Storefront  {address}/")
        say(f"Agents      {address}/desk")
        say(f"Knowledge   {address}/knowledge")
        say(f"Admin       {address}/admin")
        say(f"API         {address}/api/docs")
        for line in accounts:
            if first_accounts.TOLD_ONCE not in line:
                say(line)
    if not start.is_alone:
        say(f"Logs        {start.settings.data / 'logs'}")
    say("Ready. Ctrl-C stops everything." if not start.is_alone else "Ready. Ctrl-C stops it.")
