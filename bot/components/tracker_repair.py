"""Puts a tracker back to the last turn that the desk committed, or seeds a new one.

Rasa's own `rewind` is not used: inside a form it also takes back the message that opened the form, because
a form's later messages do not count as turns of their own (docs/decisions/0005-tracker-repair.md). The committed
past is replayed behind a restart instead, which is exact. Runs in Rasa's environment (Python 3.10).
"""

from __future__ import annotations

import copy
from typing import List, Optional, Text

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.turn_payload import Turn


def bring_to(tracker: DialogueStateTracker, turn: Turn, domain: Domain) -> int:
    """Make `tracker` stand where the desk stands.

    Returns how many turns were taken back; -1 when the expected turn is unknown and the tracker was seeded anew.
    """
    live = _live_events(tracker)
    if not live:
        tracker.update_with_events(_seed(turn, domain), domain)
        return 0
    turns = [i for i, event in enumerate(live) if isinstance(event, UserUttered)]
    ids = [_turn_id(live[i]) for i in turns]
    if turn.expected_turn_id is None:
        keep = 0
    elif turn.expected_turn_id in ids:
        keep = len(ids) - ids[::-1].index(turn.expected_turn_id)
    else:
        tracker.update_with_events([Restarted(), *_seed(turn, domain)], domain)
        return -1
    dropped = len(ids) - keep
    if dropped:
        past = copy.deepcopy(live[: turns[keep]])
        tracker.update_with_events([Restarted(), *past], domain)
    return dropped


def last_turn_id(tracker: DialogueStateTracker) -> Optional[Text]:
    """The turn of the newest message, or None for a new tracker."""
    said = [event for event in _live_events(tracker) if isinstance(event, UserUttered)]
    return _turn_id(said[-1]) if said else None


def _live_events(tracker: DialogueStateTracker) -> List[Event]:
    """The events since the last restart, the ones inside forms included."""
    events = list(tracker.events)
    restarts = [i for i, event in enumerate(events) if isinstance(event, Restarted)]
    return events[restarts[-1] + 1 :] if restarts else events


def _seed(turn: Turn, domain: Domain) -> List[Event]:
    known = {slot.name for slot in domain.slots}
    events: List[Event] = [ActionExecuted("action_session_start"), SessionStarted()]
    events += [SlotSet(name, value) for name, value in turn.seed_slots.items() if name in known]
    if turn.seed_form in domain.form_names:
        events.append(ActiveLoop(turn.seed_form))
    return [*events, ActionExecuted("action_listen")]


def _turn_id(event: Event) -> Optional[Text]:
    return (event.metadata or {}).get("turn_id")
