"""Fits ranking and probability to the published base: each phrasing is asked with itself left out, through the search
that customers use. What is outside are phrasings whose whole entry is left out, and questions known to be outside.

Refitted after a publish that changes phrasings (`recalibrate_if_needed`), and by an import. A base with many
phrasings is sampled.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString

import numpy as np
import structlog
from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from knowledge_base import calibration
from knowledge_base.calibration import UNFITTED, Calibration
from knowledge_base.encoder import Encoder
from knowledge_base.entry_index import EntryIndex, Similarity
from knowledge_base.features import Floats
from knowledge_base.foreign import prior
from knowledge_base.outside import Nearness, OutsideQuestions, shipped_outside
from knowledge_base.published import PublishedBase
from knowledge_base.ranking import OPTIONS, Ranked, as_row, features_of, rank, similarities
from knowledge_base.retrieval import Query, make_query, retrieve
from knowledge_base.search import query_form
from knowledge_base.text_normalisation import matching_form
from knowledge_base.weighing import Weighed, weigh

log = structlog.get_logger(__name__)

MOST_QUESTIONS = 2_000
"""Phrasings asked at most; twice as many change the third digit of nothing."""
MOST_TITLES = 400
"""Of a base without phrasings: nothing is fitted to them, they only tell the error, to a point or two."""
OUTSIDE_SHARE = 0.2
"""Of what customers ask a knowledge base, about a fifth lies outside: before buying a tenth, using the thing and other
business another (counted over real conversations of a large shop)."""
ENTRY_LEFT_OUT_SHARE = 0.2
"""Of the weight of outside questions, the part that questions with their whole entry left out carry: gaps between entries
that are there, so the hardest and, in a base that covers its trade, the rarest kind."""
ENTRY_LEFT_OUT_EVERY = 3
FOLDS = 5
GROUPS = 10
"""Groups of equal size over which the calibration error is taken."""
RESAMPLED = 200
SEED = 20261111
LOCK = 0x6B6E6F77  # «know»: one process fits at a time

PHRASINGS = """
select id, entry, text from knowledge_phrasings where not is_title order by id
"""
TITLES = """
select p.id, p.entry, p.text from knowledge_phrasings p join knowledge_items i on (i.kind, i.id) = ('entry', p.entry)
where p.is_title and p.text = i.published -> 'title' ->> p.language order by p.id
"""
COVERED = """
select coalesce(count(distinct entry) filter (where not is_title)::float8 / nullif(count(distinct entry), 0), 0)
from knowledge_phrasings
"""
LEAST_COVERED = 0.5
"""Share of entries with phrasings from which on the base's own phrasings speak for it."""
NEEDED = f"""
select b.search_version from knowledge_base b
where b.search_version > 0 and starts_with(b.encoder, %(encoder)s)
  and not exists (select from ({calibration.OURS}) c where c.search_version >= b.search_version)
"""
"""Nothing while the vectors are another encoder's: a process that is still of before, or already of after, leaves them."""
IS_FITTED_NOW = """
select from pg_locks where locktype = 'advisory' and objid = %s::bigint::oid and granted
and database = (select oid from pg_database where datname = current_database())
"""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with its candidates; `entry` is the right one, None outside the base."""

    weighed: Weighed
    compared: Sequence[Similarity]
    outside: Nearness
    entry: str | None


async def is_calibration_needed(conn: AsyncConnection[Any], encoder: str) -> bool:
    """Whether phrasings, or the encoder, have changed since the last fit, and no process is fitting now."""
    if await _needed(conn, encoder) is None:
        return False
    cursor = await conn.execute(IS_FITTED_NOW, (LOCK,))
    return await cursor.fetchone() is None


async def recalibrate_if_needed(pool: AsyncConnectionPool, encoder: Encoder) -> bool:
    """Fit anew where phrasings have changed since the last fit. False where nothing was to do, or another process does it."""
    async with pool.connection() as conn:
        search_version = await _needed(conn, encoder.hash)
        if search_version is None or not await _locked(conn):
            return False
        fitted = await fit(conn, encoder)
        await calibration.store(conn, encoder.hash, search_version, fitted)
    log.info(
        "knowledge_calibrated", search_version=search_version, examples=fitted.examples, error=fitted.error
    )
    return True


async def fit(conn: AsyncConnection[Any], encoder: Encoder) -> Calibration:
    """A calibration for the published base; the same base gives the same numbers.

    Where fewer than half of the entries have phrasings it is the prior (knowledge_base/foreign.py), measured on the titles
    of the base, each asked with itself left out, so that only the sentences of its answer lead there.
    """
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(COVERED)
        row = await cursor.fetchone()
    if row is not None and row[0] >= LEAST_COVERED:
        inside, outside = await ask_all(conn, encoder)
        own = await asyncio.to_thread(fitted, inside, outside)
        if own is not UNFITTED:
            return own
    inside, outside = await ask_all(conn, encoder, asked=TITLES, most=MOST_TITLES)
    return await asyncio.to_thread(measured, prior(), inside, outside)


async def ask_all(
    conn: AsyncConnection[Any],
    encoder: Encoder,
    *,
    asked: LiteralString = PHRASINGS,
    most: int = MOST_QUESTIONS,
) -> tuple[list[Asked], list[tuple[Asked, bool]]]:
    """Questions inside, and those outside with whether their entry was left out for it."""
    asker = await asker_of(conn, encoder)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(asked)
        rows: list[tuple[int, str, str]] = await cursor.fetchall()
    if len(rows) > most:
        rows = random.Random(SEED).sample(rows, most)
    inside = [await asker.ask(text, entry=entry, without=id_) for id_, entry, text in rows]
    outside = [
        (await asker.ask(text, without_entry=entry), True) for _, entry, text in rows[::ENTRY_LEFT_OUT_EVERY]
    ]
    known = list(asker.outside.texts)
    known = known if len(known) <= most else random.Random(SEED).sample(known, most)
    outside += [(await asker.ask(text), False) for text in known]
    return [a for a in inside if a.compared], [(a, is_left_out) for a, is_left_out in outside if a.compared]


async def asker_of(conn: AsyncConnection[Any], encoder: Encoder) -> Asker:
    """Of the base as it is published now."""
    base = PublishedBase(encoder.hash, encoder.dimensions)
    await base.bring_up_to(conn, await base.read_versions(conn))
    return Asker(conn, base, encoder, await asyncio.to_thread(shipped_outside, encoder))


@dataclass(frozen=True)
class Asker:
    """Asks the search that customers use, without a phrasing or a whole entry where wanted."""

    conn: AsyncConnection[Any]
    base: PublishedBase
    encoder: Encoder
    outside: OutsideQuestions

    async def ask(
        self, text: str, *, entry: str | None = None, without: int | None = None, without_entry: str = ""
    ) -> Asked:
        """`entry` is the right one; `without` the id of a phrasing."""
        query: Query = make_query(query_form(text), self.encoder, said=matching_form(text))
        found = await retrieve(
            self.conn,
            query,
            encoder=self.encoder.hash,
            without=[] if without is None else [without],
            without_entry=without_entry,
        )
        indexes: Iterable[EntryIndex] = (await self.base.entries(self.conn, found.candidates)).values()
        left_out = without_entry or (entry if without is not None else None)
        if left_out:  # words that only the left-out text has taught the base are unknown to it
            owner = (await self.base.entries(self.conn, [left_out]))[left_out]
            found = replace(found, rarity=owner.forgotten(found.rarity, without=without))
        weighed = weigh(query, found)
        return Asked(
            weighed=weighed,
            compared=similarities(indexes, weighed, without=without),
            outside=self.outside.nearness(weighed, without=query.form),
            entry=entry,
        )


def fitted(inside: Sequence[Asked], outside: Sequence[tuple[Asked, bool]]) -> Calibration:
    """Ranking from the questions inside; then the probability, from all. UNFITTED where there is too little to learn."""
    if len(inside) < 2 * FOLDS or len({a.entry for a in inside}) < 2:
        return UNFITTED
    ranking, sharpness = _fit_ranking(inside)
    asked = [*inside, *(a for a, _ in outside)]
    ranked = [rank(a.compared, ranking) for a in asked]
    features = np.asarray(
        [features_of(r, a.weighed, a.outside, sharpness) for r, a in zip(ranked, asked, strict=True)]
    )
    right = np.asarray([_is_among(r[:1], a) for r, a in zip(ranked, asked, strict=True)])
    among = np.asarray([_is_among(r[:OPTIONS], a) for r, a in zip(ranked, asked, strict=True)])
    weights = _sample_weights(len(inside), [is_left_out for _, is_left_out in outside])
    if right.all() or not right.any() or among.all():
        return UNFITTED
    top_weights, top_intercept = _logistic(features, right, weights)
    among_weights, among_intercept = _logistic(features, among, weights)
    told = _told_unseen(features, right, weights)
    return Calibration(
        ranking=tuple(round(float(w), 4) for w in ranking),
        sharpness=round(sharpness, 3),
        weights=tuple(round(float(w), 4) for w in top_weights),
        intercept=round(top_intercept, 4),
        among_weights=tuple(round(float(w), 4) for w in among_weights),
        among_intercept=round(among_intercept, 4),
        examples=len(asked),
        error=round(_error(told, right, weights), 4),
        interval=_interval(told, right, weights),
        questions=len(asked),
    )


def measured(
    found: Calibration, inside: Sequence[Asked], outside: Sequence[tuple[Asked, bool]]
) -> Calibration:
    """A calibration learned elsewhere, with the error that it has on these questions of the base."""
    asked = [*inside, *(a for a, _ in outside)]
    if found.source == "nothing" or len(inside) < 2 * FOLDS:
        return replace(found, error=1.0, interval=(0.0, 1.0), questions=len(asked))
    ranked = [rank(a.compared, found.ranking_array) for a in asked]
    features = [
        features_of(r, a.weighed, a.outside, found.sharpness) for r, a in zip(ranked, asked, strict=True)
    ]
    told = np.asarray([found.probabilities(row)[0] for row in features])
    right = np.asarray([_is_among(r[:1], a) for r, a in zip(ranked, asked, strict=True)])
    weights = _sample_weights(len(inside), [is_left_out for _, is_left_out in outside])
    return replace(
        found,
        error=round(_error(told, right, weights), 4),
        interval=_interval(told, right, weights),
        questions=len(asked),
    )


def _is_among(ranked: Sequence[Ranked], asked: Asked) -> bool:
    return any(r.similarity.entry == asked.entry for r in ranked)


def _fit_ranking(inside: Sequence[Asked]) -> tuple[Floats, float]:
    """Weights of sum 1 by which the right candidate stands above the others, none negative; and how sharply it does.

    Logistic regression on differences of pairs (Herbrich et al. 2000), the right candidate against each wrong one.
    """
    from scipy.optimize import minimize

    differences, shares = [], []
    for asked in inside:
        right = [as_row(s) for s in asked.compared if s.entry == asked.entry]
        wrong = [as_row(s) for s in asked.compared if s.entry != asked.entry]
        if right and wrong:
            differences += [right[0] - row for row in wrong]
            shares += [1 / len(wrong)] * len(wrong)
    matrix, weight = np.asarray(differences), np.asarray(shares)

    def loss(w: Floats) -> tuple[float, Floats]:
        z = matrix @ w
        slope = -weight / (1 + np.exp(z))
        return float((weight * np.logaddexp(0, -z)).sum() + 1e-3 * w @ w), slope @ matrix + 2e-3 * w

    start = np.full(matrix.shape[1], 2.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * matrix.shape[1])
    total = float(found.x.sum()) or 1.0
    return np.asarray(found.x / total), total


def _sample_weights(inside: int, left_out: Sequence[bool]) -> Floats:
    """Outside questions together weigh as their share of what customers ask, whatever their number."""
    outside = inside * OUTSIDE_SHARE / (1 - OUTSIDE_SHARE)
    counts = {True: sum(left_out), False: len(left_out) - sum(left_out)}
    shares = {True: ENTRY_LEFT_OUT_SHARE, False: 1 - ENTRY_LEFT_OUT_SHARE}
    if not all(counts.values()):
        shares = {True: 1.0, False: 1.0}
    each = {kind: outside * shares[kind] / max(1, counts[kind]) for kind in counts}
    return np.asarray([1.0] * inside + [each[is_left_out] for is_left_out in left_out])


def _logistic(features: Floats, right: Floats, weights: Floats) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression

    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, max_iter=3000)
    model.fit((features - mean) / spread, right, sample_weight=weights)
    coefficients = model.coef_[0] / spread
    return coefficients, float(model.intercept_[0] - mean @ coefficients)


def _told_unseen(features: Floats, right: Floats, weights: Floats) -> Floats:
    """Probabilities of questions, each fold told by the others; 1 where a fold has nothing to learn from."""
    order = np.random.default_rng(SEED).permutation(len(right))
    told = np.ones(len(right))
    for fold in range(FOLDS):
        unseen = order[fold::FOLDS]
        seen = np.setdiff1d(order, unseen)
        if len(set(right[seen].tolist())) == 2:
            coefficients, intercept = _logistic(features[seen], right[seen], weights[seen])
            told[unseen] = 1 / (1 + np.exp(-(features[unseen] @ coefficients + intercept)))
    return told


def _error(told: Floats, right: Floats, weights: Floats) -> float:
    """The expected calibration error (Naeini et al. 2015, groups of equal size)."""
    parts = np.array_split(np.argsort(told), GROUPS)
    gaps = [
        weights[p].sum()
        * abs(np.average(told[p], weights=weights[p]) - np.average(right[p], weights=weights[p]))
        for p in parts
        if len(p)
    ]
    return float(sum(gaps) / weights.sum())


def _interval(told: Floats, right: Floats, weights: Floats) -> tuple[float, float]:
    """95 % of `_error` over resampled questions (percentile bootstrap)."""
    rng = np.random.default_rng(SEED)
    draws = (rng.integers(0, len(told), len(told)) for _ in range(RESAMPLED))
    errors = sorted(_error(told[d], right[d], weights[d]) for d in draws)
    return round(errors[RESAMPLED // 40], 4), round(errors[-RESAMPLED // 40], 4)


async def _needed(conn: AsyncConnection[Any], encoder: str) -> int | None:
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(NEEDED.encode(), calibration.ours(encoder))
        row = await cursor.fetchone()
    return int(row[0]) if row else None


async def _locked(conn: AsyncConnection[Any]) -> bool:
    """Until the end of the transaction."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute("select pg_try_advisory_xact_lock(%s)", (LOCK,))
        row = await cursor.fetchone()
    return bool(row and row[0])
