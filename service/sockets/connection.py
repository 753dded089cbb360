"""One open socket: a bounded queue of events, one task that writes, and the one place where requests become answers.

It knows nothing of conversations; customer.py and agent.py give it their table of request types.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
import structlog
from aiohttp import WSMsgType, web
from pydantic import BaseModel, ConfigDict, ValidationError

from service.http.errors import (
    BadToken,
    InvalidJson,
    NotSignedIn,
    UnknownType,
    error_json,
    invalid_field,
    is_unexpected,
)
from service.http.nul import refuse_nul

log = structlog.get_logger(__name__)

MAX_QUEUED = 256
HEARTBEAT_S = 30.0
"""Sockets are opened without compression: for frames this short it costs more time and memory than it saves."""

CLOSE_NOT_SIGNED_IN = 4001
CLOSE_BAD_ORIGIN = 4003
CLOSE_TOO_SLOW = 4008
CLOSE_TOO_MANY = 4009

Event = Mapping[str, Any]


class Request(BaseModel):
    """The base of all socket requests; a field that nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, kw_only=True)
class RequestType:
    """How one `type` is checked and answered; the answer's keys stand beside `ok`."""

    model: type[Request]
    answer: Callable[[Any], Awaitable[Mapping[str, Any]]]


class Connection:
    """Events go out through `send`, requests come in through `run`."""

    def __init__(self, socket: web.WebSocketResponse, *, name: str) -> None:
        self.socket = socket
        self.name = name
        self._outgoing: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_QUEUED)
        self._is_dropped = False
        self._dropping: asyncio.Task[None] | None = None

    def send(self, event: Event) -> None:
        """Queue an event; a client whose queue is full is dropped and catches up when it is back."""
        self.send_encoded(orjson.dumps(event))

    def send_encoded(self, event: bytes) -> None:
        """The same for an event that is JSON already (encoded once for many sockets)."""
        if self._is_dropped:
            return
        try:
            self._outgoing.put_nowait(event)
        except asyncio.QueueFull:
            log.info("slow_client_dropped", socket=self.name)
            self._is_dropped = True
            self._outgoing = asyncio.Queue(MAX_QUEUED)  # what nobody reads is not kept
            self._dropping = asyncio.create_task(self.close(CLOSE_TOO_SLOW, "too slow"))

    async def close(self, code: int, reason: str) -> None:
        """Close the socket; `run` returns."""
        self._is_dropped = True
        # Not drained: waiting for a client that does not read would keep `run` from returning.
        await self.socket.close(code=code, message=reason.encode(), drain=False)

    async def run(self, types: Mapping[str, RequestType]) -> None:
        """Answer requests one after the other until the socket closes; order in is order on disk."""
        writer = asyncio.create_task(self._write(), name=f"socket-writer-{self.name}")
        try:
            async for message in self.socket:
                if message.type is WSMsgType.TEXT:
                    await self._answer(message.data, types)
                elif message.type is WSMsgType.BINARY:
                    self._refuse(None, InvalidJson("Socket messages are JSON texts."))
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self) -> None:
        while (event := await self._outgoing.get()) is not None:
            try:
                await self.socket.send_str(event.decode())
            except (ConnectionError, RuntimeError):
                return

    async def _answer(self, data: str, types: Mapping[str, RequestType]) -> None:
        request_id: Any = None
        try:
            request = _parse(data)
            request_id = request.pop("id", None)
            if not isinstance(request_id, str | int | float | None):
                request_id = None
            refuse_nul(request)
            kind = request.pop("type", None)
            request_type = types.get(kind) if isinstance(kind, str) else None
            if request_type is None:
                raise UnknownType(f"type: must be one of {', '.join(types)}.", field="type")
            answer = await request_type.answer(_checked(request_type.model, request))
        except Exception as error:
            self._refuse(request_id, error)
            if isinstance(error, BadToken | NotSignedIn):
                await asyncio.sleep(0)
                await self._flush_then_close(CLOSE_NOT_SIGNED_IN, "not signed in")
            return
        self.send({"id": request_id, "type": "result", "ok": True, **answer})

    def _refuse(self, request_id: Any, error: Exception) -> None:
        error_id = uuid4().hex
        if is_unexpected(error):
            log.error("socket_request_failed", request_id=error_id, socket=self.name, exc_info=error)
        self.send({"id": request_id, "type": "result", "ok": False, "error": error_json(error, error_id)})

    async def _flush_then_close(self, code: int, reason: str) -> None:
        for _ in range(50):
            if self._outgoing.empty():
                break
            await asyncio.sleep(0.01)
        await self.close(code, reason)


def _parse(data: str) -> dict[str, Any]:
    try:
        request = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise InvalidJson("The message is not a JSON object in UTF-8.") from None
    if not isinstance(request, dict):
        raise InvalidJson("The message must be a JSON object.")
    return request


def _checked(model: type[Request], request: Mapping[str, Any]) -> Request:
    try:
        return model.model_validate_json(orjson.dumps(request))
    except orjson.JSONEncodeError:  # read it was, but it is nested deeper than can be written
        raise InvalidJson("The message is nested too deep.") from None
    except ValidationError as error:
        raise invalid_field(error) from None
