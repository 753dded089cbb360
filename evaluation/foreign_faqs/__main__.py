"""Quality of foreign FAQs on their first day, question and answer alone: `python -m evaluation.foreign_faqs [--json]`.

Each FAQ is imported as `anxin kb import FILE --publish` does it, into a database of its own. Beside it plain BM25 over
questions and answers. «error» is the calibration error told at import, «true error» that on the held-out questions.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import yaml
from psycopg_pool import AsyncConnectionPool

from desk import schema
from evaluation.knowledge import Found, Question, as_found, figures, plain_bm25
from knowledge_base import calibration
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.entries import Content, Entry
from knowledge_base.exchange import imports, running
from knowledge_base.exchange.columns import guess
from knowledge_base.exchange.imports import Options, read_existing
from knowledge_base.exchange.preparing import Wishes
from knowledge_base.exchange.tables import read_table
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.items import entry_from_json
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.policy import Policy
from knowledge_base.search import SearchOutcome
from knowledge_base.upkeep import bring_up_to_date
from service.postgres.embedded import EmbeddedPostgres

HERE = Path(__file__).parent
NAMES = ("library", "gym")
GROUPS = 10
OUTSIDE_SHARE = 0.25
"""As calibrating.py weighs questions outside, so that the two errors are of one kind."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One FAQ's rows of the table and its two calibration errors."""

    rows: dict[str, dict[str, float]]
    told: dict[str, object]
    true_error: float


def read_held_out(name: str, ids: dict[str, str]) -> list[Question]:
    """Questions inside by the FAQ's own question, and outside."""
    written = yaml.safe_load((HERE / f"{name}.yml").read_text(encoding="utf-8"))
    language = written["language"]
    found = [
        Question(text=text, language=language, entry=ids[question])
        for question, texts in written["inside"].items()
        for text in texts
    ]
    outside = [text for texts in written["outside"].values() for text in texts]
    return found + [Question(text=text, language=language, entry=None) for text in outside]


async def bring(pool: AsyncConnectionPool, encoder: Encoder, path: Path) -> dict[str, Entry]:
    """The FAQ as published entries, calibrated."""
    content, now = await asyncio.to_thread(path.read_bytes), datetime.now(UTC)
    wishes = Wishes(mapping=guess(read_table(path.name, content).columns))
    async with pool.connection() as conn:
        kept = await imports.keep_upload(
            conn,
            uuid4(),
            path.name,
            content,
            reading={},
            options=Options(wishes=wishes, publish=True),
            by=None,
            now=now,
        )
    await running.run(pool, kept.id, index=PhrasingIndexer(encoder), now=lambda: now)
    await bring_up_to_date(pool, encoder)
    async with pool.connection() as conn:
        return {id_: entry_from_json(id_, content) for id_, content in (await read_existing(conn)).items()}


def question_of(entry: Entry) -> str:
    """As it stood in the file."""
    texts = [text for texts in entry.phrasings.values() for text in texts]
    return (texts or list(entry.title.values()))[0]


def true_error(questions: Sequence[Question], found: dict[Question, SearchOutcome]) -> float:
    """Expected calibration error over ten groups of equal size, outside weighing a quarter."""
    told = np.asarray([found[q].probability for q in questions])
    right = np.asarray(
        [[c.entry for c in found[q].candidates[:1]] == [q.entry] for q in questions], dtype=float
    )
    inside = sum(q.entry is not None for q in questions)
    each = inside * OUTSIDE_SHARE / (1 - OUTSIDE_SHARE) / max(1, len(questions) - inside)
    weights = np.asarray([1.0 if q.entry else each for q in questions])
    gaps = [
        weights[p].sum()
        * abs(np.average(told[p], weights=weights[p]) - np.average(right[p], weights=weights[p]))
        for p in np.array_split(np.argsort(told), GROUPS)
    ]
    return round(float(sum(gaps) / weights.sum()), 4)


def bm25_over(entries: dict[str, Entry], *, with_answers: bool) -> Content:
    """Entries in the shape that plain BM25 reads: by their questions, or with each sentence of the answer too."""
    changed = {id_: entry if with_answers else replace(entry, answer={}) for id_, entry in entries.items()}
    return Content(entries=changed, policy=Policy(revision=0, figures={}), outside={})


async def measure_one(pool: AsyncConnectionPool, encoder: Encoder, name: str) -> Measured:
    """All figures of one FAQ, direct answers switched on."""
    entries = await bring(pool, encoder, HERE / f"{name}.csv")
    ids = {question_of(entry): id_ for id_, entry in entries.items()}
    questions = read_held_out(name, ids)
    async with pool.connection() as conn:
        told = await calibration.read_newest(conn, encoder.hash)
        await calibration.switch(conn, encoder.hash, "on")
    base = LiveKnowledgeBase(pool, encoder)
    found = {q: await base.search(q.text, language=q.language) for q in questions}

    def ours(question: Question) -> Found:
        return as_found(found[question])

    return Measured(
        rows={
            f"{name}: ours": figures(questions, ours),
            f"{name}: BM25": figures(questions, plain_bm25(bm25_over(entries, with_answers=False))),
            f"{name}: BM25 +answers": figures(questions, plain_bm25(bm25_over(entries, with_answers=True))),
        },
        told={
            "error": told.error,
            "interval": told.interval,
            "questions": told.questions,
            "direct": told.direct,
        },
        true_error=true_error(questions, found),
    )


async def measure() -> dict[str, Measured]:
    """Both FAQs."""
    encoder, found = load_encoder(), {}
    for name in NAMES:
        with tempfile.TemporaryDirectory(prefix="anxin-faq-") as data:
            server = EmbeddedPostgres(Path(data))
            try:
                server.start()
                schema.upgrade(server.url)
                async with AsyncConnectionPool(server.url, min_size=1, max_size=3, open=False) as pool:
                    found[name] = await measure_one(pool, encoder, name)
            finally:
                server.destroy()
    return found


def main(arguments: Sequence[str]) -> None:
    """Print a table, or one JSON object."""
    found = asyncio.run(measure())
    rows = {name: row for one in found.values() for name, row in one.rows.items()}
    errors = {name: {**one.told, "true error": one.true_error} for name, one in found.items()}
    if "--json" in arguments:
        print(json.dumps({"rows": rows, "calibration": errors}, ensure_ascii=False))
        return
    columns = list(next(iter(rows.values())))
    print(f"{'':24}" + "".join(f"{c:>15}" for c in columns))
    for name, row in rows.items():
        print(f"{name:24}" + "".join(f"{row[c]:>15}" for c in columns))
    for name, told in errors.items():
        print(f"{name}: calibration " + re.sub(r"[{}']", "", str(told)))


if __name__ == "__main__":
    main(sys.argv[1:])
