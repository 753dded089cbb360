"""The mood of a conversation over its turns: 0 calm to 1 furious.

Anger is mostly quiet: it shows as negative turns in a row and as the third time that the same thing is asked.
Pure values; texts are kept only as hashes, enough to notice a repetition and nothing else.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from routing.tags import Tags
from routing.text import fold

HALF_LIFE_S: Final = 1800.0
"""Silence calms: half of it is gone after half an hour."""
ANGRY_STEP: Final = 0.6
NEGATIVE_STEP: Final = 0.28
STREAK_FACTOR: Final = 0.5
"""Each negative turn right after another weighs this much more."""
NEUTRAL_FACTOR: Final = 0.85
POSITIVE_FACTOR: Final = 0.4
REPEATED_FLOORS: Final = (0.0, 0.25, 0.66)
"""Mood after the same thing was said once, twice, three times: the third is anger, however polite."""
REMEMBERED: Final = 4
SAME_OVERLAP: Final = 0.6
MIN_LETTERS: Final = 4
_POLITE: Final = re.compile(
    "您好|你好|请问|麻烦|劳烦|问一?下|想问|谢谢|多谢|唔该|到底|究竟|帮我|一下|亲|[呀啊呢吗嘛吧哦哈]"
    r"|\b(please|pls|hello|hi|hey|thanks|thank you|could you|can you|sorry|again)\b"
)
"""What changes when the same thing is asked more politely or more firmly; no part of what is asked."""


@dataclass(frozen=True, kw_only=True)
class Mood:
    """How the customer feels by now, and what is needed to go on from there."""

    value: float = 0.0
    unhappy_turns: int = 0
    said_times: int = 0
    recent: tuple[tuple[int, ...], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As stored in conversations.mood."""
        return {
            "value": round(self.value, 4),
            "unhappy_turns": self.unhappy_turns,
            "said_times": self.said_times,
            "recent": [list(print_) for print_ in self.recent],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Mood:
        """The reverse of as_json; an empty mapping is CALM."""
        return cls(
            value=float(stored.get("value", 0.0)),
            unhappy_turns=int(stored.get("unhappy_turns", 0)),
            said_times=int(stored.get("said_times", 0)),
            recent=tuple(tuple(print_) for print_ in stored.get("recent", ())),
        )


CALM: Final = Mood()


def advance(mood: Mood, tags: Tags, *, seconds_since_last: float, text: str = "") -> Mood:
    """The mood after one more message of the customer.

    `text` lets repetitions count; without it only the tags do. The value stays between 0 and 1.
    """
    value = mood.value * 0.5 ** (max(0.0, seconds_since_last) / HALF_LIFE_S)
    label, probability = tags.sentiment.label, tags.sentiment.probability
    unhappy = label in ("negative", "angry")
    if unhappy:
        step = ANGRY_STEP if label == "angry" else NEGATIVE_STEP
        value += (1 - value) * min(0.9, step * probability * (1 + STREAK_FACTOR * min(mood.unhappy_turns, 4)))
    else:
        value *= POSITIVE_FACTOR if label == "positive" else NEUTRAL_FACTOR
    print_ = _fingerprint(text)
    said = 1 + sum(_is_same(print_, earlier) for earlier in mood.recent)
    if label != "positive":
        value = max(value, REPEATED_FLOORS[min(said, len(REPEATED_FLOORS)) - 1])
    return Mood(
        value=min(1.0, max(0.0, value)),
        unhappy_turns=mood.unhappy_turns + 1 if unhappy else 0,
        said_times=said,
        recent=(*mood.recent, print_)[-REMEMBERED:] if print_ else mood.recent,
    )


def _fingerprint(text: str) -> tuple[int, ...]:
    """Hashes of the text's letter pairs; empty for texts too short to be a repetition of anything."""
    letters = "".join(re.findall(r"[^\W\d_]+", _POLITE.sub(" ", fold(text))))[:60]
    if len(letters) < MIN_LETTERS:
        return ()
    return tuple(sorted({zlib.crc32(letters[i : i + 2].encode()) for i in range(len(letters) - 1)}))


def _is_same(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    if not one or not other:
        return False
    shared = len(set(one) & set(other))
    return shared / max(len(one), len(other)) >= SAME_OVERLAP
