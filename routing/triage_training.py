"""Trains the triage classifier from nlu_data/triage: TF-IDF and logistic regression, calibrated out of fold.

Deterministic: the same examples and the same code give the same arrays, in a folder named by their hash.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import yaml

from routing import text, triage_features, triage_model
from routing.triage_features import features
from routing.triage_model import HEADS, LinearTagger

NLU_DATA: Final = Path("nlu_data")
EXAMPLES: Final = NLU_DATA / "triage"
CALM_INTENTS: Final = frozenset(
    {
        *("goodbye", "affirm", "deny", "stop", "chitchat", "inform", "presales", "ask_policy"),
        *("track_order", "request_return", "request_refund", "refund_status", "request_invoice"),
        *("change_address", "cancel_order"),
    }
)
"""What customers say without any displeasure: the intents' examples teach the classifier what is ordinary."""
CALM_LABELS: Final = "neutral normal none"
MODELS: Final = Path("models") / "triage"
RARE: Final = 2
"""A feature of fewer messages than this teaches nothing general."""
STRENGTHS: Final = {"sentiment": 3.0, "urgency": 3.0, "level": 3.0}
"""Inverse regularisation of each head, chosen by the out-of-fold loss."""
FOLDS: Final = 5

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


class ExamplesError(ValueError):
    """A label file that cannot be used; the message names file, group and fix."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One labelled message; labels are positions in HEADS."""

    text: str
    labels: tuple[int, ...]


def train_if_changed(home: Path, data: Path) -> Path:
    """The folder of the classifier for the examples under `home`; trained only where there is none yet.

    `data` is the data folder (var). Raises ExamplesError for examples that cannot be used.
    """
    files = sorted((home / EXAMPLES).glob("*.yml"))
    if not files:
        raise ExamplesError(f"{EXAMPLES}: no label files. They belong to the program; restore them.")
    calm_files = sorted((home / NLU_DATA).glob("*.yml"))
    folder = data / MODELS / content_hash([*files, *calm_files])
    if (folder / triage_model.NAMES_FILE).exists():
        return folder
    tagger = fit(all_examples(home))
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".training-", dir=folder.parent))
    tagger.save(unfinished)
    try:
        unfinished.rename(folder)
    except OSError:  # another process was faster; both trained the same
        shutil.rmtree(unfinished)
    return folder


def all_examples(home: Path) -> list[Example]:
    """Everything that is trained on: the labelled messages, and the intents' calm ones that nobody labelled.

    Raises ExamplesError.
    """
    labelled = [e for file in sorted((home / EXAMPLES).glob("*.yml")) for e in read_examples(file)]
    known = {text.fold(example.text).strip() for example in labelled}
    calm = [e for file in sorted((home / NLU_DATA).glob("*.yml")) for e in read_calm_examples(file)]
    return labelled + [e for e in calm if text.fold(e.text).strip() not in known]


def read_calm_examples(file: Path) -> list[Example]:
    """The examples of the calm intents in one of Rasa's files. Raises ExamplesError."""
    try:
        blocks = yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        texts = [
            line.removeprefix("- ").strip()
            for block in blocks
            if block.get("intent") in CALM_INTENTS
            for line in block["examples"].splitlines()
            if line.startswith("- ")
        ]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ExamplesError(
            f"{file.name} is not an NLU file of Rasa: {type(error).__name__}: {error}"
        ) from None
    labels = _labels(file, CALM_LABELS)
    return [Example(text=example, labels=labels) for example in texts]


def content_hash(files: Sequence[Path]) -> str:
    """Names and content of the examples, and of the code that makes arrays out of them."""
    code = [Path(str(m.__file__)) for m in (text, triage_features, triage_model)] + [Path(__file__)]
    digest = hashlib.sha256(f"{triage_features.VERSION} {version('scikit-learn')}".encode())
    for file in [*files, *code]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def read_examples(file: Path) -> list[Example]:
    """The messages of one label file, grouped as `sentiment urgency level`. Raises ExamplesError."""
    try:
        # BaseLoader: «yes», «1» and «null» are messages here, not values.
        groups = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise ExamplesError(f"{file.name} is not readable YAML: {error}") from None
    if not isinstance(groups, dict):
        raise ExamplesError(f"{file.name}: must be groups of messages, keyed by their labels.")
    return [
        Example(text=message, labels=_labels(file, key))
        for key, messages in groups.items()
        for message in _messages(file, key, messages)
    ]


def _labels(file: Path, key: str) -> tuple[int, ...]:
    words = key.split()
    if len(words) != len(HEADS):
        raise ExamplesError(f"{file.name}: {key!r} must be «sentiment urgency level».")
    for word, (head, known) in zip(words, HEADS.items(), strict=True):
        if word not in known:
            raise ExamplesError(f"{file.name}: {key!r}: {word!r} is no {head}; one of {', '.join(known)}.")
    return tuple(known.index(word) for word, known in zip(words, HEADS.values(), strict=True))


def _messages(file: Path, key: str, messages: Any) -> list[str]:
    if not isinstance(messages, list) or not all(isinstance(m, str) and m.strip() for m in messages):
        raise ExamplesError(f"{file.name}: {key!r}: a list of messages, none empty.")
    return messages


def fit(examples: Sequence[Example]) -> LinearTagger:
    """The classifier that these examples teach."""
    counted = [features(example.text) for example in examples]
    documents = Counter(name for counts in counted for name in counts)
    names = sorted(name for name, n in documents.items() if n >= RARE)
    index = {name: i for i, name in enumerate(names)}
    idf = np.array([1 + np.log((1 + len(examples)) / (1 + documents[n])) for n in names], dtype=np.float32)
    weights, bias = _fit_heads(_matrix(counted, index, idf), np.array([e.labels for e in examples]))
    return LinearTagger(index=index, idf=idf, weights=weights, bias=bias)


def _fit_heads(matrix: Any, labels: Labels) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """All heads side by side. One thread: on matrices this small more of them only wait for each other."""
    # Imported before the limit, which reaches only libraries that are already loaded.
    import scipy.optimize  # noqa: F401
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        heads = [
            _fit_head(matrix, labels[:, position], len(names), STRENGTHS[head])
            for position, (head, names) in enumerate(HEADS.items())
        ]
    weights = np.hstack([weight for weight, _ in heads]).astype(np.float32)
    return weights, np.hstack([bias for _, bias in heads]).astype(np.float32)


def _matrix(counted: Sequence[Counter[str]], index: dict[str, int], idf: npt.NDArray[np.float32]) -> Any:
    """Sparse TF-IDF rows, as LinearTagger makes them of one message."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    rows = [(r, index[f], n) for r, counts in enumerate(counted) for f, n in counts.items() if f in index]
    where = np.array([(r, c) for r, c, _ in rows]).T
    values = np.array([(1 + np.log(n)) * idf[c] for _, c, n in rows])
    return normalize(csr_matrix((values, where), shape=(len(counted), len(index))))


def _fit_head(matrix: Any, expected: Labels, classes: int, strength: float) -> tuple[Floats, Floats]:
    """Weights and bias of one head, scaled so that probabilities mean what they say."""
    scores = out_of_fold_scores(matrix, expected, classes, strength)
    scale = calibrate(scores, expected)
    weight, bias = _regress(matrix, expected, classes, strength)
    return weight * scale[0], bias * scale[0] + scale[1:]


def _regress(matrix: Any, expected: Labels, classes: int, strength: float) -> tuple[Floats, Floats]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=400, tol=1e-3)
    model.fit(matrix, expected)
    weight, bias = np.zeros((matrix.shape[1], classes)), np.full(classes, -30.0)
    for row, label in enumerate(model.classes_):
        weight[:, label], bias[label] = model.coef_[row], model.intercept_[row]
    return weight, bias


def out_of_fold_scores(matrix: Any, expected: Labels, classes: int, strength: float) -> Floats:
    """Each message's scores by a model that has not seen it. Folds cut across groups, in a fixed order."""
    fold = np.arange(len(expected)) % FOLDS
    scores = np.zeros((len(expected), classes))
    for number in range(FOLDS):
        weight, bias = _regress(matrix[fold != number], expected[fold != number], classes, strength)
        scores[fold == number] = matrix[fold == number] @ weight + bias
    return scores


def calibrate(scores: Floats, expected: Labels) -> Floats:
    """One factor and a bias per class that make the out-of-fold probabilities honest (least log loss)."""
    from scipy.optimize import minimize

    classes = scores.shape[1]

    def loss(scale: Floats) -> float:
        return log_loss(scores * np.exp(scale[0]) + scale[1:], expected) + 1e-3 * float(scale @ scale)

    found = minimize(loss, np.zeros(classes + 1), method="L-BFGS-B").x
    return np.concatenate([[np.exp(found[0])], found[1:]])


def log_loss(scores: Floats, expected: Labels) -> float:
    """Mean negative log likelihood of the expected labels."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(expected)), expected].mean())


def describe(folder: Path) -> dict[str, Any]:
    """Size of a trained classifier, for reports."""
    names = json.loads((folder / triage_model.NAMES_FILE).read_text(encoding="utf-8"))
    return {"features": len(names["features"]), "version": names["version"], "hash": folder.name}
