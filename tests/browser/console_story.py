"""Made-up people and conversations for the console's fake desk, in the shapes of docs/api/websocket.md.

Values only: nothing here serves, sleeps or knows about sockets.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

LONGEST = (
    "你好我上个星期在你们这里买的那个空气炸锅到现在都没有收到客服说三天发货结果五天了还是没有动静我打电话也没有人接，"
    "然后我又去看物流信息，it just says “label created” since Monday，我要 refund 这个 order 可以吗？"
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft "
    "https://example.com/a/very/long/address/without/any/blank/in/it?with=parameters&and=more&and=even-more-of-them "
) * 6

NAMES = (
    "王芳",
    "李伟",
    "张敏",
    "陈志强",
    "Olivia Brown",
    "黃嘉欣",
    "赵磊",
    "周婷",
    "吴桂英",
    "Mohammed Al-Farsi",
)
WORDS = (
    "三天了还没到，到底什么时候发货",
    "收到了 谢谢",
    "件貨幾時到呀？",
    "我要 refund 这个 order",
    "发票抬头写错了",
    "Where is my parcel?",
    "屏幕碎了，怎么换",
    "人工",
    "这是第三次问了",
    "好",
)
REASONS = ("asked", "angry", "bot_failed", "high_value", "urgent", "vip_unhappy", "complaint_serious")
SENTIMENTS = ("neutral", "angry", "negative", "positive")
LANGUAGES = ("zh-Hans", "zh-Hans", "zh-Hant-HK", "en")


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as the service writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


@dataclass
class Talk:
    """One conversation of the fake desk, with everything that can be asked about it."""

    id: str
    n: int
    began: datetime
    owner: str = "bot"
    epoch: int = 1
    language: str = "zh-Hans"
    customer: Json | None = None
    reasons: list[str] = field(default_factory=list)
    sentiment: str = "neutral"
    agent_id: str | None = None
    read: int = 0
    waiting_since: datetime | None = None
    due: datetime | None = None
    messages: list[Json] = field(default_factory=list)
    brief: Json = field(default_factory=dict)

    def add(self, sender: str, text: str, at: datetime, **more: Any) -> Json:
        """Append a message under the next seq and return it."""
        message: Json = {
            "conversation_id": self.id,
            "seq": len(self.messages) + 1,
            "client_id": None,
            "sender": sender,
            "agent": None,
            "kind": "text",
            "text": text,
            "payload": {},
            "sent_at": stamp(at),
            "tags": tags_of("neutral") if sender == "customer" and text else None,
        } | more
        self.messages.append(message)
        return message

    def summary(self, names: dict[str, str]) -> Json:
        """The «Summary» of websocket.md; `names` are those of the agents."""
        last = next((m for m in reversed(self.messages) if m["kind"] not in ("note", "notice")), None)
        unread = sum(1 for m in self.messages if m["sender"] == "customer" and m["seq"] > self.read)
        return {
            "id": self.id,
            "owner": self.owner,
            "epoch": self.epoch,
            "language": self.language,
            "customer": self.customer,
            "last_seq": len(self.messages),
            "last_message": last and {k: last[k] for k in ("sender", "text", "sent_at")},
            "unread": unread,
            "reasons": self.reasons,
            "sentiment": self.sentiment,
            "waiting_since": self.waiting_since and stamp(self.waiting_since),
            "first_response_due_at": self.due and stamp(self.due),
            "agent": self.agent_id and {"id": self.agent_id, "name": names[self.agent_id]},
            "created_at": stamp(self.began),
        }


def tags_of(sentiment: str, urgency: str = "normal", level: str = "none") -> Json:
    """«Tags» as triage gives them."""
    labels = {"sentiment": sentiment, "urgency": urgency, "level": level}
    found = {scale: {"label": label, "probability": 0.86} for scale, label in labels.items()}
    return found | {"words": ["三天了"] if sentiment != "neutral" else [], "corrected": None}


def order_of(number: str, at: datetime, title: str) -> Json:
    """An order as order_card carries it."""
    return {
        "number": number,
        "state": "shipped",
        "state_label": "运输中",
        "total_cents": 129_900,
        "placed_at": stamp(at - timedelta(days=5)),
        "items": [
            {"title": title, "variant": "曜石黑 / 5L", "quantity": 1, "price_cents": 119_900, "picture": ""},
            {"title": "烘焙纸", "variant": "", "quantity": 2, "price_cents": 5_000, "picture": ""},
        ],
        "shipment": {
            "courier": "顺丰速运",
            "tracking_number": "SF1320459876122",
            "state": "in_transit",
            "state_label": "运输中",
            "events": [
                {"at": stamp(at - timedelta(days=3)), "place": "杭州", "description": "已揽收"},
                {"at": stamp(at - timedelta(days=1)), "place": "武汉", "description": "到达转运中心"},
            ],
        },
    }


def full_brief(talk: Talk, at: datetime, title: str) -> Json:
    """A brief in which nothing is missing."""
    return {
        "why": [
            {"reason": talk.reasons[0] if talk.reasons else "asked", "words": ["三天了"], "at_seq": 3},
            {"reason": "high_value", "words": [], "at_seq": 1},
        ],
        "customer": talk.customer
        and talk.customer | {"spent_cents": 812_300, "since": stamp(at - timedelta(days=800))},
        "order": order_of("AX20261116008", at, title),
        "want": "包裹三天没有更新，想知道什么时候到，或者退款",
        "tried": [{"what": "查物流", "outcome": "已回答"}, {"what": "问是否拦截", "outcome": "顾客没有理会"}],
        "mood": [
            {"seq": 1, "sentiment": "neutral", "probability": 0.9},
            {"seq": 3, "sentiment": "negative", "probability": 0.7},
            {"seq": 5, "sentiment": talk.sentiment, "probability": 0.8},
        ],
        "level": "minor",
        "urgency": "high",
        "unknown": [],
    }


def empty_brief() -> Json:
    """A brief in which everything is missing, and says so."""
    names = ("why", "customer", "order", "want", "tried", "mood", "level", "urgency")
    return {name: None for name in names} | {"unknown": list(names)}


def make_talk(n: int, now: datetime, *, owner: str = "agent", agent_id: str | None = None) -> Talk:
    """The n-th conversation, the same for the same n."""
    began = now - timedelta(minutes=8 + n % 50)
    name = NAMES[n % len(NAMES)]
    talk = Talk(
        id=str(uuid.UUID(int=0xA0000000 + n)),
        n=n,
        began=began,
        owner=owner,
        epoch=3,
        language=LANGUAGES[n % len(LANGUAGES)],
        customer=None if n % 7 == 6 else {"name": name, "vip": n % 5 == 0},
        reasons=[REASONS[n % len(REASONS)]],
        sentiment=SENTIMENTS[n % len(SENTIMENTS)],
        agent_id=agent_id if owner == "agent" else None,
    )
    talk.add("customer", "你好，我的快递", began)
    talk.add("bot", "您好，请问是哪一个订单？", began + timedelta(seconds=2))
    talk.add(
        "bot",
        "",
        began + timedelta(seconds=32),
        kind="order_card",
        payload={"order": order_of("AX20261116008", now, "空气炸锅 5L 大容量 家用")},
    )
    tags = tags_of(talk.sentiment, "high" if n % 2 else "normal", "serious" if n % 4 == 1 else "none")
    talk.add("customer", WORDS[n % len(WORDS)], began + timedelta(seconds=50), tags=tags)
    talk.add(
        "system",
        "正在为您转接人工客服",
        began + timedelta(seconds=60),
        kind="notice",
        payload={"code": "handoff_requested"},
    )
    if n % 3:
        talk.read = len(talk.messages)
    if n % 2 == 0:
        talk.waiting_since = now - timedelta(seconds=20 + 40 * (n % 9))
        talk.due = talk.waiting_since + timedelta(seconds=180)
    talk.brief = full_brief(talk, now, "空气炸锅 5L 大容量 家用") if n % 4 != 3 else empty_brief()
    return talk


def make_agents() -> list[Json]:
    """Three people with the fields of `me`, plus those that admins see."""
    rows = (
        ("lin", "小林", "agent", "agent", ["zh-Hans", "en"]),
        ("mei", "美玲", "supervisor", "supervisor", ["zh-Hans", "zh-Hant-HK"]),
        ("admin", "管理员", "admin", "supervisor", ["zh-Hans"]),
    )
    return [
        {
            "id": str(uuid.UUID(int=0xB0000000 + n)),
            "login": login,
            "name": name,
            "role": role,
            "level": level,
            "skills": [],
            "languages": languages,
            "capacity": 8,
            "presence": "offline",
            "load": 0,
            "must_change_password": False,
            "is_active": True,
            "created_at": "2026-09-01T02:00:00.000Z",
            "locked_until": None,
        }
        for n, (login, name, role, level, languages) in enumerate(rows)
    ]
