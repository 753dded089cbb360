"""A review of goods among the messages: read by what public reviews taught, as far as it looks like one.

Customers paste what they would write under the product. Service messages say little about reviews, so a second
opinion counts there: glad or unhappy by the frozen layer, never neutral.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Final

from routing.tags import SENTIMENTS

LOOKS_LIKE: Final = 0.1
"""The sign at which a message is as likely a review: 97 of 100 public reviews lie above, few of our messages."""
STEEPNESS: Final = 4.0
POLARITY_WEIGHT: Final = 3.0
"""By accuracy on reviews held out; the classifier's own odds added nothing there."""

_ANGRY, _NEGATIVE, _NEUTRAL, _POSITIVE = (
    SENTIMENTS.index(label) for label in ("angry", "negative", "neutral", "positive")
)


def with_review(values: Sequence[float], *, looks: float, polarity: float) -> list[float]:
    """The sentiment's probabilities when the message may be a review; `looks` and `polarity` are frozen signs."""
    share = _squash(STEEPNESS * (looks - LOOKS_LIKE))
    unhappy = values[_ANGRY] + values[_NEGATIVE]
    glad = _squash(POLARITY_WEIGHT * polarity)
    angry = values[_ANGRY] / (unhappy + 1e-9)
    review = {_ANGRY: (1 - glad) * angry, _NEGATIVE: (1 - glad) * (1 - angry), _NEUTRAL: 0.0, _POSITIVE: glad}
    return [(1 - share) * value + share * review[i] for i, value in enumerate(values)]


def _squash(value: float) -> float:
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, value))))
