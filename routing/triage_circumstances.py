"""What a caller knows beside a message's words: how long the customer has waited, how many messages went unanswered.

Two plain signs with weights set by hand (no labelled message has them): they move the mood of what was said, a little
and at most to negative. Urgency, level and the words shown stay what the text says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log
from typing import Final

from routing.tags import Tag, Tags
from routing.triage_decision import threshold

WAITED_STEP_S: Final = 300.0
WAITED_STEPS: Final = 3.0
"""After a quarter of an hour waiting says no more than before."""
MESSAGES_STEPS: Final = 4
WEIGHT_OF_WAITING: Final = 0.35
WEIGHT_OF_MESSAGES: Final = 0.2
"""Log odds of being unhappy, for each step. All steps together turn a neutral 0.7 into an even bet, no more."""
MOST: Final = 1.2
_SURE: Final = 1e-6


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """Seconds since the customer's first unanswered message, and how many lie unanswered before this one."""

    waited_s: float = 0.0
    unanswered: int = 0


def in_circumstances(tags: Tags, circumstances: Circumstances) -> Tags:
    """The tags with the mood moved by waiting and messages; nothing moves without them, and what is glad stays glad."""
    moved = _log_odds(circumstances)
    mood = tags.sentiment
    if moved == 0.0 or mood.label == "positive":
        return tags
    if mood.label != "neutral":
        return replace(tags, sentiment=replace(mood, probability=_moved(mood.probability, moved)))
    unhappy = _moved(1.0 - mood.probability, moved)
    if unhappy < threshold("negative"):
        return replace(tags, sentiment=replace(mood, probability=1.0 - unhappy))
    return replace(tags, sentiment=Tag(label="negative", probability=unhappy))


def _log_odds(circumstances: Circumstances) -> float:
    waited = min(WAITED_STEPS, max(0.0, circumstances.waited_s) / WAITED_STEP_S)
    messages = min(MESSAGES_STEPS, max(0, circumstances.unanswered))
    return min(MOST, WEIGHT_OF_WAITING * waited + WEIGHT_OF_MESSAGES * messages)


def _moved(probability: float, by: float) -> float:
    kept = min(1.0 - _SURE, max(_SURE, probability))
    return 1.0 / (1.0 + exp(-(log(kept / (1.0 - kept)) + by)))
