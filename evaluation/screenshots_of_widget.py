"""Pictures of the storefront with its widget: closed, nothing, one, a usual conversation, two hundred, the longest.

What the widget shows is told to it here, so that every picture can be made again whatever the desk holds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from playwright.async_api import Page, Route, WebSocketRoute

from evaluation.screenshots_browser import LANGUAGES, Json, Look

CONVERSATION = "00000000-0000-4000-8000-000000000001"
SETTLE_S = 0.35
"""Long enough for the panel's 120 ms and the first message from the socket."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-Hans": {
        "ask": "我的包裹到哪了", "answer": "已为您找到订单，包裹正在派送，预计今天 18:00 前送达。", "more": "再催一下",
        "topic": "请问是哪一笔订单？",
        "a": "查看物流", "b": "申请退货", "agent": "您好，我是小林，已看到您的情况，马上为您核实。", "joined": "小林 已加入会话。",
        "name": "小林", "title": "全棉纯色四件套 亲肤透气被套床单枕套 1.8 米床 春夏新款家用双人", "variant": "雾蓝 · 1.8 m",
        "state": "派送中", "event": "快件到达上海青浦，正在派送", "place": "上海青浦",
    },
    "zh-Hant-HK": {
        "ask": "我件貨而家去到邊", "answer": "已為您找到訂單，包裹正在派送，預計今日 18:00 前送達。", "more": "可唔可以快啲",
        "topic": "請問是哪一張訂單？",
        "a": "查看物流", "b": "申請退貨", "agent": "您好，我是小林，已看到您的情況，馬上為您核實。", "joined": "小林 已加入對話。",
        "name": "小林", "title": "全棉純色四件套 親膚透氣被套床單枕袋 1.8 米床 春夏新款家用雙人", "variant": "霧藍 · 1.8 m",
        "state": "派送中", "event": "快件到達九龍灣，正在派送", "place": "九龍灣",
    },
    "en": {
        "ask": "Where is my parcel?", "answer": "Your parcel is out for delivery and should arrive before 18:00 today.",
        "more": "Could you hurry it up a little?", "topic": "Which order is this about?", "a": "Show tracking", "b": "Return something",
        "agent": "Hello, this is Lin. I have read what happened and am checking it now.", "joined": "Lin has joined.",
        "name": "Lin", "title": "Plain cotton bedding, four pieces, soft and breathable, for 1.8 m double beds, spring and summer",
        "variant": "Mist blue · 1.8 m", "state": "Out for delivery", "event": "Arrived, out for delivery", "place": "Shanghai Qingpu",
    },
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a picture shows: the messages of a conversation (None: never started) and how the widget stands."""

    name: str
    is_open: bool = True
    messages: tuple[Json, ...] | None = None
    state: Json = field(default_factory=dict)
    service: Json = field(default_factory=lambda: {"status": "ok", "parts": []})
    draft: str = ""


class Story:
    """Writes messages one after the other, in one language."""

    def __init__(self, language: str, *, ends_at: datetime, length: int) -> None:
        self.words = WORDS[language]
        self._at = ends_at - timedelta(seconds=40 * length)
        self.messages: list[Json] = []

    def say(self, sender: str, text: str, *, kind: str = "text", payload: Json | None = None) -> Story:
        seq = len(self.messages) + 1
        self._at += timedelta(seconds=40)
        self.messages.append({
            "conversation_id": CONVERSATION, "seq": seq, "client_id": f"c-{seq}" if sender == "customer" else None,
            "sender": sender, "agent": {"name": self.words["name"]} if sender == "agent" else None, "kind": kind,
            "text": text, "payload": payload or {}, "sent_at": self._at.isoformat(),
        })  # fmt: skip
        return self

    def order(self) -> Json:
        event = {"at": self._at.isoformat(), "place": self.words["place"], "description": self.words["event"]}
        item = {"title": self.words["title"], "variant": self.words["variant"], "quantity": 1, "price_cents": 45900,
                "picture": "home"}  # fmt: skip
        shipment = {"courier": "SF Express", "tracking_number": "SF1418273645501", "state": "out_for_delivery",
                    "state_label": self.words["state"], "events": [event]}  # fmt: skip
        return {"number": "AX2026111800421", "state": "shipped", "state_label": self.words["state"], "total_cents": 45900,
                "placed_at": self._at.isoformat(), "items": [item], "shipment": shipment}  # fmt: skip


def scenes(language: str, now: datetime) -> list[Scene]:
    """Nothing, one, a usual conversation, two hundred, the longest text, and the states in between."""
    words = WORDS[language]
    chips: Json = {"quick_replies": [{"id": "a", "label": words["a"]}, {"id": "b", "label": words["b"]}]}
    usual = Story(language, ends_at=now, length=8)
    usual.say("customer", words["ask"]).say("bot", words["answer"])
    usual.say("bot", "", kind="order_card", payload={"order": usual.order()})
    usual.say("customer", words["more"]).say("bot", words["topic"], payload=chips)
    case: Json = {
        "number": "CS-20261121-07",
        "type": "return",
        "state": "waiting_shop",
        "due_at": (now + timedelta(hours=9)).isoformat(),
    }
    handed = Story(language, ends_at=now, length=7)
    handed.say("customer", words["more"]).say("bot", "", kind="case_card", payload={"case": case})
    handed.say("system", words["joined"], kind="notice", payload={"code": "agent_joined"})
    handed.say("agent", words["agent"]).say("customer", words["ask"])
    many = Story(language, ends_at=now, length=200)
    for number in range(100):
        many.say("customer", f"{words['ask']} {number + 1}").say("bot", words["answer"])
    longest = Story(language, ends_at=now, length=2)
    longest.say("customer", (words["ask"] + " ") * 80).say(
        "bot", "https://desk.example/" + "a" * 300 + "\n" + words["answer"] * 12
    )
    one = Story(language, ends_at=now, length=1).say("customer", words["ask"])
    return [
        Scene(name="closed", is_open=False, messages=tuple(usual.messages)),
        Scene(name="empty"),
        Scene(name="one", messages=tuple(one.messages), state={"owner": "queue", "queue": {"position": 2, "expected_minutes": 3}}),
        Scene(name="usual", messages=tuple(usual.messages)),
        Scene(name="agent", messages=tuple(handed.messages), state={"owner": "agent", "agent": {"name": words["name"]}}),
        Scene(name="two-hundred", messages=tuple(many.messages), service={"status": "degraded", "parts": ["rasa"]}),
        Scene(name="longest", messages=tuple(longest.messages), state={"owner": "none"}, draft=(words["answer"] + "\n") * 8),
    ]  # fmt: skip


def hello(scene: Scene, language: str) -> Json:
    messages = list(scene.messages or ())
    state = {"id": CONVERSATION, "owner": "bot", "epoch": 1, "language": language, "agent": None, "queue": None,
             "resolution": None, "last_seq": len(messages), **scene.state}  # fmt: skip
    return {"state": state, "messages": messages, "service": scene.service}


async def tell(page: Page, scene: Scene, language: str) -> None:
    """Answers the page's calls in the desk's place."""

    def on_socket(socket: WebSocketRoute) -> None:
        def answer(message: str | bytes) -> None:
            asked = json.loads(message)
            extra = hello(scene, language) if asked["type"] == "hello" else {}
            socket.send(json.dumps({"id": asked["id"], "type": "result", "ok": True, **extra}))

        socket.on_message(answer)

    async def customers(route: Route) -> None:
        orders = [{"number": "AX2026111800421", "kind": "shipped", "state": "shipped"},
                  {"number": "AX2026110200017", "kind": "delivered", "state": "delivered"}]  # fmt: skip
        name = {"en": "Emily Carter", "zh-Hant-HK": "陳大文"}.get(language, "王芳")
        body = {"customers": [{"shop_id": "c-1", "name": name, "vip": True, "orders": orders}]}
        await route.fulfill(json=body)

    async def identity(route: Route) -> None:
        await route.fulfill(json={"identity": "e30.eyJzdWIiOiJjLTEifQ.x"})

    await page.route_web_socket("**/api/chat/ws", on_socket)
    await page.route("**/api/demo/customers", customers)
    await page.route("**/api/demo/identity", identity)


async def remember(page: Page, url: str, scene: Scene, language: str) -> None:
    """Puts into the browser's memory what a returning customer's browser would hold."""
    host = url.split("://", 1)[1].rstrip("/")
    key = f"anxin:{host}/:signed:c-1"
    local: Json = {"anxin:language": language}
    if scene.messages is not None:
        local[key] = json.dumps({"conversation_id": CONVERSATION, "token": "shown"})
    session = {"anxin:storefront:customer": "c-1"}
    if scene.is_open:
        session[f"{key}:open"] = "true"
    if scene.draft:
        session[f"{key}:draft"] = json.dumps(scene.draft)
    entries = json.dumps([local, session])
    await page.add_init_script(f"""(([local, session]) => {{
        for (const [key, value] of Object.entries(local)) localStorage.setItem(key, value);
        for (const [key, value] of Object.entries(session)) sessionStorage.setItem(key, value);
    }})({entries})""")


@dataclass(frozen=True, kw_only=True)
class WidgetPicture:
    """A scene of the widget; its words depend on the language."""

    name: str
    page: str = "widget"
    languages: tuple[str, ...] = LANGUAGES

    @property
    def in_all_looks(self) -> bool:
        return self.name == "usual"

    async def show(self, page: Page, url: str, look: Look, now: datetime) -> None:
        scene = next(scene for scene in scenes(look.language, now) if scene.name == self.name)
        await tell(page, scene, look.language)
        await remember(page, url, scene, look.language)
        await page.goto(url)
        await page.locator(".panel" if scene.is_open else ".launcher").wait_for()
        await asyncio.sleep(SETTLE_S)


NAMES = ("closed", "empty", "one", "usual", "agent", "two-hundred", "longest")
SUBJECTS = tuple(WidgetPicture(name=name) for name in NAMES)
