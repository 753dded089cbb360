"""One WebSocket of docs/api/websocket.md as a client keeps it: requests with answers, events to a handler, made anew when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp

ANSWER_S = 6.0
AGAIN_S = 0.2
NOT_NOW = frozenset({"unavailable", "internal", "too_fast"})
"""Answers after which the same request is sent again."""

Answer = Mapping[str, Any]


class Lost(Exception):
    """The socket broke, or no answer came in time; whether the request was carried out is not known."""


class Refused(Exception):
    """The desk said no, for good."""


class Line:
    """`run` keeps it open; `greet` says hello on each new socket before anything else is sent."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: str,
        *,
        greet: Callable[[], Awaitable[None]],
        hear: Callable[[Answer], None],
    ) -> None:
        self._session = session
        self._address = address
        self._greet = greet
        self._hear = hear
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._waiting: dict[int, tuple[asyncio.Future[Answer], Callable[[Answer], None]]] = {}
        self._numbers = 0
        self._is_ready = asyncio.Event()

    async def run(self) -> None:
        """Connect, and again when it breaks, until cancelled."""
        while True:
            with suppress(aiohttp.ClientError, OSError, Lost, Refused):
                async with asyncio.timeout(10):
                    socket = await self._session.ws_connect(self._address, max_msg_size=0)
                await self._live(socket)
            await asyncio.sleep(AGAIN_S)

    async def _live(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        reader = asyncio.create_task(self._read(socket))
        try:
            await self._greet()
            self._is_ready.set()
            await reader
        finally:
            self._is_ready.clear()
            self._socket = None
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            for answer, _ in self._waiting.values():
                answer.cancel()
            self._waiting.clear()
            await socket.close()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            read = message.json()
            if read["type"] != "result":
                self._hear(read)
            elif waiting := self._waiting.pop(read["id"], None):
                answer, take = waiting
                if read["ok"]:
                    take(read)  # here, so that no event which follows is heard first
                if not answer.done():
                    answer.set_result(read)

    async def request(
        self, kind: str, *, take: Callable[[Answer], None] = lambda answer: None, **fields: Any
    ) -> Answer:
        """The answer, also one that says no. Raises Lost."""
        socket = self._socket
        if socket is None:
            raise Lost
        self._numbers += 1
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[self._numbers] = (answer, take)
        try:
            await socket.send_json({"id": self._numbers, "type": kind, **fields})
            async with asyncio.timeout(ANSWER_S):
                return await asyncio.shield(answer)
        except TimeoutError:
            await socket.close()
            raise Lost from None
        except (aiohttp.ClientError, OSError):
            raise Lost from None
        except asyncio.CancelledError:
            if answer.cancelled():
                raise Lost from None
            raise

    async def insist(self, kind: str, **fields: Any) -> Answer:
        """Send the request until it was answered. Raises Refused."""
        while True:
            await self._is_ready.wait()
            try:
                answer = await self.request(kind, **fields)
            except Lost:
                await asyncio.sleep(AGAIN_S)
                continue
            if answer["ok"]:
                return answer
            if answer["error"]["code"] not in NOT_NOW:
                raise Refused(f"{kind}: {answer['error']}")
            await asyncio.sleep(AGAIN_S)

    async def say_hello(self, *, take: Callable[[Answer], None], **fields: Any) -> None:
        """The request `hello`; raises Lost where it is not answered well."""
        if not (await self.request("hello", take=take, **fields))["ok"]:
            raise Lost

    async def cut(self) -> None:
        """Break the connection, as a network does."""
        if self._socket is not None:
            await self._socket.close()
