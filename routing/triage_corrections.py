"""Which of the agents' corrections the classifier learns from, and how much each of them counts.

Pure rules. The corrections themselves are the desk's; the public layer and the guidelines' labels stay what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from routing.text import fold
from routing.triage_examples import Example
from routing.triage_near_duplicates import similar_pairs

WEIGHTS: Final[Mapping[int, float]] = {1: 1.0, 2: 1.5, 3: 2.0}
"""By rank: an agent's word counts as much as an example of the guidelines, a senior's and a supervisor's more."""
MOST: Final = 0.25
"""All corrections together count at most as this share of the examples, so that a busy week does not drown them."""


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """What one person said of one message; `rank` is 1 agent, 2 senior, 3 supervisor."""

    example: Example
    rank: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What a training takes: the examples that nobody contradicts, the corrections with their weights."""

    examples: Sequence[Example]
    corrected: Sequence[tuple[Example, float]]
    held_out: int
    """Corrections left out because a message of the held-out set is nearly the same."""
    replaced: int
    """Examples left out because a correction of the same text says otherwise."""


def taught(examples: Sequence[Example], corrections: Sequence[Corrected], heldout: Sequence[str]) -> Taught:
    """Of one text the highest rank counts, the newest among equals; never one that is nearly a held-out text."""
    by_text: dict[str, Corrected] = {}
    for correction in sorted(corrections, key=lambda c: (c.rank, c.at)):
        if key := _key(correction.example.text):
            by_text[key] = correction
    kept = list(by_text.values())
    near = {n for n, _ in similar_pairs([c.example.text for c in kept], heldout)} if heldout else set()
    learned = [c for n, c in enumerate(kept) if n not in near]
    keys = {_key(c.example.text) for c in learned}
    left = [example for example in examples if _key(example.text) not in keys]
    return Taught(
        examples=left,
        corrected=_weighed(learned, len(left)),
        held_out=len(near),
        replaced=len(examples) - len(left),
    )


def _weighed(learned: Sequence[Corrected], examples: int) -> list[tuple[Example, float]]:
    total = sum(WEIGHTS[c.rank] for c in learned)
    scale = min(1.0, MOST * examples / total) if total else 1.0
    return [(c.example, WEIGHTS[c.rank] * scale) for c in learned]


def _key(text: str) -> str:
    return " ".join(fold(text).split())
