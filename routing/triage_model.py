"""The trained triage classifier at run time: weights times what it sees of a message, numpy only.

Three heads (sentiment, urgency, level) share the features. Trained by routing.triage_training.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from routing import triage_public
from routing.tags import NEUTRAL, Tags
from routing.triage import Encoder
from routing.triage_decision import CALM, HEADS, choose, column, probabilities
from routing.triage_features import VERSION, ngrams, signs
from routing.triage_public import PublicLayer
from routing.triage_reading import read
from routing.triage_reviews import with_review
from routing.triage_words import says_something, telling_words

Floats = npt.NDArray[np.float32]

ARRAYS_FILE: Final = "weights.npz"
NAMES_FILE: Final = "features.json"
RETRAIN: Final = "run `anxin train --only triage`"
REVIEW_TASKS: Final = ("is_review", "review")
"""The public layer's columns for how much a message looks like a review, and how glad it is."""
SIGN_VALUE: Final = 0.3
PAIR_VALUE: Final = 0.2
PUBLIC_VALUE: Final = 0.15
ENCODER_VALUE: Final = 0.5
"""How loud each block is beside the n-grams, whose vector has length 1; chosen by cross-validation."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One message as the classifier sees it."""

    ngrams: Mapping[str, int]
    known: bool
    """Whether any of it is known: of an unknown script there is nothing to say."""
    names: list[str]
    rows: npt.NDArray[np.int64]
    values: Floats
    signs: Floats


@dataclass(frozen=True, kw_only=True)
class LinearTagger:
    """Weights of features, public signs and sentence vector for the eleven labels, and their bias."""

    index: dict[str, int]
    idf: Floats
    weights: Floats
    public_weights: Floats
    encoder_weights: Floats
    bias: Floats
    public: PublicLayer
    encoder: Encoder | None

    @classmethod
    def load(cls, folder: Path, encoder: Encoder | None = None) -> LinearTagger:
        """From the files that `save` wrote. ValueError for another version, another encoder or damaged files."""
        names_file, arrays_file = folder / NAMES_FILE, folder / ARRAYS_FILE
        try:
            names = json.loads(names_file.read_text(encoding="utf-8"))
            features, version = names["features"], names["version"]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{names_file} is damaged ({error!r}); {RETRAIN}.") from error
        if version != VERSION:
            raise ValueError(f"{names_file}: features {version}, need {VERSION}; {RETRAIN}.")
        used, public = _usable(names, names_file, encoder), triage_public.shipped()
        try:
            with np.load(arrays_file, allow_pickle=False) as arrays:
                read_arrays = {name: arrays[name] for name in _ARRAYS}
            _check_shapes(read_arrays, len(features), len(public.tasks), used.dimensions if used else 0)
        except FileNotFoundError:
            raise ValueError(f"{arrays_file} is missing; {RETRAIN}.") from None
        except Exception as error:  # zipfile, zlib and numpy raise many kinds for a damaged file
            raise ValueError(f"{arrays_file} is damaged ({error}); {RETRAIN}.") from error
        return cls(index={f: i for i, f in enumerate(features)}, public=public, encoder=used, **read_arrays)

    def save(self, folder: Path) -> None:
        """Arrays as npz, names as JSON: nothing that runs when it is read."""
        about = {
            "version": VERSION,
            "heads": {head: list(labels) for head, labels in HEADS.items()},
            "public_layer": self.public.hash,
            "encoder": self.encoder.hash if self.encoder else None,
        }
        written = json.dumps({**about, "features": list(self.index)}, ensure_ascii=False)
        (folder / NAMES_FILE).write_text(written, encoding="utf-8")
        np.savez_compressed(folder / ARRAYS_FILE, **{name: getattr(self, name) for name in _ARRAYS})

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One Tags for each text; any text is fine."""
        vectors = self._vectors(texts)
        return [self._tag_one(text, vector) for text, vector in zip(texts, vectors, strict=True)]

    def probabilities(self, texts: Sequence[str]) -> list[dict[str, list[float]]]:
        """Each head's probabilities, in the order of its labels in HEADS, for each text."""
        vectors = self._vectors(texts)
        seen = [self._see(text) for text in texts]
        return [self._heads(s, v) for s, v in zip(seen, vectors, strict=True)]

    def _tag_one(self, text: str, vector: Floats) -> Tags:
        reading = read(text)
        if not says_something(reading.source):
            return NEUTRAL
        seen = self._see(text)
        if not seen.known:
            return NEUTRAL
        heads = self._heads(seen, vector)
        tags = {head: choose(head, heads[head]) for head in HEADS}
        telling = [(head, tag.label) for head, tag in tags.items() if tag.label != CALM[head]]
        words = telling_words(reading, self._speaks(seen, telling)) if telling else ()
        return Tags(sentiment=tags["sentiment"], urgency=tags["urgency"], level=tags["level"], words=words)

    def _vectors(self, texts: Sequence[str]) -> Floats:
        if self.encoder is None or not texts:
            return np.zeros((len(texts), len(self.encoder_weights)), np.float32)
        return self.encoder.encode(texts)

    def _see(self, text: str) -> Seen:
        grams = ngrams(text)
        names, rows, values = weigh(grams, signs(text), self.index, self.idf)
        known = any(name in self.index for name in grams)
        return Seen(
            ngrams=grams, known=known, names=names, rows=rows, values=values, signs=self.public.signs(grams)
        )

    def _scores(self, seen: Seen, vector: Floats) -> Floats:
        own = seen.values @ self.weights[seen.rows] + self.bias
        return np.asarray(own + seen.signs @ self.public_weights + vector @ self.encoder_weights, np.float32)

    def _heads(self, seen: Seen, vector: Floats) -> dict[str, list[float]]:
        heads = probabilities(self._scores(seen, vector).tolist())
        if not set(REVIEW_TASKS) <= set(
            self.public.tasks
        ):  # a layer of clear licence has learnt from no review
            return heads
        looks, polarity = (float(seen.signs[self.public.tasks.index(task)]) for task in REVIEW_TASKS)
        return heads | {"sentiment": with_review(heads["sentiment"], looks=looks, polarity=polarity)}

    def _speaks(self, seen: Seen, telling: Sequence[tuple[str, str]]) -> dict[str, float]:
        """What each feature adds to the scores of the labels given, against those of the calm ones."""
        for_labels = [column(head, label) for head, label in telling]
        for_calm = [column(head, CALM[head]) for head, _ in telling]

        def lean(weights: Floats) -> Floats:
            return np.asarray(weights[:, for_labels].sum(axis=1) - weights[:, for_calm].sum(axis=1))

        own = seen.values * lean(self.weights[seen.rows])
        speaks = dict(zip(seen.names, own.tolist(), strict=True))
        public = self.public.by_feature(seen.ngrams) @ lean(self.public_weights)
        for name, value in zip(seen.ngrams, public.tolist(), strict=True):
            speaks[name] = speaks.get(name, 0.0) + value
        return speaks


_ARRAYS: Final = ("idf", "weights", "public_weights", "encoder_weights", "bias")


def _check_shapes(arrays: Mapping[str, Floats], features: int, tasks: int, dimensions: int) -> None:
    """Raise ValueError unless the arrays belong to these features, this public layer and this encoder."""
    labels = sum(len(known) for known in HEADS.values())
    wanted = {
        "idf": (features,),
        "weights": (features, labels),
        "public_weights": (tasks, labels),
        "encoder_weights": (dimensions, labels),
        "bias": (labels,),
    }
    for name, shape in wanted.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has shape {arrays[name].shape}, not {shape}")
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} holds values that are no numbers")


def _usable(names: Mapping[str, object], file: Path, encoder: Encoder | None) -> Encoder | None:
    """The encoder where the classifier was trained with it; one trained without any needs none."""
    trained_with = names.get("encoder")
    if trained_with is None:
        return None
    if encoder is None or encoder.hash != trained_with:
        raise ValueError(
            f"{file}: trained with sentence encoder {trained_with}, which is not here; {RETRAIN}."
        )
    return encoder


def weigh(
    grams: Mapping[str, int], named: Mapping[str, int], index: Mapping[str, int], idf: Floats
) -> tuple[list[str], npt.NDArray[np.int64], Floats]:
    """Known features, their rows and values: n-grams as TF-IDF (sublinear, length 1), signs at fixed values."""
    known = [(name, index[name], n) for name, n in grams.items() if name in index]
    rows = [row for _, row, _ in known]
    values = idf[rows] * np.array([1 + log(n) for _, _, n in known], dtype=np.float32)
    values /= sqrt(float(values @ values)) or 1.0
    named_known = [name for name in named if name in index]
    fixed = [PAIR_VALUE if "+" in name else SIGN_VALUE for name in named_known]
    return (
        [name for name, _, _ in known] + named_known,
        np.array(rows + [index[name] for name in named_known], dtype=np.int64),
        np.concatenate([values, np.array(fixed, dtype=np.float32)]).astype(np.float32),
    )
