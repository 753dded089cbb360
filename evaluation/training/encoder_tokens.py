"""The sentence encoder's tokens: Chinese characters and words, English word pieces, and other spellings of these.

A 繁體 character shares the row of its 简体 one; a Cantonese word or a usual typo has the sum of the rows of what
`matching_form` writes for it. So the library, which knows no `matching_form`, comes to nearly the same vector.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import jieba
import opencc
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from knowledge_base.text_normalisation import CANTONESE, MISSPELT, simplified

UNKNOWN = "[UNK]"
CHINESE = "\u3400-\u4dbf\u4e00-\u9fff"
_PIECE = re.compile(f"[{CHINESE}]|[^\\s{CHINESE}]+")
SELDOM = 3
"""A character of fewer texts than this has no vector: nothing could be learned about it."""
SAMPLED = 8
"""Words are counted in every eighth text."""
LONGEST = 24
"""A longer word is a link or a typing error."""
PIECES = 3_000
"""Of words that are too rare for a row of their own."""
SPELLINGS_AT_MOST = 24
"""Of one word in 繁體: 系 alone is 係, 繫 or 系."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """`learned` tokens have a row each; the last of them begin as the sum of their `parts`.

    Those are the Chinese `words`, made of characters, and inflected English words, made of their stem. Other
    spellings are made of learned rows and have none of their own.
    """

    learned: tuple[str, ...]
    words: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]
    made_of: Mapping[str, tuple[str, ...]]

    @property
    def first_made(self) -> int:
        """The number of the first token that has parts."""
        return len(self.learned) - len(self.parts)


def learn_vocabulary(
    texts: Sequence[str], pieces: int, words: int, *, stems: bool = True, phrases: int = 0
) -> Vocabulary:
    """Characters that occur often enough, at most `pieces` English words and parts, and `words` Chinese words.

    `phrases` are pairs of neighbouring Chinese words; with `stems`, inflected English words begin as their stems.
    """
    chinese: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for text in texts:
        for found in _PIECE.findall(text):
            (chinese if re.match(f"[{CHINESE}]", found) else other)[found] += 1
    characters = sorted(c for c, count in chinese.items() if count >= SELDOM)
    frequent = _frequent_words(texts[::SAMPLED], words, frozenset(characters))
    parts = {word: tuple(word) for word in frequent}
    if phrases:
        parts |= _frequent_phrases(texts[::SAMPLED], phrases, frozenset({*characters, *frequent}))
    english = _word_pieces(other, pieces)
    inflected = _inflected(english) if stems else {}
    simple = (UNKNOWN, *(piece for piece in english if piece not in inflected), *characters)
    learned = tuple(dict.fromkeys((*simple, *inflected, *parts)))
    alone = Vocabulary(learned=learned, words=tuple(parts), parts=inflected | parts, made_of={})
    return replace(alone, made_of=_other_spellings(alone))


def _frequent_words(texts: Iterable[str], size: int, characters: frozenset[str]) -> tuple[str, ...]:
    """The most frequent words of two to four characters, as jieba cuts them."""
    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(w for w in cutter.cut(text, HMM=False) if 1 < len(w) <= 4 and characters.issuperset(w))
    often = [word for word, n in sorted(counts.items(), key=_often_first) if n >= SELDOM]
    return tuple(often[:size])


def _frequent_phrases(texts: Iterable[str], size: int, known: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The most frequent pairs of neighbouring words and characters, each made of the two and their characters."""
    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    counts: Counter[tuple[str, str]] = Counter()
    for text in texts:
        cut = cutter.lcut(text, HMM=False)
        counts.update((a, b) for a, b in itertools.pairwise(cut) if a in known and b in known)
    often = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    made = {a + b: tuple(p for w in (a, b) for p in ((w, *w) if len(w) > 1 else w)) for (a, b), _ in often}
    return dict(itertools.islice(((w, p) for w, p in made.items() if w not in known), size))


ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"),
    ("ly", ""), ("er", ""), ("er", "e"), ("est", ""), ("ers", ""), ("ers", "e"),
)  # fmt: skip
"""What an inflected English word ends in, and what stands there in its stem."""


def _inflected(english: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Words whose stem is a word too, and the stem; a stem is never inflected itself."""
    known = frozenset(english)
    stem_of: dict[str, str] = {}
    for word in english:
        for ending, instead in ENDINGS:
            stem = word.removesuffix(ending) + instead
            doubled = len(stem) > 3 and stem[-1] == stem[-2] and stem not in known
            stem = stem[:-1] if doubled else stem
            if (
                word.endswith(ending)
                and len(stem) > 2
                and stem in known
                and word.isascii()
                and word.isalpha()
            ):
                stem_of[word] = stem
                break
    return {word: (stem,) for word, stem in stem_of.items() if stem not in stem_of}


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


def _other_spellings(alone: Vocabulary) -> dict[str, tuple[str, ...]]:
    known = set(alone.learned)
    made: dict[str, tuple[str, ...]] = {}
    traditional = defaultdict(list)
    for code in itertools.chain(range(0x3400, 0x4DC0), range(0x4E00, 0xA000)):
        character = chr(code)
        simple = simplified(character)
        if simple != character:
            traditional[simple].append(character)
            made[character] = (simple,)
    for convert in (opencc.OpenCC("s2hk"), opencc.OpenCC("s2t")):
        made |= {str(convert.convert(word)): (word,) for word in alone.words}
    split = build_tokenizer(alone, any_spelling=False)
    for word, written in {**CANTONESE, **MISSPELT}.items():
        parts = tuple(token for token in split.encode(written).tokens if token != UNKNOWN)
        choices = [[c, *traditional.get(c, ())] for c in word]
        for spelling in itertools.islice(itertools.product(*choices), SPELLINGS_AT_MOST):
            made["".join(spelling)] = parts
    return {
        spelling: parts
        for spelling, parts in made.items()
        if spelling not in known and known.issuperset(parts) and (parts or len(spelling) > 1)
    }


def build_tokenizer(vocabulary: Vocabulary, *, any_spelling: bool = True) -> Tokenizer:
    """A tokenizer of the learned tokens alone (for texts in matching form) or of every spelling (for any text)."""
    tokens = dict.fromkeys((*vocabulary.learned, *(vocabulary.made_of if any_spelling else ())))
    ids = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=40))
    made = [spelling for spelling in vocabulary.made_of if len(spelling) > 1] if any_spelling else []
    whole = _any_of([*vocabulary.words, *made])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Split(Regex(f"{whole}|[{CHINESE}]" if whole else f"[{CHINESE}]"), "isolated"),
        ]
    )
    if any_spelling:
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
    """Longest first. By the first character and, around that, by forty of these: ten times as fast as one list."""
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(set(words), key=lambda w: (-len(w), w)):
        by_first[word[0]].append(re.escape(word[1:]))
    begun = {first: f"{first}(?:{'|'.join(rests)})" for first, rests in sorted(by_first.items())}
    firsts = list(begun)
    groups = (firsts[start : start + 40] for start in range(0, len(firsts), 40))
    return "|".join(
        f"(?=[{group[0]}-{group[-1]}])(?:{'|'.join(begun[first] for first in group)})" for group in groups
    )
