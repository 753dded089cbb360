"""What the search is compared with, over the same phrasings: BM25, vectors alone, PostgreSQL's full text alone, and Rasa's
ResponseSelector (trained in Rasa's environment by response_selector.py).

The first three answer directly from a score of their own, found on phrasings and outside questions, never on held-out ones.
"""

from __future__ import annotations

import json
import math
import random
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from bot.rasa_places import PROGRAM
from evaluation.knowledge import Found, Question, figures
from knowledge_base.calibrating import OUTSIDE_SHARE, SEED
from knowledge_base.encoder import Encoder
from knowledge_base.entries import Content
from knowledge_base.features import pieces
from knowledge_base.indexing import phrasings_of
from knowledge_base.search import query_form
from knowledge_base.text_normalisation import matching_form

ASKED = 400
"""Phrasings and outside questions, each, by which a peer's score is found."""
RIGHT = 0.96
RASA_CONFIDENCE = 0.7
"""Rasa's documentation: the usual threshold of its FallbackClassifier."""
RASA_TIMEOUT_S = 3600
Scores = list[tuple[str, float]]
Phrasings = Sequence[tuple[str, str]]
"""(entry, text)."""
Selector = Callable[[Phrasings, Sequence[str]], Mapping[str, Scores] | None]
"""What Rasa's ResponseSelector, taught these phrasings, makes of each question; None where it is not to be asked."""

FULL_TEXT_TABLE = """
create table peer_full_text (entry text not null, text text not null, lexemes tsvector not null);
"""
FULL_TEXT = """
select entry, max(ts_rank(lexemes, q.query))::float8
from peer_full_text, (select string_agg(quote_literal(l), ' | ')::tsquery as query from unnest(%s::text[]) l) q
where lexemes @@ q.query and text is distinct from %s group by entry order by 2 desc, 1 limit 10
"""


class Peer(Protocol):
    """Scores entries for a text, best first; `without` is a phrasing that is not looked at."""

    def scores(self, text: str, *, without: str | None = None) -> Scores: ...


class Bm25:
    """BM25 (Robertson and Zaragoza 2009), the best phrasing of an entry; tokens are Chinese characters and English words."""

    def __init__(self, rows: Phrasings, k1: float = 1.2, b: float = 0.75) -> None:
        self._rows = rows
        self._documents = [Counter(_tokens(text)) for _, text in rows]
        self._frequency = Counter(token for d in self._documents for token in d)
        lengths = [sum(d.values()) for d in self._documents]
        average = sum(lengths) / len(lengths)
        self._damping = [k1 * (1 - b + b * length / average) for length in lengths]
        self._k1 = k1

    def scores(self, text: str, *, without: str | None = None) -> Scores:
        """As Peer says."""
        rarity = {token: self._rarity(token) for token in set(_tokens(text))}
        best: dict[str, float] = {}
        for (entry, phrasing), document, damping in zip(
            self._rows, self._documents, self._damping, strict=True
        ):
            shared = rarity.keys() & document.keys()
            score = sum(
                rarity[t] * document[t] * (self._k1 + 1) / (document[t] + damping) for t in sorted(shared)
            )
            if phrasing != without and score > best.get(entry, 0.0):
                best[entry] = score
        return sorted(best.items(), key=lambda row: -row[1])

    def _rarity(self, token: str) -> float:
        count = self._frequency[token]
        return math.log(1 + (len(self._documents) - count + 0.5) / (count + 0.5))


class Vectors:
    """The cosine with the nearest phrasing of an entry, by the shipped encoder."""

    def __init__(self, rows: Phrasings, encoder: Encoder) -> None:
        self._rows = rows
        self._encoder = encoder
        self._vectors = encoder.encode([query_form(text) for _, text in rows])

    def scores(self, text: str, *, without: str | None = None) -> Scores:
        """As Peer says."""
        near = self._vectors @ self._encoder.encode([query_form(text)])[0]
        best: dict[str, float] = {}
        for place in np.argsort(-near).tolist():
            entry, phrasing = self._rows[place]
            if phrasing != without and near[place] > 0:
                best.setdefault(entry, float(near[place]))
        return list(best.items())


def _tokens(text: str) -> list[str]:
    return re.findall(r"[\u3400-\u9fff]|[a-z0-9]+", text.lower())


async def peer_rows(
    pool: AsyncConnectionPool,
    encoder: Encoder,
    content: Content,
    questions: Sequence[Question],
    *,
    selector: Selector,
) -> dict[str, dict[str, float]]:
    """Each peer's figures by its name."""
    rows = [(entry.id, p.text) for entry in content.entries.values() for p in phrasings_of(entry)]
    chosen = random.Random(SEED)
    inside = chosen.sample(rows, min(ASKED, len(rows)))
    known = [text for texts in content.outside.values() for text in texts]
    outside = chosen.sample(known, min(ASKED, len(known)))
    found: dict[str, dict[str, float]] = {}
    for name, peer in (("BM25", Bm25(rows)), ("vectors alone", Vectors(rows, encoder))):
        least = least_score(
            [(peer.scores(t, without=t), e) for e, t in inside], [peer.scores(t) for t in outside]
        )
        found[name] = figures(questions, _search({q.text: peer.scores(q.text) for q in questions}, least))
    await _write_full_text(pool, rows)
    by_text = [(await full_text(pool, text, without=text), entry) for entry, text in inside]
    least = least_score(by_text, [await full_text(pool, text) for text in outside])
    told = {q.text: await full_text(pool, q.text) for q in questions}
    found["full text alone"] = figures(questions, _search(told, least))
    selected = selector(rows, [q.text for q in questions])
    if selected is not None:
        found["ResponseSelector"] = figures(questions, _search(selected, RASA_CONFIDENCE))
    return found


def least_score(inside: Sequence[tuple[Scores, str]], outside: Sequence[Scores]) -> float:
    """The lowest score from which on RIGHT of the answers are right, outside questions weighing OUTSIDE_SHARE of all."""
    weight = OUTSIDE_SHARE / (1 - OUTSIDE_SHARE) * len(inside) / max(1, len(outside))
    firsts = [(scores[0][1], float(scores[0][0] == entry), 1.0) for scores, entry in inside if scores]
    firsts += [(scores[0][1], 0.0, weight) for scores in outside if scores]
    best, right, all_ = math.inf, 0.0, 0.0
    for score, is_right, share in sorted(firsts, reverse=True):
        right, all_ = right + is_right * share, all_ + share
        if right >= RIGHT * all_:
            best = score
    return best


def _search(told: Mapping[str, Scores], least: float) -> Callable[[Question], Found]:
    def search(question: Question) -> Found:
        scores = told[question.text]
        return Found(
            ranked=tuple(entry for entry, _ in scores), direct=bool(scores) and scores[0][1] >= least
        )

    return search


async def _write_full_text(pool: AsyncConnectionPool, rows: Phrasings) -> None:
    """A table that the search has no use for, in a database that is gone after the figures."""
    async with pool.connection() as conn, conn.cursor() as cursor:
        await cursor.execute(FULL_TEXT_TABLE)
        await cursor.executemany(
            "insert into peer_full_text values (%s, %s, array_to_tsvector(%s::text[]))",
            [(entry, text, list(pieces(matching_form(text)))) for entry, text in rows],
        )


async def full_text(pool: AsyncConnectionPool, text: str, *, without: str | None = None) -> Scores:
    """ts_rank of the best phrasing of an entry, over our lexemes."""
    lexemes = list(pieces(query_form(text)))
    if not lexemes:
        return []
    async with pool.connection() as conn, conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(FULL_TEXT, (lexemes, without))
        return [(entry, float(score)) for entry, score in await cursor.fetchall()]


def left_out(rows: Phrasings, questions: Sequence[str]) -> None:
    """A Selector that is not asked."""


def response_selector(rows: Phrasings, questions: Sequence[str]) -> dict[str, Scores]:
    """What Rasa's ResponseSelector makes of each question. Raises FileNotFoundError where Rasa's environment is missing."""
    python = PROGRAM / ".venv-rasa" / "bin" / "python"
    if not python.exists():
        raise FileNotFoundError(
            f"{python.relative_to(PROGRAM)} is missing; `make setup` installs Rasa's environment."
        )
    asked = json.dumps({"phrasings": [list(row) for row in rows], "questions": list(questions)})
    done = subprocess.run(
        [str(python), str(Path(__file__).with_name("response_selector.py"))],
        input=asked,
        capture_output=True,
        text=True,
        timeout=RASA_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"Rasa ended with {done.returncode}: {done.stderr[-500:]}")
    ranked = json.loads(done.stdout)
    return {
        text: [(entry, score) for entry, score in found]
        for text, found in zip(questions, ranked, strict=True)
    }
