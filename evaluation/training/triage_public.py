"""Trains the frozen public layer of triage: `python -m evaluation.training.triage_public --data ../shared/data`.

One logistic regression a task over hashed n-grams; about four minutes on one core. Prints accuracies on rows held out
by seed, and writes routing/public_layer. Nothing of the data is written: the table holds weights by hash only.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from routing.tags import SENTIMENTS
from routing.triage_examples import all_examples
from routing.triage_features import VERSION, ngrams
from routing.triage_public import ABOUT_FILE, BUCKETS, SHIPPED, WEIGHTS_FILE, bucket

HOME: Final = Path(__file__).resolve().parents[2]
SEED: Final = 7
DEV_SHARE: Final = 0.07
LONGEST: Final = 1200
CLEAR: Final = frozenset(
    {"offensive_zh_cold", "support_en_bitext", "intent_en_banking77", "oos_zh_chitchat_lccc"}
)
RATIO_FLOOR: Final = 0.1
"""So that a feature that both labels have equally often still counts a little."""
_MASKS: Final = re.compile(r"\[[^\[\]]{0,24}\]|#E-s\S*")

Licence = Literal["all", "clear"]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Task:
    """Texts with labels; more than two labels become as many columns."""

    name: str
    texts: Sequence[str]
    labels: Sequence[str]
    strength: float = 3.0
    tolerance: float = 1e-4
    by_ratio: bool = False
    """Of two labels: half of the weights from features scaled by how much more often one label has them."""


def tasks(folder: Path, licence: Licence) -> Iterator[Task]:
    """What the layer learns. With `clear` only what the sets of a clear licence can teach."""
    bitext = list(_rows(folder, "support_en_bitext"))
    cold = list(_rows(folder, "offensive_zh_cold"))
    yield Task(name="offence", texts=_texts(cold), labels=[str(row["label"]) for row in cold])
    yield Task(
        name="swearing", texts=_texts(bitext), labels=[str(int("W" in row["flags"])) for row in bitext]
    )
    if licence == "clear":
        return
    reviews = [*_rows(folder, "sentiment_zh_online_shopping"), *_rows(folder, "sentiment_zh_waimai")]
    polarity = [str(row["label"]) for row in reviews]
    yield Task(name="review", texts=_texts(reviews), labels=polarity, strength=6.0, by_ratio=True)
    yield _register(folder, _texts(reviews), _texts(bitext))
    social = list(_rows(folder, "emotion_zh_ewect_train"))
    yield Task(name="emotion", texts=_texts(social), labels=[row["label"] for row in social])
    cantonese = list(_rows(folder, "emotion_yue"))
    yield Task(name="cantonese", texts=_texts(cantonese), labels=[row["sentiment"] for row in cantonese])
    angry = [str(int(row["anger"] >= 2)) for row in cantonese]
    yield Task(name="cantonese_anger", texts=_texts(cantonese), labels=angry)


def _register(folder: Path, reviews: Sequence[str], bitext: Sequence[str]) -> Task:
    """Whether a text is a review of goods or what somebody writes to a service desk or a friend.

    Our own messages are among the latter, for they complain as reviews do.
    """
    turns = {turn for row in _rows(folder, "dialogue_zh_jddc") for turn in row["context"][-3:]}
    of_customers = sorted(t for t in turns if len(t) < 60 and "亲" not in t and "您" not in t)
    random.Random(SEED).shuffle(of_customers)
    chat = [turn for row in _rows(folder, "oos_zh_chitchat_lccc") for turn in row["turns"][:1]]
    own = [example.text for example in all_examples(HOME) if SENTIMENTS[example.labels[0]] != "positive"]
    others = [*of_customers[:15_000], *bitext, *_texts(_rows(folder, "intent_en_banking77")), *chat, *own]
    return Task(
        name="is_review", texts=[*reviews, *others], labels=["1"] * len(reviews) + ["0"] * len(others)
    )


def _texts(rows: Sequence[dict[str, Any]] | Iterator[dict[str, Any]]) -> list[str]:
    return [row["text"] for row in rows]


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def hashed(texts: Sequence[str]) -> Any:
    """Sparse rows of sublinear counts, as PublicLayer.signs sees them, without rarity and length."""
    from scipy.sparse import csr_matrix

    columns: list[int] = []
    counts: list[int] = []
    ends = [0]
    for text in texts:
        found = ngrams(_MASKS.sub(" ", text[:LONGEST]))
        columns += [bucket(name) for name in found]
        counts += found.values()
        ends.append(len(columns))
    values = (1 + np.log(np.array(counts))).astype(np.float32)
    rows = csr_matrix((values, np.array(columns, np.int32), np.array(ends)), shape=(len(texts), BUCKETS))
    rows.sum_duplicates()
    return rows


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What one task taught: names, weights (BUCKETS × columns), biases, and how well on rows held out."""

    names: list[str]
    weights: Floats
    biases: Floats
    accuracy: float
    rows: int


def learn(task: Task, rows: Any) -> Columns:
    """The task's columns; of more than two labels one each, centred."""
    labels = np.array(task.labels)
    dev = np.random.default_rng(SEED).random(len(labels)) < DEV_SHARE
    names, weights, biases, right = _fitted(task, rows[~dev], labels[~dev])
    if task.by_ratio:
        weights, biases = _halved_by_ratio(task, rows[~dev], labels[~dev], weights, biases)
        right = sorted(set(task.labels))
    scores = rows[dev] @ weights.T + biases
    best = scores.argmax(axis=1) if len(weights) > 1 else (scores[:, 0] > 0).astype(int)
    accuracy = float((np.array(right)[best] == labels[dev]).mean())
    return Columns(names=names, weights=weights.T, biases=biases, accuracy=accuracy, rows=len(labels))


def _fitted(task: Task, rows: Any, labels: npt.NDArray[Any]) -> tuple[list[str], Floats, Floats, list[str]]:
    """Names, weights (columns × features), biases, and the labels in the order of the scores."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=task.strength, tol=task.tolerance, max_iter=120, class_weight="balanced")
    model.fit(rows, labels)
    weights, biases, classes = model.coef_, model.intercept_, list(model.classes_)
    if len(classes) == 2:
        return [task.name], weights, biases, classes
    names = [f"{task.name}:{label}" for label in classes]
    return names, weights - weights.mean(axis=0), biases - biases.mean(), classes


def _halved_by_ratio(
    task: Task, rows: Any, labels: npt.NDArray[Any], weights: Floats, biases: Floats
) -> tuple[Floats, Floats]:
    """The mean of `weights` and of those found on scaled features (Wang and Manning 2012), both at unit spread.

    Still one weight a feature: scaling is undone afterwards.
    """
    from scipy.sparse import diags

    has = rows > 0
    counts = [
        0.5 + np.asarray(has[labels == label].sum(axis=0)).ravel() for label in sorted(set(task.labels))
    ]
    shares = [count / count.sum() for count in counts]
    ratio = (np.abs(np.log(shares[1] / shares[0])) + RATIO_FLOOR).astype(np.float32)
    _, scaled, other, _ = _fitted(task, (rows @ diags(ratio)).tocsr(), labels)
    scaled = scaled * ratio
    spread, other_spread = (float((rows @ w.T + b).std()) for w, b in ((weights, biases), (scaled, other)))
    return (
        (weights / spread + scaled / other_spread) / 2,
        np.asarray(biases / spread + other / other_spread) / 2,
    )


def train(folder: Path, licence: Licence) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """The arrays of the layer, and what about.json says of them."""
    from scipy.sparse import diags
    from sklearn.preprocessing import normalize

    counted = [(task, hashed(task.texts)) for task in tasks(folder, licence)]
    documents = sum(np.asarray((rows > 0).sum(axis=0)).ravel() for _, rows in counted)
    n = sum(rows.shape[0] for _, rows in counted)
    idf = (1 + np.log((1 + n) / (1 + np.asarray(documents)))).astype(np.float16)
    learnt = []
    spread = []
    for task, rows in counted:
        weighed = normalize(rows @ diags(idf.astype(np.float32))).tocsr().astype(np.float32)
        columns = learn(task, weighed)
        scores = weighed[:4000] @ columns.weights + columns.biases
        spread.append(np.column_stack([scores.mean(axis=0) * 0, scores.std(axis=0)]))
        learnt.append(columns)
        print(f"{task.name:16} {columns.rows:7} rows, dev accuracy {columns.accuracy:.4f}", flush=True)
    arrays = _whole_numbers(learnt, np.vstack(spread), idf)
    about = {
        "features": VERSION,
        "tasks": [name for columns in learnt for name in columns.names],
        "dev_accuracy": {
            task.name: round(c.accuracy, 4) for (task, _), c in zip(counted, learnt, strict=True)
        },
        "rows": {task.name: columns.rows for (task, _), columns in zip(counted, learnt, strict=True)},
        "licence": licence,
        "seed": SEED,
    }
    return arrays, about


def _whole_numbers(learnt: Sequence[Columns], spread: Floats, idf: npt.NDArray[np.float16]) -> dict[str, Any]:
    """Weights of one byte; the factors bring each sign to a spread of about one."""
    weights = np.hstack([columns.weights for columns in learnt])
    biases = np.concatenate([columns.biases for columns in learnt])
    # The rarest thousandth is cut: one far weight would cost all others their precision.
    largest = np.quantile(np.abs(weights), 0.9999, axis=0)
    table = np.clip(np.round(weights / largest * 127), -127, 127).astype(np.int8)
    scale = spread[:, 1]
    return {
        "table": table,
        "factors": (largest / 127 / scale).astype(np.float32),
        "offsets": (biases / scale).astype(np.float32),
        "idf": idf,
    }


def write(folder: Path, arrays: dict[str, npt.NDArray[Any]], about: dict[str, Any]) -> None:
    """Both files; the same arrays give the same bytes."""
    folder.mkdir(exist_ok=True)
    np.savez_compressed(folder / WEIGHTS_FILE, allow_pickle=False, **arrays)
    digest = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()[:16]
    written = json.dumps({**about, "hash": digest}, indent=1)
    (folder / ABOUT_FILE).write_text(written + "\n", encoding="utf-8")
    with zipfile.ZipFile(folder / WEIGHTS_FILE) as packed:
        print(
            f"{folder.name}: {sum(entry.compress_size for entry in packed.infolist()) / 1e6:.1f} MB, {digest}"
        )


def main() -> None:
    """Reads, learns, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data")
    parser.add_argument("--licence", choices=["all", "clear"], default="all", help="which sets may teach")
    parser.add_argument("--into", type=Path, default=SHIPPED, help="where the layer goes")
    given = parser.parse_args()
    arrays, about = train(given.data, given.licence)
    write(given.into, arrays, about)


if __name__ == "__main__":
    main()
