"""What the triage classifier sees of a message: character 1- to 3-grams, words, and a few marks.

Training and inference share this file; VERSION goes into the model's hash, so that they never differ.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Final

from routing.text import fold

VERSION: Final = "1"
NGRAMS: Final = (1, 2, 3)
LONGEST_LATIN: Final = 24
PREFIX: Final = 4
"""Beginnings of Latin words, so that scam, scammer and scammed share something."""

_LATIN_OR_NUMBER: Final = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+")
_CJK_RUN: Final = re.compile(r"[^\sa-z\d]+")
_AROUND_NUMBER: Final = re.compile(r"([^\sa-z\d]?)\d+([^\sa-z\d]?)")
_LINK: Final = re.compile(r"https?://\S+|www\.\S+")


def features(text: str) -> Counter[str]:
    """Counts of all features of one message. Names: `c:` characters, `w:` words, `p:` word beginnings, `m:` marks."""
    folded = _LINK.sub(" ", fold(text))
    names: list[str] = []
    for run in _CJK_RUN.findall(folded):
        for n in NGRAMS:
            names += [f"c:{run[i : i + n]}" for i in range(len(run) - n + 1)]
    if words := [word[:LONGEST_LATIN] for word in _LATIN_OR_NUMBER.findall(folded)]:
        names += [f"w:{_amount(word)}" for word in words]
        names += [f"p:{word[:PREFIX]}" for word in words if len(word) > PREFIX and word[0].isalpha()]
        names += [f"w:{_amount(a)} {_amount(b)}" for a, b in pairwise(words)]
        names += [f"c:{a}0{b}" for a, b in _AROUND_NUMBER.findall(folded) if a or b]
    names += _marks(text[:2000])
    return Counter(names)


def _amount(word: str) -> str:
    """Numbers as one token, except hotlines, which name an authority."""
    return word if word in ("12315", "12345", "315", "110", "618", "11") or not word.isdigit() else "0"


def _marks(text: str) -> list[str]:
    marks = []
    if re.search(r"[!！]{2,}|[?？]{2,}|[!！][?？]|[?？][!！]", text):
        marks.append("m:insists")
    capitals = re.findall(r"\b[A-Z]{3,}\b", text)
    if len(capitals) >= 2:
        marks.append("m:shouts")
    return marks


def spans(folded: str, feature: str) -> list[tuple[int, int]]:
    """Where a feature stands in the folded text (marks and numbers stand nowhere)."""
    kind, _, body = feature.partition(":")
    if kind == "m" or not body:
        return []
    found, at = [], folded.find(body)
    while at >= 0:
        end = at + len(body)
        # Plain searching: a pattern for each feature would be compiled again for almost every message.
        if kind == "c" or not _is_in_word(folded, at - 1):
            if kind == "p":
                end = _end_of_word(folded, end)
            if kind != "w" or not _is_in_word(folded, end):
                found.append((at, end))
                at = folded.find(body, end)
                continue
        at = folded.find(body, at + 1)
    return found


def _is_in_word(folded: str, at: int) -> bool:
    return 0 <= at < len(folded) and (folded[at].isdecimal() or "a" <= folded[at] <= "z")


def _end_of_word(folded: str, at: int) -> int:
    while at < len(folded) and ("a" <= folded[at] <= "z" or folded[at] == "'"):
        at += 1
    return at
