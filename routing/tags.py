"""What triage says about one message: values only.

The classifier is in routing.triage, what follows from the tags in routing.handoff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

SENTIMENTS: Final = ("angry", "negative", "neutral", "positive")
URGENCIES: Final = ("normal", "high", "critical")
LEVELS: Final = ("none", "minor", "serious", "major")


@dataclass(frozen=True, kw_only=True)
class Tag:
    """One label and how sure it is (0 to 1).

    Labels of a scale are cumulative: `serious 0.8` says that it is serious or worse with probability 0.8,
    and `negative 0.7` that it is negative or angry with 0.7. Thresholds mean «at least this» everywhere.
    """

    label: str
    probability: float

    def as_json(self) -> dict[str, str | float]:
        """As in the answers of `anxin triage`."""
        return {"label": self.label, "probability": round(self.probability, 4)}


@dataclass(frozen=True, kw_only=True)
class Tags:
    """Mood, urgency and complaint level of one message, and the words of the message that led there."""

    sentiment: Tag
    urgency: Tag
    level: Tag
    words: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As stored in messages.tags and printed by `anxin triage`."""
        return {
            "sentiment": self.sentiment.as_json(),
            "urgency": self.urgency.as_json(),
            "level": self.level.as_json(),
            "words": list(self.words),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Tags:
        """The reverse of as_json; an empty mapping is NEUTRAL."""
        if not stored:
            return NEUTRAL
        return cls(
            sentiment=_tag(stored["sentiment"]),
            urgency=_tag(stored["urgency"]),
            level=_tag(stored["level"]),
            words=tuple(stored.get("words", ())),
        )

    def is_unhappy(self, at_least: float) -> bool:
        """Negative or angry with at least this probability."""
        return self.sentiment.label in ("negative", "angry") and self.sentiment.probability >= at_least


NEUTRAL: Final = Tags(
    sentiment=Tag(label="neutral", probability=1.0),
    urgency=Tag(label="normal", probability=1.0),
    level=Tag(label="none", probability=1.0),
)


def _tag(stored: Mapping[str, Any]) -> Tag:
    return Tag(label=str(stored["label"]), probability=float(stored["probability"]))
