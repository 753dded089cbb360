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

from routing.triage_features import VERSION, ngrams
from routing.triage_public import ABOUT_FILE, BUCKETS, SHIPPED, WEIGHTS_FILE, bucket

SEED: Final = 7
DEV_SHARE: Final = 0.07
LONGEST: Final = 400
CLEAR: Final = frozenset(
    {"offensive_zh_cold", "support_en_bitext", "intent_en_banking77", "oos_zh_chitchat_lccc"}
)
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
    yield Task(name="review", texts=_texts(reviews), labels=polarity, strength=6.0, tolerance=1e-6)
    yield _register(folder, _texts(reviews), _texts(bitext))
    social = list(_rows(folder, "emotion_zh_ewect_train"))
    yield Task(name="emotion", texts=_texts(social), labels=[row["label"] for row in social])
    cantonese = list(_rows(folder, "emotion_yue"))
    yield Task(name="cantonese", texts=_texts(cantonese), labels=[row["sentiment"] for row in cantonese])
    angry = [str(int(row["anger"] >= 2)) for row in cantonese]
    yield Task(name="cantonese_anger", texts=_texts(cantonese), labels=angry)


def _register(folder: Path, reviews: Sequence[str], bitext: Sequence[str]) -> Task:
    """Whether a text is a review of goods or what somebody writes to a service desk or a friend."""
    turns = {turn for row in _rows(folder, "dialogue_zh_jddc") for turn in row["context"][-3:]}
    of_customers = sorted(t for t in turns if len(t) < 60 and "亲" not in t and "您" not in t)
    random.Random(SEED).shuffle(of_customers)
    chat = [turn for row in _rows(folder, "oos_zh_chitchat_lccc") for turn in row["turns"][:1]]
    others = [*of_customers[:15_000], *bitext, *_texts(_rows(folder, "intent_en_banking77")), *chat]
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
    from sklearn.linear_model import LogisticRegression

    labels = np.array(task.labels)
    dev = np.random.default_rng(SEED).random(len(labels)) < DEV_SHARE
    model = LogisticRegression(C=task.strength, tol=task.tolerance, max_iter=120, class_weight="balanced")
    model.fit(rows[~dev], labels[~dev])
    names, weights, biases = [task.name], model.coef_, model.intercept_
    if len(model.classes_) > 2:
        names = [f"{task.name}:{label}" for label in model.classes_]
        weights, biases = weights - weights.mean(axis=0), biases - biases.mean()
    accuracy = float((model.predict(rows[dev]) == labels[dev]).mean())
    return Columns(names=names, weights=weights.T, biases=biases, accuracy=accuracy, rows=len(labels))


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
