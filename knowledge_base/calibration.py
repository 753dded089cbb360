"""The probability that the top entry answers: a logistic regression over features of the scores.

The numbers are fitted by calibration_training and stored as calibration.json beside the content, with its hash.
The features do not depend on the size of the base.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.phrasing_index import Floats, Scores

FEATURES = ("top", "margin", "nearest", "nearest_margin", "coverage", "length", "short", "top_x_coverage")
FILE = "calibration.json"


class StaleCalibration(KnowledgeBaseError):
    """The stored calibration belongs to other content, or cannot be read; the message says the command to run."""

    code = "stale_calibration"


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Weights over FEATURES and an intercept, for the content with this hash."""

    content_hash: str
    features: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float
    examples: int

    def probability(self, features: Floats) -> float:
        """Between 0 and 1, that the top entry is the right one."""
        z = float(features @ np.asarray(self.weights)) + self.intercept
        return float(1 / (1 + np.exp(-np.clip(z, -30, 30))))

    def save(self, path: Path) -> None:
        """Write as JSON, numbers rounded so that a refit on the same content is the same file."""
        values = asdict(self) | {
            "weights": [round(w, 4) for w in self.weights],
            "intercept": round(self.intercept, 4),
        }
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def load_calibration(path: Path) -> Calibration:
    """Read it. Raises StaleCalibration where there is none that fits this program."""
    command = "Run `python -m knowledge_base.calibration_training`."
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        found = Calibration(
            content_hash=str(values["content_hash"]),
            features=tuple(values["features"]),
            weights=tuple(float(w) for w in values["weights"]),
            intercept=float(values["intercept"]),
            examples=int(values["examples"]),
        )
    except FileNotFoundError:
        raise StaleCalibration(f"{path.name} is missing. {command}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise StaleCalibration(f"{path.name} cannot be read ({error}). {command}") from None
    if found.features != FEATURES or len(found.weights) != len(FEATURES):
        raise StaleCalibration(f"{path.name} is of another version of this program. {command}")
    return found


def features_of(scores: Scores, form: str) -> Floats:
    """FEATURES of one query."""
    top, second = _two_best(scores.entries)
    nearest, next_nearest = _two_best(scores.phrasings[scores.nearest])
    length = _length(form)
    return np.asarray(
        [
            top,
            (top - second) / (top + 1e-9),
            nearest,
            (nearest - next_nearest) / (nearest + 1e-9),
            scores.coverage,
            np.log1p(length) / 4,
            float(length < 3),
            top * scores.coverage,
        ]
    )


def _two_best(values: Floats) -> tuple[float, float]:
    if len(values) < 2:
        return (float(values[0]) if len(values) else 0.0), 0.0
    second, top = np.partition(values, -2)[-2:]
    return float(top), float(second)


def _length(form: str) -> int:
    words: Sequence[str] = form.split()
    return sum(1 if w.isascii() else len(w) for w in words)
