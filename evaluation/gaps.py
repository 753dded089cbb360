"""How well questions are grouped by meaning: `python -m evaluation.gaps [--json]`, on evaluation/gaps_groups.yml.

B-cubed (Bagga and Baldwin 1998) and the adjusted Rand index, beside k-means over TF-IDF of character pairs and English words,
which is told the true number of groups. The threshold was chosen on the dev half; the held-out half is only measured.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import numpy.typing as npt
import yaml

from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.gaps import MissedQuestion, find_gaps
from knowledge_base.grouping import NEARNESS, centred, common_to_all, group
from knowledge_base.search import query_form

GROUPS = Path(__file__).with_name("gaps_groups.yml")
TRIED = tuple(round(0.25 + 0.02 * n, 2) for n in range(16))
"""Thresholds shown for the dev half."""
MANY = 20_000
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """Questions and the number of the group that each belongs to; those alone have one of their own."""

    texts: tuple[str, ...]
    groups: Labels

    @property
    def count(self) -> int:
        """Of groups, the ones of a single question too."""
        return len(set(self.groups.tolist()))


def read_half(name: str, path: Path = GROUPS) -> Grouped:
    """`dev` or `held_out`."""
    half = yaml.safe_load(path.read_text(encoding="utf-8"))[name]
    lists = [*half["groups"], *([text] for text in half["alone"])]
    texts = tuple(str(text) for texts in lists for text in texts)
    return Grouped(texts=texts, groups=np.repeat(np.arange(len(lists)), [len(texts) for texts in lists]))


def scores(true: Labels, found: Labels) -> dict[str, float]:
    """Precision, recall and F of B-cubed, and the adjusted Rand index, in percent."""
    from sklearn.metrics import adjusted_rand_score

    same_true, same_found = true[:, None] == true[None, :], found[:, None] == found[None, :]
    both = (same_true & same_found).sum(axis=1)
    precision, recall = (
        float((both / same_found.sum(axis=1)).mean()),
        float((both / same_true.sum(axis=1)).mean()),
    )
    rand = float(adjusted_rand_score(true, found))
    measured = {
        "precision": precision,
        "recall": recall,
        "B-cubed F": 2 * precision * recall / (precision + recall),
        "adjusted Rand": rand,
    }
    return {name: round(100 * value, 1) for name, value in measured.items()} | {
        "groups": len(set(found.tolist()))
    }


def ours(encoder: Encoder, nearness: float = NEARNESS) -> Callable[[Grouped], Labels]:
    """As gaps are grouped."""

    def grouped(half: Grouped) -> Labels:
        vectors = encoder.encode([query_form(text) for text in half.texts])
        return group(centred(vectors, common_to_all(encoder)), nearness=nearness)

    return grouped


def kmeans(half: Grouped) -> Labels:
    """k-means over TF-IDF, with the true number of groups."""
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    forms = [query_form(text) for text in half.texts]
    weights = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 2), sublinear_tf=True).fit_transform(forms)
    return np.asarray(
        KMeans(n_clusters=half.count, n_init=10, random_state=0).fit_predict(weights.toarray()), np.int64
    )


def kmeans_of_vectors(encoder: Encoder) -> Callable[[Grouped], Labels]:
    """k-means over our own vectors, with the true number of groups."""

    def grouped(half: Grouped) -> Labels:
        from sklearn.cluster import KMeans

        vectors = centred(encoder.encode([query_form(text) for text in half.texts]), common_to_all(encoder))
        clustering = KMeans(n_clusters=half.count, n_init=10, random_state=0)
        return np.asarray(clustering.fit_predict(vectors), np.int64)

    return grouped


def verbatim(half: Grouped) -> Labels:
    """Only what is the same in matching form."""
    return np.unique([query_form(text) for text in half.texts], return_inverse=True)[1]


def seconds_for_many(encoder: Encoder, texts: Sequence[str], count: int = MANY) -> float:
    """Of finding gaps in so many questions, all different, made of `texts`."""
    rng = np.random.default_rng(0)
    at, by = datetime(2026, 11, 1, tzinfo=UTC), rng.integers(len(texts), size=(count, 2))
    questions = [
        MissedQuestion(
            conversation_id=UUID(int=n),
            seq=1,
            text=f"{texts[one]}{texts[other][: n % 7]}{'啊呢呀吧'[n % 4]}",
            language="zh-Hans",
            at=at,
            why="declined",
        )
        for n, (one, other) in enumerate(by.tolist())
    ]
    started = time.perf_counter()
    find_gaps(questions, encoder)
    return round(time.perf_counter() - started, 1)


def report(encoder: Encoder, *, many: int = MANY) -> dict[str, object]:
    """All figures."""
    dev, held_out = read_half("dev"), read_half("held_out")
    systems: dict[str, Callable[[Grouped], Labels]] = {
        "ours": ours(encoder),
        "k-means, our vectors, number told": kmeans_of_vectors(encoder),
        "k-means, TF-IDF, number told": kmeans,
        "verbatim": verbatim,
    }
    return {
        "held_out": {name: scores(held_out.groups, system(held_out)) for name, system in systems.items()},
        "dev": {str(t): scores(dev.groups, ours(encoder, t)(dev)) for t in TRIED},
        "threshold": NEARNESS,
        "questions": len(held_out.texts),
        "true_groups": held_out.count,
        f"seconds for {many}": seconds_for_many(encoder, (*dev.texts, *held_out.texts), many),
    }


def main(arguments: Sequence[str]) -> None:
    """Print tables, or one JSON object."""
    found = report(load_encoder())
    if "--json" in arguments:
        print(json.dumps(found, ensure_ascii=False))
        return
    for half in ("held_out", "dev"):
        rows = found.pop(half)
        assert isinstance(rows, dict)
        columns = list(next(iter(rows.values())))
        print(f"{half:36}" + "".join(f"{column:>16}" for column in columns))
        for name, row in rows.items():
            print(f"{name:36}" + "".join(f"{row[column]:>16}" for column in columns))
    for name, value in found.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
