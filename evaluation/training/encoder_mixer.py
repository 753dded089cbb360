"""Layers over the tokens of a text, tried on top of their rows: what they add begins at nothing, half way through.

Only for comparison: the folder that is written has no place for them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LONGEST = 48
"""Tokens that a layer looks at."""
INNER = 64
DROPPED = 0.2


class Mixer(nn.Module, ABC):  # type: ignore[misc]  # torch's types are not read here
    """From rows, tokens, offsets and the weight of each token to one vector per text."""

    def forward(self, rows: Tensor, flat: Tensor, offsets: Tensor, weights: Tensor) -> Tensor:
        """(texts, dimensions), not yet at unit length."""
        lengths = (torch.diff(offsets, append=torch.tensor([len(flat)]))).clamp(max=LONGEST)
        places = torch.arange(int(lengths.max().clamp(min=1)))[None, :]
        there = places < lengths[:, None]
        at = torch.where(there, offsets[:, None] + places, 0).clamp(max=max(len(flat) - 1, 0))
        vectors = F.embedding(flat[at], rows) * (weights[at] * there)[:, :, None]
        return self.mixed(vectors, there).sum(1)

    @abstractmethod
    def mixed(self, vectors: Tensor, there: Tensor) -> Tensor:
        """(texts, tokens, dimensions) of the same shape; `there` is false after a text's end."""


class Attention(Mixer):
    """One layer of attention with four heads and places; its output is added to the rows."""

    HEADS = 4

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self._looks = nn.Linear(dimensions, 3 * INNER)
        self._places = nn.Parameter(torch.zeros(LONGEST, dimensions))
        self._added = nn.Linear(INNER, dimensions, bias=False)
        nn.init.zeros_(self._added.weight)
        self._dropped = nn.Dropout(DROPPED)

    def mixed(self, vectors: Tensor, there: Tensor) -> Tensor:
        texts, tokens, _ = vectors.shape
        seen = self._looks(self._dropped(_at_one_size(vectors) + self._places[:tokens]))
        asked, key, value = seen.view(texts, tokens, 3, self.HEADS, -1).permute(2, 0, 3, 1, 4)
        scores = (asked @ key.transpose(-1, -2) / key.shape[-1] ** 0.5).masked_fill(
            ~there[:, None, None], -1e4
        )
        heard = (scores.softmax(-1) @ value).transpose(1, 2).reshape(texts, tokens, -1)
        return vectors + self._added(self._dropped(heard)) * there[:, :, None]


class Gate(Mixer):
    """Each token counts for up to twice as much or less, by itself, its two neighbours and the whole text."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self._looks = nn.Linear(4 * dimensions, INNER)
        self._opens = nn.Linear(INNER, 1)
        nn.init.zeros_(self._opens.weight)
        nn.init.zeros_(self._opens.bias)
        self._dropped = nn.Dropout(DROPPED)

    def mixed(self, vectors: Tensor, there: Tensor) -> Tensor:
        seen = _at_one_size(vectors)
        before, after = F.pad(seen, (0, 0, 1, 0))[:, :-1], F.pad(seen, (0, 0, 0, 1))[:, 1:]
        whole = _at_one_size(vectors.sum(1, keepdim=True)).expand_as(seen)
        around = self._dropped(torch.cat([seen, before, after, whole], dim=2))
        return vectors * 2 * torch.sigmoid(self._opens(F.gelu(self._looks(around))))


def _at_one_size(vectors: Tensor) -> Tensor:
    return vectors / vectors.pow(2).mean(-1, keepdim=True).add(1e-6).sqrt()


MIXERS = {"attention": Attention, "gate": Gate}
