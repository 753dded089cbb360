"""The probability that the first candidate answers, and that one of the first few does: logistic regressions over
features of the ranked candidates.

A calibration belongs to an encoder and a state of the base, and is stored beside it. Fitted by knowledge_base/calibrating.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import numpy as np
from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from knowledge_base.features import Floats
from knowledge_base.ranking import FEATURES, SIMILARITIES

OURS = """
select id, search_version, model from knowledge_calibrations
where encoder = %(encoder)s and model -> 'similarities' = %(similarities)s and model -> 'features' = %(features)s
"""
"""What this program can use: a program of another version may have other similarities and features."""
NEWEST = f"{OURS} order by id desc limit 1"
TELL_AGAIN = """
insert into knowledge_calibrations (encoder, search_version, model, fitted_at)
select encoder, search_version, model, fitted_at from knowledge_calibrations where encoder = %s order by id desc limit 1
"""
INSERT = "insert into knowledge_calibrations (encoder, search_version, model) values (%s, %s, %s)"
FORGET_OLD = """
delete from knowledge_calibrations where encoder = %s
and id not in (select id from knowledge_calibrations where encoder = %s order by id desc limit 5)
"""

Source = Literal["phrasings", "prior", "nothing"]
"""What it was learned from: the base's own phrasings, or other entries like it (knowledge_base/foreign.py)."""
Direct = Literal["on", "off", "waiting"]
"""waiting: as long as nobody knows whether the probabilities hold, the bot asks back what it would answer, but for
questions that are a phrasing word for word."""
Wish = Literal["auto", "on", "off"]
MOST_ERROR = 0.1
"""Above this a probability of 0.8 may mean 0.7, and one answer in three could be wrong."""


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
    interval: tuple[float, float] = (0.0, 1.0)
    """Of `error`, 95 % by resampling the questions."""
    questions: int = 0
    """Questions of the base itself that `error` was measured on."""
    source: Source = "phrasings"
    direct: Direct = "on"
    """Whether direct answers are on now: not fitted, but read beside it (`read_newest`)."""

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
        told = {name: value for name, value in asdict(self).items() if name != "direct"}
        return {**told, "similarities": list(SIMILARITIES), "features": list(FEATURES)}


UNFITTED = Calibration(
    ranking=tuple(1 / len(SIMILARITIES) for _ in SIMILARITIES),
    sharpness=12.0,
    weights=tuple(0.0 for _ in FEATURES),
    intercept=0.0,
    among_weights=tuple(0.0 for _ in FEATURES),
    among_intercept=2.0,
    examples=0,
    error=1.0,
    source="nothing",
    direct="waiting",
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
        interval=tuple(stored.get("interval", (0.0, 1.0))),
        questions=int(stored.get("questions", 0)),
        source=stored.get("source", "phrasings"),
    )


async def read_newest(conn: AsyncConnection[Any], encoder: str) -> Calibration:
    """The newest of this encoder and program, UNFITTED where there is none; with whether direct answers are on."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(NEWEST.encode(), ours(encoder))
        row = await cursor.fetchone()
    wished = await read_wish(conn)
    found = from_json(row[2]) if row else UNFITTED
    return replace(found, direct=direct_answers(found, wished))


async def read_wish(conn: AsyncConnection[Any]) -> Wish:
    """What a supervisor has decided; auto where nobody has."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute("select direct_answers from knowledge_base")
        row = await cursor.fetchone()
    assert row is not None, "migration 0002 inserts the row"
    wish: Wish = row[0]
    return wish


def direct_answers(found: Calibration, wished: Wish) -> Direct:
    """On where a supervisor says so, or where the base's own phrasings have shown that its probabilities hold."""
    if wished != "auto":
        return wished
    return "on" if found.source == "phrasings" and found.error <= MOST_ERROR else "waiting"


def why(found: Calibration, wished: Wish) -> str:
    """A stable word for why direct answers are on, off or waiting."""
    if wished != "auto":
        return f"switched_{wished}"
    if found.source != "phrasings":
        return "no_phrasings" if found.source == "prior" else "not_fitted"
    return "calibrated" if found.error <= MOST_ERROR else "error_too_high"


async def read_fitted_at(conn: AsyncConnection[Any], encoder: str) -> datetime | None:
    """When the newest calibration of this encoder was fitted."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "select fitted_at from knowledge_calibrations where encoder = %s order by id desc limit 1",
            (encoder,),
        )
        row = await cursor.fetchone()
    return row[0] if row else None


async def switch(conn: AsyncConnection[Any], encoder: str, wish: Wish) -> None:
    """Direct answers on or off, in every process from its next search: a calibration told again is a newer one."""
    await conn.execute("update knowledge_base set direct_answers = %s", (wish,))
    await conn.execute(TELL_AGAIN, (encoder,))


async def store(conn: AsyncConnection[Any], encoder: str, search_version: int, found: Calibration) -> None:
    """From now on the one in force; a few old ones are kept to compare with."""
    await conn.execute(INSERT, (encoder, search_version, Jsonb(found.as_json())))
    await conn.execute(FORGET_OLD, (encoder, encoder))
