"""Learns one vector per token so that the sum of a text's vectors says what it means.

Each step takes one source of pairs: every text must find its partner among the batch's (softmax over cosines, both
directions), also among texts that only look alike. A second term ranks all labelled pairs by their cosine (CoSENT).
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from evaluation.training.encoder_data import Pair, TrainingSet
from evaluation.training.encoder_tokens import UNKNOWN, Vocabulary, build_tokenizer

Numbers = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What can be chosen about the training; the defaults are what ships."""

    dimensions: int = 256
    pieces: int = 14_000
    words: int = 10_000
    epochs: int = 6
    batch: int = 1024
    learning_rate: float = 0.01
    scale: float = 20.0
    ranking: float = 0.3
    ranked: int = 1024
    look_alikes: int = 512
    words_dropped: float = 0.5
    seed: int = 1


def changed_recipe(settings: Sequence[str]) -> Recipe:
    """The recipe that ships with some values changed, from texts such as `words=0`; ValueError names a wrong one."""
    known = asdict(Recipe())
    changes: dict[str, float] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in known:
            raise ValueError(f"{name} is none of {', '.join(known)}")
        changes[name] = type(known[name])(value)
    return Recipe(**{**known, **changes})


class TokenLists:
    """The tokens of all texts in one array; texts are cut after 128, what follows adds nothing to a mean."""

    LONGEST = 128

    def __init__(self, tokens: Sequence[Sequence[int]]) -> None:
        self._lengths = np.array([min(len(ids), self.LONGEST) for ids in tokens])
        self._starts = np.concatenate([[0], np.cumsum(self._lengths)])
        self._flat = np.concatenate([np.array(ids[: self.LONGEST], np.int64) for ids in tokens])

    def of(self, texts: Numbers) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens and offsets of these texts, as an EmbeddingBag takes them."""
        lengths = self._lengths[texts]
        offsets = np.cumsum(lengths) - lengths
        within = np.arange(lengths.sum()) - np.repeat(offsets, lengths)
        flat = self._flat[np.repeat(self._starts[texts], lengths) + within]
        return torch.from_numpy(flat), torch.from_numpy(offsets)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Texts and partners; `kinds` are intents where pairs of one intent are all right, else None."""

    texts: Numbers
    partners: Numbers
    kinds: Numbers | None = None


class Trainer:
    """One training run; everything random comes from the recipe's seed."""

    def __init__(self, recipe: Recipe, tokens: TokenLists, vocabulary: Vocabulary, data: TrainingSet) -> None:
        torch.manual_seed(recipe.seed)
        self._recipe, self._tokens, self._data = recipe, tokens, data
        self._random = np.random.default_rng(recipe.seed)
        self._rows = torch.nn.EmbeddingBag(len(vocabulary.learned), recipe.dimensions, mode="sum")
        torch.nn.init.normal_(self._rows.weight, std=0.05)
        with torch.no_grad():
            self._rows.weight[0] = 0.0  # the unknown token says nothing; it occurs in no list
            self._rows.weight[vocabulary.first_word :] = 0.0  # a word begins as the sum of its characters
        self._vocabulary = vocabulary
        self._look_alikes: dict[int, list[int]] = defaultdict(list)
        for pair in data.labelled:
            if not pair.same:
                self._look_alikes[pair.a].append(pair.b)
                self._look_alikes[pair.b].append(pair.a)
        self._labelled = np.array([(p.a, p.b, p.same) for p in data.labelled], np.int64).reshape(-1, 3)
        self._chances = _chances([pair.source for pair in data.labelled])

    @property
    def rows(self) -> Vectors:
        """One row per token; a word's is the sum of its characters' and of what it means beyond them."""
        rows = np.array(self._rows.weight.detach().numpy(), np.float32)
        number = {token: i for i, token in enumerate(self._vocabulary.learned)}
        for word in self._vocabulary.words:
            beyond = rows[number[word]] * (1 - self._recipe.words_dropped)
            rows[number[word]] = rows[[number[c] for c in word]].sum(axis=0) + beyond
        return rows

    def train(self, told: Callable[[int, float, float], None]) -> None:
        """All epochs; `told` hears the epoch, its mean loss and the seconds so far."""
        recipe = self._recipe
        optimizer = torch.optim.Adam(self._rows.parameters(), betas=(0.9, 0.99), fused=True)
        began, step = time.monotonic(), 0
        for epoch in range(1, recipe.epochs + 1):
            batches = self._batches()
            losses = []
            for batch in batches:
                progress = step / (recipe.epochs * len(batches))
                optimizer.param_groups[0]["lr"] = recipe.learning_rate * _warm_then_down(progress)
                loss = self._partner_loss(batch) + recipe.ranking * self._ranking_loss()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                step += 1
            told(epoch, float(np.mean(losses)), time.monotonic() - began)

    def _vectors(self, texts: Numbers) -> torch.Tensor:
        flat, offsets = self._tokens.of(texts)
        dropped = (flat >= self._vocabulary.first_word) & (torch.rand(len(flat)) < self._recipe.words_dropped)
        kept = (~dropped).float()
        return F.normalize(self._rows(flat, offsets, per_sample_weights=kept), dim=1, eps=1e-6)

    def _partner_loss(self, batch: Batch) -> torch.Tensor:
        a, b = self._vectors(batch.texts), self._vectors(batch.partners)
        cosines = (a @ b.T * self._recipe.scale).masked_fill(_also_right(batch), -1e4)
        target = torch.arange(len(a))
        others = self._some_look_alikes(batch) if batch.kinds is None else None
        forward = cosines
        if others is not None:
            forward = torch.cat([cosines, a @ self._vectors(others).T * self._recipe.scale], dim=1)
        return (F.cross_entropy(forward, target) + F.cross_entropy(cosines.T, target)) / 2

    def _some_look_alikes(self, batch: Batch) -> Numbers | None:
        chosen = [
            found[self._random.integers(len(found))]
            for found in (self._look_alikes.get(int(text)) for text in batch.texts)
            if found
        ]
        unique = list(dict.fromkeys(chosen))[: self._recipe.look_alikes]
        return np.array(unique, np.int64) if unique else None

    def _ranking_loss(self) -> torch.Tensor:
        """CoSENT: each pair that means the same should have a higher cosine than each that does not."""
        if not self._recipe.ranking or not len(self._labelled):
            return torch.zeros(())
        drawn = self._random.choice(len(self._labelled), size=self._recipe.ranked, p=self._chances)
        chosen = self._labelled[drawn]
        cosines = (self._vectors(chosen[:, 0]) * self._vectors(chosen[:, 1])).sum(1) * self._recipe.scale
        same = torch.from_numpy(chosen[:, 2] == 1)
        wrong_by = cosines[~same][:, None] - cosines[same][None, :]
        return torch.logsumexp(torch.cat([torch.zeros(1), wrong_by.flatten()]), 0)

    def _batches(self) -> list[Batch]:
        batches = [*self._pair_batches(), *self._intent_batches()]
        return [batches[i] for i in self._random.permutation(len(batches))]

    def _pair_batches(self) -> Iterator[Batch]:
        for pairs in self._data.same.values():
            numbers = _numbers(pairs)[self._random.permutation(len(pairs))]
            for start in range(0, len(numbers), self._recipe.batch):
                part = numbers[start : start + self._recipe.batch]
                if len(part) >= 64 or start == 0:
                    yield Batch(texts=part[:, 0], partners=part[:, 1])

    def _intent_batches(self) -> Iterator[Batch]:
        by_set = defaultdict(list)
        for name, numbers in self._data.intents.items():
            by_set[name.split(":")[0]].append(numbers)
        for intents in by_set.values():
            size = min(self._recipe.batch, max(4 * len(intents), 256))
            for _ in range(max(1, sum(map(len, intents)) // (2 * self._recipe.batch))):
                kinds = self._random.integers(len(intents), size=size)
                two = np.array([self._random.choice(intents[k], 2, replace=False) for k in kinds])
                yield Batch(texts=two[:, 0], partners=two[:, 1], kinds=kinds)


def _numbers(pairs: Sequence[Pair]) -> Numbers:
    return np.array([(pair.a, pair.b) for pair in pairs], np.int64)


def _also_right(batch: Batch) -> torch.Tensor:
    """Where another partner is right too, or is the text itself; such a cell is no wrong answer."""
    if batch.kinds is not None:
        right = batch.kinds[:, None] == batch.kinds[None, :]
    else:
        a, b = batch.texts, batch.partners
        right = (a[:, None] == a[None, :]) | (b[:, None] == b[None, :]) | (a[:, None] == b[None, :])
    np.fill_diagonal(right, False)
    return torch.from_numpy(right)


def _chances(sources: Sequence[str]) -> npt.NDArray[np.float64]:
    """Of each labelled pair to be drawn: a small source counts for more than its size, by the square root."""
    sizes = Counter(sources)
    chances = np.array([sizes[source] ** -0.5 for source in sources])
    return np.asarray(chances / max(chances.sum(), 1e-9))


def lists_of(vocabulary: Vocabulary, texts: Sequence[str]) -> TokenLists:
    """What is learned of each text: its tokens, and the characters of those that are words."""
    number = {token: i for i, token in enumerate(vocabulary.learned)}
    learned = {i: [i] for i in number.values()} | {number[UNKNOWN]: []}
    learned |= {number[word]: [number[word], *(number[c] for c in word)] for word in vocabulary.words}
    encodings = build_tokenizer(vocabulary, any_spelling=False).encode_batch(texts, add_special_tokens=False)
    return TokenLists([[part for token in e.ids for part in learned[token]] for e in encodings])


def _warm_then_down(progress: float) -> float:
    """A tenth of the way up, then straight down to nothing."""
    return progress / 0.1 if progress < 0.1 else (1 - progress) / 0.9


def fix_seeds(seed: int) -> None:
    """One thread and deterministic kernels: the same weights however many cores there are and whoever uses them."""
    random.seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
