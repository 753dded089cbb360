"""The probability that the first candidate answers, and that one of the first few does: logistic regressions over
features of the ranked candidates.

A calibration belongs to an encoder and a state of the base, and is stored beside it. Fitted by knowledge_base/calibrating.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from knowledge_base.entry_index import Floats
from knowledge_base.ranking import FEATURES, SIMILARITIES

OURS = """
select id, search_version, model from knowledge_calibrations
where encoder = %(encoder)s and model -> 'similarities' = %(similarities)s and model -> 'features' = %(features)s
"""
"""What this program can use: a program of another version may have other similarities and features."""
NEWEST = f"{OURS} order by id desc limit 1"
INSERT = "insert into knowledge_calibrations (encoder, search_version, model) values (%s, %s, %s)"
FORGET_OLD = """
delete from knowledge_calibrations where encoder = %s
and id not in (select id from knowledge_calibrations where encoder = %s order by id desc limit 5)
"""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """`ranking`: weights over SIMILARITIES, of sum 1; `weights` over FEATURES, `among_weights` the same for one of the
    first OPTIONS. `error`: the expected calibration error of questions that the fit did not see (ten groups of equal size)."""

    ranking: tuple[float, ...]
    sharpness: float
    weights: tuple[float, ...]
    intercept: float
    among_weights: tuple[float, ...]
    among_intercept: float
    examples: int
    error: float

    @cached_property
    def ranking_array(self) -> Floats:
        """`ranking` for numpy."""
        return np.asarray(self.ranking)

    def probabilities(self, features: Floats) -> tuple[float, float]:
        """Between 0 and 1: that the first candidate is the right one, and that one of the first OPTIONS is; never less."""
        top = _logistic(features, self.weights, self.intercept)
        return top, max(top, _logistic(features, self.among_weights, self.among_intercept))

    def as_json(self) -> dict[str, Any]:
        """As it is stored; the names of similarities and features tell a program of another version apart."""
        return {**asdict(self), "similarities": list(SIMILARITIES), "features": list(FEATURES)}


UNFITTED = Calibration(
    ranking=tuple(1 / len(SIMILARITIES) for _ in SIMILARITIES),
    sharpness=12.0,
    weights=tuple(0.0 for _ in FEATURES),
    intercept=0.0,
    among_weights=tuple(0.0 for _ in FEATURES),
    among_intercept=2.0,
    examples=0,
    error=1.0,
)
"""Before the first fit nothing is sure: the bot asks back, and answers only what is a phrasing word for word."""


def _logistic(features: Floats, weights: tuple[float, ...], intercept: float) -> float:
    z = float(features @ np.asarray(weights)) + intercept
    return float(1 / (1 + np.exp(-np.clip(z, -30, 30))))


def ours(encoder: str) -> dict[str, Any]:
    """The parameters of OURS."""
    return {
        "encoder": encoder,
        "similarities": Jsonb(list(SIMILARITIES)),
        "features": Jsonb(list(FEATURES)),
    }


def from_json(stored: Mapping[str, Any]) -> Calibration:
    """The calibration, of a row that OURS tells."""
    return Calibration(
        ranking=tuple(stored["ranking"]),
        sharpness=float(stored["sharpness"]),
        weights=tuple(stored["weights"]),
        intercept=float(stored["intercept"]),
        among_weights=tuple(stored["among_weights"]),
        among_intercept=float(stored["among_intercept"]),
        examples=int(stored["examples"]),
        error=float(stored["error"]),
    )


async def read_newest(conn: AsyncConnection[Any], encoder: str) -> Calibration:
    """The newest of this encoder and program; UNFITTED where there is none."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(NEWEST.encode(), ours(encoder))
        row = await cursor.fetchone()
    return from_json(row[2]) if row else UNFITTED


async def store(conn: AsyncConnection[Any], encoder: str, search_version: int, found: Calibration) -> None:
    """From now on the one in force; a few old ones are kept to compare with."""
    await conn.execute(INSERT, (encoder, search_version, Jsonb(found.as_json())))
    await conn.execute(FORGET_OLD, (encoder, encoder))
