"""A whole desk for these tests: PostgreSQL, Rasa and an armed service under the real supervisor, on free ports, in a folder of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, LiteralString

import aiohttp
import psycopg
from psycopg_pool import AsyncConnectionPool

from bot.rasa_places import PROGRAM
from bot.rasa_training import train_if_changed
from desk import people, schema
from desk.fault_points import Point
from desk.passwords import Passwords
from desk.people import NewAgent
from service import secrets
from service.postgres.embedded import EmbeddedPostgres
from service.settings import Settings, load
from service.supervision.back_off import BackOff
from service.supervision.parts import DatabasePart, Part, ProcessPart
from service.supervision.rasa_part import rasa_part
from service.supervision.start_up import answers
from service.supervision.supervisor import Supervisor
from tests.chaos.armed_service import Order, Orders

Process = Literal["service", "rasa", "database"]

LOGIN, PASSWORD = "chaos-agent", "right-horse-battery"
SETTINGS: Mapping[str, str] = {
    # Quicker than people, so that a case takes seconds; the limits nest as they do in production.
    "ANXIN_CONVERSATIONS__FRAGMENT_WINDOW_S": "0.4",
    "ANXIN_CONVERSATIONS__FRAGMENT_BOUND_S": "1.5",
    "ANXIN_CONVERSATIONS__TURN_LEASE_S": "6",
    "ANXIN_CONVERSATIONS__SILENCE_REMINDER_S": "86400",
    "ANXIN_CONVERSATIONS__SILENCE_CLOSE_S": "86400",
    "ANXIN_BOT__ACTION_TIMEOUT_S": "3",
    "ANXIN_BOT__RASA_TIMEOUT_S": "5",
    "ANXIN_LIMITS__CONVERSATIONS_PER_HOUR": "100000",
    "ANXIN_LIMITS__SIGN_INS_PER_MINUTE": "1000",
    "ANXIN_LIMITS__REQUESTS_PER_MINUTE": "100000",
    "ANXIN_SHOP__OPEN_FROM": "00:00",
}
QUICK = BackOff(first_s=0.2, most_s=1.0)
SERVICE_READY_S = 120.0
_UNSETTLED = "select count(*) from conversations where due_at is not null"
_CLAIMED = "select count(*) from turns where state = 'claimed'"
_LAST_SEQ = "select next_seq - 1 from conversations where id = %s"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The running desk: where it is, its parts, and the orders to its service."""

    address: str
    database_url: str
    parts: Mapping[Process, Part]
    orders: Orders
    logs: Path
    said: Sequence[str]

    def arm(self, process: Process, point: Point, *, after: int) -> int:
        """Kill this process when the point is reached for the `after`-th time from now; its present pid."""
        pid = self.parts[process].pid
        assert pid is not None
        self.orders.give(Order(point=point, after=after, pid=pid))
        return pid

    async def until_struck(self, within_s: float = 60) -> None:
        """Wait until the order was carried out."""

        async def is_struck() -> bool:
            return self.orders.is_struck

        await _eventually(is_struck, within_s)

    async def until_well(self, *, without_pid: int | None = None, within_s: float = 240) -> None:
        """Wait until every part runs and answers, none of them as the process `without_pid`."""
        async with aiohttp.ClientSession() as session:
            await _eventually(lambda: self._is_well(session, without_pid), within_s)

    async def _is_well(self, session: aiohttp.ClientSession, without_pid: int | None) -> bool:
        pids = [part.pid for part in self.parts.values()]
        if None in pids or without_pid in pids:
            return False
        try:
            async with session.get(f"{self.address}/readyz", timeout=aiohttp.ClientTimeout(5)) as response:
                ready = await response.json()
        except (aiohttp.ClientError, OSError, ValueError):
            return False
        missing = {"rasa"} - set(self.parts)
        return all(state == "ok" for part, state in ready["parts"].items() if part not in missing)

    async def until_settled(self, within_s: float = 60) -> None:
        """Wait until nothing waits for the bot."""

        async def is_settled() -> bool:
            return await asyncio.to_thread(self._number, _UNSETTLED) == 0

        await _eventually(is_settled, within_s)

    async def until_turns_end(self, within_s: float = 30) -> None:
        """Wait until no turn is claimed any more."""

        async def have_ended() -> bool:
            return await asyncio.to_thread(self._number, _CLAIMED) == 0

        await _eventually(have_ended, within_s)

    def report(self) -> str:
        """What supervisor and processes said last, for a test that failed."""
        lines = list(self.said[-20:])
        for log in sorted(self.logs.glob("*.log")):
            lines += [f"== {log.name}", *log.read_text(errors="replace").splitlines()[-30:]]
        return "\n".join(lines)

    def last_seq(self, conversation_id: object) -> int:
        """The newest seq on disk."""
        return self._number(_LAST_SEQ, conversation_id)

    def _number(self, query: LiteralString, *values: object) -> int:
        with psycopg.connect(self.database_url) as conn:
            row = conn.execute(query, values).fetchone()
        assert row is not None
        return int(row[0])


async def _eventually(is_so: Callable[[], Awaitable[bool]], within_s: float) -> None:
    """Return once it is so; raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not await is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@asynccontextmanager
async def running_stack(*, with_rasa: bool, flags: Sequence[str] = ()) -> AsyncIterator[Stack]:
    """Start it, stop it and delete what it wrote. `flags` go to the armed service."""
    with tempfile.TemporaryDirectory(prefix="anxin-chaos-") as name:
        folder = Path(name)
        settings = load({**SETTINGS, **free_ports(), "ANXIN_DATA": str(folder)})
        server = EmbeddedPostgres(folder)
        said: list[str] = []
        supervisor = Supervisor(said.append, QUICK)
        try:
            yield await _start(settings, server, supervisor, said, with_rasa=with_rasa, flags=flags)
        finally:
            await supervisor.stop()
            await asyncio.to_thread(server.destroy)


async def _start(
    settings: Settings,
    server: EmbeddedPostgres,
    supervisor: Supervisor,
    said: Sequence[str],
    *,
    with_rasa: bool,
    flags: Sequence[str],
) -> Stack:
    parts: dict[Process, Part] = {"database": DatabasePart(server)}
    await supervisor.add(parts["database"])
    await asyncio.to_thread(schema.upgrade, server.url)
    await _add_agent(server.url)
    orders = settings.data / "orders"
    orders.mkdir()
    if with_rasa:
        parts["rasa"] = await _rasa(settings, server.url)
    parts["service"] = _service(settings, server.url, [str(orders), *flags])
    await supervisor.add_together(*(part for name, part in parts.items() if name != "database"))
    stack = Stack(
        address=_address(settings),
        database_url=server.url,
        parts=parts,
        orders=Orders(orders),
        logs=settings.data / "logs",
        said=said,
    )
    await stack.until_well()
    return stack


def _service(settings: Settings, database_url: str, arguments: Sequence[str]) -> ProcessPart:
    return ProcessPart(
        "service",
        [sys.executable, "-m", "tests.chaos.armed_service", *arguments],
        environment=_environment(settings, database_url),
        log_file=settings.data / "logs" / "service.log",
        is_ready=answers(f"{_address(settings)}/healthz"),
        ready_timeout_s=SERVICE_READY_S,
        folder=PROGRAM,
    )


async def _rasa(settings: Settings, database_url: str) -> ProcessPart:
    model = await asyncio.to_thread(train_if_changed, load({"ANXIN_DATA": str(PROGRAM / "var")}))
    return rasa_part(
        settings,
        model,
        database_url,
        token=secrets.ensure(settings)["ANXIN_RASA_TOKEN"],
        log_file=settings.data / "logs" / "rasa.log",
        is_ready=answers(f"http://127.0.0.1:{settings.sections.bot.rasa_port}/"),
    )


async def _add_agent(database_url: str) -> None:
    new = NewAgent(
        login=LOGIN,
        name="小林",
        role="supervisor",
        level="supervisor",
        languages=("zh-Hans", "zh-Hant-HK", "en"),
        capacity=4,
    )
    async with AsyncConnectionPool(database_url, min_size=1, max_size=1, open=False) as pool:
        hasher, now = Passwords(), datetime.now(UTC)
        await people.create(pool, new, hasher=hasher, by=None, now=now, password=PASSWORD, must_change=False)
        hasher.close()


def _environment(settings: Settings, database_url: str) -> dict[str, str]:
    """Our own variables only, besides those that every process has."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ANXIN_")}
    bot, service = settings.sections.bot, settings.sections.service
    ports = {
        "ANXIN_SERVICE__PORT": str(service.port),
        "ANXIN_BOT__RASA_PORT": str(bot.rasa_port),
        "ANXIN_BOT__ACTION_PORT": str(bot.action_port),
    }
    own = {"ANXIN_DATABASE_URL": database_url, "ANXIN_DATA": str(settings.data), "PYTHONUNBUFFERED": "1"}
    return kept | dict(SETTINGS) | ports | own | secrets.ensure(settings)


def _address(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.sections.service.port}"


def free_ports() -> dict[str, str]:
    """A free port for each listener, by variable."""
    names = ("ANXIN_SERVICE__PORT", "ANXIN_BOT__RASA_PORT", "ANXIN_BOT__ACTION_PORT")
    probes = [socket.socket() for _ in names]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = {name: str(probe.getsockname()[1]) for name, probe in zip(names, probes, strict=True)}
    for probe in probes:
        probe.close()
    return ports
