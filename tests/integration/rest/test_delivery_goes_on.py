"""What goes wrong once while messages are delivered costs a moment, not the deliveries of the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from desk import conversations, reading
from desk.conversations import Message, Pool
from desk.ending import end
from desk.wake import CHANNEL, Typing
from tests.integration.rest.conftest import Desk
from tests.integration.rest.consoles import result


@asynccontextmanager
async def customer(desk: Desk) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, UUID]]:
    conversation_id, token = await desk.start_conversation()
    url = desk.client.make_url("/api/chat/ws")
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_json({"id": 1, "type": "hello", "token": token})
        await result(socket)
        yield socket, conversation_id


async def type_for_ever(desk: Desk, conversation_id: UUID) -> None:
    typing = Typing(conversation_id=conversation_id, sender="agent", active=True)
    while True:
        await asyncio.sleep(0.2)
        await reading.tell_typing(desk.pool, typing)


async def own_message_comes_back(socket: aiohttp.ClientWebSocketResponse, client_id: str) -> None:
    await socket.send_json({"id": 2, "type": "send", "client_id": client_id, "text": "你好"})
    while (event := await socket.receive_json(timeout=10))["type"] != "message":
        pass
    assert event["message"]["client_id"] == client_id


async def test_a_wake_up_that_cannot_be_read_does_not_deafen_the_process(desk: Desk) -> None:
    async with customer(desk) as (socket, conversation_id), asyncio.timeout(10):
        async with desk.pool.connection() as conn:
            await conn.execute("select pg_notify(%s, 'not one of ours')", (CHANNEL,))
        # Typing is told by wake-ups alone, no sweep finds it; one may fall into the moment of listening anew.
        typing = asyncio.create_task(type_for_ever(desk, conversation_id))
        try:
            while (await socket.receive_json())["type"] != "typing":
                pass
        finally:
            await end([typing])


async def test_an_unexpected_error_in_one_delivery_does_not_end_them_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_newer, errors = conversations.read_newer, [ValueError("an unreadable row")]

    async def read_after_an_error(pool: Pool, since: Mapping[UUID, int], *rest: Any) -> list[Message]:
        if errors:
            raise errors.pop()
        return list(await read_newer(pool, since, *rest))

    async with customer(desk) as (socket, _):
        monkeypatch.setattr(conversations, "read_newer", read_after_an_error)
        await own_message_comes_back(socket, "c-1")
    assert not errors
