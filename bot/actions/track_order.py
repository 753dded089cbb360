"""Order tracking: which order, whether the asker may see it, and where it is.

An order of one's own is shown at once; any other number needs the last four digits of the recipient's phone.
A number that does not exist and digits that do not match get the very same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.asking import language_of, named, propose, turn_id_of
from bot.actions.order_status import DeliveryRules, describe
from bot.actions.own_orders import (
    find_own_order,
    in_question,
    is_own_reference,
    is_typed_number,
    own_orders,
    own_reference,
)
from bot.desk_reads import DeskReads, OrderProofs
from bot.effects import BotFailed, ProveOrder, ShowOrder
from desk.errors import StaleTurn
from desk.order_proof import Claim
from desk.orders import STATE_LABELS, Order, OrderService, ShopUnavailable, phone_tail
from desk.turns import TurnContext

Events = list[dict[str, Any]]
_TITLE_CHARACTERS = 14
_THE_SAME_NEED = frozenset({"track_order", "urge_delivery"})
"""Said again while the form asks, these are the same need rephrased."""


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """What the three actions of this skill share; made by the composition root."""

    orders: OrderService
    desk: DeskReads
    proofs: OrderProofs
    clock: Callable[[], datetime]
    zone: ZoneInfo
    rules: DeliveryRules = field(default_factory=DeliveryRules)
    lock_minutes: int = 30

    async def turn_of(self, tracker: Tracker) -> TurnContext:
        """The turn that calls. Raises StaleTurn."""
        turn_id = turn_id_of(tracker)
        turn = await self.desk.read_context(turn_id, now=self.clock()) if turn_id else None
        if turn is None:
            raise StaleTurn("the turn is over")
        return turn


class ValidateTrackOrderForm:
    """Decides after each message what the form still needs."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking

    def name(self) -> str:
        """Its name in the domain."""
        return "validate_track_order_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Slots, and `requested_slot`: None ends the form."""
        turn = await self._tracking.turn_of(tracker)
        if (asked := tracker.get_slot("requested_slot")) and not _names_something(tracker):
            if tracker.get_intent_of_latest_message() not in _THE_SAME_NEED:
                return [SlotSet("requested_slot", asked)]
            # Rasa has no other action for the intent that opened the form: without a slot set it would say nothing.
            propose(dispatcher, BotFailed(why="rephrased"))
            return _ask(asked, order_ref=tracker.get_slot("order_ref"))
        try:
            return await self._decide(dispatcher, tracker, turn)
        except ShopUnavailable:
            return _done("unavailable")

    async def _decide(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: TurnContext) -> Events:
        order_ref = _last(tracker.get_slot("order_ref"))
        tail_ref = _last(tracker.get_slot("phone_tail_ref"))
        if order_ref is None:
            candidates = in_question(await own_orders(self._tracking.orders, turn), turn.shop_now)
            if len(candidates) == 1:
                return [SlotSet("order_ref", own_reference(candidates[0].number)), *_done("show")]
            return _ask("order_ref", phone_tail_ref=tail_ref)
        if tracker.get_slot("proven_ref") == order_ref:
            return [SlotSet("order_ref", order_ref), *_done("show")]
        if not is_typed_number(order_ref):
            order = await find_own_order(self._tracking.orders, turn, order_ref)
            return (
                [SlotSet("order_ref", order_ref), *_done("show")]
                if order
                else _ask("order_ref", order_ref=None)
            )
        return await self._prove(dispatcher, tracker, turn, order_ref, tail_ref)

    async def _prove(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        turn: TurnContext,
        order_ref: str,
        tail_ref: str | None,
    ) -> Events:
        claim = _claim(turn, order_ref, tail_ref)
        verdict = await self._tracking.proofs.check(claim, now=self._tracking.clock())
        if verdict.counts:
            propose(dispatcher, ProveOrder(key=verdict.key, ok=verdict.ok))
        if verdict.outcome == "locked":
            return [SlotSet("phone_tail_ref", None), *_done("locked")]
        if verdict.outcome == "digits_needed":
            return _ask("phone_tail_ref", order_ref=order_ref)
        if not verdict.ok:
            return self._reject(dispatcher, tracker)
        proven = order_ref if verdict.outcome == "proved" else None
        return [
            SlotSet("order_ref", order_ref),
            SlotSet("proven_ref", proven),
            SlotSet("rejected_values", None),
            *_done("show"),
        ]

    def _reject(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        rejected = int(tracker.get_slot("rejected_values") or 0) + 1
        dispatcher.utter_message(response="utter_order_not_matched")
        if rejected >= 2:
            propose(dispatcher, BotFailed(why="value_rejected"))
        return [
            SlotSet("rejected_values", rejected),
            SlotSet("tracking_result", "not_matched"),
            *_ask("order_ref", order_ref=None, phone_tail_ref=None),
        ]


class AskOrder:
    """Asks which order: buttons for one's own, else for the number."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking

    def name(self) -> str:
        """Its name in the domain."""
        return "action_ask_track_order_form_order_ref"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """One question, unless the answer about a mismatch has asked already."""
        if tracker.get_slot("tracking_result") == "not_matched":
            return [SlotSet("tracking_result", None)]
        turn = await self._tracking.turn_of(tracker)
        try:
            candidates = in_question(await own_orders(self._tracking.orders, turn), turn.shop_now)
        except ShopUnavailable:
            candidates = []
        if candidates:
            language = language_of(tracker)
            buttons = [_button(order, language, self._tracking.zone) for order in candidates]
            dispatcher.utter_message(response="utter_choose_order", buttons=buttons)
        elif turn.customer_shop_id is not None:
            dispatcher.utter_message(response="utter_no_orders")
        else:
            dispatcher.utter_message(response="utter_ask_order_number")
        return []


class ShowOrderStatus:
    """The answer of the form."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking

    def name(self) -> str:
        """Its name in the domain."""
        return "action_show_order"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """State, courier, last events, expected delivery, and the order card."""
        turn = await self._tracking.turn_of(tracker)
        result = tracker.get_slot("tracking_result")
        if result == "locked":
            dispatcher.utter_message(response="utter_lookup_locked", minutes=str(self._tracking.lock_minutes))
            return [SlotSet("order_ref", None), SlotSet("tracking_result", None)]
        try:
            order = await self._allowed(tracker, turn)
        except ShopUnavailable:
            order = None
        if order is None:
            dispatcher.utter_message(response="utter_shop_unavailable")
            propose(dispatcher, BotFailed(why="shop_unavailable"))
            return [SlotSet("tracking_result", None)]
        self._show(dispatcher, order, turn, language_of(tracker))
        order_ref = _last(tracker.get_slot("order_ref")) or ""
        forgotten = [SlotSet("order_ref", None)] if is_own_reference(order_ref) else []
        return [*forgotten, SlotSet("tracking_result", None)]

    async def _allowed(self, tracker: Tracker, turn: TurnContext) -> Order | None:
        """The order, if it is the asker's or was proven: decided again here, where it is shown."""
        order_ref = _last(tracker.get_slot("order_ref"))
        if tracker.get_slot("tracking_result") != "show" or order_ref is None:
            return None
        if not is_typed_number(order_ref):
            return await find_own_order(self._tracking.orders, turn, order_ref)
        order = await self._tracking.orders.find(str(turn.refs.get(order_ref, "")), sandbox=turn.sandbox)
        is_own = order is not None and order.customer_shop_id == turn.customer_shop_id
        return order if is_own or tracker.get_slot("proven_ref") == order_ref else None

    def _show(self, dispatcher: CollectingDispatcher, order: Order, turn: TurnContext, language: str) -> None:
        tracking = self._tracking
        status = describe(
            order, now=turn.shop_now, zone=tracking.zone, language=language, rules=tracking.rules
        )
        dispatcher.utter_message(response=status.response, **status.values)
        propose(dispatcher, ShowOrder(order=order.as_card(language)))


def _button(order: Order, language: str, zone: ZoneInfo) -> dict[str, str]:
    title = order.items[0].title if order.items else order.number
    shown = title if len(title) <= _TITLE_CHARACTERS else title[: _TITLE_CHARACTERS - 1] + "…"
    state = STATE_LABELS.get(language, STATE_LABELS["zh-Hans"])[order.state]
    placed = order.placed_at.astimezone(zone)
    return {
        "title": f"{shown} · {state} · {placed:%m-%d}",
        "payload": f'/track_order{{"order": "{own_reference(order.number)}"}}',
    }


def _claim(turn: TurnContext, order_ref: str, tail_ref: str | None) -> Claim:
    digits = phone_tail(str(turn.refs.get(tail_ref, ""))) if tail_ref else None
    return Claim(
        conversation_id=turn.conversation_id,
        number=str(turn.refs.get(order_ref, "")),
        digits=digits,
        signed_in_as=turn.customer_shop_id,
        sandbox=turn.sandbox,
    )


def _names_something(tracker: Tracker) -> bool:
    return bool({"order", "tracking", "phone", "phone_tail"} & named(tracker).keys())


def _ask(slot: str, **slots: str | None) -> Events:
    events: Events = [SlotSet(name, value) for name, value in slots.items()]
    return [*events, SlotSet("requested_slot", slot)]


def _done(result: str) -> Events:
    return [SlotSet("tracking_result", result), SlotSet("requested_slot", None)]


def _last(value: Any) -> str | None:
    """A slot's reference; of several named at once the last one counts."""
    if isinstance(value, list):
        return str(value[-1]) if value else None
    return str(value) if value else None
