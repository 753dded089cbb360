"""What an action knows when it runs: the turn, who asks, and which references the message named.

Reads rasa-sdk's Tracker; the values behind references come from the desk, never from the tracker.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.effects import Effect


def turn_id_of(tracker: Tracker) -> UUID | None:
    """The turn that the newest message belongs to; None where there is none."""
    metadata = tracker.latest_message.get("metadata") or {}
    try:
        return UUID(str(metadata.get("turn_id")))
    except ValueError:
        return None


def previous_turn_id(tracker: Tracker) -> str | None:
    """The turn before this one, for offers that only the very next message can take."""
    said = [e for e in tracker.events if e.get("event") == "user"]
    return (said[-2].get("metadata") or {}).get("turn_id") if len(said) > 1 else None


def language_of(tracker: Tracker) -> str:
    """The language to answer in."""
    return str(tracker.get_slot("language") or "zh-Hans")


def named(tracker: Tracker) -> dict[str, str]:
    """Entity kind → reference id, of the newest message."""
    entities: list[dict[str, Any]] = tracker.latest_message.get("entities") or []
    return {str(e["entity"]): str(e["value"]) for e in entities}


def propose(dispatcher: CollectingDispatcher, effect: Effect) -> None:
    """Send an effect along with the replies."""
    dispatcher.utter_message(json_message={"effect": effect.as_json()})
