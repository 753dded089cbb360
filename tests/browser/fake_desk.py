"""A desk that speaks docs/api/websocket.md and nothing behind it: for work on the pages and for their tests.

It keeps conversations in memory, serves service/web with the strict Content-Security-Policy, and can be told to lose
its connections, hold its acknowledgements or refuse. It decides nothing: the real desk is tested elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

WEB = Path(__file__).parents[2] / "service" / "web"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; connect-src 'self'"
)
ANY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
MOST_MESSAGES = 500
MOST_CHARACTERS = 5_000
Json = dict[str, Any]


def timestamp(at: datetime | None = None) -> str:
    """RFC 3339 in UTC with milliseconds, as the desk writes it."""
    return (at or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class FakeConversation:
    """One conversation and the sockets that follow it."""

    id: str
    token: str
    language: str
    messages: list[Json] = field(default_factory=list)
    state: Json = field(default_factory=dict)
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    attachments: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def as_state(self) -> Json:
        return {"id": self.id, "owner": "bot", "epoch": 1, "language": self.language, "agent": None, "queue": None,
                "resolution": None, **self.state, "last_seq": len(self.messages)}  # fmt: skip


class FakeDesk:
    """The desk and its switches. Everything runs on the loop that serves it."""

    def __init__(self) -> None:
        self.conversations: dict[str, FakeConversation] = {}
        self.service: Json = {"status": "ok", "parts": []}
        self.is_cut = False
        self.acknowledges = True
        self.replies = True
        self.refuse_next_send: Json | None = None
        self.refuse_next_judgement: Json | None = None
        self.page_size = MOST_MESSAGES
        self.is_demo = True
        self.requests: list[Json] = []
        self._tasks: set[asyncio.Task[None]] = set()

    # what tests do to it

    async def cut(self) -> None:
        """Loses every connection and lets none in until mend()."""
        self.is_cut = True
        for conversation in self.conversations.values():
            for socket in list(conversation.sockets):
                if socket._writer is not None:  # an abrupt end, not a polite close
                    socket._writer.transport.abort()
            conversation.sockets.clear()

    def mend(self) -> None:
        self.is_cut = False

    async def say(
        self, conversation: FakeConversation, text: str, *, sender: str = "bot", kind: str = "text",
        payload: Json | None = None, agent: str | None = None, sent_at: datetime | None = None,
        client_id: str | None = None,
    ) -> Json:  # fmt: skip
        """Appends a message of anybody and sends it to all sockets of the conversation."""
        message = {
            "conversation_id": conversation.id, "seq": len(conversation.messages) + 1, "client_id": client_id,
            "sender": sender, "agent": {"name": agent} if agent else None, "kind": kind, "text": text,
            "payload": payload or {}, "sent_at": timestamp(sent_at),
        }  # fmt: skip
        conversation.messages.append(message)
        await self.tell(conversation, {"type": "message", "message": message})
        return message

    async def set_state(self, conversation: FakeConversation, **values: Any) -> None:
        conversation.state.update(values)
        await self.tell(conversation, {"type": "state", "state": conversation.as_state()})

    async def set_service(self, status: str, *parts: str) -> None:
        self.service = {"status": status, "parts": list(parts)}
        for conversation in self.conversations.values():
            await self.tell(conversation, {"type": "service", **self.service})

    async def tell(self, conversation: FakeConversation, event: Json) -> None:
        for socket in list(conversation.sockets):
            with contextlib.suppress(ConnectionError):  # a socket that just went
                await socket.send_json(event)

    @property
    def only(self) -> FakeConversation:
        """The one conversation there is."""
        (conversation,) = self.conversations.values()
        return conversation

    # the routes

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=4_000_000)
        base = "/api/chat/conversations"
        app.router.add_get("/", self._file("storefront/index.html"))
        app.router.add_get("/widget.js", self._file("widget/widget.js"))
        app.router.add_static("/assets", WEB)
        app.router.add_post(base, self._start)
        app.router.add_post(f"{base}/{{id}}/attachments", self._upload)
        app.router.add_get(f"{base}/{{id}}/attachments/{{attachment}}", self._picture)
        app.router.add_get("/api/chat/ws", self._socket)
        app.router.add_get("/api/demo/customers", self._customers)
        app.router.add_post("/api/demo/identity", self._identity)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
        if request.method == "OPTIONS":
            return web.Response(headers=ANY_ORIGIN)
        if self.is_cut and request.path.startswith("/api/"):
            if request.transport is not None:
                request.transport.abort()
            raise web.HTTPServiceUnavailable
        response: web.StreamResponse = await handler(request)
        if not response.prepared:
            response.headers.update({**ANY_ORIGIN, "Content-Security-Policy": CONTENT_SECURITY_POLICY})
        return response

    @staticmethod
    def _file(path: str) -> Callable[[web.Request], Any]:
        async def serve(_request: web.Request) -> web.FileResponse:
            return web.FileResponse(WEB / path)

        return serve

    async def _start(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append({"path": request.path, **body})
        conversation = FakeConversation(
            id=str(uuid.uuid4()), token=uuid.uuid4().hex, language=body.get("language", "zh-Hans")
        )
        self.conversations[conversation.id] = conversation
        answer = {
            "conversation_id": conversation.id,
            "token": conversation.token,
            "state": conversation.as_state(),
        }
        return web.json_response(answer, status=201)

    async def _upload(self, request: web.Request) -> web.Response:
        conversation = self.conversations[request.match_info["id"]]
        attachment_id = str(uuid.uuid4())
        conversation.attachments[attachment_id] = (request.content_type, await request.read())
        return web.json_response({"attachment_id": attachment_id}, status=201)

    async def _picture(self, request: web.Request) -> web.Response:
        media_type, content = self.conversations[request.match_info["id"]].attachments[
            request.match_info["attachment"]
        ]
        return web.Response(body=content, content_type=media_type)

    async def _customers(self, _request: web.Request) -> web.Response:
        if not self.is_demo:
            return web.json_response(error("not_found"), status=404)
        return web.json_response({"customers": DEMO_CUSTOMERS})

    async def _identity(self, request: web.Request) -> web.Response:
        shop_id = (await request.json())["shop_id"]
        name = next(customer["name"] for customer in DEMO_CUSTOMERS if customer["shop_id"] == shop_id)
        claims = (
            base64.urlsafe_b64encode(json.dumps({"sub": shop_id, "name": name}).encode()).decode().rstrip("=")
        )
        return web.json_response({"identity": f"e30.{claims}.fake"})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        conversation: FakeConversation | None = None
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            asked = frame.json()
            if conversation is None:
                conversation = await self._hello(socket, asked)
            elif asked["type"] == "hello":
                await self._greet(socket, conversation, asked)
            else:
                await self._answer(socket, conversation, asked)
        if conversation is not None:
            conversation.sockets.discard(socket)
        return socket

    async def _hello(self, socket: web.WebSocketResponse, asked: Json) -> FakeConversation | None:
        token = asked.get("token")
        known = [conversation for conversation in self.conversations.values() if conversation.token == token]
        if asked["type"] != "hello" or not known:
            await socket.send_json({"id": asked["id"], "type": "result", "ok": False, **error("bad_token")})
            await socket.close(code=4001)
            return None
        await self._greet(socket, known[0], asked)
        known[0].sockets.add(socket)
        return known[0]

    async def _greet(
        self, socket: web.WebSocketResponse, conversation: FakeConversation, asked: Json
    ) -> None:
        newer = [message for message in conversation.messages if message["seq"] > asked.get("since", 0)]
        answer: Json = {
            "state": conversation.as_state(),
            "messages": newer[: self.page_size],
            "service": self.service,
        }
        if len(newer) > self.page_size:
            answer["more"] = True
        await socket.send_json({"id": asked["id"], "type": "result", "ok": True, **answer})

    async def _answer(
        self, socket: web.WebSocketResponse, conversation: FakeConversation, asked: Json
    ) -> None:
        self.requests.append(asked)
        result: Json = {"ok": True}
        if asked["type"] == "send":
            result = await self._receive(conversation, asked)
            if not self.acknowledges:
                return
        if asked["type"] == "helpful":
            result = self._judge(conversation, asked)
        with contextlib.suppress(ConnectionError):
            await socket.send_json({"id": asked["id"], "type": "result", **result})

    def _judge(self, conversation: FakeConversation, asked: Json) -> Json:
        refusal, self.refuse_next_judgement = self.refuse_next_judgement, None
        if refusal is not None:
            return {"ok": False, "error": refusal}
        conversation.messages[asked["seq"] - 1]["payload"]["helpful"] = asked["helpful"]
        return {"ok": True, "seq": asked["seq"], "helpful": asked["helpful"]}

    async def _receive(self, conversation: FakeConversation, asked: Json) -> Json:
        refusal, self.refuse_next_send = self.refuse_next_send, None
        if refusal is not None:
            return {"ok": False, "error": refusal}
        if len(asked.get("text", "")) > MOST_CHARACTERS:
            return {"ok": False, **error("invalid_input")}
        known = [message for message in conversation.messages if message["client_id"] == asked["client_id"]]
        message = known[0] if known else await self._append(conversation, asked)
        return {"ok": True, "seq": message["seq"], "sent_at": message["sent_at"]}

    async def _append(self, conversation: FakeConversation, asked: Json) -> Json:
        if conversation.state.get("owner") == "none":
            await self.set_state(conversation, owner="bot")
        attachment = asked.get("attachment_id")
        payload = {"attachment_id": attachment, "media_type": "image/png"} if attachment else {}
        text = asked.get("text") or asked.get("button", "")
        message = await self.say(
            conversation, text, sender="customer", kind="image" if attachment else "text",
            payload=payload, client_id=asked["client_id"],
        )  # fmt: skip
        if self.replies and conversation.as_state()["owner"] == "bot":
            task = asyncio.create_task(self._reply(conversation, text))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return message

    async def _reply(self, conversation: FakeConversation, text: str) -> None:
        await self.tell(conversation, {"type": "typing", "sender": "bot", "active": True})
        await asyncio.sleep(0.2)
        if "人工" in text or "human" in text:
            await self.say(conversation, "正在为您转接客服，请稍候。", sender="system", kind="notice",
                           payload={"code": "handoff_requested", "position": 2})  # fmt: skip
            await self.set_state(conversation, owner="queue", queue={"position": 2, "expected_minutes": 3})
        else:
            replies = [{"id": "b1", "label": "查物流"}, {"id": "b2", "label": "申请退货"}]
            await self.say(conversation, f"收到：{text[:200]}", payload={"quick_replies": replies})


def error(code: str) -> Json:
    """The one shape of docs/api/errors.md."""
    return {"error": {"code": code, "message": code, "field": None, "request_id": "fake"}}


def demo_order(days_ago: int = 3) -> Json:
    """An order as in order_card."""
    placed = datetime.now(UTC) - timedelta(days=days_ago)
    events = [
        {"at": timestamp(placed + timedelta(hours=20)), "place": "杭州转运中心", "description": "快件已从杭州转运中心发出"},
        {"at": timestamp(placed + timedelta(hours=44)), "place": "上海青浦", "description": "快件到达上海青浦，正在派送，快递员王师傅"},
    ]  # fmt: skip
    shipment = {"courier": "顺丰速运", "tracking_number": "SF1418273645501", "state": "out_for_delivery",
                "state_label": "派送中", "events": events}  # fmt: skip
    items = [{"title": "新疆长绒棉四件套 全棉纯色被套床单枕套 亲肤透气 1.8 米床", "variant": "雾蓝 · 1.8 m",
              "quantity": 1, "price_cents": 45900, "picture": "home"}]  # fmt: skip
    return {"number": "AX2026111800421", "state": "shipped", "state_label": "已发货", "total_cents": 45900,
            "placed_at": timestamp(placed), "items": items, "shipment": shipment}  # fmt: skip


DEMO_CUSTOMERS: list[Json] = [
    {"shop_id": "c-1001", "name": "王芳", "vip": True, "orders": [
        {"number": "AX2026111800421", "kind": "shipped", "state": "shipped"},
        {"number": "AX2026110200017", "kind": "delivered", "state": "delivered"},
    ]},
    {"shop_id": "c-1002", "name": "陳大文", "vip": False, "orders": [
        {"number": "AX2026111900533", "kind": "unshipped", "state": "paid"},
    ]},
    {"shop_id": "c-1003", "name": "Emily Carter", "vip": False, "orders": []},
]  # fmt: skip


async def serve(desk: FakeDesk, port: int = 0, host: str = "127.0.0.1") -> tuple[web.AppRunner, str]:
    """Starts it; returns the runner (to clean up) and the address."""
    runner = web.AppRunner(desk.app(), shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    bound = runner.addresses[0][1]
    return runner, f"http://{host}:{bound}"


async def main() -> None:
    arguments = argparse.ArgumentParser(description="Serves the pages with a fake desk behind them.")
    arguments.add_argument("--port", type=int, default=0)
    _runner, address = await serve(FakeDesk(), arguments.parse_args().port)
    print(address, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
