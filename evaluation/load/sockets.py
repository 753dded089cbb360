"""One WebSocket of the generator: requests answered by id, events handed on, both with the moment they came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from typing import Any

import aiohttp
import orjson

ANSWER_WITHIN_S = 10.0
OnEvent = Callable[[Mapping[str, Any], float], None]


class Refused(Exception):
    """The desk said no, or said nothing: a code of docs/api/errors.md, `timeout` or `socket_<close code>`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer's fields, and when question and answer passed the generator's socket."""

    fields: Mapping[str, Any]
    asked_at: float
    answered_at: float


class Socket:
    """An open WebSocket; `on_event` gets each event with the moment of its arrival."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, on_event: OnEvent) -> None:
        self._ws = ws
        self._on_event = on_event
        self._numbers = count(1)
        self._open: dict[int, tuple[float, asyncio.Future[Answer]]] = {}
        self._reader = asyncio.create_task(self._read())

    async def ask(self, kind: str, **fields: Any) -> Answer:
        """Send a request and wait for its answer. Raises Refused."""
        if self._ws.closed:
            raise Refused(f"socket_{self._ws.close_code}")
        number = next(self._numbers)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        text = orjson.dumps({"id": number, "type": kind, **fields}).decode()
        self._open[number] = (perf_counter(), answer)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._ws.send_str(text)
                return await answer
        except TimeoutError:
            raise Refused("timeout") from None
        except ConnectionError:
            raise Refused("socket_lost") from None
        finally:
            self._open.pop(number, None)

    async def close(self) -> None:
        """Close it; requests still open are refused."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ws.close(), 2)
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        async for message in self._ws:
            now = perf_counter()
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            told = orjson.loads(message.data)
            if told["type"] == "result":
                self._answer(told, now)
            else:
                self._on_event(told, now)
        for _, answer in self._open.values():
            if not answer.done():
                answer.set_exception(Refused(f"socket_{self._ws.close_code}"))

    def _answer(self, told: Mapping[str, Any], now: float) -> None:
        asked_at, answer = self._open.get(told["id"], (0.0, None))
        if answer is None or answer.done():
            return
        if told["ok"]:
            answer.set_result(Answer(fields=told, asked_at=asked_at, answered_at=now))
        else:
            answer.set_exception(Refused(told["error"]["code"]))
