"""How routing sees a text: one form for full width, capitals and traditional characters.

Only for matching and features; what people wrote is never changed, and positions lead back to it.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Final

LONGEST: Final = 1200
"""Characters looked at; of longer texts the first and last halves, where people say what they want."""


def fold(text: str) -> str:
    """Simplified characters, lower case, half width, control characters as spaces; at most LONGEST long."""
    return "".join([_fold_character(c) for c in shorten(text)])


def fold_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, the position in `shorten(text)` that it came from."""
    parts = [_fold_character(c) for c in shorten(text)]
    return "".join(parts), [i for i, part in enumerate(parts) for _ in part]


def shorten(text: str) -> str:
    """The beginning and the end of a very long text."""
    return text if len(text) <= LONGEST else text[: LONGEST // 2] + " " + text[1 - LONGEST // 2 :]


@lru_cache(maxsize=65_536)
def _fold_character(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return " "
    normal = unicodedata.normalize("NFKC", character).lower()
    return "".join(_simplified().get(c, c) for c in normal)[:4]


@cache
def _simplified() -> dict[str, str]:
    """Traditional to simplified, character by character (phrases would change lengths).

    Cantonese characters stay: nobody types the simplified forms that the dictionary gives them.
    """
    from opencc import OpenCC

    characters = [chr(code) for code in range(0x4E00, 0xA000)]
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {c: s for c, s in zip(characters, converted, strict=True) if c != s and c not in "嗰搵喎"}
