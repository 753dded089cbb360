"""Trains the triage classifier from nlu_data/triage: logistic regression, calibrated out of fold.

Deterministic: the same examples, the same encoder and the same code give the same arrays, in a folder named by
their hash. What public data taught (routing.triage_public) and the sentence encoder are frozen; this is what a
shop's own examples change.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from routing import (
    text,
    triage_concepts,
    triage_decision,
    triage_examples,
    triage_features,
    triage_marks,
    triage_model,
    triage_public,
    triage_reading,
    triage_reviews,
    triage_solver,
)
from routing.triage import Encoder
from routing.triage_decision import HEADS
from routing.triage_examples import (
    EXAMPLES,
    NLU_DATA,
    Example,
    ExamplesError,
    all_examples,
    calm_examples,
    read_examples,
)
from routing.triage_features import ngrams, signs
from routing.triage_model import ENCODER_VALUE, PUBLIC_VALUE, LinearTagger, weigh
from routing.triage_solver import Floats, Labels, Rows, head_parts, solve

Doubles = npt.NDArray[np.float64]

__all__ = ["EXAMPLES", "Example", "ExamplesError", "all_examples", "read_examples", "train_if_changed"]

MODELS: Final = Path("models") / "triage"
RARE: Final = 2
"""A feature of fewer messages than this teaches nothing general."""
CALM_WEIGHT: Final = 0.6
STRENGTH: Final = 12.0
"""Inverse regularisation, chosen by the out-of-fold loss."""
STEPS: Final = 110
"""Of the solver; later ones fit the examples better and new messages no better."""
FOLDS: Final = 3
EXPECTED_SHARE: Final = {"sentiment": {"angry": 0.15}}
"""Of the messages that a desk sees. The examples hold more of them to learn from; probabilities are for the desk."""
BEGINNING: Final = 4
"""Characters of a message that decide its fold."""


def train_if_changed(home: Path, data: Path, encoder: Encoder | None = None) -> Path:
    """The folder of the classifier for the examples under `home`; trained only where there is none yet.

    `data` is the data folder (var). Raises ExamplesError for examples that cannot be used.
    """
    files = sorted((home / EXAMPLES).glob("*.yml"))
    if not files:
        raise ExamplesError(f"{EXAMPLES}: no label files. They belong to the program; restore them.")
    folder = data / MODELS / content_hash([*files, *sorted((home / NLU_DATA).glob("*.yml"))], encoder)
    if (folder / triage_model.NAMES_FILE).exists():
        return folder
    tagger = fit(all_examples(home), encoder, calm_examples(home))
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".training-", dir=folder.parent))
    tagger.save(unfinished)
    try:
        unfinished.rename(folder)
    except OSError:  # another process was faster; both trained the same
        shutil.rmtree(unfinished)
    return folder


_CODE: Final = (
    text,
    triage_concepts,
    triage_decision,
    triage_examples,
    triage_features,
    triage_marks,
    triage_model,
    triage_public,
    triage_reading,
    triage_reviews,
    triage_solver,
)


def content_hash(files: Sequence[Path], encoder: Encoder | None) -> str:
    """Names and content of the examples, and of everything that makes arrays out of them."""
    code = [Path(str(module.__file__)) for module in _CODE]
    frozen = f"{triage_public.shipped().hash} {encoder.hash if encoder else None}"
    digest = hashlib.sha256(
        f"{triage_features.VERSION} {triage_reading.VERSION} {version('scipy')} {frozen}".encode()
    )
    for file in [*files, *code, Path(__file__), triage_concepts.CONCEPTS_FILE]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _vectors(examples: Sequence[Example], encoder: Encoder | None) -> Floats:
    if encoder is None:
        return np.zeros((len(examples), 0), np.float32)
    return encoder.encode([example.text for example in examples])


def fit(
    examples: Sequence[Example],
    encoder: Encoder | None,
    calm: Sequence[Example] = (),
    corrected: Sequence[tuple[Example, float]] = (),
) -> LinearTagger:
    """The classifier that these examples teach; `calm` ones count CALM_WEIGHT, `corrected` ones what stands beside
    them (routing.triage_corrections), and both nothing in the calibration.

    One thread: more of them only wait for each other.
    """
    # Imported before the limit, which reaches only libraries that are already loaded.
    import scipy.optimize  # noqa: F401
    from threadpoolctl import threadpool_limits

    public = triage_public.shipped()
    every = [*examples, *calm, *(example for example, _ in corrected)]
    counted = count(every)
    index, idf = vocabulary(counted)
    weighed = [1.0] * len(examples) + [CALM_WEIGHT] * len(calm) + [weight for _, weight in corrected]
    worth = np.array(weighed, dtype=np.float32)
    with threadpool_limits(1):
        rows = rows_of(counted, index, idf, _vectors(every, encoder))
        labels = np.array([example.labels for example in every])
        weights = solve(rows, labels, worth, STRENGTH, STEPS)
        scores = out_of_fold_scores(rows, labels, worth, folds_of(every))
        labelled = slice(0, len(examples))
        weights = _calibrated(weights, scores[labelled], labels[labelled])
    n, taught = len(index), len(public.tasks)
    return LinearTagger(
        index=index,
        idf=idf,
        weights=weights[:n].astype(np.float32),
        public_weights=(weights[n : n + taught] * PUBLIC_VALUE).astype(np.float32),
        encoder_weights=(weights[n + taught : -1] * ENCODER_VALUE).astype(np.float32),
        bias=weights[-1].astype(np.float32),
        public=public,
        encoder=encoder,
    )


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The features of one message, counted once for all that is made of them."""

    ngrams: Counter[str]
    signs: Counter[str]


def count(examples: Sequence[Example]) -> list[Counted]:
    """The features of each message."""
    return [Counted(ngrams=ngrams(e.text), signs=signs(e.text)) for e in examples]


def vocabulary(counted: Sequence[Counted]) -> tuple[dict[str, int], npt.NDArray[np.float32]]:
    """The features that at least RARE messages have, and how rare each one is."""
    documents = Counter(name for one in counted for names in (one.ngrams, one.signs) for name in names)
    names = sorted(name for name, n in documents.items() if n >= RARE)
    idf = [1 + np.log((1 + len(counted)) / (1 + documents[name])) for name in names]
    return {name: i for i, name in enumerate(names)}, np.array(idf, dtype=np.float32)


def rows_of(
    counted: Sequence[Counted],
    index: dict[str, int],
    idf: npt.NDArray[np.float32],
    vectors: Floats,
) -> Rows:
    """The messages as LinearTagger sees them."""
    from scipy.sparse import csr_matrix

    public = triage_public.shipped()
    columns, values, ends = [], [], [0]
    for one in counted:
        _, rows, weighed = weigh(one.ngrams, one.signs, index, idf)
        columns.append(rows)
        values.append(weighed)
        ends.append(ends[-1] + len(rows))
    shape = (len(counted), len(index))
    sparse = csr_matrix((np.concatenate(values), np.concatenate(columns), np.array(ends)), shape=shape)
    taught = np.array([public.signs(one.ngrams) for one in counted], dtype=np.float32)
    dense = np.hstack([taught * np.float32(PUBLIC_VALUE), vectors * np.float32(ENCODER_VALUE)])
    return Rows(sparse=sparse, dense=dense)


def folds_of(examples: Sequence[Example]) -> npt.NDArray[np.int64]:
    """The fold of each message; those that begin alike, and are perhaps nearly the same, share one."""
    return np.array([zlib.crc32(text.fold(e.text).strip()[:BEGINNING].encode()) % FOLDS for e in examples])


def out_of_fold_scores(rows: Rows, labels: Labels, worth: Floats, fold: npt.NDArray[np.int64]) -> Floats:
    """Each message's scores by a model that has not learnt from it."""
    scores = np.zeros((len(labels), triage_solver.LABELS), np.float32)
    for number in np.unique(fold):
        rest = fold != number
        weights = solve(rows.take(rest), labels[rest], worth[rest], STRENGTH, STEPS)
        scores[~rest] = rows.take(~rest).scores(weights)
    return scores


def _calibrated(weights: Floats, scores: Floats, labels: Labels) -> Floats:
    """Weights scaled so that probabilities mean what they say: one factor a head, one shift a label."""
    scaled = weights.copy()
    for head, (part, start) in enumerate(zip(head_parts(scores), triage_solver.STARTS, strict=True)):
        expected = labels[:, head]
        found = calibrate(part.astype(np.float64), expected, _as_expected(head, expected)).astype(np.float32)
        columns = slice(start, start + part.shape[1])
        scaled[:, columns] *= found[0]
        scaled[-1, columns] += found[1:]
    return scaled


def _as_expected(head: int, labels: Labels) -> Doubles:
    """What each message counts so that the labels have the shares of EXPECTED_SHARE; others keep their proportions."""
    name, known = list(HEADS.items())[head]
    counts = np.ones(len(labels))
    for label, share in EXPECTED_SHARE.get(name, {}).items():
        of_label = labels == known.index(label)
        if 0 < of_label.mean() < 1:
            counts[of_label] = share / (1 - share) * (~of_label).sum() / of_label.sum()
    return counts


def calibrate(scores: Doubles, expected: Labels, counts: Doubles | None = None) -> Doubles:
    """One factor and a bias per class that make the out-of-fold probabilities honest (least log loss).

    `counts` says how much each message counts.
    """
    from scipy.optimize import minimize

    classes = scores.shape[1]

    def loss(scale: Doubles) -> float:
        return log_loss(scores * np.exp(scale[0]) + scale[1:], expected, counts) + 1e-3 * float(scale @ scale)

    found = minimize(loss, np.zeros(classes + 1), method="L-BFGS-B").x
    return np.concatenate([[np.exp(found[0])], found[1:]])


def log_loss(scores: Doubles, expected: Labels, counts: Doubles | None = None) -> float:
    """Mean negative log likelihood of the expected labels."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-np.average(logs[np.arange(len(expected)), expected], weights=counts))


def describe(folder: Path) -> dict[str, Any]:
    """Size of a trained classifier, for reports."""
    names = json.loads((folder / triage_model.NAMES_FILE).read_text(encoding="utf-8"))
    return {"features": len(names["features"]), "version": names["version"], "hash": folder.name}
