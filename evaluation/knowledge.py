"""Quality of the knowledge base on held-out questions: `python -m evaluation.knowledge [--peers] [--json] [--write]`.

Beside it in the same run a plain BM25, vectors alone and full text alone over the same phrasings (knowledge_peers.py), and with
--peers Rasa's ResponseSelector, which takes minutes. Nothing is ever tuned on these questions.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from psycopg_pool import AsyncConnectionPool

from desk import schema
from knowledge_base.calibrating import SEED, recalibrate_if_needed
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.entries import Content, load_content
from knowledge_base.importing import import_content
from knowledge_base.indexing import PhrasingIndexer, phrasings_of
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.policy import LANGUAGES, Language
from knowledge_base.retrieval import make_query, retrieve
from knowledge_base.search import SearchOutcome, query_form
from service.postgres.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from evaluation.knowledge_peers import Selector

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
class FollowUp:
    """Said after `context` was answered; the words alone do not tell `entry`."""

    text: str
    language: Language
    context: str
    entry: str


@dataclass(frozen=True, kw_only=True)
class Several:
    """One message that means several entries."""

    text: str
    language: Language
    entries: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search made of one question."""

    ranked: tuple[str, ...]
    direct: bool


def read_questions(path: Path = HELD_OUT) -> tuple[list[Question], list[Question]]:
    """Questions (inside and outside the base), and statements that are no questions."""
    written = _read(path)
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


def read_follow_ups(path: Path = HELD_OUT) -> list[FollowUp]:
    """The held-out questions that lean on an answer before them."""
    return [FollowUp(**{**row, "text": str(row["text"])}) for row in _read(path)["follow_ups"]]


def read_several(path: Path = HELD_OUT) -> list[Several]:
    """The held-out messages of several questions."""
    return [
        Several(text=str(row["text"]), language=row["language"], entries=frozenset(row["entries"]))
        for row in _read(path)["several"]
    ]


def _read(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    written: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return written


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


def plain_bm25(content: Content) -> Callable[[Question], Found]:
    """BM25 over phrasings, which answers whenever it finds anything."""
    from evaluation.knowledge_peers import Bm25

    peer = Bm25([(entry.id, p.text) for entry in content.entries.values() for p in phrasings_of(entry)])

    def search(question: Question) -> Found:
        ranked = tuple(entry for entry, _ in peer.scores(question.text))
        return Found(ranked=ranked, direct=bool(ranked))

    return search


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


async def follow_up_figures(base: LiveKnowledgeBase) -> dict[str, float]:
    """Shares in percent of short texts after an answer, with the context and without it."""
    asked = read_follow_ups()
    found = [await base.search(f.text, language=f.language, context=f.context) for f in asked]
    alone = [await base.search(f.text, language=f.language) for f in asked]
    direct = [(f, o) for f, o in zip(asked, found, strict=True) if o.outcome == "answer"]
    return {
        "follow-ups": len(asked),
        "top-1": _percent(sum(_first(o) == f.entry for f, o in zip(asked, found, strict=True)), len(asked)),
        "top-3": _percent(
            sum(f.entry in [c.entry for c in o.candidates] for f, o in zip(asked, found, strict=True)),
            len(asked),
        ),
        "direct": _percent(len(direct), len(asked)),
        "direct right": _percent(sum(_first(o) == f.entry for f, o in direct), len(direct)),
        "top-1 without context": _percent(
            sum(_first(o) == f.entry for f, o in zip(asked, alone, strict=True)), len(asked)
        ),
    }


async def several_figures(base: LiveKnowledgeBase) -> dict[str, float]:
    """Shares in percent of messages that mean several entries, and of single questions that were split all the same."""
    asked = read_several()
    found = [await base.search(s.text, language=s.language) for s in asked]
    pairs = list(zip(asked, found, strict=True))
    answered = [entry in s.entries for s, o in pairs for entry in o.answered]
    questions, _ = read_questions()
    singles = await our_search(base, questions)
    return {
        "messages": len(asked),
        "all answered": _percent(sum(set(o.answered) == s.entries for s, o in pairs), len(asked)),
        "at least one answered": _percent(
            sum(bool(s.entries & set(o.answered)) for s, o in pairs), len(asked)
        ),
        "answers right": _percent(sum(answered), len(answered)),
        "single questions split": _percent(sum(len(o.answered) > 1 for o in singles.values()), len(singles)),
    }


def _first(outcome: SearchOutcome) -> str | None:
    return outcome.candidates[0].entry if outcome.candidates else None


def held_out_calibration_error(
    questions: Sequence[Question], found: Mapping[Question, SearchOutcome]
) -> float:
    """Expected calibration error in ten groups of equal size (Naeini et al. 2015), of questions inside and outside the base."""
    told = sorted(
        (found[q].probability, q.entry is not None and _first(found[q]) == q.entry)
        for q in questions
        if found[q].candidates
    )
    groups = [told[len(told) * n // 10 : len(told) * (n + 1) // 10] for n in range(10)]
    gaps = [abs(sum(p for p, _ in g) - sum(right for _, right in g)) for g in groups]
    return round(sum(gaps) / len(told), 4)


async def report(
    pool: AsyncConnectionPool, encoder: Encoder, content: Content, *, selector: Selector | None
) -> dict[str, object]:
    """All figures, ours and the peers'."""
    from evaluation.knowledge_peers import left_out, peer_rows

    base = LiveKnowledgeBase(pool, encoder)
    questions, statements = read_questions()
    searched = await our_search(base, [*questions, *statements])
    times = []
    for question in questions:
        started = time.perf_counter()
        await base.search(question.text, language=question.language)
        times.append(1000 * (time.perf_counter() - started))

    def ours(question: Question) -> Found:
        return as_found(searched[question])

    rows: dict[str, dict[str, float]] = {
        "ours": figures(questions, ours),
        **{
            f"ours {language}": figures([q for q in questions if q.language == language], ours)
            for language in LANGUAGES
        },
        **await peer_rows(pool, encoder, content, questions, selector=selector or left_out),
    }
    asked = [q for q in questions if q.entry]
    return {
        "rows": rows,
        "follow_ups": await follow_up_figures(base),
        "several": await several_figures(base),
        "questions recognised": _percent(sum(searched[q].is_question for q in asked), len(asked)),
        "statements taken for questions": _percent(
            sum(searched[s].is_question for s in statements), len(statements)
        ),
        "put forward": await put_forward(pool, encoder, asked),
        "calibration error, unseen phrasings": (await base.calibration()).error,
        "calibration error, held out": held_out_calibration_error(questions, searched),
        "search p50 ms": round(sorted(times)[len(times) // 2], 2),
        "search p95 ms": round(sorted(times)[int(0.95 * len(times))], 2),
        "programs waiting for a core meanwhile": round(os.getloadavg()[0], 1),
    }


def measure(*, selector: Selector | None = None, folder: Path = CONTENT) -> Mapping[str, object]:
    """The figures of a content folder, imported into a database of its own that is gone afterwards; JSON throughout.

    `selector`: Rasa's ResponseSelector, which is trained for minutes in Rasa's environment; without it, its row is missing.
    """
    return asyncio.run(_measure(folder, selector))


async def _measure(folder: Path, selector: Selector | None) -> dict[str, object]:
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
                return await report(pool, encoder, content, selector=selector)
        finally:
            server.destroy()


def as_markdown(found: Mapping[str, Any]) -> str:
    """The tables for docs/figures/knowledge.md."""
    rows: Mapping[str, Mapping[str, float]] = found["rows"]
    columns = list(rows["ours"])
    lines = ["| in % | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    lines += [f"| {name} | " + " | ".join(str(row[c]) for c in columns) + " |" for name, row in rows.items()]
    lines += [
        "",
        "top-1 and top-3: the right entry first, among the first three. direct: answered without asking back;",
    ]
    lines += [
        "outside direct: questions that the base does not answer, answered all the same. Each peer answers directly"
    ]
    lines += [
        "from the score on at which 96 % are right on the base's own phrasings, each left out, and outside questions;"
    ]
    lines += ["ResponseSelector from Rasa's usual confidence of 0.7 on."]
    for title, name in (
        ("Short texts after an answer", "follow_ups"),
        ("Several questions in a message", "several"),
    ):
        lines += ["", f"## {title}", "", "| figure | in % |", "|---|---:|"]
        lines += [f"| {key} | {value} |" for key, value in found[name].items()]
    lines += ["", "## The rest", "", "| figure | value |", "|---|---:|"]
    rest = {k: v for k, v in found.items() if k not in ("rows", "follow_ups", "several", "about")}
    return "\n".join([*lines, *(f"| {key} | {value} |" for key, value in rest.items())]) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Print the tables, or one JSON object; --write writes docs/figures/knowledge.{md,json}."""
    from evaluation.knowledge_peers import response_selector

    found = measure(selector=response_selector if "--peers" in arguments else None)
    if "--write" in arguments:
        from evaluation import written_figures
        from evaluation.measured_models import Measured, about

        told = {"about": about({"calibration": SEED}, [HELD_OUT, CONTENT]), **found}
        written_figures.write("knowledge", Measured(figures=told, markdown=as_markdown(found)))
    print(json.dumps(found, ensure_ascii=False) if "--json" in arguments else as_markdown(found))


if __name__ == "__main__":
    main(sys.argv[1:])
