"""What public data taught, frozen: how much a message looks like abuse, anger, a glad or an angry review.

A table of character n-grams and words by hash, one column a task; trained by evaluation/training/triage_public.py.
Nothing of it changes when a shop trains its own classifier on top.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from routing import triage_features

SHIPPED: Final = Path(__file__).with_name("public_layer")
RESTORE: Final = "git checkout -- routing/public_layer"
WEIGHTS_FILE: Final = "weights.npz"
ABOUT_FILE: Final = "about.json"
BUCKETS: Final = 1 << 18

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class PublicLayer:
    """Table (BUCKETS × tasks) in whole numbers, the factor of each task, and each bucket's rarity."""

    tasks: tuple[str, ...]
    table: npt.NDArray[np.int8]
    factors: Floats
    offsets: Floats
    idf: npt.NDArray[np.float16]
    hash: str

    def signs(self, counts: Mapping[str, int]) -> Floats:
        """One figure a task, about -3 to 3, from the counts of `triage_features.ngrams`."""
        if not counts:
            return np.zeros(len(self.tasks), np.float32)
        rows = np.fromiter((bucket(name) for name in counts), np.int64, len(counts))
        values = self.idf[rows].astype(np.float32)
        values *= np.fromiter((1 + log(n) for n in counts.values()), np.float32, len(counts))
        values /= sqrt(float(values @ values)) or 1.0
        return np.asarray((values @ self.table[rows]) * self.factors + self.offsets, np.float32)

    def by_feature(self, counts: Mapping[str, int]) -> Floats:
        """(features × tasks): what each feature adds to the signs."""
        rows = np.fromiter((bucket(name) for name in counts), np.int64, len(counts))
        values = self.idf[rows].astype(np.float32)
        values *= np.fromiter((1 + log(n) for n in counts.values()), np.float32, len(counts))
        values /= sqrt(float(values @ values)) or 1.0
        return np.asarray(values[:, None] * self.table[rows] * self.factors, np.float32)


def bucket(name: str) -> int:
    """The row of a feature."""
    return zlib.crc32(name.encode()) & (BUCKETS - 1)


@cache
def shipped() -> PublicLayer:
    """The layer that comes with the program. ValueError names the file that is damaged and what restores it."""
    return load(SHIPPED)


def load(folder: Path) -> PublicLayer:
    """From the files that the training script wrote. ValueError where they cannot be used."""
    file = folder / ABOUT_FILE
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
        tasks, version, digest = tuple(about["tasks"]), str(about["features"]), str(about["hash"])
        file = folder / WEIGHTS_FILE
        with np.load(file, allow_pickle=False) as arrays:
            read = {name: arrays[name] for name in ("table", "factors", "offsets", "idf")}
    except Exception as error:  # zipfile, numpy and json raise many kinds for a damaged file
        raise ValueError(
            f"{file}: the public layer cannot be used ({error!r}). To restore it: {RESTORE}"
        ) from error
    if version != triage_features.VERSION:
        raise ValueError(
            f"{folder / ABOUT_FILE}: made for features {version}, this program has {triage_features.VERSION}. "
            f"To restore it: {RESTORE}"
        )
    wanted = {
        "table": (BUCKETS, len(tasks)),
        "factors": (len(tasks),),
        "offsets": (len(tasks),),
        "idf": (BUCKETS,),
    }
    for name, shape in wanted.items():
        if read[name].shape != shape:
            raise ValueError(
                f"{file}: {name} has shape {read[name].shape}, not {shape}. To restore it: {RESTORE}"
            )
    return PublicLayer(tasks=tasks, hash=digest, **read)
