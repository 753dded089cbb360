"""Words of the trade typed by their sound: in letters (tuihuo, tui huo, qitian wuliyou) or with a wrong character of the same
sound (七天无里由). The words stand in homophones.yml; every other text is left as it is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

WORDS = Path(__file__).with_name("homophones.yml")

_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|an|en|in|un|ai|ei|ao|ou|ia|ie|iu|ua"
    r"|ui|uo|ue|er|a|e|i|o|u|v)"
)
_LETTERS = re.compile(r"(?<![a-z0-9])[a-z]+(?: [a-z]+)*(?![a-z0-9])")


@dataclass(frozen=True, kw_only=True)
class _Sounds:
    """What homophones.yml says, ready to be matched."""

    words: Mapping[str, str]
    single: Mapping[str, str]
    wholly: re.Pattern[str]
    """A token that can be read as syllables."""
    piece: re.Pattern[str]
    terms: tuple[tuple[re.Pattern[str], str], ...]


def by_sound(form: str) -> str:
    """A text in lower case and 简体 with words of the trade that were typed by their sound written right."""
    sounds = _sounds()
    for pattern, term in sounds.terms:
        for typed in set(pattern.findall(form)):
            form = form.replace(typed, _mended(typed, term))
    return _LETTERS.sub(lambda m: _read(m.group(), sounds), form)


def _mended(typed: str, term: str) -> str:
    """At least one character is right, otherwise it is another word."""
    return term if any(a == b for a, b in zip(typed, term, strict=True)) else typed


def _read(letters: str, sounds: _Sounds) -> str:
    """Neighbouring tokens that are syllables are read together, where one of the words stands in them."""
    groups = itertools.groupby(letters.split(), key=lambda token: bool(sounds.wholly.fullmatch(token)))
    return " ".join(
        _as_word(list(tokens), sounds) if is_read else " ".join(tokens) for is_read, tokens in groups
    )


def _as_word(tokens: list[str], sounds: _Sounds) -> str:
    pieces = sounds.piece.findall("".join(tokens))
    if not any(piece in sounds.words for piece in pieces):
        return " ".join(tokens)
    read = "".join(sounds.words.get(p) or sounds.single.get(p) or f" {p} " for p in pieces)
    return re.sub(r"\s+", " ", read).strip()


@lru_cache(maxsize=1)
def _sounds() -> _Sounds:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    written = yaml.load(WORDS.read_text(encoding="utf-8"), Loader=loader)
    known = "|".join(sorted(written["words"], key=len, reverse=True))
    characters: Mapping[str, str] = written["sounds"]
    return _Sounds(
        words=written["words"],
        single=written["single"],
        wholly=re.compile(f"(?:{known}|{_SYLLABLE})+"),
        piece=re.compile(f"{known}|{_SYLLABLE}"),
        terms=tuple(
            (re.compile("".join(f"[{_same_sound(c, characters)}]" for c in term)), term)
            for term in written["terms"]
        ),
    )


def _same_sound(character: str, characters: Mapping[str, str]) -> str:
    return next((found for found in characters.values() if character in found), character)
