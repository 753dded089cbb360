"""What the triage classifier sees of a message: character 1- to 3-grams, words, its beginning and end, concepts, marks.

Training and inference share this file; VERSION goes into the model's hash, so that they never differ.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, pairwise
from typing import Final

from routing.triage_concepts import lexicon
from routing.triage_marks import marks
from routing.triage_reading import form

VERSION: Final = "3"
NGRAMS: Final = (1, 2, 3)
LONGEST_LATIN: Final = 24
PREFIX: Final = 4
"""Beginnings of Latin words, so that scam, scammer and scammed share something."""
HOTLINES: Final = frozenset({"12315", "12345", "12305", "315", "110", "119", "120", "618", "11"})
"""Numbers that name an authority or a sale; all others are one token."""
MOST_PAIRED: Final = 12
"""Concepts of one message that are paired; who names more tells a long story."""

_LATIN_OR_NUMBER: Final = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+")
_CJK_RUN: Final = re.compile(r"[^\sa-z\d]+")
_AROUND_NUMBER: Final = re.compile(r"([^\sa-z\d]?)\d+([^\sa-z\d]?)")
_LINK: Final = re.compile(r"https?://\S+|www\.\S+")
_EDGE: Final = re.compile(r"[a-z]+(?:'[a-z]+)*|[^\W\da-z_]+")
_NO_LETTERS_AT_END: Final = re.compile(r"[\W_]+$")


def features(text: str) -> Counter[str]:
    """Counts of one message's features: those of `ngrams` and of `signs`."""
    return ngrams(text) + signs(text)


def ngrams(text: str) -> Counter[str]:
    """Names: `c:` characters, `w:` words, `p:` word beginnings, `b:` and `e:` what the message begins and ends with."""
    read = _LINK.sub(" ", form(text))
    names: list[str] = []
    for run in _CJK_RUN.findall(read):
        for n in NGRAMS:
            names += [f"c:{run[i : i + n]}" for i in range(len(run) - n + 1)]
    if words := [word[:LONGEST_LATIN] for word in _LATIN_OR_NUMBER.findall(read)]:
        names += [f"w:{_amount(word)}" for word in words]
        names += [f"p:{word[:PREFIX]}" for word in words if len(word) > PREFIX and word[0].isalpha()]
        names += [f"w:{_amount(a)} {_amount(b)}" for a, b in pairwise(words)]
        names += [f"c:{a}0{b}" for a, b in _AROUND_NUMBER.findall(read) if a or b]
    return Counter(names + _edges(read))


def _edges(read: str) -> list[str]:
    """The first and last one or two characters, or words: a short outburst is little else."""
    ended = _NO_LETTERS_AT_END.sub("", read).lstrip()
    runs = _EDGE.findall(ended)
    if not runs:
        return []
    names, first, last = [], runs[0], runs[-1]
    if ended.startswith(first):
        names += (
            [f"b:{first[:LONGEST_LATIN]}"] if _is_in_word(first, 0) else [f"b:{first[0]}", f"b:{first[:2]}"]
        )
    if ended.endswith(last):
        names += (
            [f"e:{last[:LONGEST_LATIN]}"] if _is_in_word(last, 0) else [f"e:{last[-1]}", f"e:{last[-2:]}"]
        )
    return names


def signs(text: str) -> Counter[str]:
    """What one can name, once each: `m:` marks, `k:` concepts, and pairs of them (medicine and tomorrow)."""
    read = form(text)
    found = sorted({name for name, _, _ in lexicon().find(read)})
    pairs = combinations(found[:MOST_PAIRED], 2)
    named = [f"k:{name}" for name in found] + [f"k:{a}+{b}" for a, b in pairs]
    return Counter(marks(text, read) + named)


def _amount(word: str) -> str:
    """Numbers as one token, except hotlines."""
    return word if word in HOTLINES or not word.isdigit() else "0"


def spans(read: str, feature: str) -> list[tuple[int, int]]:
    """Where a feature stands in the form of a text (marks and numbers stand nowhere)."""
    kind, _, body = feature.partition(":")
    if kind in ("m", "k") or not body:
        return []
    if kind in ("b", "e"):
        at = read.find(body) if kind == "b" else read.rfind(body)
        return [(at, at + len(body))] if at >= 0 else []
    found, at = [], read.find(body)
    while at >= 0:
        end = at + len(body)
        # Plain searching: a pattern for each feature would be compiled again for almost every message.
        if kind == "c" or not _is_in_word(read, at - 1):
            if kind == "p":
                end = _end_of_word(read, end)
            if kind != "w" or not _is_in_word(read, end):
                found.append((at, end))
                at = read.find(body, end)
                continue
        at = read.find(body, at + 1)
    return found


def concept_spans(read: str) -> dict[str, list[tuple[int, int]]]:
    """Where each concept stands in the form of a text, by the feature's name."""
    places: dict[str, list[tuple[int, int]]] = {}
    for name, start, end in lexicon().find(read):
        places.setdefault(f"k:{name}", []).append((start, end))
    return places


def _is_in_word(read: str, at: int) -> bool:
    return 0 <= at < len(read) and (read[at].isdecimal() or "a" <= read[at] <= "z")


def _end_of_word(read: str, at: int) -> int:
    while at < len(read) and ("a" <= read[at] <= "z" or read[at] == "'"):
        at += 1
    return at
