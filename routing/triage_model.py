"""The trained triage classifier at run time: one sparse row times one dense matrix, numpy only.

Three heads (sentiment, urgency, level) share the features. Trained by routing.triage_training.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from routing.tags import LEVELS, NEUTRAL, SENTIMENTS, URGENCIES, Tag, Tags
from routing.text import fold_with_origins, shorten
from routing.triage_features import VERSION, features, spans

Floats = npt.NDArray[np.float32]

HEADS: Final[dict[str, tuple[str, ...]]] = {"sentiment": SENTIMENTS, "urgency": URGENCIES, "level": LEVELS}
ARRAYS_FILE: Final = "weights.npz"
NAMES_FILE: Final = "features.json"
WORDS_SHOWN: Final = 3
GRAVE_FIRST: Final[dict[str, tuple[str, ...]]] = {
    "sentiment": ("angry", "negative"),
    "urgency": ("critical", "high"),
    "level": ("major", "serious", "minor"),
}
CALM: Final = {"sentiment": "neutral", "urgency": "normal", "level": "none"}


@dataclass(frozen=True, kw_only=True)
class LinearTagger:
    """Weights (features × 11 labels), their bias, and each feature's inverse document frequency."""

    index: dict[str, int]
    idf: Floats
    weights: Floats
    bias: Floats

    @classmethod
    def load(cls, folder: Path) -> LinearTagger:
        """From the files that `save` wrote. Raises ValueError for another version of the features."""
        names = json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))
        if names["version"] != VERSION:
            raise ValueError(
                f"{folder.name}: features {names['version']}, need {VERSION}; run `anxin train`."
            )
        with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
            idf, weights, bias = arrays["idf"], arrays["weights"], arrays["bias"]
        return cls(index={f: i for i, f in enumerate(names["features"])}, idf=idf, weights=weights, bias=bias)

    def save(self, folder: Path) -> None:
        """Arrays as npz, names as JSON: nothing that runs when it is read."""
        names = {"version": VERSION, "heads": {h: list(labels) for h, labels in HEADS.items()}}
        written = json.dumps({**names, "features": list(self.index)}, ensure_ascii=False)
        (folder / NAMES_FILE).write_text(written, encoding="utf-8")
        np.savez_compressed(folder / ARRAYS_FILE, idf=self.idf, weights=self.weights, bias=self.bias)

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One Tags for each text; any text is fine."""
        return [self._tag_one(text) for text in texts]

    def probabilities(self, text: str) -> dict[str, Floats]:
        """Each head's probabilities, in the order of its labels in HEADS."""
        _, rows, values = self._vector(text)
        return _softmax_heads(values @ self.weights[rows] + self.bias)

    def _tag_one(self, text: str) -> Tags:
        found, rows, values = self._vector(text)
        if not found or not _says_something(text):
            return NEUTRAL
        weights = self.weights[rows]
        heads = _plain_softmax_heads((values @ weights + self.bias).tolist())
        tags = {head: _choose(head, heads[head]) for head in HEADS}
        telling = [_column(h, t.label) for h, t in tags.items() if t.label != CALM[h]]
        words = _words(text, found, values * weights[:, telling].sum(axis=1)) if telling else ()
        return Tags(sentiment=tags["sentiment"], urgency=tags["urgency"], level=tags["level"], words=words)

    def _vector(self, text: str) -> tuple[list[str], npt.NDArray[np.intp], Floats]:
        """Known features, their rows, and their TF-IDF values (sublinear, length 1)."""
        index = self.index
        counted = [(name, index[name], n) for name, n in features(text).items() if name in index]
        rows = np.array([row for _, row, _ in counted], dtype=np.intp)
        values = self.idf[rows] * np.array([1 + log(n) for _, _, n in counted], dtype=np.float32)
        norm = sqrt(float(values @ values)) or 1.0
        return [name for name, _, _ in counted], rows, (values / norm).astype(np.float32)


def _softmax_heads(scores: Floats) -> dict[str, Floats]:
    heads, start = {}, 0
    for head, labels in HEADS.items():
        part = scores[start : start + len(labels)]
        powers = np.exp(part - part.max())
        heads[head] = powers / powers.sum()
        start += len(labels)
    return heads


def _plain_softmax_heads(scores: Sequence[float]) -> dict[str, list[float]]:
    """The same in plain numbers: for eleven of them numpy's calls cost more than the sums."""
    heads, start = {}, 0
    for head, labels in HEADS.items():
        part = scores[start : start + len(labels)]
        highest = max(part)
        powers = [exp(score - highest) for score in part]
        total = sum(powers)
        heads[head] = [power / total for power in powers]
        start += len(labels)
    return heads


def _choose(head: str, probabilities: Sequence[float]) -> Tag:
    """The label whose cumulative probability reaches one half, counted from the grave end of the scale.

    So `serious 0.8` means serious or worse, and a message torn between negative and angry is surely negative.
    """
    labels = HEADS[head]
    values = dict(zip(labels, probabilities, strict=True))
    grave_first = GRAVE_FIRST[head]
    at_least = 0.0
    for label in grave_first:
        at_least += values[label]
        if at_least >= 0.5:
            return Tag(label=label, probability=min(1.0, at_least))
    calm = max((label for label in labels if label not in grave_first), key=values.__getitem__)
    return Tag(label=calm, probability=values[calm])


def _column(head: str, label: str) -> int:
    start = 0
    for name, labels in HEADS.items():
        if name == head:
            return start + labels.index(label)
        start += len(labels)
    raise KeyError(head)


def _words(text: str, found: Sequence[str], contributions: npt.NDArray[Any]) -> tuple[str, ...]:
    """The pieces of the message that speak most for the labels, in the order they were written."""
    folded, origins = fold_with_origins(text)
    heat = np.zeros(len(folded) + 1)
    order = np.argsort(-contributions)[:24]
    for i in order:
        if contributions[i] > 0:
            for start, end in spans(folded, found[i])[:3]:
                heat[start:end] += contributions[i] / (end - start if found[i][0] == "c" else 1)
    picked = _hottest(folded, heat)
    source = shorten(text)
    return tuple(dict.fromkeys(source[origins[a] : origins[b - 1] + 1].strip() for a, b in sorted(picked)))


def _hottest(folded: str, heat: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """The warmest runs of characters, Latin words whole, at most WORDS_SHOWN."""
    peak = float(heat.max())
    if peak <= 0:
        return []
    runs: list[tuple[int, int]] = []
    at = 0
    while at < len(folded):
        if heat[at] < peak * 0.45 or _separates(folded[at]):
            at += 1
            continue
        start = at
        while at < len(folded) and heat[at] >= peak * 0.3 and not _separates(folded[at]):
            at += 1
        while start and _is_latin(folded[start - 1]) and _is_latin(folded[start]):
            start -= 1
        while at < len(folded) and _is_latin(folded[at]) and _is_latin(folded[at - 1]):
            at += 1
        runs.append((start, at))
    return sorted(runs, key=lambda run: -float(heat[run[0] : run[1]].sum()))[:WORDS_SHOWN]


def _says_something(text: str) -> bool:
    """Whether there is a letter, a number or an emoji; marks alone show no more than impatience."""
    return any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in shorten(text))


def _separates(character: str) -> bool:
    """Space and punctuation part words; an emoji is one."""
    return unicodedata.category(character)[0] in "ZPC"


def _is_latin(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "'")
