"""Which concepts a message names: danger, medicine, a promise, an insult … as listed in triage_concepts.yml.

One list for three languages, so that a word the examples never used still means what its neighbours mean.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

CONCEPTS_FILE: Final = Path(__file__).with_name("triage_concepts.yml")
LONGEST_PHRASE: Final = 4
"""Words of the longest English entry."""
SHORTEST_BEGINNING: Final = 3
_TOKEN: Final = re.compile(r"[a-z&]+(?:['’][a-z]+)*|\d+[a-z]*")
_CJK: Final = re.compile(r"[^\x00-\x7f]")

GOODS: Final = "goods"
"""The concept of names that hide what they are made of."""

Found = tuple[str, int, int]
"""A concept and where it stands: name, start, end."""


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """Entries by the concepts they stand for."""

    chinese: dict[str, tuple[str, ...]]
    longest: int
    english: dict[str, tuple[str, ...]]
    beginnings: dict[str, tuple[str, ...]]

    def find(self, form: str) -> list[Found]:
        """Every entry that stands in the form of a message, overlaps included.

        What stands inside the name of a thing to buy (a 垃圾袋, a trash bag) means nothing of its own.
        """
        found = [*self._find_chinese(form), *self._find_english(form)]
        goods = [(start, end) for name, start, end in found if name == GOODS]
        if not goods:
            return found
        return [one for one in found if one[0] == GOODS or not _is_inside(one, goods)]

    def _find_english(self, form: str) -> Iterator[Found]:
        tokens = [(found.group(), *found.span()) for found in _TOKEN.finditer(form)]
        words = [_english_form(word) for word, _, _ in tokens]
        for i in range(len(words)):
            for n in range(1, min(LONGEST_PHRASE, len(words) - i) + 1):
                for name in self.english.get(" ".join(words[i : i + n]), ()):
                    yield name, tokens[i][1], tokens[i + n - 1][2]
            for end in range(SHORTEST_BEGINNING, len(words[i]) + 1):
                for name in self.beginnings.get(words[i][:end], ()):
                    yield name, tokens[i][1], tokens[i][2]

    def _find_chinese(self, form: str) -> Iterator[Found]:
        chinese, longest = self.chinese, self.longest
        if not _CJK.search(form):
            return
        for start in range(len(form)):
            for end in range(start + 1, min(start + longest, len(form)) + 1):
                names = chinese.get(form[start:end])
                if names:
                    for name in names:
                        yield name, start, end


@cache
def lexicon() -> Lexicon:
    """The shipped list, read once."""
    listed: dict[str, dict[str, list[Any]]] = yaml.safe_load(CONCEPTS_FILE.read_text(encoding="utf-8"))
    chinese: defaultdict[str, set[str]] = defaultdict(set)
    english: defaultdict[str, set[str]] = defaultdict(set)
    beginnings: defaultdict[str, set[str]] = defaultdict(set)
    for name, entries in listed.items():
        for entry in entries["zh"]:
            chinese[str(entry)].add(name)
        for entry in map(str, entries["en"]):
            (beginnings if entry.endswith("*") else english)[entry.rstrip("*")].add(name)
    for phrase in [beginning for beginning in beginnings if " " in beginning]:
        english[phrase] |= beginnings[phrase]
        english[phrase + "s"] |= beginnings.pop(phrase)
    return Lexicon(
        chinese=_sorted(chinese),
        longest=max(map(len, chinese)),
        english=_sorted(english),
        beginnings=_sorted(beginnings),
    )


def _is_inside(one: Found, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= one[1] and one[2] <= end for start, end in spans)


def _sorted(entries: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {entry: tuple(sorted(names)) for entry, names in entries.items()}


def _english_form(word: str) -> str:
    word = word.replace("'", "").replace("’", "")
    return word if word in ("999", "911") else re.sub(r"\d+", "0", word)
