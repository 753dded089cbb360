"""Cuts a normalised text into the pieces that search compares: characters, pairs and triples of Chinese, words and
word pieces of English. Weights say how much a kind of piece tells.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge_base import text_normalisation
from knowledge_base.trade_words import meanings, words_hash

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")

SINGLE, PAIR, TRIPLE, WORD, PIECE, MEANING = 0.35, 1.0, 0.8, 1.2, 0.3, 4.0
"""Weights by kind: a lone character says little, a pair is about a word, a word piece only helps against typos."""

_STOP_WORDS = frozenset(
    """a an and are as at be but by can could did do does for from get had has have how i id if im in is it its ive just
    me my of on or our please should so than that the their them then there they this to up us was we were what whats
    when where which who why will with would you your yours am any been being dont doesnt isnt hi hello""".split()  # noqa: SIM905
)
_STOP_WEIGHT = 0.25
_STOP_SINGLES = frozenset(
    "的了吗我你您们是在有这那个就都也和要想会能可以一不没还给把被到上下来去怎么什请问着过得地"
)
_ENDINGS = ("ing", "ies", "ied", "es", "ed", "s")


@lru_cache(maxsize=1)
def pieces_hash() -> str:
    """Changes with how texts are cut: this module, the normalisation and the trade words. A stored index belongs to it."""
    code = Path(__file__).read_bytes() + text_normalisation.source()
    return hashlib.sha256(code + words_hash().encode()).hexdigest()[:16]


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A light stem: refunds, refunded, refunding → refund. Enough to match, not a linguist's."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            cut = word[: -len(ending)] + ("y" if ending in {"ies", "ied"} else "")
            if len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] not in "sl":
                cut = cut[:-1]
            return cut.removesuffix("e") if len(cut) > 3 else cut
    return word.removesuffix("e") if len(word) > 4 else word


@lru_cache(maxsize=2048)
def pieces(form: str) -> Mapping[str, float]:
    """Piece → weight × count (at most two) of a text in matching form. Cached: not to be changed."""
    found: dict[str, float] = {}

    def add(piece: str, weight: float) -> None:
        found[piece] = min(found.get(piece, 0.0) + weight, 2 * weight)

    for run in _RUN.findall(form):
        if run[0] >= "\u3400":
            for n, c in enumerate(run):
                add(c, SINGLE * (_STOP_WEIGHT if c in _STOP_SINGLES else 1))
                if n:
                    add(run[n - 1 : n + 1], PAIR * (0.5 if {run[n - 1], c} <= _STOP_SINGLES else 1))
                if n > 1:
                    add(run[n - 2 : n + 1], TRIPLE)
            continue
        word = stem(run)
        weight = _STOP_WEIGHT if run in _STOP_WORDS else 1
        add(f"w:{word}", WORD * weight)
        if len(word) > 3 and weight == 1:
            padded = f"^{word}$"
            for n in range(len(padded) - 2):
                add(f"p:{padded[n : n + 3]}", PIECE)
    words = [stem(w) for w in re.findall(r"[a-z0-9]+", form)]
    for left, right in itertools.pairwise(words):
        add(f"b:{left} {right}", 0.5)
    for name in meanings(form):
        add(f"m:{name}", MEANING)
    return found


@dataclass(frozen=True)
class Cut:
    """The pieces of a text as numbers, ascending, with their weights; both of the same length."""

    numbers: Numbers
    weights: Floats


@lru_cache(maxsize=2048)
def cut(form: str) -> Cut:
    """A text in matching form, cut into pieces. Cached: not to be changed."""
    found = pieces(form)
    numbers = np.fromiter(map(number_of, found), dtype=np.int64, count=len(found))
    weights = np.fromiter(found.values(), dtype=np.float64, count=len(found))
    order = numbers.argsort()
    return Cut(numbers[order], weights[order])


@lru_cache(maxsize=65_536)
def number_of(piece: str) -> int:
    """A piece as a number that is the same everywhere; two of 64 bits do not meet in a base's few millions."""
    digest = hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
