"""One customer's WebSocket (docs/api/websocket.md): requests with their answers, and what came in so far.

It keeps messages in order of seq; what they mean is for others.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import aiohttp

from service.playing.desk_client import DeskClient, DeskRefused, DeskUnreachable, Opened

ANSWER_TIMEOUT_S = 30.0
MOST_TRIES = 8
Event = Mapping[str, Any]


class SocketClosed(DeskUnreachable):
    """The desk closed the socket, or the network did."""


class ChatSocket:
    """Connected by `connect`; `messages` and `state` are what the desk has told, `on_event` hears everything."""

    def __init__(
        self, client: DeskClient, opened: Opened, *, on_event: Callable[[Event], None] | None = None
    ) -> None:
        self._client = client
        self._opened = opened
        self._on_event = on_event
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[Event]] = {}
        self._next_id = 1
        self._connecting = asyncio.Lock()
        self.messages: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {}
        self.heard = asyncio.Event()
        """Set by every event that may end a wait; whoever waits clears it."""

    @property
    def last_seq(self) -> int:
        """The newest message that came."""
        return int(self.messages[-1]["seq"]) if self.messages else 0

    @property
    def is_open(self) -> bool:
        """Whether events still come."""
        return self._reader is not None and not self._reader.done()

    async def connect(self) -> None:
        """Open the socket and catch up, unless it is open. Raises DeskUnreachable, DeskRefused."""
        async with self._connecting:
            if not self.is_open:
                await self.close()
                await self._connect()

    async def _connect(self) -> None:
        try:
            self._socket = await self._client.session.ws_connect(
                self._client.url + "/api/chat/ws", heartbeat=20, max_msg_size=0
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeskUnreachable(
                f"No desk answers at {self._client.url} ({type(error).__name__})."
            ) from None
        self._reader = asyncio.create_task(self._read(self._socket), name="chat-socket")
        more = True
        while more:
            answer = await self.request("hello", token=self._opened.token, since=self.last_seq)
            for message in answer["messages"]:
                self._take_message(message)
            self._hear({"type": "state", "state": answer["state"]})
            more = bool(answer.get("more"))

    async def close(self) -> None:
        """Close it."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        self._reader = self._socket = None

    async def send(self, **content: str) -> int:
        """Send a message (text, button or attachment_id); its seq once it is on disk.

        Told that it is too fast, or cut off, it waits and sends the same again. Raises DeskRefused, SocketClosed.
        """
        client_id = f"p-{uuid4().hex}"
        for tries in range(MOST_TRIES):
            try:
                return int((await self.request("send", client_id=client_id, **content))["seq"])
            except DeskRefused as refused:
                if refused.retry_after_s is None or tries == MOST_TRIES - 1:
                    raise
                await asyncio.sleep(refused.retry_after_s)
            except SocketClosed:
                if tries == MOST_TRIES - 1:
                    raise
                await asyncio.sleep(0.3 * 2**tries)
                with contextlib.suppress(DeskUnreachable):
                    await self.connect()
        raise SocketClosed("The connection to the desk was lost.")

    async def request(self, kind: str, **fields: object) -> Event:
        """One request and its answer. Raises DeskRefused, SocketClosed."""
        socket, request_id = self._socket, self._next_id
        self._next_id += 1
        if socket is None or not self.is_open:
            raise SocketClosed("The connection to the desk was lost.")
        answer: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._answers[request_id] = answer
        try:
            await socket.send_json({"id": request_id, "type": kind, **fields})
            result = await asyncio.wait_for(answer, ANSWER_TIMEOUT_S)
        except (ConnectionError, RuntimeError, TimeoutError, aiohttp.ClientError):
            raise SocketClosed("The connection to the desk was lost.") from None
        finally:
            self._answers.pop(request_id, None)
        if not result["ok"]:
            raise DeskRefused(result["error"])
        return result

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._take(frame.json())
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(SocketClosed("The connection to the desk was lost."))
            self._hear({"type": "closed", "code": socket.close_code})

    def _take(self, event: dict[str, Any]) -> None:
        if event["type"] == "result":
            answer = self._answers.get(event["id"])
            if answer is not None and not answer.done():
                answer.set_result(event)
        elif event["type"] == "message":
            self._take_message(event["message"])
        else:
            self._hear(event)

    def _take_message(self, message: dict[str, Any]) -> None:
        if message["seq"] > self.last_seq:
            self.messages.append(message)
            self._hear({"type": "message", "message": message})

    def _hear(self, event: Event) -> None:
        if event["type"] == "state":
            self.state = dict(event["state"])
        is_own = event["type"] == "message" and event["message"]["sender"] == "customer"
        if event["type"] in ("message", "state", "closed") and not is_own:
            self.heard.set()
        if self._on_event is not None:
            self._on_event(event)
