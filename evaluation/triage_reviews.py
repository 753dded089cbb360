"""Accuracy on product and delivery reviews, positive against negative, of rows that the public layer did not see.

The rows are those that evaluation/training/triage_public.py held out, by the same seed. None is printed or kept.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Final

import numpy as np

from evaluation.training.triage_public import DEV_SHARE, SEED
from routing.triage import Tagger

SETS: Final = ("sentiment_zh_online_shopping", "sentiment_zh_waimai")


def review_accuracy(tagger: Tagger, folder: Path) -> dict[str, float]:
    """Share of reviews whose sentiment is right: glad for positive ones, negative or angry for the others.

    Neutral counts as wrong. One figure for each set.
    """
    rows = [(name, row["text"], str(row["label"])) for name in SETS for row in _rows(folder, name)]
    held_out = np.random.default_rng(SEED).random(len(rows)) < DEV_SHARE
    found = {}
    for name in SETS:
        dev = [(t, y) for (s, t, y), out in zip(rows, held_out, strict=True) if out and s == name]
        labels = [tags.sentiment.label for tags in tagger.tag([text for text, _ in dev])]
        right = [_agrees(label, wanted) for label, (_, wanted) in zip(labels, dev, strict=True)]
        found[name.removeprefix("sentiment_zh_")] = round(sum(right) / len(right), 4)
    return found


def _agrees(label: str, wanted: str) -> bool:
    return label == "positive" if wanted == "1" else label in ("negative", "angry")


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
