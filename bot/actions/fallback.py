"""What the bot cannot do yet, or did not understand: it says so and offers a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.asking import named, propose, turn_id_of
from bot.effects import BotFailed

_UNHAPPY = frozenset({"complain", "report_damaged", "report_wrong_or_missing", "report_lost"})


class OfferPerson:
    """A need without a skill of its own yet."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_offer_person"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Offer a person; «yes» in the next turn takes it up."""
        unhappy = tracker.get_intent_of_latest_message() in _UNHAPPY
        dispatcher.utter_message(response="utter_offer_person_sorry" if unhappy else "utter_offer_person")
        propose(dispatcher, BotFailed(why="no_skill"))
        return _offered(tracker)


class NotUnderstood:
    """Nothing that the classifier is sure of."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_not_understood"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Ask to put it another way. A lone order number is taken as a question about that order."""
        if _names_an_order(tracker):
            return [FollowupAction("track_order_form")]
        propose(dispatcher, BotFailed(why="not_understood"))
        if tracker.active_loop_name:
            return []  # the form asks again by itself
        dispatcher.utter_message(response="utter_not_understood")
        return _offered(tracker)


class Inform:
    """Facts given without being asked for."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_inform"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """An order number leads to that order; anything else is noted."""
        if _names_an_order(tracker):
            return [FollowupAction("track_order_form")]
        if tracker.active_loop_name:
            propose(dispatcher, BotFailed(why="value_rejected"))
            return []
        dispatcher.utter_message(response="utter_noted")
        return []


def _names_an_order(tracker: Tracker) -> bool:
    return not tracker.active_loop_name and bool({"order", "tracking"} & named(tracker).keys())


def _offered(tracker: Tracker) -> list[dict[str, Any]]:
    turn_id = turn_id_of(tracker)
    return [SlotSet("person_offered_in", str(turn_id))] if turn_id else []
