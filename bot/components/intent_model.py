"""The intent classifier itself: what it sees of a text, how it is fitted, kept and asked. Knows nothing of Rasa.

Linear: character 1- to 3-grams, words and word pairs of the text's matching form (繁 and 粵 in one form with 简), a few
marks, and the sentence encoder's vector. Runs in Rasa's environment (Python 3.10) and in the service's, where it is tested.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, List, Sequence, Tuple

import jieba
import numpy as np

from knowledge_base.encoder import Encoder
from knowledge_base.text_normalisation import matching_form

FORMAT = 1
NAMES, ARRAYS = "intent_names.json", "intent_arrays.npz"
RETRAIN = "To train it again: anxin train --only rasa"
LONGEST_NGRAM = 3
ENCODER_WEIGHT = 1.4
"""The encoder's unit vector beside the parts, which have unit length each; by cross-validation over the examples."""
STRENGTH = 1.0
"""Inverse regularisation, by the same cross-validation."""
TOLERANCE = 1e-2
"""Where the fitting stops: a third sooner than the library's 1e-4, with the same answers on examples held back."""
HELD_BACK = 8
"""One in so many examples is held back to learn how sure a margin makes us; then all are fitted on."""

_REFERENCE = re.compile(r"(order|tracking|phone_tail|phone)_\d+")
_BETWEEN_HAN = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
_LATIN = re.compile(r"[a-z']+|\d+")
_LETTER = re.compile(r"[^\W\d_]")


def form(text: str) -> str:
    """`text` in matching form; references are words of their own (order_7 → orderref), Han runs have no gaps."""
    named = _REFERENCE.sub(lambda m: " " + m.group(1).replace("_", "") + "ref ", text)
    return _BETWEEN_HAN.sub("", matching_form(named)).strip()


def parts(text: str) -> Tuple[List[str], ...]:
    """Names of what is seen, in four parts: characters, words, words one apart, marks."""
    seen = form(text)
    framed = f"^{seen}$"
    characters = [framed[i : i + n] for n in range(1, LONGEST_NGRAM + 1) for i in range(len(framed) - n + 1)]
    words = ["^", *(w for w in jieba.cut(seen, HMM=False) if not w.isspace()), "$"]
    pairs = [f"{a} {b}" for a, b in itertools.pairwise(words)]
    latin = _LATIN.findall(seen)
    apart = [f"{a} … {b}" for a, b in zip(latin, latin[2:], strict=False)]
    return characters, words + pairs, apart, _marks(text, seen)


def without_references(text: str) -> str:
    """What the encoder gets: a reference says which order, not what is wanted."""
    return _REFERENCE.sub(" ", text)


def _marks(text: str, seen: str) -> List[str]:
    plain = unicodedata.normalize("NFKC", text)
    marks = [mark for mark in "?!" if mark in plain] + [f"length {min(6, len(seen).bit_length())}"]
    if not _LETTER.search(plain):  # digits, signs and emoji count only where there is nothing else
        marks += [
            "no letter",
            *(c for c in set(plain) if c.isprintable() and not c.isspace() and not c.isdigit()),
        ]
    return marks


@dataclass(frozen=True)
class IntentModel:
    """Fitted weights: a row of `weights` for each name, and for each of the encoder's dimensions."""

    intents: Tuple[str, ...]
    rows: Tuple[Dict[str, int], ...]
    idf: np.ndarray
    weights: np.ndarray
    intercept: np.ndarray
    encoder_weights: np.ndarray
    sharpness: float
    encoder_hash: str

    def rank(self, text: str, encoder: Encoder) -> List[Tuple[str, float]]:
        """All intents with their probabilities, the likeliest first."""
        margins = self.intercept.copy()
        for names, rows in zip(parts(text), self.rows, strict=True):
            found, values = _weighed(names, rows, self.idf)
            if found:
                margins += np.asarray(values, np.float32) @ self.weights[found]
        margins += encoder.encode([without_references(text)])[0] @ self.encoder_weights
        probabilities = _softmax(margins[None] * self.sharpness)[0]
        order = np.argsort(-probabilities, kind="stable")
        return [(self.intents[i], float(probabilities[i])) for i in order]

    def _check_shapes(self) -> None:
        rows, intents = sum(len(part) for part in self.rows), len(self.intents)
        wanted = {"idf": (rows,), "weights": (rows, intents), "intercept": (intents,)}
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, not {shape}")
        if self.encoder_weights.ndim != 2 or self.encoder_weights.shape[1] != intents:
            raise ValueError(f"encoder_weights has shape {self.encoder_weights.shape}")

    def save(self, folder: Path) -> None:
        """Arrays and JSON; no pickle."""
        names = {
            "format": FORMAT,
            "intents": self.intents,
            "parts": [list(rows) for rows in self.rows],
            "sharpness": self.sharpness,
            "encoder": self.encoder_hash,
        }
        (folder / NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / ARRAYS,
            idf=self.idf,
            weights=self.weights,
            intercept=self.intercept,
            encoder_weights=self.encoder_weights,
        )

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """What `save` wrote. ValueError names the file that is missing, damaged or of another format, and the way out."""
        file = folder / NAMES
        try:
            names = json.loads(file.read_text(encoding="utf-8"))
            if names["format"] != FORMAT:
                raise ValueError(f"format {names['format']}, {FORMAT} expected")
            file = folder / ARRAYS
            model = cls._read(folder, names)
            model._check_shapes()
        except Exception as error:  # json, zipfile and numpy raise many kinds for a damaged file
            raise ValueError(f"{file}: the intents cannot be read ({error!r}). {RETRAIN}") from error
        return model

    @classmethod
    def _read(cls, folder: Path, names: Dict[str, Any]) -> IntentModel:
        rows, first = [], 0
        for part in names["parts"]:
            rows.append({name: first + i for i, name in enumerate(part)})
            first += len(part)
        with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
            return cls(
                intents=tuple(names["intents"]),
                rows=tuple(rows),
                idf=arrays["idf"],
                weights=arrays["weights"],
                intercept=arrays["intercept"],
                encoder_weights=arrays["encoder_weights"],
                sharpness=float(names["sharpness"]),
                encoder_hash=names["encoder"],
            )


def fit(texts: Sequence[str], intents: Sequence[str], encoder: Encoder) -> IntentModel:
    """The classifier of these examples; the same examples give the same weights."""
    seen = [parts(text) for text in texts]
    rows, idf = _vocabulary(seen)
    matrix = _matrix(seen, rows, idf, encoder.encode([without_references(t) for t in texts]))
    labels = np.asarray(intents)
    held = np.arange(len(labels)) % HELD_BACK == HELD_BACK - 1
    tried = _fitted(matrix[~held], labels[~held])
    final = _fitted(matrix, labels)
    by_name = final.weights.T.astype(np.float32)
    return IntentModel(
        intents=final.intents,
        rows=rows,
        idf=idf,
        weights=by_name[: len(idf)],
        intercept=final.intercept.astype(np.float32),
        encoder_weights=by_name[len(idf) :] * np.float32(ENCODER_WEIGHT),
        sharpness=_sharpness(tried, matrix[held], labels[held]),
        encoder_hash=encoder.hash,
    )


@dataclass(frozen=True)
class _Linear:
    """A row of weights and an intercept for each intent."""

    intents: Tuple[str, ...]
    weights: np.ndarray
    intercept: np.ndarray


def _vocabulary(seen: Sequence[Tuple[List[str], ...]]) -> Tuple[Tuple[Dict[str, int], ...], np.ndarray]:
    """Rows by name for each part, and the inverse document frequency of each row."""
    rows, idf = [], []
    for position in range(len(seen[0])):
        documents = Counter(name for texts in seen for name in set(texts[position]))
        names = sorted(documents)
        rows.append({name: len(idf) + i for i, name in enumerate(names)})
        idf += [math.log((1 + len(seen)) / (1 + documents[name])) + 1 for name in names]
    return tuple(rows), np.asarray(idf, np.float32)


def _weighed(names: Iterable[str], rows: Dict[str, int], idf: np.ndarray) -> Tuple[List[int], List[float]]:
    """Rows and values of one part: (1 + ln count) · idf, at unit length."""
    counts = Counter(rows[name] for name in names if name in rows)
    values = [(1 + math.log(count)) * float(idf[row]) for row, count in counts.items()]
    length = math.sqrt(sum(v * v for v in values)) or 1.0
    return list(counts), [v / length for v in values]


def _matrix(
    seen: Sequence[Tuple[List[str], ...]],
    rows: Sequence[Dict[str, int]],
    idf: np.ndarray,
    vectors: np.ndarray,
):  # type: ignore[no-untyped-def]
    from scipy.sparse import csr_matrix, hstack

    indices: List[int] = []
    values: List[float] = []
    ends = [0]
    for text in seen:
        for names, part in zip(text, rows, strict=True):
            found, weighed = _weighed(names, part, idf)
            indices += found
            values += weighed
        ends.append(len(indices))
    named = csr_matrix((values, indices, ends), shape=(len(seen), len(idf)))
    return hstack([named, csr_matrix(vectors * ENCODER_WEIGHT)]).tocsr()


def _fitted(matrix, labels: np.ndarray) -> _Linear:  # type: ignore[no-untyped-def]
    from sklearn.svm import LinearSVC

    svc = LinearSVC(C=STRENGTH, tol=TOLERANCE, class_weight="balanced", random_state=0).fit(matrix, labels)
    weights, intercept = svc.coef_, svc.intercept_
    if len(svc.classes_) == 2:  # of two classes the library keeps the second's side only
        weights, intercept = np.vstack([-weights, weights]), np.concatenate([-intercept, intercept])
    return _Linear(intents=tuple(str(c) for c in svc.classes_), weights=weights, intercept=intercept)


def _sharpness(fitted: _Linear, matrix, labels: np.ndarray) -> float:  # type: ignore[no-untyped-def]
    """What margins are multiplied by before the softmax, so that probabilities are as good as they can be."""
    margins = matrix @ fitted.weights.T + fitted.intercept
    right = np.searchsorted(fitted.intents, labels)
    tried = np.geomspace(0.5, 16, 41)
    loss = [-np.log(_softmax(margins * s)[np.arange(len(right)), right] + 1e-12).mean() for s in tried]
    return float(tried[int(np.argmin(loss))])


def _softmax(margins: np.ndarray) -> np.ndarray:
    raised = np.exp(margins - margins.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
