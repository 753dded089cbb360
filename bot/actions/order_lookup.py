"""Finding the order that a skill is about: which one, and whether the asker may see it.

An order of one's own counts at once; any other number needs the last four digits of the recipient's phone. A number
that does not exist and digits that do not match get the very same answer. Each skill brings its own form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.asking import language_of, named, propose, turn_id_of
from bot.actions.own_orders import (
    find_own_order,
    is_own_reference,
    is_typed_number,
    own_orders,
    own_reference,
)
from bot.desk_reads import DeskReads, OrderProofs
from bot.effects import BotFailed, ProveOrder
from desk.eligibility import PolicySource
from desk.errors import StaleTurn
from desk.order_proof import Claim
from desk.orders import STATE_LABELS, Order, OrderService, ShopUnavailable, phone_tail
from desk.turns import TurnContext
from knowledge_base.policy import Policy

Events = list[dict[str, Any]]
_TITLE_CHARACTERS = 14


@dataclass(frozen=True, kw_only=True)
class OrderForm:
    """A form whose first question is which order.

    `intents` are the need itself: said again while the form asks, it is the need rephrased; the first one is what a
    button means. `choose` is the question over the buttons, `candidates` the own orders that «my order» can mean.
    """

    name: str
    intents: tuple[str, ...]
    choose: str
    candidates: Callable[[Sequence[Order], datetime, Policy], list[Order]]


@dataclass(frozen=True, kw_only=True)
class OrderLookup:
    """What the skills about orders share; made by the composition root."""

    orders: OrderService
    desk: DeskReads
    proofs: OrderProofs
    policy: PolicySource
    clock: Callable[[], datetime]
    zone: ZoneInfo
    lock_minutes: int = 30

    async def turn_of(self, tracker: Tracker) -> TurnContext:
        """The turn that calls. Raises StaleTurn."""
        turn_id = turn_id_of(tracker)
        turn = await self.desk.read_context(turn_id, now=self.clock()) if turn_id else None
        if turn is None:
            raise StaleTurn("the turn is over")
        return turn

    async def candidates(self, form: OrderForm, turn: TurnContext) -> list[Order]:
        """The asker's own orders that the form can be about. Raises ShopUnavailable."""
        mine = await own_orders(self.orders, turn)
        return form.candidates(mine, turn.shop_now, await self.policy.policy()) if mine else []

    async def found(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: TurnContext
    ) -> Order | None:
        """The order that the form found, if the asker may see it; else the customer was told why not."""
        if tracker.get_slot("lookup_result") == "locked":
            dispatcher.utter_message(response="utter_lookup_locked", minutes=str(self.lock_minutes))
            return None
        try:
            order = await self._allowed(tracker, turn)
        except ShopUnavailable:
            order = None
        if order is None:
            dispatcher.utter_message(response="utter_shop_unavailable")
            propose(dispatcher, BotFailed(why="shop_unavailable"))
        return order

    async def _allowed(self, tracker: Tracker, turn: TurnContext) -> Order | None:
        """The order, if it is the asker's or was proven: decided again here, where it is shown."""
        order_ref = _last(tracker.get_slot("order_ref"))
        if tracker.get_slot("lookup_result") != "show" or order_ref is None:
            return None
        if not is_typed_number(order_ref):
            return await find_own_order(self.orders, turn, order_ref)
        order = await self.orders.find(str(turn.refs.get(order_ref, "")), sandbox=turn.sandbox)
        is_own = order is not None and order.customer_shop_id == turn.customer_shop_id
        return order if is_own or tracker.get_slot("proven_ref") == order_ref else None


def forget_lookup(tracker: Tracker) -> Events:
    """The slots to clear when a form has answered: an order chosen by button is asked for again, a typed one stays."""
    order_ref = _last(tracker.get_slot("order_ref")) or ""
    is_over = is_own_reference(order_ref) or tracker.get_slot("lookup_result") == "locked"
    forgotten = [SlotSet("order_ref", None)] if is_over else []
    return [*forgotten, SlotSet("lookup_result", None)]


class ValidateOrderForm:
    """Decides after each message what the form still needs."""

    def __init__(self, lookup: OrderLookup, form: OrderForm) -> None:
        self._lookup = lookup
        self._form = form

    def name(self) -> str:
        """Its name in the domain."""
        return f"validate_{self._form.name}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        """Slots, and `requested_slot`: None ends the form."""
        turn = await self._lookup.turn_of(tracker)
        asked = tracker.get_slot("requested_slot") if _was_open(tracker, self._form.name) else None
        if asked and not _names_something(tracker):
            if tracker.get_intent_of_latest_message() not in self._form.intents:
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
            candidates = await self._lookup.candidates(self._form, turn)
            if len(candidates) == 1:
                return [SlotSet("order_ref", own_reference(candidates[0].number)), *_done("show")]
            return _ask("order_ref", phone_tail_ref=tail_ref)
        if tracker.get_slot("proven_ref") == order_ref:
            return [SlotSet("order_ref", order_ref), *_done("show")]
        if not is_typed_number(order_ref):
            order = await find_own_order(self._lookup.orders, turn, order_ref)
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
        verdict = await self._lookup.proofs.check(claim, now=self._lookup.clock())
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
            SlotSet("lookup_result", "not_matched"),
            *_ask("order_ref", order_ref=None, phone_tail_ref=None),
        ]


class AskOrder:
    """Asks which order: buttons for one's own, else for the number. One action for all the forms."""

    def __init__(self, lookup: OrderLookup, forms: Sequence[OrderForm]) -> None:
        self._lookup = lookup
        self._forms = {form.name: form for form in forms}

    def name(self) -> str:
        """Its name in the domain."""
        return "action_ask_order_ref"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        """One question, unless the answer about a mismatch has asked already."""
        if tracker.get_slot("lookup_result") == "not_matched":
            return [SlotSet("lookup_result", None)]
        form = self._forms[str(tracker.active_loop_name)]
        turn = await self._lookup.turn_of(tracker)
        try:
            candidates = await self._lookup.candidates(form, turn)
        except ShopUnavailable:
            candidates = []
        if candidates:
            language = language_of(tracker)
            buttons = [_button(order, form, language, self._lookup.zone) for order in candidates]
            dispatcher.utter_message(response=form.choose, buttons=buttons)
        elif turn.customer_shop_id is not None:
            dispatcher.utter_message(response="utter_no_orders")
        else:
            dispatcher.utter_message(response="utter_ask_order_number")
        return []


def _button(order: Order, form: OrderForm, language: str, zone: ZoneInfo) -> dict[str, str]:
    title = order.items[0].title if order.items else order.number
    shown = title if len(title) <= _TITLE_CHARACTERS else title[: _TITLE_CHARACTERS - 1] + "…"
    state = STATE_LABELS.get(language, STATE_LABELS["zh-Hans"])[order.state]
    placed = order.placed_at.astimezone(zone)
    return {
        "title": f"{shown} · {state} · {placed:%m-%d}",
        "payload": f'/{form.intents[0]}{{"order": "{own_reference(order.number)}"}}',
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


def _was_open(tracker: Tracker, form: str) -> bool:
    """Whether the form asked before the newest message; when it opens, `requested_slot` is another form's.

    Rasa says in the newest turn's events that a loop begins; before them it was open already, or not at all.
    """
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "active_loop" and event.get("name") == form:
            return False
    return True


def _names_something(tracker: Tracker) -> bool:
    return bool({"order", "tracking", "phone", "phone_tail"} & named(tracker).keys())


def _ask(slot: str, **slots: str | None) -> Events:
    events: Events = [SlotSet(name, value) for name, value in slots.items()]
    return [*events, SlotSet("requested_slot", slot)]


def _done(result: str) -> Events:
    return [SlotSet("lookup_result", result), SlotSet("requested_slot", None)]


def _last(value: Any) -> str | None:
    """A slot's reference; of several named at once the last one counts."""
    if isinstance(value, list):
        return str(value[-1]) if value else None
    return str(value) if value else None
