"""A desk without a database for the console's and the admin page's tests and design work.

It speaks docs/api/websocket.md and rest.md over real HTTP and WebSocket; it decides nothing (no routing, no bot).
`python -m tests.browser.fake_console --mine 12 --queue 30` serves it for looking at.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import struct
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from tests.browser.console_story import Json, Talk, make_agents, make_talk, stamp

WEB = Path(__file__).resolve().parents[2] / "service" / "web"
CSP = (
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
PASSWORD = "correct horse"


class Refused(Exception):
    """What a request is answered with when it is not granted."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str = "",
        field: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.body: Json = {"code": code, "message": message or code, "field": field, "request_id": "r-1"}
        if retry_after_s is not None:
            self.body["retry_after_s"] = retry_after_s


@dataclass
class Window:
    """One open socket of one signed-in person."""

    socket: web.WebSocketResponse
    agent: Json
    opened: set[str]


def _picture() -> bytes:
    """A small teal PNG."""
    rows = b"".join(b"\0" + bytes((15, 90 + y, 95)) * 120 for y in range(80))
    head = struct.pack(">IIBBBBB", 120, 80, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    body = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


class FakeConsole:
    """The desk's state in memory, its server, and what tests do to it."""

    def __init__(self) -> None:
        self.agents = make_agents()
        self.talks: dict[str, Talk] = {}
        self.offers: dict[str, tuple[str, datetime]] = {}
        self.windows: list[Window] = []
        self.asked: list[Json] = []
        self.refusing = False
        self.refused_at = time.monotonic()
        self.slow_s = 0.0
        self.correction_counts = True
        self.fail: dict[str, Refused] = {}
        self.hours: Json = {
            "version": 3,
            "days": {d: [["08:00", "12:00"], ["13:00", "24:00"]] for d in ("mon", "tue", "wed", "thu", "fri")}
            | {"sat": [["10:00", "18:00"]], "sun": []},
            "closed_dates": ["2027-02-06", "2027-02-07"],
        }
        self.sessions: dict[str, Json] = {}
        self._runner: web.AppRunner | None = None
        self.url = ""

    # --- serving -------------------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> str:
        """Serve on a free port of the loopback; answers the address."""
        self._runner = web.AppRunner(self._application(), shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """End all sockets and the server."""
        await self.cut()
        if self._runner:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._edge])
        app.add_routes(
            [
                web.get("/desk", self._page("desk")),
                web.get("/admin", self._page("admin")),
                web.post("/api/session", self._sign_in),
                web.get("/api/session", self._session),
                web.delete("/api/session", self._sign_out),
                web.post("/api/session/password", self._new_password),
                web.get("/api/desk/ws", self._socket),
                web.get("/api/desk/conversations/{id}", self._detail),
                web.get("/api/desk/conversations/{id}/messages", self._messages),
                web.get("/api/desk/conversations/{id}/attachments/{a}", self._attachment),
                web.put("/api/desk/conversations/{id}/messages/{seq}/tags", self._retag),
                web.delete("/api/desk/conversations/{id}/messages/{seq}/tags", self._retag),
                web.get("/api/admin/{what}", self._admin_read),
                web.post("/api/admin/agents", self._add_agent),
                web.patch("/api/admin/agents/{id}", self._edit_agent),
                web.post("/api/admin/agents/{id}/password", self._first_password),
                web.put("/api/admin/hours", self._save_hours),
                web.static("/assets", WEB),
            ]
        )
        return app

    def _page(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def page(_request: web.Request) -> web.StreamResponse:
            return web.FileResponse(WEB / name / "index.html")

        return page

    @web.middleware
    async def _edge(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self.refusing:
            self.refused_at = time.monotonic()
            raise web.HTTPServiceUnavailable()
        if self.slow_s and request.path.startswith("/api/"):
            await asyncio.sleep(self.slow_s)
        try:
            self._check_csrf(request)
            answer = await handler(request)
        except Refused as refused:
            answer = web.json_response({"error": refused.body}, status=refused.status)
        if not isinstance(answer, web.WebSocketResponse):
            answer.headers["Content-Security-Policy"] = CSP
            answer.headers["Cache-Control"] = "no-store"
        return answer

    def _check_csrf(self, request: web.Request) -> None:
        if request.method in ("GET", "HEAD") or (request.path == "/api/session" and request.method == "POST"):
            return
        if request.headers.get("X-CSRF-Token") != "csrf-1":
            raise Refused(403, "bad_csrf")

    # --- sessions ------------------------------------------------------------------------------------------

    def _me(self, request: web.Request) -> Json:
        found = self.sessions.get(request.cookies.get("fake_session", ""))
        if not found:
            raise Refused(401, "not_signed_in")
        return found

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self.fail.pop("sign_in", None):
            raise refused
        agent = next((a for a in self.agents if a["login"] == body["login"]), None)
        if not agent or body["password"] != PASSWORD:
            raise Refused(401, "wrong_password")
        token = f"s{len(self.sessions)}"
        self.sessions[token] = agent
        answer = web.json_response({"me": agent, "csrf_token": "csrf-1"})
        answer.set_cookie("fake_session", token, httponly=True, samesite="Strict")
        return answer

    async def _session(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"me": self._me(request), "csrf_token": "csrf-1"})

    async def _sign_out(self, request: web.Request) -> web.StreamResponse:
        self.sessions.pop(request.cookies.get("fake_session", ""), None)
        return web.Response(status=204)

    async def _new_password(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if len(body["new_password"]) < 10:
            raise Refused(422, "invalid_input", "new_password: at least 10 characters.", "new_password")
        self._me(request)["must_change_password"] = False
        return web.Response(status=204)

    # --- the desk over REST --------------------------------------------------------------------------------

    async def _detail(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        return web.json_response(self.detail(request.match_info["id"]))

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        since, limit = int(request.query.get("since", 0)), int(request.query.get("limit", 200))
        found = [m for m in self.talks[request.match_info["id"]].messages if m["seq"] > since]
        return web.json_response({"messages": found[:limit], "more": len(found) > limit})

    async def _attachment(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(body=_picture(), content_type="image/png")

    async def _retag(self, request: web.Request) -> web.StreamResponse:
        agent, talk = self._me(request), self.talks[request.match_info["id"]]
        message = talk.messages[int(request.match_info["seq"]) - 1]
        if refused := self.fail.pop("retag", None):
            raise refused
        said: Any = message.setdefault("said", message["tags"])
        message["tags"] = said
        if request.method == "PUT":
            labels = await request.json()
            self.asked.append({"type": "retag", "seq": message["seq"]} | labels)
            corrected = {"by": {"name": agent["name"]}, "at": stamp(datetime.now(UTC))}
            chosen: Json = {scale: {"label": label, "probability": 1.0} for scale, label in labels.items()}
            message["tags"] = said | chosen | {"corrected": corrected}
        told = {"conversation_id": talk.id, "seq": message["seq"], "tags": message["tags"]}
        await self._tell({"type": "tags"} | told)
        return web.json_response({"tags": message["tags"], "counts": self.correction_counts})

    def detail(self, conversation_id: str) -> Json:
        """What `open` answers."""
        talk = self.talks[conversation_id]
        owned = [
            {
                "epoch": 1,
                "owner": "bot",
                "agent": None,
                "from_seq": 1,
                "reason": "created",
                "at": stamp(talk.began),
            },
            {
                "epoch": 2,
                "owner": "queue",
                "agent": None,
                "from_seq": 5,
                "reason": talk.reasons[0] if talk.reasons else "asked",
                "at": stamp(talk.began + timedelta(minutes=1)),
            },
        ]
        history = [talk.summary(self.names) | {"id": "old", "owner": "none", "resolution": "solved"}]
        return {
            "summary": talk.summary(self.names),
            "brief": talk.brief,
            "customer": talk.brief.get("customer"),
            "orders": [talk.brief["order"]] if talk.brief.get("order") else [],
            "cases": [
                {
                    "number": 1042,
                    "type": "missing_parcel",
                    "state": "open",
                    "due_at": stamp(talk.began + timedelta(days=1)),
                }
            ],
            "ownerships": owned,
            "history": history if talk.customer else [],
        }

    # --- admin ---------------------------------------------------------------------------------------------

    async def _admin_read(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        what = request.match_info["what"]
        if refused := self.fail.pop(what, None):
            raise refused
        now = datetime.now(UTC)
        answers: dict[str, Json] = {
            "agents": {"agents": self.agents},
            "hours": self.hours,
            "settings": {
                "settings": [
                    {
                        "name": "bot.workers",
                        "value": 2,
                        "default": 2,
                        "source": "default",
                        "help": "Bot turns that one process works on at a time.",
                    },
                    {
                        "name": "shop.time_zone",
                        "value": "Asia/Hong_Kong",
                        "default": "Asia/Shanghai",
                        "source": "config.yml",
                        "help": "Zone of business hours and of times shown.",
                    },
                    {
                        "name": "service.port",
                        "value": 9090,
                        "default": 8080,
                        "source": "ANXIN_SERVICE__PORT",
                        "help": "Port of the pages and the API.",
                    },
                ]
            },
            "status": {
                "status": "degraded",
                "parts": ["rasa"],
                "processes": [
                    {
                        "name": "service",
                        "state": "running",
                        "pid": 4211,
                        "uptime_s": 86_000,
                        "memory_bytes": 152_000_000,
                    },
                    {"name": "rasa", "state": "restarting", "pid": None, "uptime_s": 0, "memory_bytes": None},
                ],
                "queue": {"waiting": 3, "offered": 1, "overdue": 0, "longest_wait_s": 95.4},
                "turns": {
                    "committed": 420,
                    "dropped": 3,
                    "claimed": 1,
                    "dropped_by_reason": {"owner_changed": 3},
                    "window_s": 3600,
                },
                "models": [{"name": "triage", "version": "2026-11-20", "trained_at": stamp(now)}],
            },
            "audit": self._audit(request, now),
        }
        return web.json_response(answers[what])

    def _audit(self, request: web.Request, now: datetime) -> Json:
        before = int(request.query.get("before", 251))
        limit = int(request.query.get("limit", 100))
        ids = [n for n in range(250, 0, -1) if n < before]
        rows = [
            {
                "id": n,
                "at": stamp(now - timedelta(minutes=250 - n)),
                "actor_kind": "agent",
                "actor_id": self.agents[n % 3]["id"],
                "action": "agent_edited" if n % 2 else "signed_in",
                "subject": self.agents[0]["id"],
                "details": {"fields": ["capacity"]},
            }
            for n in ids[:limit]
        ]
        return {"entries": rows, "more": len(ids) > limit}

    async def _add_agent(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if any(a["login"] == body["login"] for a in self.agents):
            raise Refused(422, "invalid_input", "login: is taken.", "login")
        agent = self.agents[0] | body | {"id": f"new-{len(self.agents)}", "presence": "offline", "load": 0}
        self.agents.append(agent)
        return web.json_response({"agent": agent, "password": "Taupe-Falke-4711"}, status=201)

    async def _edit_agent(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if not 0 <= body.get("capacity", 1) <= 50:
            raise Refused(422, "invalid_input", "capacity: 0 to 50.", "capacity")
        agent = next(a for a in self.agents if a["id"] == request.match_info["id"])
        agent.update(body)
        return web.json_response({"agent": agent})

    async def _first_password(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"password": "Neue-Eule-0815"})

    async def _save_hours(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if body["version"] != self.hours["version"]:
            raise Refused(409, "conflict", "the hours were changed meanwhile.")
        self.hours = body | {"version": body["version"] + 1}
        return web.json_response(self.hours)

    # --- the socket ----------------------------------------------------------------------------------------

    @property
    def names(self) -> dict[str, str]:
        """Names of the agents by id."""
        return {a["id"]: a["name"] for a in self.agents}

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        agent = self._me(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        window = Window(socket=socket, agent=agent, opened=set())
        self.windows.append(window)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await self._answer(window, json.loads(frame.data))
        if window in self.windows:
            self.windows.remove(window)
        return socket

    async def _answer(self, window: Window, request: Json) -> None:
        self.asked.append(request)
        kind = request["type"]
        try:
            if refused := self.fail.pop(kind, None):
                raise refused
            result = await getattr(self, f"_on_{kind}")(window, request)
            await window.socket.send_json({"id": request["id"], "type": "result", "ok": True} | result)
        except Refused as refused:
            await window.socket.send_json(
                {"id": request["id"], "type": "result", "ok": False, "error": refused.body}
            )

    async def _on_hello(self, window: Window, _request: Json) -> Json:
        agent = window.agent
        mine = [t for t in self.talks.values() if t.owner == "agent" and t.agent_id == agent["id"]]
        return {
            "me": agent,
            "mine": [t.summary(self.names) for t in mine],
            "queue": self._queue(),
            "offers": [self._offer(i) for i, (a, _) in self.offers.items() if a == agent["id"]],
            "agents": self._everybody(),
            "service": {"status": "ok", "parts": []},
        }

    def _queue(self) -> list[Json]:
        return [
            t.summary(self.names)
            for t in self.talks.values()
            if t.owner == "queue" and t.id not in self.offers
        ]

    def _everybody(self) -> list[Json]:
        return [{k: a[k] for k in ("id", "name", "presence", "load", "capacity")} for a in self.agents]

    def _offer(self, conversation_id: str) -> Json:
        talk = self.talks[conversation_id]
        expires = self.offers[conversation_id][1]
        return {"summary": talk.summary(self.names), "brief": talk.brief, "expires_at": stamp(expires)}

    async def _on_presence(self, window: Window, request: Json) -> Json:
        window.agent["presence"] = request["state"]
        await self._tell({"type": "agents", "agents": self._everybody()})
        return {"me": window.agent}

    async def _on_accept(self, window: Window, request: Json) -> Json:
        talk = self.talks[request["conversation_id"]]
        if self.offers.pop(talk.id, None) is None:
            raise Refused(409, "conflict")
        return await self._own(talk, "agent", window.agent["id"])

    async def _on_claim(self, window: Window, request: Json) -> Json:
        talk = self.talks[request["conversation_id"]]
        if talk.epoch != request["epoch"]:
            raise Refused(409, "conflict")
        return await self._own(talk, "agent", window.agent["id"])

    async def _own(self, talk: Talk, owner: str, agent_id: str | None) -> Json:
        talk.owner, talk.agent_id, talk.epoch = owner, agent_id, talk.epoch + 1
        await self._tell({"type": "queue", "entries": self._queue()})
        return {"summary": talk.summary(self.names)}

    async def _on_pass(self, _window: Window, request: Json) -> Json:
        self.offers.pop(request["conversation_id"], None)
        return {}

    async def _on_open(self, window: Window, request: Json) -> Json:
        if request["conversation_id"] not in self.talks:
            raise Refused(404, "not_found")
        window.opened.add(request["conversation_id"])
        return {"detail": self.detail(request["conversation_id"])}

    async def _on_leave(self, window: Window, request: Json) -> Json:
        window.opened.discard(request["conversation_id"])
        return {}

    async def _on_reply(self, window: Window, request: Json, kind: str = "text") -> Json:
        talk = self.talks[request["conversation_id"]]
        if kind == "text" and talk.agent_id != window.agent["id"]:
            raise Refused(403, "forbidden")
        old = next((m for m in talk.messages if m["client_id"] == request["client_id"]), None)
        if not old:
            more = {"client_id": request["client_id"], "agent": {"name": window.agent["name"]}, "kind": kind}
            old = await self.append(talk.id, "agent", request["text"], **more)
        return {"seq": old["seq"], "sent_at": old["sent_at"]}

    async def _on_note(self, window: Window, request: Json) -> Json:
        return await self._on_reply(window, request, kind="note")

    async def _on_typing(self, _window: Window, _request: Json) -> Json:
        return {}

    async def _on_ping(self, _window: Window, _request: Json) -> Json:
        return {}

    async def _on_read(self, _window: Window, request: Json) -> Json:
        talk = self.talks[request["conversation_id"]]
        talk.read = max(talk.read, request["seq"])
        return {}

    async def _on_hand_back(self, _window: Window, request: Json) -> Json:
        return await self._own(self.talks[request["conversation_id"]], "bot", None)

    async def _on_transfer(self, _window: Window, request: Json) -> Json:
        owner = "agent" if request["agent_id"] else "queue"
        return await self._own(self.talks[request["conversation_id"]], owner, request["agent_id"])

    async def _on_close(self, _window: Window, request: Json) -> Json:
        return await self._own(self.talks[request["conversation_id"]], "none", None)

    async def _tell(self, event: Json) -> None:
        for window in list(self.windows):
            with contextlib.suppress(ConnectionError, RuntimeError):
                await window.socket.send_json(event)

    # --- what tests do to it -------------------------------------------------------------------------------

    def put(self, n: int, *, owner: str = "agent", login: str = "lin") -> Talk:
        """Add the n-th made-up conversation, owned by that person or waiting in the queue."""
        agent = next(a for a in self.agents if a["login"] == login)
        talk = make_talk(n, datetime.now(UTC), owner=owner, agent_id=agent["id"])
        self.talks[talk.id] = talk
        return talk

    async def offer(self, talk: Talk, *, login: str = "lin", seconds: float = 15) -> None:
        """Offer a waiting conversation to that person."""
        agent = next(a for a in self.agents if a["login"] == login)
        self.offers[talk.id] = (agent["id"], datetime.now(UTC) + timedelta(seconds=seconds))
        await self._tell({"type": "offer"} | self._offer(talk.id))

    async def append(self, conversation_id: str, sender: str, text: str, **more: Any) -> Json:
        """Append a message and tell every window."""
        talk, now = self.talks[conversation_id], datetime.now(UTC)
        message = talk.add(sender, text, now, **more)
        if sender == "customer":
            talk.waiting_since, talk.due = talk.waiting_since or now, now + timedelta(seconds=180)
        elif message["kind"] == "text":
            talk.waiting_since = talk.due = None
        await self._tell({"type": "message", "message": message})
        await self._tell({"type": "conversation", "summary": talk.summary(self.names)})
        return message

    async def take_away(self, talk: Talk) -> None:
        """Somebody else owns it now."""
        talk.agent_id, talk.epoch = self.agents[1]["id"], talk.epoch + 1
        await self._tell({"type": "conversation_gone", "conversation_id": talk.id})

    async def cut(self) -> None:
        """End every socket as a stopping server does."""
        for window in list(self.windows):
            await window.socket.close(code=1001)

    async def tell(self, event: Json) -> None:
        """Send any event to every window."""
        await self._tell(event)

    def requests(self, kind: str) -> list[Json]:
        """The socket requests of one type so far."""
        return [r for r in self.asked if r["type"] == kind]


async def _serve(arguments: argparse.Namespace) -> None:
    fake = FakeConsole()
    for n in range(arguments.mine):
        fake.put(n, login="admin")
    for n in range(arguments.mine, arguments.mine + arguments.queue):
        fake.put(n, owner="queue")
    print(await fake.start(arguments.port), "lin, mei, admin:", PASSWORD, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mine", type=int, default=12)
    parser.add_argument("--queue", type=int, default=20)
    asyncio.run(_serve(parser.parse_args()))
