"""Quality of the knowledge base on held-out questions: `python -m evaluation.knowledge [--json]`.

Beside it a plain BM25 over the same phrasings (characters and words, no normalisation, no calibration); it answers
whenever it finds anything. Nothing is ever tuned on these questions.
"""

from __future__ import annotations

import json
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge_base.entries import Content, load_content
from knowledge_base.policy import LANGUAGES, Language
from knowledge_base.search import PhrasingSearch, load_knowledge_base, phrasings_of

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


def our_search(base: PhrasingSearch) -> Callable[[Question], Found]:
    """The search as the bot uses it."""

    def search(question: Question) -> Found:
        found = base.search(question.text, language=question.language)
        return Found(ranked=tuple(c.entry for c in found.candidates), direct=found.outcome == "answer")

    return search


def plain_bm25(content: Content, k1: float = 1.2, b: float = 0.75) -> Callable[[Question], Found]:
    """BM25 (Robertson and Zaragoza 2009) over phrasings, tokens = Chinese characters and English words."""
    entries = tuple(content.entries.values())
    texts, owners = phrasings_of(entries)
    documents = [Counter(_tokens(t)) for t in texts]
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


def report() -> dict[str, object]:
    """All figures, ours and plain BM25's."""
    started = time.perf_counter()
    base = load_knowledge_base(CONTENT)
    start_s = time.perf_counter() - started
    questions, statements = read_questions()
    ours, plain = our_search(base), plain_bm25(load_content(CONTENT))
    times, busy = [], []
    for question in questions:
        started, busy_from = time.perf_counter(), time.thread_time()
        base.search(question.text, language=question.language)
        times.append(1000 * (time.perf_counter() - started))
        busy.append(1000 * (time.thread_time() - busy_from))
    rows: dict[str, dict[str, float]] = {
        "ours": figures(questions, ours),
        "plain BM25": figures(questions, plain),
    }
    for language in LANGUAGES:
        rows[f"ours {language}"] = figures([q for q in questions if q.language == language], ours)
    asked = [q for q in questions if q.entry]
    return {
        "rows": rows,
        "questions recognised": _percent(sum(base.is_question(q.text) for q in asked), len(asked)),
        "statements taken for questions": _percent(
            sum(base.is_question(s.text) for s in statements), len(statements)
        ),
        "search p50 ms": round(sorted(times)[len(times) // 2], 2),
        "search p95 ms": round(sorted(times)[int(0.95 * len(times))], 2),
        "search p95 ms, processor": round(sorted(busy)[int(0.95 * len(busy))], 2),
        "start s": round(start_s, 2),
    }


def main(arguments: Sequence[str]) -> None:
    """Print a table, or one JSON object."""
    found = report()
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
