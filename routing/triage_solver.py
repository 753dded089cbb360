"""Logistic regression of all three heads at once: sparse and dense features side by side, single precision.

Multinomial, classes weighed against their frequency, L2. Written here because one pass over the messages serves
eleven labels: first start trains while the customer of the program waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from routing.triage_decision import HEADS

SIZES: Final = tuple(len(labels) for labels in HEADS.values())
STARTS: Final = tuple(int(start) for start in np.cumsum((0, *SIZES[:-1])))
LABELS: Final = sum(SIZES)
REMEMBERED: Final = 8
HALVINGS: Final = 20
SMALLEST: Final = np.float32(1e-12)

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Messages as rows: n-grams and concepts sparse, public signs and sentence vector dense."""

    sparse: Any
    dense: Floats

    def take(self, which: npt.NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows(sparse=self.sparse[which], dense=self.dense[which])

    def scores(self, weights: Floats) -> Floats:
        """(rows × labels) for weights (sparse + dense features + 1 × labels); the last row is the bias."""
        n = self.sparse.shape[1]
        return np.asarray(self.sparse @ weights[:n] + self.dense @ weights[n:-1] + weights[-1], np.float32)

    def transposed_times(self, slopes: Floats) -> Floats:
        """The gradient of the weights, bias last."""
        parts = [self.sparse.T @ slopes, self.dense.T @ slopes, slopes.sum(axis=0, keepdims=True)]
        return np.asarray(np.vstack(parts), np.float32)


def solve(rows: Rows, labels: Labels, counts: Floats, strength: float, steps: int) -> Floats:
    """The weights with the least regularised loss; `labels` are (rows × heads), `counts` what each
    row counts. The bias is not regularised."""
    shape = (rows.sparse.shape[1] + rows.dense.shape[1] + 1, LABELS)
    wanted = _one_hot(labels)
    worth = np.repeat(_balance(labels, counts), SIZES, axis=1) / np.float32(len(labels))
    penalty = np.float32(1.0 / (strength * len(labels)))

    def loss(weights: Floats) -> tuple[float, Floats]:
        chances = softmax(rows.scores(weights))
        kept = weights.copy()
        kept[-1] = 0.0
        surprise = -np.log(np.maximum(chances, SMALLEST)) * wanted * worth
        value = float(surprise.sum()) + 0.5 * float(penalty) * float(np.vdot(kept, kept))
        return value, rows.transposed_times((chances - wanted) * worth) + penalty * kept

    return descend(loss, np.zeros(shape, np.float32), steps)


def descend(loss: Callable[[Floats], tuple[float, Floats]], start: Floats, steps: int) -> Floats:
    """L-BFGS with a backtracking line search (Nocedal and Wright, algorithms 7.4, 7.5 and 3.1), single precision."""
    at, (value, slope) = start, loss(start)
    moves: deque[tuple[Floats, Floats, float]] = deque(maxlen=REMEMBERED)
    for _ in range(steps):
        direction = -_turned(slope, moves)
        fall = float(np.vdot(direction, slope))
        step = 1.0 if moves else 1.0 / max(1e-12, float(np.linalg.norm(slope)))
        for _ in range(HALVINGS):
            there = at + np.float32(step) * direction
            new_value, new_slope = loss(there)
            if new_value <= value + 1e-4 * step * fall:
                break
            step /= 2
        else:
            return at
        move, turn = there - at, new_slope - slope
        curvature = float(np.vdot(move, turn))
        if curvature > 1e-12:
            moves.append((move, turn, 1.0 / curvature))
        at, value, slope = there, new_value, new_slope
    return at


def _turned(slope: Floats, moves: Sequence[tuple[Floats, Floats, float]]) -> Floats:
    """The slope times the approximate inverse of the curvature, from the last moves."""
    direction, shares = slope.copy(), []
    for move, turn, inverse in reversed(moves):
        share = np.float32(inverse * float(np.vdot(move, direction)))
        direction -= share * turn
        shares.append(share)
    if moves:
        _, turn, inverse = moves[-1]
        direction *= np.float32(1.0 / (inverse * float(np.vdot(turn, turn))))
    for (move, turn, inverse), share in zip(moves, reversed(shares), strict=True):
        direction += (share - np.float32(inverse * float(np.vdot(turn, direction)))) * move
    return direction


def head_parts(scores: Floats) -> Sequence[Floats]:
    """The columns of each head."""
    return [scores[:, start : start + size] for start, size in zip(STARTS, SIZES, strict=True)]


def softmax(scores: Floats) -> Floats:
    """Each head's probabilities."""
    chances = np.empty_like(scores)
    for start, size in zip(STARTS, SIZES, strict=True):
        part = scores[:, start : start + size]
        powers = np.exp(part - part.max(axis=1, keepdims=True))
        chances[:, start : start + size] = powers / powers.sum(axis=1, keepdims=True)
    return chances


def _one_hot(labels: Labels) -> Floats:
    wanted = np.zeros((len(labels), LABELS), np.float32)
    for head, start in enumerate(STARTS):
        wanted[np.arange(len(labels)), start + labels[:, head]] = 1.0
    return wanted


def _balance(labels: Labels, counts: Floats) -> Floats:
    """(rows × heads): how much each message counts, so that each label of a head counts the same in all."""
    worth = np.ones(labels.shape, np.float32)
    for head in range(labels.shape[1]):
        names = np.unique(labels[:, head])
        for name in names:
            of_name = labels[:, head] == name
            share = len(labels) / (len(names) * float(counts[of_name].sum()))
            worth[of_name, head] = counts[of_name] * share
    return worth
