"""Order tracking: where the order is that bot/actions/order_lookup.py found.

Days and hours are the policy's in force when the customer asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.asking import language_of, propose
from bot.actions.order_lookup import Events, OrderForm, OrderLookup, forget_lookup
from bot.actions.order_status import DeliveryRules, describe
from bot.actions.own_orders import card_of, in_question
from bot.effects import ShowOrder
from desk.answer_facts import answer_facts
from desk.orders import Order
from knowledge_base.policy import Policy


def _in_question(orders: Sequence[Order], now: datetime, policy: Policy) -> list[Order]:
    return in_question(orders, now)


TRACK_ORDER = OrderForm(
    name="track_order_form",
    intents=("track_order", "urge_delivery"),
    choose="utter_choose_order",
    candidates=_in_question,
)


class ShowOrderStatus:
    """The answer of the form."""

    def __init__(self, lookup: OrderLookup) -> None:
        self._lookup = lookup

    def name(self) -> str:
        """Its name in the domain."""
        return "action_show_order"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        """State, courier, last events, expected delivery, and the order card."""
        lookup = self._lookup
        turn = await lookup.turn_of(tracker)
        order = await lookup.found(dispatcher, tracker, turn)
        if order is not None:
            policy, language = await lookup.policy.policy(), language_of(tracker)
            rules = DeliveryRules.from_policy(policy)
            status = describe(order, now=turn.shop_now, zone=lookup.zone, language=language, rules=rules)
            dispatcher.utter_message(response=status.response, **status.values)
            card = card_of(order, turn, policy, lookup.zone, language)
            propose(dispatcher, ShowOrder(order=card, facts=answer_facts(order)))
        return forget_lookup(tracker)
