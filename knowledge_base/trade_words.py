"""Words of the trade that mean the same thing, across languages: 退钱, 退款, refund and money back are one piece of search.

The words stand in trade_words.yml; this module reads them once and finds them in texts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

WORDS = Path(__file__).with_name("trade_words.yml")


def meanings(form: str) -> tuple[str, ...]:
    """The meanings whose words stand in a text in matching form."""
    return tuple(name for name, pattern in _patterns().items() if pattern.search(form))


def all_words() -> list[str]:
    """Every word that stands there, Chinese and English."""
    return [
        str(word)
        for words in _written().values()
        for of_language in words.values()
        for word in of_language or ()
    ]


@lru_cache(maxsize=1)
def words_hash() -> str:
    """Changes with the words; the calibration belongs to it."""
    return hashlib.sha256(WORDS.read_bytes()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _patterns() -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile(_pattern(words)) for name, words in _written().items()}


def _written() -> dict[str, dict[str, list[object]]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    written: dict[str, dict[str, list[object]]] = yaml.load(WORDS.read_text(encoding="utf-8"), Loader=loader)
    return written


def _pattern(words: Mapping[str, list[object]]) -> str:
    chinese = [re.escape(str(w)) for w in words.get("zh") or ()]
    english = [rf"\b{re.escape(str(w))}" for w in words.get("en") or ()]
    return "|".join(chinese + english)
