"""May it go back: the order is found, the policy decides, and the answer says until when, why not, and what else.

No case is opened here. The rules are desk/eligibility.py; wording lives in bot/domain/request_return.yml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.asking import language_of, propose
from bot.actions.order_lookup import Events, OrderForm, OrderLookup, forget_lookup
from bot.actions.order_status import Calendar, DeliveryRules, Status, describe
from bot.actions.own_orders import return_eligibility, returnable
from bot.effects import ShowOrder
from desk.answer_facts import answer_facts
from desk.eligibility import ItemLimit, ReturnEligibility
from desk.orders import Order
from knowledge_base.policy import LANGUAGES, Language, Policy

REQUEST_RETURN = OrderForm(
    name="request_return_form",
    intents=("request_return",),
    choose="utter_choose_return_order",
    candidates=returnable,
)

LIMIT_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh-Hans": {
        "excluded": "不支持无理由退货",
        "only_unopened": "没有拆封才能退",
        "digital": "激活码没有使用才能退",
        "used": "激活码已使用，不支持无理由退货",
        "line": "· {title}：{words}",
    },
    "zh-Hant-HK": {
        "excluded": "不設無理由退貨",
        "only_unopened": "未開封先可以退",
        "digital": "啟動碼未用過先可以退",
        "used": "啟動碼已用，不設無理由退貨",
        "line": "· {title}：{words}",
    },
    "en": {
        "excluded": "cannot be returned without a reason",
        "only_unopened": "only while unopened",
        "digital": "only while the key is unused",
        "used": "the key was used, so it cannot be returned without a reason",
        "line": "· {title}: {words}",
    },
}
"""How goods with less than the ordinary right read."""

LEFT_WORDS: Mapping[Language, tuple[str, str, str]] = {
    "zh-Hans": ("今天是最后一天", "还剩 1 天", "还剩 {} 天"),
    "zh-Hant-HK": ("今日係最後一日", "仲有 1 日", "仲有 {} 日"),
    "en": ("today is the last day", "1 day left", "{} days left"),
}
"""On the last day, the day before, and earlier."""

OVER_WORDS: Mapping[Language, tuple[str, str]] = {
    "zh-Hans": ("1 天", "{} 天"),
    "zh-Hant-HK": ("1 日", "{} 日"),
    "en": ("1 day", "{} days"),
}
VIP_WORDS: Mapping[Language, str] = {"zh-Hans": "VIP {}", "zh-Hant-HK": "VIP {}", "en": "{} (VIP)"}


class SayReturnEligibility:
    """The answer of the form."""

    def __init__(self, lookup: OrderLookup) -> None:
        self._lookup = lookup

    def name(self) -> str:
        """Its name in the domain."""
        return "action_return_eligibility"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        """Verdict, last day, reason, what is possible instead, and the order card."""
        lookup = self._lookup
        turn = await lookup.turn_of(tracker)
        order = await lookup.found(dispatcher, tracker, turn)
        if order is not None:
            policy, language = await lookup.policy.policy(), language_of(tracker)
            found = return_eligibility(order, turn, policy, lookup.zone)
            calendar = Calendar(zone=lookup.zone, language=language)
            for said in explain(order, found, policy=policy, now=turn.shop_now, calendar=calendar):
                dispatcher.utter_message(response=said.response, **said.values)
            card = order.as_card(language, return_eligibility=found.as_json())
            propose(dispatcher, ShowOrder(order=card, facts=answer_facts(order)))
        return forget_lookup(tracker)


def explain(
    order: Order, found: ReturnEligibility, *, policy: Policy, now: datetime, calendar: Calendar
) -> tuple[Status, ...]:
    """What to say, one response after the other: the verdict, then what else is possible. Pure."""
    wording = _Wording(order, found, policy, calendar)
    match found.verdict:
        case "not_paid" | "cancelled" | "refunded":
            return (_tracking(order, policy, now, calendar),)
        case "not_received" if _is_lost_or_on_its_way_back(order):
            return (_tracking(order, policy, now, calendar),)
        case "not_shipped" | "receipt_unknown" | "eligible" | "partly" | "only_unopened":
            return (wording.say(found.verdict),)
        case "not_received" | "partly_received":
            return tuple(wording.before_receipt())
        case "excluded" | "window_over":
            return (wording.say(found.verdict), wording.instead())


class _Wording:
    """The values that this skill's responses name, in one language."""

    def __init__(self, order: Order, found: ReturnEligibility, policy: Policy, calendar: Calendar) -> None:
        self._order, self._found, self._policy, self._calendar = order, found, policy, calendar
        self._language = next((known for known in LANGUAGES if known == calendar.language), LANGUAGES[0])

    def say(self, what: str) -> Status:
        return Status(response=f"utter_return_{what}", values=self._values())

    def before_receipt(self) -> Iterator[Status]:
        if self._found.is_excluded:
            yield self.say("not_received_excluded")
            return
        yield self.say(self._found.verdict)
        if self._found.limits:
            yield self.say("limits")

    def instead(self) -> Status:
        if self._found.is_quality_open:
            return self.say("instead_quality")
        return self.say("instead_repair" if self._found.is_repair_open else "instead_colleague")

    def _values(self) -> dict[str, str]:
        found, calendar = self._found, self._calendar
        return {
            "order": self._order.number,
            "window": self._window(),
            "until": calendar.date(found.until) if found.until else "",
            "left": self._counted(LEFT_WORDS[self._language], found.days_left),
            "over": self._counted(("", *OVER_WORDS[self._language]), found.days_over),
            "limits": "\n".join(self._limit(limit) for limit in found.limits),
            "quality_until": calendar.date(found.quality_until) if found.quality_until else "",
            "quality_window": self._figure("quality_return_days"),
            "repair_years": self._figure("quality_repair_years"),
            "review_hours": self._figure("return_review_hours"),
            "send_days": self._figure("return_send_days"),
        }

    def _window(self) -> str:
        name = "return_window_vip_days" if self._found.is_vip else "return_window_days"
        written = self._figure(name)
        return VIP_WORDS[self._language].format(written) if self._found.is_vip else written

    def _figure(self, name: str) -> str:
        return self._policy.figure(name).written(self._language)

    def _counted(self, words: tuple[str, ...], days: int | None) -> str:
        return "" if days is None else words[min(days, len(words) - 1)].format(days)

    def _limit(self, limit: ItemLimit) -> str:
        words = LIMIT_WORDS[self._language]
        if limit.category == "digital":
            said = words["digital"] if limit.right == "only_unopened" else words["used"]
        else:
            said = words[limit.right]
        return words["line"].format(title=limit.title, words=said)


def _tracking(order: Order, policy: Policy, now: datetime, calendar: Calendar) -> Status:
    """Where the order stands says all there is to say about a return."""
    rules = DeliveryRules.from_policy(policy)
    return describe(order, now=now, zone=calendar.zone, language=calendar.language, rules=rules)


def _is_lost_or_on_its_way_back(order: Order) -> bool:
    parcel = order.current_shipment
    return parcel is not None and parcel.state in ("lost", "returned")
