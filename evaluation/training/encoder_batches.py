"""What one step of the encoder's training looks at: tokens of texts, batches of partners, and texts that look alike."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from evaluation.training.encoder_data import Pair, TrainingSet
from evaluation.training.encoder_tokens import UNKNOWN, Vocabulary, build_tokenizer

Numbers = npt.NDArray[np.int64]
NONE: Numbers = np.zeros(0, np.int64)
FEWEST = 64
"""A smaller rest of a source waits for the next epoch's shuffle."""


class TokenLists:
    """The tokens of all texts in one array; texts are cut after 128, what follows adds nothing to a mean."""

    LONGEST = 128

    def __init__(self, tokens: Sequence[Sequence[int]]) -> None:
        self._lengths = np.array([min(len(ids), self.LONGEST) for ids in tokens])
        self._starts = np.concatenate([[0], np.cumsum(self._lengths)])
        self._flat = np.concatenate([np.array(ids[: self.LONGEST], np.int64) for ids in tokens])

    def __len__(self) -> int:
        return len(self._lengths)

    def of(self, texts: Numbers) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens and offsets of these texts, as an EmbeddingBag takes them."""
        lengths = self._lengths[texts]
        offsets = np.cumsum(lengths) - lengths
        within = np.arange(lengths.sum()) - np.repeat(offsets, lengths)
        flat = self._flat[np.repeat(self._starts[texts], lengths) + within]
        return torch.from_numpy(flat), torch.from_numpy(offsets)


def lists_of(vocabulary: Vocabulary, texts: Sequence[str]) -> TokenLists:
    """What is learned of each text: its tokens, and the parts of those that have some."""
    number = {token: i for i, token in enumerate(vocabulary.learned)}
    learned = {i: [i] for i in number.values()} | {number[UNKNOWN]: []}
    learned |= {number[w]: [number[w], *(number[p] for p in parts)] for w, parts in vocabulary.parts.items()}
    encodings = build_tokenizer(vocabulary, any_spelling=False).encode_batch(texts, add_special_tokens=False)
    return TokenLists([[part for token in e.ids for part in learned[token]] for e in encodings])


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Texts and partners; `kinds` are intents where pairs of one intent are all right, else None."""

    texts: Numbers
    partners: Numbers
    kinds: Numbers | None = None

    def also_right(self) -> torch.Tensor:
        """Where another partner is right too, or is the text itself; such a cell is no wrong answer."""
        if self.kinds is not None:
            right = self.kinds[:, None] == self.kinds[None, :]
        else:
            a, b = self.texts, self.partners
            right = (a[:, None] == a[None, :]) | (b[:, None] == b[None, :]) | (a[:, None] == b[None, :])
        np.fill_diagonal(right, False)
        return torch.from_numpy(right)


def batches_of(data: TrainingSet, size: int, translations: int, chosen: np.random.Generator) -> list[Batch]:
    """One epoch, in the order of steps; each batch has one source, translations are seen several times."""
    every = [*_pair_batches(data, size, translations, chosen), *_intent_batches(data, size, chosen)]
    return [every[i] for i in chosen.permutation(len(every))]


def _pair_batches(
    data: TrainingSet, size: int, translations: int, chosen: np.random.Generator
) -> Iterator[Batch]:
    for source, pairs in data.same.items():
        for _ in range(translations if source.endswith(TRANSLATED) else 1):
            numbers = _numbers(pairs)[chosen.permutation(len(pairs))]
            for start in range(0, len(numbers), size):
                part = numbers[start : start + size]
                if len(part) >= FEWEST or start == 0:
                    yield Batch(texts=part[:, 0], partners=part[:, 1])


TRANSLATED = ("tatoeba", "tatoeba made Cantonese")


def _intent_batches(data: TrainingSet, most: int, chosen: np.random.Generator) -> Iterator[Batch]:
    by_set = defaultdict(list)
    for name, numbers in data.intents.items():
        by_set[name.split(":")[0]].append(numbers)
    for intents in by_set.values():
        size = min(most, max(4 * len(intents), 256))
        for _ in range(max(1, sum(map(len, intents)) // (2 * most))):
            kinds = chosen.integers(len(intents), size=size)
            two = np.array([chosen.choice(intents[k], 2, replace=False) for k in kinds])
            yield Batch(texts=two[:, 0], partners=two[:, 1], kinds=kinds)


def _numbers(pairs: Sequence[Pair]) -> Numbers:
    return np.array([(pair.a, pair.b) for pair in pairs], np.int64)


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A draw of labelled pairs; `source` numbers the set that each is from."""

    texts: Numbers
    partners: Numbers
    same: torch.Tensor
    source: torch.Tensor


class LabelledPairs:
    """All labelled pairs: draws of them, and for a text those that look alike and mean something else."""

    def __init__(self, pairs: Sequence[Pair], chosen: np.random.Generator) -> None:
        self._chosen = chosen
        self._rows = np.array([(p.a, p.b, p.same) for p in pairs], np.int64).reshape(-1, 3)
        names = {name: number for number, name in enumerate(sorted({p.source for p in pairs}))}
        self._source = np.array([names[p.source] for p in pairs], np.int64)
        self._chances = _chances([p.source for p in pairs])
        self._look_alikes: dict[int, list[int]] = defaultdict(list)
        for a, b in itertools.chain.from_iterable(((p.a, p.b), (p.b, p.a)) for p in pairs if not p.same):
            self._look_alikes[a].append(b)

    def __len__(self) -> int:
        return len(self._rows)

    def drawn(self, size: int) -> Labelled:
        """So many pairs, with putting back; none where there are none to draw from."""
        drawn = self._chosen.choice(len(self), size=size, p=self._chances) if len(self) else NONE
        rows = self._rows[drawn]
        return Labelled(
            texts=rows[:, 0],
            partners=rows[:, 1],
            same=torch.from_numpy(rows[:, 2] == 1),
            source=torch.from_numpy(self._source[drawn]),
        )

    def look_alikes(self, texts: Numbers, most: int) -> Numbers:
        """At most one for each of these texts, none twice."""
        found = [self._look_alikes.get(int(text)) for text in texts]
        chosen = [others[self._chosen.integers(len(others))] for others in found if others]
        return np.array(list(dict.fromkeys(chosen))[:most], np.int64)


def _chances(sources: Sequence[str]) -> npt.NDArray[np.float64]:
    """Of each labelled pair to be drawn: a small source counts for more than its size, by the square root."""
    sizes = Counter(sources)
    chances = np.array([sizes[source] ** -0.5 for source in sources])
    return np.asarray(chances / max(chances.sum(), 1e-9))
