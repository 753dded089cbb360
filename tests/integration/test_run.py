"""`python -m service.run` for real: two processes on one port, a gentle end, and a database that comes late."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psycopg
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestServer

from desk import schema
from service.postgres.embedded import EmbeddedPostgres
from tests.running_desk import ENVIRONMENT

ENDS_WITHIN_S = 5.0
STARTS_WITHIN_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, database_url: str, processes: int) -> dict[str, str]:
    return {
        **os.environ,
        **ENVIRONMENT,
        "ANXIN_DATA": str(folder),
        "ANXIN_DATABASE_URL": database_url,
        "ANXIN_SERVICE__PROCESSES": str(processes),
        "ANXIN_SERVICE__PORT": str(free_port()),
        "ANXIN_BOT__ACTION_PORT": str(free_port()),
    }


@asynccontextmanager
async def process(given: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(sys.executable, "-m", "service.run", env=given)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(STARTS_WITHIN_S):
        while True:
            if await is_so():
                return
            await asyncio.sleep(0.2)


async def status_of(url: str) -> int:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status
    except aiohttp.ClientError:
        return 0


async def end(running: asyncio.subprocess.Process) -> tuple[int | None, float]:
    """SIGTERM; the exit code and how long it took."""
    before = time.monotonic()
    running.send_signal(signal.SIGTERM)
    code = await asyncio.wait_for(running.wait(), 2 * ENDS_WITHIN_S)
    return code, time.monotonic() - before


async def close_code(customer: ClientWebSocketResponse) -> int | None:
    while (await customer.receive(timeout=30)).type is WSMsgType.TEXT:
        pass
    return customer.close_code


def listeners(port: int) -> int:
    """How many sockets listen on this port of this machine."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    fields = [line.split() for line in lines]
    return sum(f[1].endswith(f":{port:04X}") and f[3] == "0A" for f in fields)


async def test_two_processes_share_both_ports_and_end_gently_one_after_the_other(
    database_url: str, tmp_path: Path
) -> None:
    given = environment(tmp_path, database_url, processes=2)
    port, action_port = int(given["ANXIN_SERVICE__PORT"]), int(given["ANXIN_BOT__ACTION_PORT"])
    url = f"http://127.0.0.1:{port}"
    async with process(given) as one, process(given) as other:

        async def both_listen() -> bool:
            return listeners(port) == 2 and listeners(action_port) == 2

        await until(both_listen)
        assert await status_of(f"{url}/healthz") == 200
        assert await status_of(f"http://127.0.0.1:{action_port}/webhook") != 0, "the action listener answers"
        async with aiohttp.ClientSession() as session:
            sockets = [await session.ws_connect(f"{url}/api/chat/ws") for _ in range(8)]
            customers = asyncio.gather(*(close_code(customer) for customer in sockets))
            first = await end(one)
            assert await status_of(f"{url}/healthz") == 200, "the other process takes what comes"
            second = await end(other)
            assert await customers == [1001] * len(sockets)
    for code, took_s in (first, second):
        assert code == 0 and took_s < ENDS_WITHIN_S


@pytest.fixture
def own_postgres(tmp_path: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(tmp_path / "database")


async def test_a_database_that_is_away_at_the_start_is_waited_for(
    own_postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    database_url = await asyncio.to_thread(own_postgres.start)
    try:
        await asyncio.to_thread(schema.upgrade, database_url)
        await asyncio.to_thread(own_postgres.stop)
        given = environment(tmp_path, database_url, processes=1)
        url = f"http://127.0.0.1:{given['ANXIN_SERVICE__PORT']}"
        async with process(given) as running, aiohttp.ClientSession() as session:

            async def lives() -> bool:
                return await status_of(f"{url}/healthz") == 200

            async def starts_conversations() -> bool:
                return (await session.post(f"{url}/api/chat/conversations", json={})).status == 201

            await until(lives)
            assert await status_of(f"{url}/readyz") == 503
            assert not await starts_conversations()
            await asyncio.to_thread(own_postgres.start)
            await until(starts_conversations)
            await asyncio.to_thread(own_postgres.stop)
            code, took_s = await end(running)
            assert code == 0 and took_s < ENDS_WITHIN_S, "also while the database is away"
    finally:
        await asyncio.to_thread(own_postgres.destroy)


@dataclass
class RasaInTheMiddle:
    """A Rasa that is in a turn when the service is told to end, and only then calls an action."""

    action_url: str
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    action_status: int | None = None

    async def turn(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.is_asked.set()
        await asyncio.sleep(1.0)
        self.action_status = await status_of(self.action_url)
        said = [{"text": "您好", "buttons": [], "payload": {}}]
        intent = {"name": "greet", "confidence": 0.99}
        answer = {"turn_id": asked["turn_id"], "replies": said, "effects": [], "intent": intent}
        return web.json_response({**answer, "entities": [], "form": None, "slots": {}, "repaired": 0})


@asynccontextmanager
async def served(rasa: RasaInTheMiddle) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/webhooks/anxin/turn", rasa.turn)
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")


async def test_a_turn_that_is_under_way_at_the_end_still_has_its_actions_and_is_answered(
    database_url: str, tmp_path: Path
) -> None:
    given = environment(tmp_path, database_url, 1)
    rasa = RasaInTheMiddle(f"http://127.0.0.1:{given['ANXIN_BOT__ACTION_PORT']}/health")
    url = f"http://127.0.0.1:{given['ANXIN_SERVICE__PORT']}"
    async with served(rasa) as rasa_url, process({**given, "ANXIN_BOT__RASA_URL": rasa_url}) as running:
        await until(lambda: _answers(f"{url}/readyz"))
        async with aiohttp.ClientSession(url) as session:
            opened = await (await session.post("/api/chat/conversations", json={})).json()
            path = f"/api/chat/conversations/{opened['conversation_id']}/messages"
            authorization = {"Authorization": f"Bearer {opened['token']}"}
            said = {"client_id": "c-1", "text": "在吗"}
            assert (await session.post(path, json=said, headers=authorization)).status == 201
        await asyncio.wait_for(rasa.is_asked.wait(), 20)
        code, _ = await end(running)
    assert code == 0 and rasa.action_status == 200
    with psycopg.connect(database_url) as conn:
        replies = conn.execute("select text from messages where sender = 'bot'").fetchall()
    assert replies == [("您好",)]


async def _answers(url: str) -> bool:
    return await status_of(url) == 200
