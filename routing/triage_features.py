"""What the triage classifier sees of a message: character 1- to 3-grams, words, concepts, and a few marks.

Training and inference share this file; VERSION goes into the model's hash, so that they never differ.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, pairwise
from typing import Final

from routing.triage_concepts import lexicon
from routing.triage_reading import form

VERSION: Final = "2"
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
_INSISTS: Final = re.compile(r"[!！]{2,}|[?？]{2,}|[!！][?？]|[?？][!！]")
_CAPITALS: Final = re.compile(r"\b[A-Z]{3,}\b")
_QUOTED: Final = re.compile("[“\"'‘「『].{1,12}?[”\"'’」』]")
_WAITED: Final = re.compile(
    r"([\d一二两三四五六七八九十半几多]+ ?(个)?(多)?(天|日|周|星期|礼拜|月)(了|没|还|都|啦))|\b\d+ (days?|weeks?|months?)\b"
)


def features(text: str) -> Counter[str]:
    """Counts of one message's features: those of `ngrams` and of `signs`."""
    return ngrams(text) + signs(text)


def ngrams(text: str) -> Counter[str]:
    """Names: `c:` characters, `w:` words, `p:` word beginnings."""
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
    return Counter(names)


def signs(text: str) -> Counter[str]:
    """What one can name, once each: `m:` marks, `k:` concepts, and pairs of them (medicine and tomorrow)."""
    read = form(text)
    found = sorted({name for name, _, _ in lexicon().find(read)})
    pairs = combinations(found[:MOST_PAIRED], 2)
    named = [f"k:{name}" for name in found] + [f"k:{a}+{b}" for a, b in pairs]
    return Counter(_marks(text[:2000], read) + named)


def _amount(word: str) -> str:
    """Numbers as one token, except hotlines."""
    return word if word in HOTLINES or not word.isdigit() else "0"


def _marks(text: str, read: str) -> list[str]:
    """Transparent signs: repeated punctuation, capitals, words in quotation marks, a waiting time named, length."""
    marks = []
    if _INSISTS.search(text):
        marks.append("m:insists")
    if len(_CAPITALS.findall(text)) >= 2:
        marks.append("m:shouts")
    if _QUOTED.search(text):
        marks.append("m:quotes")
    if _WAITED.search(read):
        marks.append("m:waited")
    marks.append(f"m:length{min(4, len(read) // 15)}")
    return marks


def spans(read: str, feature: str) -> list[tuple[int, int]]:
    """Where a feature stands in the form of a text (marks and numbers stand nowhere)."""
    kind, _, body = feature.partition(":")
    if kind in ("m", "k") or not body:
        return []
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
