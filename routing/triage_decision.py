"""From scores to labels: calibrated probabilities, and which of them is acted on.

What a mistake costs decides, not which label is likeliest: a missed flight costs more than a look too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Final

from routing.tags import LEVELS, SENTIMENTS, URGENCIES, Tag

HEADS: Final[dict[str, tuple[str, ...]]] = {"sentiment": SENTIMENTS, "urgency": URGENCIES, "level": LEVELS}
GRAVE_FIRST: Final[dict[str, tuple[str, ...]]] = {
    "sentiment": ("angry", "negative"),
    "urgency": ("critical", "high"),
    "level": ("major", "serious", "minor"),
}
CALM: Final = {"sentiment": "neutral", "urgency": "normal", "level": "none"}
COST_OF_MISSING: Final = {
    "angry": 2.0,
    "negative": 1.0,
    "critical": 2.3,
    "high": 1.0,
    "major": 3.0,
    "serious": 1.0,
    "minor": 1.0,
}
"""How much worse it is to miss a label than to give it wrongly. Chosen by cross-validation on the training
messages, so that at most about 3 in 100 other messages are called angry, critical or major."""


def threshold(label: str) -> float:
    """The probability (of this label or a graver one) from which the label is given: the costs break even there."""
    return 1.0 / (1.0 + COST_OF_MISSING[label])


def probabilities(scores: Sequence[float]) -> dict[str, list[float]]:
    """Each head's probabilities from the eleven scores. In plain numbers: numpy's calls cost more than the sums."""
    heads, start = {}, 0
    for head, labels in HEADS.items():
        part = scores[start : start + len(labels)]
        highest = max(part)
        powers = [exp(score - highest) for score in part]
        total = sum(powers)
        heads[head] = [power / total for power in powers]
        start += len(labels)
    return heads


def choose(head: str, values: Sequence[float]) -> Tag:
    """The gravest label whose cumulative probability, counted from the grave end, reaches its threshold.

    So `serious 0.8` means serious or worse, and a message torn between negative and angry is surely negative.
    """
    labels = HEADS[head]
    by_label = dict(zip(labels, values, strict=True))
    at_least = 0.0
    for label in GRAVE_FIRST[head]:
        at_least += by_label[label]
        if at_least >= threshold(label):
            return Tag(label=label, probability=min(1.0, at_least))
    calm = max((name for name in labels if name not in GRAVE_FIRST[head]), key=by_label.__getitem__)
    return Tag(label=calm, probability=by_label[calm])


def column(head: str, label: str) -> int:
    """Where a label stands among the eleven scores."""
    start = 0
    for name, labels in HEADS.items():
        if name == head:
            return start + labels.index(label)
        start += len(labels)
    raise KeyError(head)
