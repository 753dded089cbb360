"""Messages that are nearly the same: shared sequences of three characters.

Keeps them in one fold of a cross-validation, and out of each other's way between training and held-out set.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from routing.text import fold

NEARLY_SAME: Final = 0.6
"""Share of common sequences (Jaccard) above which two messages count as one."""
GROUPED: Final = 0.45
"""For folds, where too much in one group does no harm."""


def similar_pairs(
    texts: Sequence[str], others: Sequence[str] | None = None, above: float = NEARLY_SAME
) -> Iterator[tuple[int, int]]:
    """Positions of messages that are nearly the same: within `texts`, or of `texts` against `others`."""
    known = [_trigrams(text) for text in (texts if others is None else others)]
    places: defaultdict[str, list[int]] = defaultdict(list)
    for position, grams in enumerate(known):
        for gram in grams:
            places[gram].append(position)
    for position, text in enumerate(texts):
        grams = _trigrams(text)
        shared = Counter(other for gram in grams for other in places[gram])
        for other, n in shared.items():
            if (others is not None or other < position) and n > above * (len(grams) + len(known[other]) - n):
                yield position, other


def groups(texts: Sequence[str]) -> list[int]:
    """A group number for each text; nearly the same ones share it, also over a third one."""
    leader = list(range(len(texts)))

    def find(position: int) -> int:
        while leader[position] != position:
            leader[position] = leader[leader[position]]
            position = leader[position]
        return position

    for one, other in similar_pairs(texts, above=GROUPED):
        leader[find(one)] = find(other)
    return [find(position) for position in range(len(texts))]


def _trigrams(text: str) -> frozenset[str]:
    letters = "".join(c for c in fold(text) if not c.isspace())
    return frozenset(letters[i : i + 3] for i in range(max(1, len(letters) - 2)))
