"""PostgreSQL is started anew while customers write: only what could not be written is refused, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest

from desk import schema
from service.postgres.embedded import EmbeddedPostgres
from service.tagging import NeutralTagger
from tests.running_desk import RunningDesk, running_desk

CUSTOMERS = 12


@dataclass
class Customer:
    """One who writes, and keeps what was acknowledged."""

    session: aiohttp.ClientSession
    conversation_id: UUID
    token: str
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def send(self, client_id: str) -> int:
        answer = await self.session.post(
            f"/api/chat/conversations/{self.conversation_id}/messages",
            json={"client_id": client_id, "text": "hello"},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        if answer.status in (200, 201):
            self.acknowledged.append(client_id)
        else:
            assert (await answer.json())["error"]["code"] == "unavailable"
            self.refused.append(client_id)
        return answer.status

    async def write_until(self, stop: asyncio.Event) -> None:
        number = 1
        while not stop.is_set():
            if await self.send(f"m-{number}") == 503:
                await asyncio.sleep(0.1)
                continue
            number += 1
            await asyncio.sleep(0.02)


@pytest.fixture
def own_postgres(tmp_path: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(tmp_path / "database")


@pytest.fixture
async def desk(own_postgres: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[RunningDesk]:
    url = await asyncio.to_thread(own_postgres.start)
    try:
        await asyncio.to_thread(schema.upgrade, url)
        limits = {"ANXIN_LIMITS__MESSAGES_PER_MINUTE": "100000", "ANXIN_LIMITS__MESSAGE_BURST": "100000"}
        async with running_desk(
            url, tmp_path, tagger=NeutralTagger(), with_bot=False, with_shop=False, environment=limits
        ) as running:
            yield running
    finally:
        await asyncio.to_thread(own_postgres.destroy)


@pytest.fixture
async def customers(desk: RunningDesk) -> AsyncIterator[list[Customer]]:
    async with aiohttp.ClientSession(desk.url) as session:
        opened = []
        for _ in range(CUSTOMERS):
            started = await (await session.post("/api/chat/conversations", json={})).json()
            opened.append(
                Customer(
                    session=session,
                    conversation_id=UUID(started["conversation_id"]),
                    token=started["token"],
                )
            )
        yield opened


async def restart(postgres: EmbeddedPostgres) -> None:
    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(postgres.start)


async def test_after_a_restart_no_stale_connection_costs_anybody_an_answer(
    desk: RunningDesk, own_postgres: EmbeddedPostgres, customers: list[Customer]
) -> None:
    paths = [f"/api/chat/conversations/{c.conversation_id}" for c in customers]
    for is_after in (False, True):
        answers = await asyncio.gather(
            *(
                c.session.get(path, headers={"Authorization": f"Bearer {c.token}"})
                for c, path in zip(customers, paths, strict=True)
            )
        )
        assert [a.status for a in answers] == [200] * CUSTOMERS
        assert await asyncio.gather(*(c.send(f"c-{is_after}") for c in customers)) == [201] * CUSTOMERS
        assert desk.pool.get_stats()["pool_size"] > 2, "several connections went stale"
        if not is_after:
            await restart(own_postgres)


async def test_a_restart_under_traffic_loses_and_doubles_nothing(
    desk: RunningDesk, own_postgres: EmbeddedPostgres, customers: list[Customer]
) -> None:
    stop = asyncio.Event()
    writing = [asyncio.create_task(customer.write_until(stop)) for customer in customers]
    for _ in range(2):
        await asyncio.sleep(0.5)
        await restart(own_postgres)
    await asyncio.sleep(0.5)
    stop.set()
    await asyncio.gather(*writing)
    async with desk.pool.connection() as conn:
        for customer in customers:
            cursor = await conn.execute(
                "select client_id from messages where conversation_id = %s and sender = 'customer' order by seq",
                (customer.conversation_id,),
            )
            written = [row[0] for row in await cursor.fetchall()]
            assert written == customer.acknowledged
            assert len(customer.refused) <= 40, "refused only while the database was away"
