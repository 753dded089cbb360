"""A person on request. Plain words are caught on receipt already; this is for all the other ways to say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.asking import propose
from bot.effects import OfferHandoff


class AskHuman:
    """Hands over at once; an open form is left, since a person goes on from there."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_ask_human"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Say so and propose the handoff."""
        dispatcher.utter_message(response="utter_handing_over")
        propose(dispatcher, OfferHandoff(reason="asked"))
        return [ActiveLoop(None), SlotSet("requested_slot", None)] if tracker.active_loop_name else []
