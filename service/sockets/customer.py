"""GET /api/chat/ws: the customer's side of docs/api/websocket.md."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field

from desk import conversations, helpful, reading
from desk.conversations import json_time
from desk.errors import NotFound
from desk.receiving import Incoming
from desk.wake import Typing
from service import keys
from service.http.bodies import Seq
from service.http.calls import Call
from service.http.client_address import address_of
from service.http.errors import BadToken
from service.http.origins import is_chat_origin
from service.sockets.connection import (
    CLOSE_BAD_ORIGIN,
    CLOSE_NOT_SIGNED_IN,
    CLOSE_TOO_MANY,
    HEARTBEAT_S,
    Connection,
    Request,
    RequestType,
)
from service.sockets.hub import Watch

HELLO_WITHIN_S = 10.0
MOST_MESSAGES = 500
PROTOCOL = "anxin.v1"
TOKEN_PROTOCOL = "token."


class Hello(Request):
    """Who it is, and what it has already."""

    token: str | None = Field(None, max_length=4096)
    since: Seq = 0


class Send(Request):
    """A message; exactly one of the three contents."""

    client_id: str
    text: str | None = None
    button: str | None = Field(None, max_length=32)
    attachment_id: UUID | None = None


class Active(Request):
    """Whether the customer types."""

    active: bool


class ReadUpTo(Request):
    """What the customer has seen."""

    seq: Seq


class Judgement(Request):
    """Whether an answer helped."""

    seq: Seq
    helpful: bool


class Nothing(Request):
    """A request without fields."""


async def customer_socket(call: Call) -> web.WebSocketResponse:
    """Serve one customer socket until it closes."""
    request = call.request
    settings = request.app[keys.SETTINGS].sections
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S,
        compress=False,
        max_msg_size=settings.limits.socket_message_bytes,
        protocols=(PROTOCOL,),
    )
    await socket.prepare(request)
    address = address_of(request, request.app[keys.TRUSTED])
    open_sockets = request.app[keys.LIMITS].sockets
    if not is_chat_origin(request, settings.service):
        await socket.close(code=CLOSE_BAD_ORIGIN, message=b"origin")
    elif not open_sockets.enter(address):
        await socket.close(code=CLOSE_TOO_MANY, message=b"too many sockets")
    else:
        request.app[keys.METRICS].sockets.labels(side="customer").inc()
        try:
            await _CustomerSession(request, socket).run()
        finally:
            open_sockets.leave(address)
            request.app[keys.METRICS].sockets.labels(side="customer").dec()
    return socket


class _CustomerSession:
    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self._app = request.app
        self._offered_token = _token_of(request)
        self._connection = Connection(socket, name=f"customer-{uuid4().hex[:8]}")
        self._watch: Watch | None = None

    async def run(self) -> None:
        types = {
            "hello": RequestType(model=Hello, answer=self._hello),
            "send": RequestType(model=Send, answer=self._send),
            "typing": RequestType(model=Active, answer=self._typing),
            "read": RequestType(model=ReadUpTo, answer=self._read),
            "helpful": RequestType(model=Judgement, answer=self._judge),
            "close": RequestType(model=Nothing, answer=self._close),
            "ping": RequestType(model=Nothing, answer=self._ping),
        }
        deadline = asyncio.get_running_loop().call_later(
            HELLO_WITHIN_S, lambda: self._watch is None and asyncio.ensure_future(self._too_late())
        )
        try:
            with self._app[keys.SOCKETS].entered(self._connection):
                await self._connection.run(types)
        finally:
            deadline.cancel()
            if self._watch is not None:
                self._app[keys.HUB].unwatch(self._watch)
                self._watch = None

    async def _too_late(self) -> None:
        await self._connection.close(CLOSE_NOT_SIGNED_IN, "no hello")

    async def _hello(self, hello: Hello) -> Mapping[str, Any]:
        token = hello.token or self._offered_token
        if not token:
            raise BadToken("token: is missing.", field="token")
        conversation_id = self._app[keys.TOKENS].check(token)
        self._app[keys.LIMITS].asides.take(str(conversation_id))
        pool, hub = self._app[keys.POOL], self._app[keys.HUB]
        state = await conversations.read_state(pool, conversation_id)
        if state is None:
            raise BadToken("The conversation's token is missing, wrong or has ended; start again.")
        messages = await conversations.read_messages(
            pool, conversation_id, since=hello.since, limit=MOST_MESSAGES + 1, with_notes=False
        )
        more = len(messages) > MOST_MESSAGES
        messages = messages[:MOST_MESSAGES]
        shown = self._shown(state)
        if self._watch is not None:
            hub.unwatch(self._watch)
        # Notes are not sent but count as seen, else every sweep would find this socket behind.
        since = messages[-1].seq if more else max([hello.since, *(m.seq for m in messages)])
        self._watch = Watch(
            connection=self._connection,
            conversation_id=conversation_id,
            audience="customer",
            since=since,
            sent_state=shown,
        )
        # The answer goes out first: it is queued before the hub can queue an event.
        asyncio.get_running_loop().call_soon(self._begin, self._watch)
        return {
            "state": shown,
            "messages": [m.as_json() for m in messages],
            "more": more,
            "service": dict(hub.service),
        }

    def _begin(self, watch: Watch) -> None:
        # The socket may have closed meanwhile; a watch that began now would never end.
        if watch is self._watch:
            self._app[keys.HUB].watch(watch)

    async def _send(self, send: Send) -> Mapping[str, Any]:
        conversation_id = self._conversation_id()
        self._app[keys.LIMITS].messages.take(str(conversation_id))
        with self._app[keys.METRICS].ack_s.time():
            receipt = await self._app[keys.RECEIVER].receive(
                Incoming(
                    conversation_id=conversation_id,
                    client_id=send.client_id,
                    text=send.text,
                    button=send.button,
                    attachment_id=send.attachment_id,
                )
            )
        return {"seq": receipt.seq, "sent_at": json_time(receipt.sent_at)}

    async def _typing(self, typing: Active) -> Mapping[str, Any]:
        conversation_id = self._aside()
        await reading.tell_typing(
            self._app[keys.POOL],
            Typing(conversation_id=conversation_id, sender="customer", active=typing.active),
        )
        return {}

    async def _read(self, read: ReadUpTo) -> Mapping[str, Any]:
        await reading.read_by_customer(self._app[keys.POOL], self._aside(), read.seq)
        return {}

    async def _judge(self, judged: Judgement) -> Mapping[str, Any]:
        now = self._app[keys.CLOCK].now()
        await helpful.judge(self._app[keys.POOL], self._aside(), judged.seq, helpful=judged.helpful, now=now)
        return {"seq": judged.seq, "helpful": judged.helpful}

    async def _close(self, _: Nothing) -> Mapping[str, Any]:
        conversation_id = self._aside()
        await self._app[keys.OWNERSHIP].close_by_customer(conversation_id, now=self._app[keys.CLOCK].now())
        state = await conversations.read_state(self._app[keys.POOL], conversation_id)
        if state is None:
            raise NotFound("There is no such conversation.")
        return {"state": self._shown(state)}

    async def _ping(self, _: Nothing) -> Mapping[str, Any]:
        return {}

    def _aside(self) -> UUID:
        """The conversation, for a request beside its messages; TooFast when there were too many."""
        conversation_id = self._conversation_id()
        self._app[keys.LIMITS].asides.take(str(conversation_id))
        return conversation_id

    def _conversation_id(self) -> UUID:
        if self._watch is None:
            raise BadToken("Say hello first.")
        return self._watch.conversation_id

    def _shown(self, state: conversations.State) -> dict[str, Any]:
        minutes = self._app[keys.SETTINGS].sections.assignment.handling_minutes
        return state.as_json(handling_minutes=minutes)


def _token_of(request: web.Request) -> str | None:
    """The token of `Sec-WebSocket-Protocol: anxin.v1, token.<token>`, if one is there."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    tokens = [p.strip().removeprefix(TOKEN_PROTOCOL) for p in offered if p.strip().startswith(TOKEN_PROTOCOL)]
    return tokens[0] if tokens else None
