"""Whether a new model is worse than the one in use, on messages that neither learned from. Values only.

Worse is a guarded figure that fell by more than its margin, or whose fall is beyond noise: the whole 99 % interval of a
paired bootstrap (Efron and Tibshirani 1993, ch. 16; both models, the same messages drawn with replacement) is a loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

ALL: Final = "all"
DRAWS: Final = 1000
SEED: Final = 20
INTERVAL: Final = (0.5, 99.5)
"""Percentiles; 99 %, because some twenty figures are looked at and each may cry wolf."""
LEAST: Final = 20
"""A recall of fewer messages than this is shown and not guarded."""

Floats = npt.NDArray[np.float64]
Kind = Literal["macro-F1", "recall", "false alarms"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One held-out message: what it is, by head (sentiment, urgency, level; or intent)."""

    text: str
    language: str
    expected: Mapping[str, str]


Given = Sequence[Mapping[str, str]]
"""What a model says of each message, by head."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What is measured: of all heads' labels the macro-F1, or one label's recall or false alarms."""

    head: str
    kind: Kind
    label: str = ""
    margin: float
    """A fall of more than this is worse, however noisy."""
    language_margin: float | None = None
    """The same within one language; None shows it without guarding it."""

    @property
    def name(self) -> str:
        """As tables and messages say it."""
        return f"{self.label or self.head} {self.kind}"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure before and after, in all messages or in one language; low and high bound the difference."""

    figure: Figure
    language: str
    before: float | None
    after: float
    low: float = 0.0
    high: float = 0.0
    is_worse: bool = False

    @property
    def name(self) -> str:
        """The figure, with the language where it is one's."""
        return self.figure.name if self.language == ALL else f"{self.figure.name} ({self.language})"


def compare(
    figures: Sequence[Figure], asked: Sequence[Asked], before: Given | None, after: Given
) -> list[Change]:
    """Every figure, in all messages and in each language; without `before` the figures alone."""
    languages = [ALL, *sorted({a.language for a in asked})]
    return [
        _change(figure, language, asked, before, after)
        for figure in figures
        for language in languages
        if asked
    ]


def worse(changes: Iterable[Change]) -> list[Change]:
    """Those because of which a model is not installed."""
    return [change for change in changes if change.is_worse]


def _change(
    figure: Figure, language: str, asked: Sequence[Asked], before: Given | None, after: Given
) -> Change:
    which = [i for i, a in enumerate(asked) if language in (ALL, a.language)]
    expected = np.array([asked[i].expected[figure.head] for i in which])
    got = np.array([after[i][figure.head] for i in which])
    once = np.ones((1, len(which)))
    now = float(_values(figure, expected, got, once)[0])
    if before is None:
        return Change(figure=figure, language=language, before=None, after=now)
    had = np.array([before[i][figure.head] for i in which])
    then = float(_values(figure, expected, had, once)[0])
    drawn = np.random.default_rng(SEED).multinomial(
        len(which), np.full(len(which), 1 / len(which)), size=DRAWS
    )
    gains = _sign(figure) * (_values(figure, expected, got, drawn) - _values(figure, expected, had, drawn))
    low, high = (float(p) for p in np.percentile(gains, INTERVAL))
    margin = figure.margin if language == ALL else figure.language_margin
    is_rare = figure.kind == "recall" and int((expected == figure.label).sum()) < LEAST
    is_guarded = margin is not None and not is_rare
    loss = _sign(figure) * (then - now)
    is_worse = is_guarded and (loss > float(margin or 0.0) + 1e-9 or high < 0.0)
    return Change(
        figure=figure, language=language, before=then, after=now, low=low, high=high, is_worse=is_worse
    )


def _sign(figure: Figure) -> int:
    return -1 if figure.kind == "false alarms" else 1


def _values(
    figure: Figure,
    expected: npt.NDArray[np.str_],
    got: npt.NDArray[np.str_],
    weights: npt.NDArray[np.generic],
) -> Floats:
    """The figure for each row of weights (how often each message counts)."""
    weighed = weights.astype(np.float64)
    if figure.kind == "macro-F1":
        each = [_f1(expected == label, got == label, weighed) for label in np.unique(expected)]
        return np.asarray(np.mean(each, axis=0), np.float64)
    is_so, says_so = expected == figure.label, got == figure.label
    among = is_so if figure.kind == "recall" else ~is_so
    return _share(weighed @ (says_so & among), weighed @ among)


def _f1(is_so: npt.NDArray[np.bool_], says_so: npt.NDArray[np.bool_], weights: Floats) -> Floats:
    return _share(2 * (weights @ (is_so & says_so)), weights @ is_so + weights @ says_so)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.asarray(part / np.maximum(whole, 1e-9), np.float64)
