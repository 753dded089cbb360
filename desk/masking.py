"""Personal data out of a customer's words, for what leaves the conversation: examples of trainings and exports.

Numbers keep their shape (digits become 0), so that a text reads and classifies as before; only the hotlines that
complaints name stay. Names that the desk does not know stay too: this is no anonymisation of free text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

HOTLINES: Final = frozenset({"12315", "12345", "12305", "315", "110", "119", "120"})
SHORTEST_NAME: Final = 2
SOMEBODY: Final = "某某"
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|www\.\S+")
_NUMBER: Final = re.compile(r"[A-Za-z]{0,4}\d(?:[ \t\u00a0-]?[A-Za-z]{0,4}\d)+[A-Za-z]{0,3}")
LEAST_DIGITS: Final = 3
"""«3 days» and «2 shirts» say what is wanted and nothing of whom."""


def mask(text: str, personal: Iterable[str] = ()) -> str:
    """`text` without numbers of three digits and more, e-mail addresses, links, and the `personal` words given."""
    plain = "".join(_half_width(c) for c in text)
    for word in sorted(
        {w.strip() for w in personal if len(w.strip()) >= SHORTEST_NAME}, key=len, reverse=True
    ):
        plain = plain.replace(word, SOMEBODY)
    return _NUMBER.sub(_zeros, _ADDRESS.sub("@", plain))


def _half_width(character: str) -> str:
    """Digits, letters and the signs of addresses, which phones type at full width; all else stays as written."""
    plain = unicodedata.normalize("NFKC", character) if "\uff01" <= character <= "\uff5e" else ""
    return plain if plain.isalnum() or plain in ("@", ".", "-", "+", "/") else character


def _zeros(found: re.Match[str]) -> str:
    number = found.group()
    if sum(c.isdigit() for c in number) < LEAST_DIGITS or number in HOTLINES:
        return number
    return "".join("0" if c.isdigit() else "x" if c.isascii() and c.isalpha() else c for c in number)
