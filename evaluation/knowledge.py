"""Quality of the knowledge base on held-out questions: `python -m evaluation.knowledge [--json]`.

Beside it a plain BM25 over the same phrasings (characters and words, no normalisation, no calibration); it answers
whenever it finds anything. Nothing is ever tuned on these questions.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml
from psycopg_pool import AsyncConnectionPool

from desk import schema
from knowledge_base.calibrating import recalibrate_if_needed
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.entries import Content, load_content
from knowledge_base.importing import import_content
from knowledge_base.indexing import PhrasingIndexer, phrasings_of
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.policy import LANGUAGES, Language
from knowledge_base.retrieval import make_query, retrieve
from knowledge_base.search import SearchOutcome, query_form
from service.postgres.embedded import EmbeddedPostgres

HERE = Path(__file__).parent
HELD_OUT = HERE / "knowledge_heldout.yml"
CONTENT = HERE.parent / "knowledge_base" / "content"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A held-out question; `entry` is None outside the base."""

    text: str
    language: Language
    entry: str | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search made of one question."""

    ranked: tuple[str, ...]
    direct: bool


def read_questions(path: Path = HELD_OUT) -> tuple[list[Question], list[Question]]:
    """Questions (inside and outside the base), and statements that are no questions."""
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    questions = [
        Question(text=str(text), language=language, entry=entry)
        for entry, rows in written["questions"].items()
        for row in rows
        for language, text in row.items()
    ]
    questions += [
        Question(text=str(t), language=k, entry=None) for k, ts in written["outside"].items() for t in ts
    ]
    statements = [
        Question(text=str(t), language=k, entry=None) for k, ts in written["statements"].items() for t in ts
    ]
    return questions, statements


def figures(questions: Sequence[Question], search: Callable[[Question], Found]) -> dict[str, float]:
    """Shares in percent: top-1, top-3, answered directly, right among these, outside answered directly."""
    inside = [(q, search(q)) for q in questions if q.entry]
    outside = [search(q) for q in questions if not q.entry]
    direct = [(q, f) for q, f in inside if f.direct]
    return {
        "questions": len(inside),
        "top-1": _percent(sum(f.ranked[:1] == (q.entry,) for q, f in inside), len(inside)),
        "top-3": _percent(sum(q.entry in f.ranked[:3] for q, f in inside), len(inside)),
        "direct": _percent(len(direct), len(inside)),
        "direct right": _percent(sum(f.ranked[:1] == (q.entry,) for q, f in direct), len(direct)),
        "outside": len(outside),
        "outside direct": _percent(sum(f.direct for f in outside), len(outside)),
    }


async def our_search(base: LiveKnowledgeBase, questions: Iterable[Question]) -> dict[Question, SearchOutcome]:
    """Each question searched as the bot does it."""
    return {q: await base.search(q.text, language=q.language) for q in questions}


def as_found(outcome: SearchOutcome) -> Found:
    """Of an outcome what the figures count."""
    return Found(ranked=tuple(c.entry for c in outcome.candidates), direct=outcome.outcome == "answer")


def plain_bm25(content: Content, k1: float = 1.2, b: float = 0.75) -> Callable[[Question], Found]:
    """BM25 (Robertson and Zaragoza 2009) over phrasings, tokens = Chinese characters and English words."""
    entries = tuple(content.entries.values())
    rows = [(p.text, n) for n, entry in enumerate(entries) for p in phrasings_of(entry)]
    owners = [owner for _, owner in rows]
    documents = [Counter(_tokens(text)) for text, _ in rows]
    lengths = [sum(d.values()) for d in documents]
    average = sum(lengths) / len(lengths)
    frequency = Counter(token for d in documents for token in d)

    def search(question: Question) -> Found:
        best: dict[str, float] = {}
        for document, length, owner in zip(documents, lengths, owners, strict=True):
            score = 0.0
            for token in set(_tokens(question.text)) & document.keys():
                idf = math.log(1 + (len(documents) - frequency[token] + 0.5) / (frequency[token] + 0.5))
                count = document[token]
                score += idf * count * (k1 + 1) / (count + k1 * (1 - b + b * length / average))
            if score > best.get(entries[owner].id, 0.0):
                best[entries[owner].id] = score
        ranked = tuple(sorted(best, key=lambda e: -best[e]))
        return Found(ranked=ranked, direct=bool(ranked))

    return search


def _tokens(text: str) -> list[str]:
    return re.findall(r"[\u3400-\u9fff]|[a-z0-9]+", text.lower())


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


async def put_forward(pool: AsyncConnectionPool, encoder: Encoder, asked: Sequence[Question]) -> float:
    """Share of questions, in percent, whose entry is among the candidates that are compared at all."""
    found = 0
    async with pool.connection() as conn:
        for question in asked:
            query = make_query(query_form(question.text), encoder)
            candidates = (await retrieve(conn, query, encoder=encoder.hash)).candidates
            found += question.entry in candidates
    return _percent(found, len(asked))


async def report(pool: AsyncConnectionPool, encoder: Encoder, content: Content) -> dict[str, object]:
    """All figures, ours and plain BM25's."""
    base = LiveKnowledgeBase(pool, encoder)
    questions, statements = read_questions()
    searched = await our_search(base, [*questions, *statements])
    plain = plain_bm25(content)
    times = []
    for question in questions:
        started = time.perf_counter()
        await base.search(question.text, language=question.language)
        times.append(1000 * (time.perf_counter() - started))

    def ours(question: Question) -> Found:
        return as_found(searched[question])

    rows: dict[str, dict[str, float]] = {
        "ours": figures(questions, ours),
        "plain BM25": figures(questions, plain),
    }
    for language in LANGUAGES:
        rows[f"ours {language}"] = figures([q for q in questions if q.language == language], ours)
    asked = [q for q in questions if q.entry]
    return {
        "rows": rows,
        "questions recognised": _percent(sum(searched[q].is_question for q in asked), len(asked)),
        "statements taken for questions": _percent(
            sum(searched[s].is_question for s in statements), len(statements)
        ),
        "put forward": await put_forward(pool, encoder, asked),
        "calibration error, unseen phrasings": (await base.calibration()).error,
        "search p50 ms": round(sorted(times)[len(times) // 2], 2),
        "search p95 ms": round(sorted(times)[int(0.95 * len(times))], 2),
    }


async def measure(folder: Path = CONTENT) -> dict[str, object]:
    """The figures of a content folder, imported into a database of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="anxin-evaluation-") as data:
        server = EmbeddedPostgres(Path(data))
        try:
            server.start()
            schema.upgrade(server.url)
            async with AsyncConnectionPool(server.url, min_size=1, max_size=2, open=False) as pool:
                encoder, content = load_encoder(), load_content(folder)
                async with pool.connection() as conn:
                    await import_content(conn, content, index=PhrasingIndexer(encoder), now=datetime.now(UTC))
                await recalibrate_if_needed(pool, encoder)
                return await report(pool, encoder, content)
        finally:
            server.destroy()


def main(arguments: Sequence[str]) -> None:
    """Print a table, or one JSON object."""
    found = asyncio.run(measure())
    if "--json" in arguments:
        print(json.dumps(found, ensure_ascii=False))
        return
    rows = found.pop("rows")
    assert isinstance(rows, dict)
    columns = list(rows["ours"])
    print(f"{'':16}" + "".join(f"{c:>16}" for c in columns))
    for name, row in rows.items():
        print(f"{name:16}" + "".join(f"{row[c]:>16}" for c in columns))
    for name, value in found.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
