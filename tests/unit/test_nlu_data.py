"""The intents' examples: enough in each language, none that stands in a held-out set, none that teaches two intents."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
LEAST = {"zh-Hans": 40, "zh-Hant-HK": 25, "en": 25}
LEAST_OF_FREQUENT = {"zh-Hans": 80, "zh-Hant-HK": 45, "en": 45}
FREQUENT = {"ask_policy", "inform", "track_order", "affirm", "deny", "thanks"}
SHORT = 6
"""Characters up to which a phrase belongs to everybody: 你好, thanks, 退货."""
TOO_NEAR = 0.8
HELDOUT = ("intents", "triage", "knowledge")


def blocks() -> Iterator[tuple[str, str, list[str]]]:
    """Intent, language and examples of each block of nlu_data."""
    for path in sorted((ROOT / "nlu_data").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = [line.removeprefix("- ").strip() for line in block["examples"].splitlines()]
            yield block["intent"], block["metadata"]["language"], lines


EXAMPLES = [(intent, line) for intent, _, lines in blocks() for line in lines]


def letters(text: str) -> str:
    return re.sub(r"[^\w]", "", unicodedata.normalize("NFKC", text).casefold())


def grams(text: str) -> frozenset[str]:
    run = letters(text)
    return frozenset(run[i : i + 3] for i in range(max(1, len(run) - 2)))


class Near:
    """Texts by their 3-grams, to find those that are nearly the same."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._grams = [(text, grams(text)) for text in texts]
        self._having: dict[str, set[int]] = defaultdict(set)
        for number, (_, own) in enumerate(self._grams):
            for gram in own:
                self._having[gram].add(number)

    def to(self, text: str) -> set[int]:
        asked = grams(text)
        shared = Counter(number for gram in asked for number in self._having[gram])
        return {
            number
            for number, count in shared.items()
            if count > TOO_NEAR * (len(asked) + len(self._grams[number][1]) - count)
        }


def strings(value: Any) -> Iterator[str]:
    """All texts of a held-out file, whatever its shape."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from strings(child)


def test_every_intent_has_enough_examples_in_each_language() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for intent, language, lines in blocks():
        counts[intent, language] += len(set(lines))
    few = {
        (intent, language): counts[intent, language]
        for intent in {intent for intent, _ in EXAMPLES}
        for language, least in (LEAST_OF_FREQUENT if intent in FREQUENT else LEAST).items()
        if counts[intent, language] < least
    }
    assert few == {}


@pytest.mark.parametrize("name", HELDOUT)
def test_no_example_stands_in_a_heldout_set(name: str) -> None:
    # BaseLoader: «yes» and «1» are messages, not values.
    content = yaml.load((ROOT / f"evaluation/{name}_heldout.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
    heldout = Near(strings(content))
    found = sorted({line for _, line in EXAMPLES if len(letters(line)) > SHORT and heldout.to(line)})
    assert found == []


def test_no_example_stands_in_two_intents() -> None:
    near = Near(line for _, line in EXAMPLES)
    found = {
        (line, EXAMPLES[number])
        for intent, line in EXAMPLES
        if len(letters(line)) > SHORT
        for number in near.to(line)
        if EXAMPLES[number][0] != intent
    }
    assert found == set()


def test_examples_are_what_rasa_gets() -> None:
    """No order number or phone in clear, nothing that Rasa's files give a meaning of their own."""
    wrong = [
        line
        for _, line in EXAMPLES
        if re.search(r"AX\d{10}|(?<!\d)1[3-9]\d{9}(?!\d)", line)
        or re.search(r"[\[\]{}]|^/", line)
        or not line
    ]
    assert wrong == []
