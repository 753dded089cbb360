"""Learns one vector per token so that the sum of a text's vectors says what it means.

Each step takes one source of pairs: every text must find its partner among the batch's (softmax over cosines, both
directions), also among texts that only look alike. A second term ranks all labelled pairs by their cosine (CoSENT).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from evaluation.training.encoder_batches import (
    NONE,
    Batch,
    Labelled,
    LabelledPairs,
    Numbers,
    TokenLists,
    batches_of,
    lists_of,
)
from evaluation.training.encoder_data import TrainingSet
from evaluation.training.encoder_mixer import MIXERS, Mixer
from evaluation.training.encoder_tokens import Vocabulary

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What can be chosen about the training; the defaults are what ships."""

    dimensions: int = 256
    pieces: int = 14_000
    words: int = 10_000
    stems: bool = True
    phrases: int = 15_000
    epochs: int = 6
    batch: int = 1024
    learning_rate: float = 0.01
    scale: float = 20.0
    ranking: float = 0.5
    ranked: int = 1024
    within: bool = True
    look_alikes: int = 512
    translations: int = 3
    words_dropped: float = 0.5
    weighted: bool = False
    nested: bool = False
    mixer: str = ""
    mixed_from: float = 0.5
    mixer_rate: float = 0.002
    seed: int = 1


def changed_recipe(settings: Sequence[str]) -> Recipe:
    """The recipe that ships with some values changed, from texts such as `words=0`; ValueError names a wrong one."""
    known = asdict(Recipe())
    changes: dict[str, float | str] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in known:
            raise ValueError(f"{name} is none of {', '.join(known)}")
        if name == "mixer" and value not in ("", *MIXERS):
            raise ValueError(f"mixer {value} is none of {', '.join(MIXERS)}")
        kind = type(known[name])
        changes[name] = kind(int(value)) if kind is bool else kind(value)
    return Recipe(**{**known, **changes})


class Trainer:
    """One training run; everything random comes from the recipe's seed."""

    def __init__(self, recipe: Recipe, tokens: TokenLists, vocabulary: Vocabulary, data: TrainingSet) -> None:
        torch.manual_seed(recipe.seed)
        self._recipe, self._tokens, self._data, self._vocabulary = recipe, tokens, data, vocabulary
        self._random = np.random.default_rng(recipe.seed)
        self._rows = torch.nn.EmbeddingBag(len(vocabulary.learned), recipe.dimensions, mode="sum")
        torch.nn.init.normal_(self._rows.weight, std=0.05)
        with torch.no_grad():
            self._rows.weight[0] = 0.0  # the unknown token says nothing; it occurs in no list
            self._rows.weight[vocabulary.first_made :] = 0.0  # these begin as the sum of their parts
        self._weights = torch.nn.Parameter(torch.zeros(len(vocabulary.learned)))
        self._mixer: Mixer | None = None
        self._labelled = LabelledPairs(data.labelled, self._random)

    @property
    def rows(self) -> Vectors:
        """One row per token; that of one with parts is the sum of theirs and of what it means beyond them."""
        with torch.no_grad():
            alone = (self._rows.weight * self._weights.exp()[:, None]).numpy()
        alone[self._vocabulary.first_made :] *= 1 - self._recipe.words_dropped
        rows = alone.copy()
        number = {token: i for i, token in enumerate(self._vocabulary.learned)}
        for token, parts in self._vocabulary.parts.items():
            rows[number[token]] += alone[[number[part] for part in parts]].sum(axis=0)
        return np.asarray(rows, np.float32)

    def train(self, told: Callable[[int, float, float], None]) -> None:
        """All epochs; `told` hears the epoch, its mean loss and the seconds so far."""
        recipe = self._recipe
        learned = [self._rows.weight, *([self._weights] if recipe.weighted else [])]
        optimizer = torch.optim.Adam([{"params": learned}], betas=(0.9, 0.99), fused=True)
        began, step = time.monotonic(), 0
        for epoch in range(1, recipe.epochs + 1):
            batches = batches_of(self._data, recipe.batch, recipe.translations, self._random)
            losses = []
            for batch in batches:
                progress = step / (recipe.epochs * len(batches))
                if recipe.mixer and self._mixer is None and progress >= recipe.mixed_from:
                    self._mixer = MIXERS[recipe.mixer](recipe.dimensions)
                    optimizer.add_param_group({"params": list(self._mixer.parameters())})
                rates = (recipe.learning_rate, recipe.mixer_rate)
                for group, rate in zip(optimizer.param_groups, rates, strict=False):
                    group["lr"] = rate * _warm_then_down(progress)
                loss = self._loss(batch)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                step += 1
            told(epoch, float(np.mean(losses)), time.monotonic() - began)

    def encode_forms(self, forms: Sequence[str]) -> Vectors:
        """The vectors of texts in matching form, with the layer on top where the recipe has one."""
        tokens = lists_of(self._vocabulary, forms)
        with torch.no_grad():
            parts = [
                self._vectors(np.arange(start, min(start + 500, len(tokens))), tokens)
                for start in range(0, len(tokens), 500)
            ]
        return np.asarray(torch.cat(parts).numpy(), np.float32)

    def _vectors(self, texts: Numbers, of: TokenLists | None = None) -> Tensor:
        """At unit length; of the texts that are learned from, or, with nothing dropped, of other ones."""
        flat, offsets = (self._tokens if of is None else of).of(texts)
        made, dropped = flat >= self._vocabulary.first_made, self._recipe.words_dropped
        kept = torch.where(made, 1 - dropped, 1.0)
        if of is None:
            kept = (~(made & (torch.rand(len(flat)) < dropped))).float()
        if self._recipe.weighted:
            kept = kept * self._weights[flat].exp()
        if self._mixer is None:
            return F.normalize(self._rows(flat, offsets, per_sample_weights=kept), dim=1, eps=1e-6)
        self._mixer.train(of is None)
        return F.normalize(self._mixer(self._rows.weight, flat, offsets, kept), dim=1, eps=1e-6)

    def _loss(self, batch: Batch) -> Tensor:
        """Of one step. All its texts are looked up together: each look-up costs a gradient as large as all rows."""
        recipe, labelled = self._recipe, self._labelled
        others = labelled.look_alikes(batch.texts, recipe.look_alikes) if batch.kinds is None else NONE
        drawn = labelled.drawn(recipe.ranked if recipe.ranking else 0)
        texts = (batch.texts, batch.partners, others, drawn.texts, drawn.partners)
        vectors = self._vectors(np.concatenate(texts)).split([len(some) for some in texts])
        loss = self._partner_loss(batch, *vectors[:3])
        return loss + recipe.ranking * self._ranking_loss(drawn, *vectors[3:]) if len(drawn.texts) else loss

    def _partner_loss(self, batch: Batch, a: Tensor, b: Tensor, alike: Tensor) -> Tensor:
        if not self._recipe.nested:
            return self._softmax_loss(batch, a, b, alike)
        beginnings = [self._recipe.dimensions // share for share in (4, 2, 1)]
        losses = [
            self._softmax_loss(batch, *(F.normalize(v[:, :n], dim=1, eps=1e-6) for v in (a, b, alike)))
            for n in beginnings
        ]
        return torch.stack(losses).mean()

    def _softmax_loss(self, batch: Batch, a: Tensor, b: Tensor, alike: Tensor) -> Tensor:
        cosines = (a @ b.T * self._recipe.scale).masked_fill(batch.also_right(), -1e4)
        target = torch.arange(len(a))
        forward = torch.cat([cosines, a @ alike.T * self._recipe.scale], dim=1)
        return (F.cross_entropy(forward, target) + F.cross_entropy(cosines.T, target)) / 2

    def _ranking_loss(self, drawn: Labelled, a: Tensor, b: Tensor) -> Tensor:
        """CoSENT: each pair that means the same should have a higher cosine than each that does not.

        With `within`, only pairs of one set are compared: what counts as the same is stricter in one than in another.
        """
        cosines = (a * b).sum(1) * self._recipe.scale
        same = drawn.same
        wrong_by = cosines[~same][:, None] - cosines[same][None, :]
        if self._recipe.within:
            wrong_by = wrong_by[drawn.source[~same][:, None] == drawn.source[same][None, :]]
        return torch.logsumexp(torch.cat([torch.zeros(1), wrong_by.flatten()]), 0)


def _warm_then_down(progress: float) -> float:
    """A tenth of the way up, then straight down to nothing."""
    return progress / 0.1 if progress < 0.1 else (1 - progress) / 0.9


def fix_seeds(seed: int) -> None:
    """One thread and deterministic kernels: the same weights however many cores there are and whoever uses them."""
    random.seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
