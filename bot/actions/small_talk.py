"""«Yes» and «never mind»: short answers that mean what came before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.asking import previous_turn_id, propose
from bot.effects import FormAbandoned, OfferHandoff


class Affirm:
    """Yes: takes up the offer of a person, if the very last turn made one."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_affirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Hand over, or ask what else there is."""
        offered_in = tracker.get_slot("person_offered_in")
        if offered_in and offered_in == previous_turn_id(tracker):
            dispatcher.utter_message(response="utter_handing_over")
            propose(dispatcher, OfferHandoff(reason="asked"))
            return [SlotSet("person_offered_in", None)]
        dispatcher.utter_message(response="utter_ok")
        return []


class Stop:
    """Never mind: ends the open form."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_stop"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Close the form and forget what it had asked for."""
        form = tracker.active_loop_name
        if not form:
            dispatcher.utter_message(response="utter_ok")
            return []
        dispatcher.utter_message(response="utter_stopped")
        propose(dispatcher, FormAbandoned(form=form))
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            SlotSet("order_ref", None),
            SlotSet("phone_tail_ref", None),
            SlotSet("rejected_values", None),
        ]
