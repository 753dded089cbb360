"""Consoles of agents, spoken to over the real socket by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

from tests.integration.rest.conftest import PASSWORD, Desk

WITHIN_S = 10.0
"""A service looks each second who is still signed in; a machine that is busy with other tests looks later."""


@asynccontextmanager
async def console(
    desk: Desk, login: str, *, says_hello: bool = True
) -> AsyncIterator[tuple[ClientWebSocketResponse, str]]:
    """A console of this person in a browser of its own, after hello, and its CSRF token."""
    origin = str(desk.client.make_url("/")).rstrip("/")
    async with aiohttp.ClientSession(origin, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        answer = await session.post("/api/session", json={"login": login, "password": PASSWORD})
        csrf = str((await answer.json())["csrf_token"])
        async with session.ws_connect("/api/desk/ws", headers={"Origin": origin}) as socket:
            if says_hello:
                await socket.send_json({"id": 1, "type": "hello"})
                assert (await result(socket))["ok"] is True
            yield socket, csrf


async def result(socket: ClientWebSocketResponse) -> dict[str, Any]:
    while True:
        told = await socket.receive_json(timeout=5)
        if told["type"] == "result":
            assert isinstance(told, dict)
            return told


async def close_code(socket: ClientWebSocketResponse) -> int | None:
    while (await socket.receive(timeout=WITHIN_S)).type is WSMsgType.TEXT:
        pass
    return socket.close_code


async def stays_open(socket: ClientWebSocketResponse) -> bool:
    await socket.send_json({"id": 2, "type": "ping"})
    return bool((await result(socket))["ok"])


async def ask(socket: ClientWebSocketResponse, kind: str, **fields: Any) -> dict[str, Any]:
    """The answer to one request; events in between are passed over."""
    await socket.send_json({"id": 7, "type": kind, **fields})
    return await result(socket)
