"""Made-up people, conversations and briefs for the console's pictures, in the shapes of docs/api/websocket.md.

Values only. Order cards and what may go back come from the desk's own code, so that they read as agents read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from desk.eligibility import decide_return
from desk.orders import Address, Item, Order, Shipment, TrackingEvent
from evaluation.screenshots_browser import Json
from evaluation.screenshots_of_knowledge import demo_content

ZONE = ZoneInfo("Asia/Shanghai")
NUMBER = "AX2026111100873"

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-Hans": {
        "ask": "七天无理由退货怎么算",
        "answer": "自签收次日起 7 天内，商品完好即可申请无理由退货。",
        "late": "我是 11 号签收的，已经问了三遍了",
        "sorry": "这笔订单签收已有 10 天，无理由退货的期限到了。",
        "angry": "太过分了，拖到现在还说过期，你们到底管不管",
        "handed": "正在为您转接人工客服。",
        "agent": "非常抱歉让您等了这么久。我看到您 11 号就问过，这就为您申请。",
        "note": "11 日的会话里她已经提出退货，可按当日计算。",
        "title": "空气炸锅 5L 大容量家用多功能全自动无油烟电炸锅",
        "variant": "曜石黑 · 5L",
        "paper": "烘焙纸 200 张",
        "want": "退空气炸锅，问了三遍没有办成",
        "place": "深圳福田",
        "event": "已签收，签收人：本人",
        "me": "小林",
        "mei": "美玲",
        "wong": "阿黄",
        "tried": "办退货",
    },
    "zh-Hant-HK": {
        "ask": "七日無理由退貨點計㗎",
        "answer": "由簽收翌日起 7 日內，貨品完好就可以申請無理由退貨。",
        "late": "我 11 號簽收，問咗三次啦",
        "sorry": "這張訂單簽收已有 10 日，無理由退貨的期限已過。",
        "angry": "太過分啦，拖到而家先話過期，你哋究竟理唔理㗎",
        "handed": "正在為您轉接人工客服。",
        "agent": "十分抱歉讓您等了這麼久。我看到您 11 號已經問過，現在就為您申請。",
        "note": "11 日的對話入面她已經提出退貨，可以當日計。",
        "title": "氣炸鍋 5L 大容量家用多功能全自動無油煙電炸鍋",
        "variant": "曜石黑 · 5L",
        "paper": "烘焙紙 200 張",
        "want": "退氣炸鍋，問了三次沒有辦成",
        "place": "九龍灣",
        "event": "已簽收，簽收人：本人",
        "me": "小林",
        "mei": "美玲",
        "wong": "阿黃",
        "tried": "辦退貨",
    },
    "en": {
        "ask": "How does the seven-day return work?",
        "answer": "Within 7 days, counted from the day after you received it, you may return it without a reason.",
        "late": "I got it on the 11th and I have asked three times now",
        "sorry": "This order was received 10 days ago, so the return window has ended.",
        "angry": "This is ridiculous. You drag it out and then tell me it is too late?",
        "handed": "I am passing you on to a colleague.",
        "agent": "I am very sorry that you had to ask so often. I can see that you asked on the 11th and am filing it now.",
        "note": "She asked for the return in her conversation of the 11th; that day counts.",
        "title": "Air fryer, 5 litres, large basket, oil-free, fully automatic",
        "variant": "Obsidian black · 5 l",
        "paper": "Baking paper, 200 sheets",
        "want": "Send back the air fryer; asked three times without result",
        "place": "Shenzhen Futian",
        "event": "Delivered, signed by the recipient",
        "me": "Lin",
        "mei": "Mei",
        "wong": "Wong",
        "tried": "Asked for a return",
    },
}
CUSTOMERS = (
    "王芳",
    "李伟",
    "Olivia Brown",
    "陳志強",
    "赵磊",
    "黃嘉欣",
    "周婷",
    "Mohammed Al-Farsi",
    "吴桂英",
    "Emily Carter",
)
LAST_WORDS = (
    "三天了还没到，到底什么时候发货", "收到了，谢谢", "Where is my parcel?", "件貨幾時到呀？", "发票抬头写错了", "屏幕碎了，怎么换",
    "I would like to change the delivery address, please", "我要人工", "尺码不对，想换大一号", "好",
)  # fmt: skip
LONG_NAME = "Bartholomew-Constantine Featherstonehaugh-Cholmondeley-Warrington"
LONG_TEXT = (
    "你好我上个星期在你们这里买的那个空气炸锅到现在都没有收到客服说三天发货结果五天了还是没有动静我打电话也没有人接，然后我又去看物流信息，"
    "it just says “label created” since Monday，我要 refund 這個 order 可以嗎？"
    "https://example.com/a/very/long/address/without/any/blank/in/it?with=parameters&and=more&and=even-more-of-them "
) * 5  # fmt: skip
REASONS = ("angry", "asked", "bot_failed", "high_value", "urgent", "vip_unhappy", "complaint_serious")
SENTIMENTS = ("angry", "neutral", "negative", "positive")
LANGUAGE_OF = ("zh-Hans", "zh-Hans", "en", "zh-Hant-HK")


def person(n: int, language: str, *, role: str = "agent") -> Json:
    """One of the people at the desk, with the fields of `me`."""
    name = ("me", "mei", "wong")[n % 3]
    return {
        "id": str(UUID(int=0xB0000000 + n)), "login": ("lin", "mei", "wong")[n % 3], "name": WORDS[language][name], "role": role,
        "level": ("agent", "supervisor", "senior")[n % 3], "skills": [], "languages": ["zh-Hans", "en"], "capacity": 8,
        "presence": ("online", "away", "offline")[n % 3], "load": (1, 8, 0)[n % 3], "must_change_password": False,
    }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """The n-th conversation, the same for the same n."""

    n: int
    language: str
    now: datetime
    owner: str = "agent"
    is_longest: bool = False
    is_known: bool = True

    @property
    def id(self) -> str:
        return str(UUID(int=0xA0000000 + self.n))

    @property
    def customer(self) -> Json | None:
        if not self.is_known:
            return None
        name = LONG_NAME if self.is_longest else CUSTOMERS[self.n % len(CUSTOMERS)]
        return {"name": name, "vip": self.n % 5 == 0}

    @property
    def reasons(self) -> list[str]:
        return list(REASONS[:4]) if self.is_longest else [REASONS[self.n % len(REASONS)]]

    def summary(self) -> Json:
        """The «Summary» of websocket.md."""
        waits = self.n % 2 == 0
        since = self.now - timedelta(seconds=25 + 40 * (self.n % 9))
        text = LONG_TEXT if self.is_longest else LAST_WORDS[self.n % len(LAST_WORDS)]
        if self.n == 0 and not self.is_longest:
            text = WORDS[self.language]["angry"]
        return {
            "id": self.id, "owner": self.owner, "epoch": 3, "language": LANGUAGE_OF[self.n % 4] if self.n else self.language,
            "customer": self.customer, "last_seq": len(self.messages()), "unread": 0 if self.n % 3 else 1 + self.n % 120,
            "last_message": {"sender": "customer" if waits else "agent", "text": text, "sent_at": since.isoformat()},
            "reasons": self.reasons, "sentiment": SENTIMENTS[self.n % 4], "waiting_since": since.isoformat() if waits else None,
            "first_response_due_at": (since + timedelta(seconds=180)).isoformat() if waits else None,
            "agent": {key: person(0, self.language)[key] for key in ("id", "name")} if self.owner == "agent" else None,
            "created_at": (self.now - timedelta(minutes=9)).isoformat(),
        }  # fmt: skip

    def messages(self) -> list[Json]:
        """Ask, answer, a no, anger, a person; or one text that does not end."""
        words = WORDS[self.language]
        card: Json = {"order": order_card(self.language, self.now)}
        told: list[tuple[str, str, str, Json]] = [
            ("customer", words["ask"], "text", {}), ("bot", words["answer"], "text", {}), ("customer", words["late"], "text", {}),
            ("bot", "", "order_card", card), ("bot", words["sorry"], "text", {}), ("customer", words["angry"], "text", {}),
            ("system", words["handed"], "notice", {"code": "handoff_requested"}), ("agent", words["note"], "note", {}),
            ("agent", words["agent"], "text", {}),
        ]  # fmt: skip
        if self.is_longest:
            told[5] = ("customer", LONG_TEXT, "text", {})
            told[8] = ("agent", words["agent"] * 12, "text", {})
        began = self.now - timedelta(minutes=9)
        return [
            {"conversation_id": self.id, "seq": n, "client_id": None, "sender": sender, "kind": kind, "text": text, "payload": payload,
             "agent": {"name": words["me"]} if sender == "agent" else None, "sent_at": (began + timedelta(seconds=50 * n)).isoformat()}
            for n, (sender, text, kind, payload) in enumerate(told, 1)
        ]  # fmt: skip

    def brief(self) -> Json:
        """A brief in which nothing is missing, or, for a customer who is not known, nearly everything."""
        names = ("why", "customer", "order", "want", "tried", "mood", "level", "urgency")
        if not self.is_known:
            return {name: None for name in names} | {"unknown": list(names)}
        words = WORDS[self.language]
        want = LONG_TEXT if self.is_longest else words["want"]
        moods = ("neutral", "neutral", "negative", "negative", "angry") + (
            ("angry",) * 12 if self.is_longest else ()
        )
        since = (self.now - timedelta(days=800)).isoformat()
        person_: Json = {**(self.customer or {}), "spent_cents": 812_300, "since": since}
        return {
            "why": [{"reason": reason, "words": [words["angry"][:4]] if reason == "angry" else [], "at_seq": 6}
                    for reason in self.reasons],
            "customer": person_, "order": order_card(self.language, self.now, is_long=self.is_longest), "want": want,
            "tried": [{"what": "ask_policy", "outcome": "answered"}, {"what": "request_return", "outcome": "declined"}],
            "mood": [{"seq": n, "sentiment": mood, "probability": 0.8} for n, mood in enumerate(moods, 1)],
            "level": "serious", "urgency": "high", "unknown": [],
        }  # fmt: skip

    def detail(self) -> Json:
        """What `open` answers beside the messages."""
        brief, at = self.brief(), self.now - timedelta(minutes=9)
        steps = (("bot", "created", 0), ("queue", self.reasons[0], 5), ("agent", "accepted", 6))
        owned = [
            {"epoch": n, "owner": owner, "from_seq": n, "reason": reason, "at": (at + timedelta(minutes=minutes)).isoformat(),
             "agent": {"name": WORDS[self.language]["me"]} if owner == "agent" else None}
            for n, (owner, reason, minutes) in enumerate(steps, 1)
        ]  # fmt: skip
        earlier = self.summary() | {
            "id": "earlier", "owner": "none", "resolution": "unsolved",
            "created_at": (self.now - timedelta(days=10)).isoformat(),
        }  # fmt: skip
        case: Json = {"number": "CS-20261121-07", "type": "return", "state": "waiting_shop",
                      "due_at": (self.now + timedelta(hours=9)).isoformat()}  # fmt: skip
        return {
            "summary": self.summary(), "brief": brief, "customer": brief["customer"], "orders": [brief["order"]] if brief["order"] else [],
            "cases": [case] if self.is_known else [], "ownerships": owned, "history": [earlier] if self.is_known else [],
        }  # fmt: skip


def order_card(language: str, now: datetime, *, is_long: bool = False) -> Json:
    """An order received ten days ago as agents see it: past the seven days, within what a senior may grant."""
    words = WORDS[language]
    received = now - timedelta(days=10)
    title = words["title"] * (4 if is_long else 1)
    item = Item(
        sku="a", title=title, variant=words["variant"], category="appliance", quantity=1, price_cents=39_900
    )
    paper = Item(sku="b", title=words["paper"], variant="", category="home", quantity=2, price_cents=1_500)
    nowhere = Address(recipient="", phone="", province="", city="", street="")
    event = TrackingEvent(at=received, place=words["place"], description=words["event"])
    parcel = Shipment(
        courier="SF Express", tracking_number="SF1418273645501", state="delivered", shipped_at=received - timedelta(days=2),
        delivered_at=received, events=(event,),
    )  # fmt: skip
    order = Order(
        number=NUMBER, customer_shop_id="c-1", state="delivered", total_cents=42_900, address=nowhere, phone_tail="8812",
        placed_at=received - timedelta(days=3), delivered_at=received, items=(item,) + (paper,) * (5 if is_long else 1),
        shipments=(parcel,),
    )  # fmt: skip
    policy = demo_content().policy
    eligible = decide_return(order, is_vip=False, policy=policy, now=now, zone=ZONE)
    return order.as_card(language, return_eligibility=eligible.as_json_for_agents())


def conversations(
    count: int, language: str, now: datetime, *, owner: str = "agent", start: int = 0
) -> Sequence[Conversation]:
    """So many, one after the other; every seventh customer is not known."""
    numbers = range(start, start + count)
    return [Conversation(n=n, language=language, now=now, owner=owner, is_known=n % 7 != 6) for n in numbers]
