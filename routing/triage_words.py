"""Which words of a message led to its labels: the pieces whose features speak most for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from routing.triage_features import concept_spans, spans
from routing.triage_reading import Reading

WORDS_SHOWN: Final = 4
FEATURES_PLACED: Final = 40
CORE: Final = 0.4
"""A piece begins where this share of the greatest heat is reached …"""
RIM: Final = 0.25
"""… and goes on while it stays above this one."""
FUNCTION_CHARACTERS: Final = frozenset(
    "的了地得着过呢吧啊呀嘛吗哦哈啦嘅咗㗎啫喇嚟喎就都也还還又和与跟在是有我你他她它们這这那个個"
)
FUNCTION_WORD: Final = re.compile(
    "an?|the|and|or|but|of|to|in|on|at|for|with|from|by|is|are|was|were|be|been|am|i|me|my|you|your|its?|this|that"
    "|we|our|they|them|he|she|his|her|so|as|if|do|does|did|have|has|had|will|would|can|could|just"
)
"""What stands in every message tells nobody why this one was tagged, whatever weight it has."""

Floats = npt.NDArray[np.float64]


def telling_words(reading: Reading, speaks: Mapping[str, float]) -> tuple[str, ...]:
    """Pieces of the message as it was typed, in its order; `speaks` says what each feature adds to the labels."""
    heat = _heat(reading.form, speaks)
    pieces = [reading.piece(start, end) for start, end in sorted(_hottest(reading.form, heat))]
    return tuple(dict.fromkeys(piece for piece in pieces if _says_something_of_its_own(piece)))


def _says_something_of_its_own(piece: str) -> bool:
    words = [word for word in piece.lower().split() if not FUNCTION_WORD.fullmatch(word)]
    return any(not FUNCTION_CHARACTERS.issuperset(word) for word in words)


def _heat(form: str, speaks: Mapping[str, float]) -> Floats:
    heat = np.zeros(len(form) + 1)
    strongest = sorted(speaks.items(), key=lambda item: -item[1])[:FEATURES_PLACED]
    places = concept_spans(form) if any(name.startswith("k:") for name, _ in strongest) else {}
    for name, value in strongest:
        if value <= 0:
            break
        for start, end in _places(form, name, places)[:3]:
            heat[start:end] += value / (end - start if name[0] == "c" else 1)
    return heat


def _places(form: str, name: str, concepts: Mapping[str, list[tuple[int, int]]]) -> Sequence[tuple[int, int]]:
    if not name.startswith("k:"):
        return spans(form, name)
    return [place for part in name[2:].split("+") for place in concepts.get(f"k:{part}", ())]


def _hottest(form: str, heat: Floats) -> list[tuple[int, int]]:
    """The warmest runs of characters, Latin words whole, at most WORDS_SHOWN."""
    peak = float(heat.max())
    if peak <= 0:
        return []
    runs: list[tuple[int, int]] = []
    at = 0
    while at < len(form):
        if heat[at] < peak * CORE or _separates(form[at]):
            at += 1
            continue
        start = at
        while at < len(form) and heat[at] >= peak * RIM and not _separates(form[at]):
            at += 1
        while start and _is_latin(form[start - 1]) and _is_latin(form[start]):
            start -= 1
        while at < len(form) and _is_latin(form[at]) and _is_latin(form[at - 1]):
            at += 1
        runs.append((start, at))
    return sorted(runs, key=lambda run: -float(heat[run[0] : run[1]].sum()))[:WORDS_SHOWN]


def says_something(text: str) -> bool:
    """Whether there is a letter, a number or an emoji; marks alone show no more than impatience."""
    return any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in text)


def _separates(character: str) -> bool:
    """Space and punctuation part words; an emoji is one."""
    return unicodedata.category(character)[0] in "ZPC"


def _is_latin(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "'")
