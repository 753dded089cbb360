"""The sentence encoder's tokens: single Chinese characters, English word pieces, and other spellings of these.

A 繁體 character shares the row of its 简体 one; a Cantonese word or a usual typo has the sum of the rows of what
`matching_form` writes for it. So the library, which knows no `matching_form`, comes to nearly the same vector.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from knowledge_base.text_normalisation import CANTONESE, MISSPELT, simplified

UNKNOWN = "[UNK]"
CHINESE = "\u3400-\u4dbf\u4e00-\u9fff"
_PIECE = re.compile(f"[{CHINESE}]|[^\\s{CHINESE}]+")
SELDOM = 3
"""A character of fewer texts than this has no vector: nothing could be learned about it."""
LONGEST = 24
"""A longer word is a link or a typing error."""
PIECES = 3_000
"""Of words that are too rare for a row of their own."""
SPELLINGS_AT_MOST = 24
"""Of one word in 繁體: 系 alone is 係, 繫 or 系."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """`learned` tokens have a row each; every other spelling is made of rows of learned ones."""

    learned: tuple[str, ...]
    made_of: Mapping[str, tuple[str, ...]]


def learn_vocabulary(texts: Iterable[str], pieces: int) -> Vocabulary:
    """Characters that occur often enough, and at most `pieces` English words and pieces of words."""
    chinese: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for text in texts:
        for found in _PIECE.findall(text):
            (chinese if re.match(f"[{CHINESE}]", found) else other)[found] += 1
    characters = sorted(c for c, count in chinese.items() if count >= SELDOM)
    learned = dict.fromkeys((UNKNOWN, *_word_pieces(other, pieces), *characters))
    return Vocabulary(learned=tuple(learned), made_of=_other_spellings(tuple(learned)))


def _word_pieces(counts: Counter[str], size: int) -> list[str]:
    """The most frequent words, then the beginnings and ends that most of the rarer words are made of.

    Counted rather than learned by the library's trainer, whose ties fall differently in each run.
    """
    letters = {letter for word in counts for letter in word}
    always = sorted(letters) + [f"##{letter}" for letter in sorted(letters)]
    words = [w for w, n in sorted(counts.items(), key=_often_first) if n >= SELDOM and 1 < len(w) <= LONGEST]
    whole = words[: size - len(always) - PIECES]
    parts: Counter[str] = Counter()
    for word in sorted(set(counts) - set(whole)):
        parts.update(word[:end] for end in range(2, min(len(word), 8)))
        parts.update(f"##{word[start:]}" for start in range(max(1, len(word) - 6), len(word) - 1))
    pieces = [part for part, _ in sorted(parts.items(), key=_often_first)[:PIECES]]
    return list(dict.fromkeys([*always, *whole, *pieces]))[:size]


def _often_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _other_spellings(learned: Sequence[str]) -> dict[str, tuple[str, ...]]:
    known = set(learned)
    made: dict[str, tuple[str, ...]] = {}
    traditional = defaultdict(list)
    for code in itertools.chain(range(0x3400, 0x4DC0), range(0x4E00, 0xA000)):
        character = chr(code)
        simple = simplified(character)
        if simple != character:
            traditional[simple].append(character)
            if character not in known and simple in known:
                made[character] = (simple,)
    for word, written in {**CANTONESE, **MISSPELT}.items():
        parts = tuple(c for c in written if c in known)
        choices = [[c, *traditional.get(c, ())] for c in word]
        for spelling in itertools.islice(itertools.product(*choices), SPELLINGS_AT_MOST):
            if len(word) > 1 or parts:
                made["".join(spelling)] = parts
    return {spelling: parts for spelling, parts in made.items() if spelling not in known}


def build_tokenizer(vocabulary: Vocabulary, *, other_spellings: bool = True) -> Tokenizer:
    """A tokenizer of the learned tokens alone (for texts in matching form) or of every spelling (for any text)."""
    tokens = dict.fromkeys((*vocabulary.learned, *(vocabulary.made_of if other_spellings else ())))
    ids = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=40))
    words = [w for w in vocabulary.made_of if len(w) > 1] if other_spellings else []
    whole = Regex(f"{_any_of(words)}|[{CHINESE}]" if words else f"[{CHINESE}]")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(whole, "isolated")]
    )
    if other_spellings:
        tokenizer.normalizer = _normalizer()
    return tokenizer


def _normalizer() -> normalizers.Normalizer:
    """What `matching_form` does that a tokenizer can: width, case, punctuation, stretched letters."""
    return normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex("['’]"), ""),
            normalizers.Replace(Regex(r"[^\w\s]|_"), " "),
        ]
    )


def _any_of(words: Sequence[str]) -> str:
    """Longest first, gathered by the first character, which is much faster to match than one long list."""
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words, key=lambda w: (-len(w), w)):
        by_first[word[0]].append(word[1:])
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in sorted(by_first.items()))
