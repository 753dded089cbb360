"""Gaps: questions that the knowledge base did not answer well, grouped by meaning and ranked by what they cost.

Pure: questions come in with their words, already without personal data, and gaps come out. Who may see them, and which were
dismissed, is the desk's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import numpy as np

from knowledge_base.costs import DEFAULT_COSTS, AnswerCosts
from knowledge_base.encoder import Encoder
from knowledge_base.grouping import Vectors, centred, common_to_all, group
from knowledge_base.search import query_form
from knowledge_base.text_normalisation import matching_form

Why = Literal["unhelpful", "handed_over", "declined", "asked_back"]


def costs_of(costs: AnswerCosts) -> Mapping[Why, float]:
    """By the names of the cost table: what a question that went wrong has cost. Handed over, the customer was left without."""
    return {
        "unhelpful": costs.wrong_answer,
        "handed_over": costs.unanswered_question,
        "declined": costs.decline,
        "asked_back": costs.vain_question,
    }


COSTS = costs_of(DEFAULT_COSTS)
MOST_PHRASINGS = 12
LONGEST_PHRASING = 100
LONGEST_TITLE = 60
MOST_ANSWERS = 10


@dataclass(frozen=True, kw_only=True)
class MissedQuestion:
    """A question and why it counts; `candidates` are entries with probabilities, `reply` what an agent answered later."""

    conversation_id: UUID
    seq: int
    text: str
    language: str
    at: datetime
    why: Why
    candidates: tuple[tuple[str, float], ...] = ()
    reply: str | None = None

    @property
    def id(self) -> str:
        """Names the gap that holds this question, whatever else has joined it."""
        return f"q{self.seq}.{self.conversation_id.hex}"


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Questions of one meaning, the most typical first; `agents_answers` too; `nearest` is the entry that came nearest."""

    questions: tuple[MissedQuestion, ...]
    cost: float
    agents_answers: tuple[str, ...]
    nearest: str | None

    @property
    def id(self) -> str:
        """Of its most typical question."""
        return self.questions[0].id

    @property
    def name(self) -> str:
        """Its most typical question."""
        return self.questions[0].text

    @property
    def language(self) -> str:
        """The one that most of its questions are written in."""
        counted = Counter(question.language for question in self.questions)
        return max(counted, key=lambda language: (counted[language], language))

    def holds(self, id_: str) -> bool:
        """Whether the id names this gap."""
        return any(question.id == id_ for question in self.questions)


def find_gaps(
    questions: Sequence[MissedQuestion], encoder: Encoder, *, costs: Mapping[Why, float] = COSTS
) -> list[Gap]:
    """The gaps, the dearest first.

    Takes seconds for 20,000 questions; never on the event loop.
    """
    asked: dict[str, list[MissedQuestion]] = {}
    for question in sorted(questions, key=lambda q: (q.at, q.id), reverse=True):
        if form := query_form(question.text):
            asked.setdefault(form, []).append(question)
    forms = sorted(asked, key=lambda form: -len(asked[form]))
    vectors = _vectors(encoder, forms)
    members: dict[int, list[int]] = {}
    for row, label in enumerate(group(vectors).tolist()):
        members.setdefault(label, []).append(row)
    gaps = [
        _gap([asked[forms[row]] for row in rows], vectors[rows], encoder, costs) for rows in members.values()
    ]
    return sorted(gaps, key=lambda gap: (-gap.cost, -len(gap.questions), gap.id))


def of_language(gap: Gap, language: str, costs: Mapping[Why, float] = COSTS) -> Gap | None:
    """What of a gap was asked in this language."""
    kept = tuple(question for question in gap.questions if question.language == language)
    if not kept:
        return None
    return Gap(
        questions=kept, cost=_cost(kept, costs), agents_answers=gap.agents_answers, nearest=gap.nearest
    )


def draft(gap: Gap, encoder: Encoder, *, group: str = "", known: Sequence[str] = ()) -> dict[str, Any]:
    """The content of an entry to begin with: title, up to twelve phrasings that differ, the most central answer of agents.

    `known` are phrasings of other entries, which may not stand in two.
    """
    content: dict[str, Any] = {
        "group": group,
        "title": {gap.language: gap.name[:LONGEST_TITLE]},
        "answer": {},
        "phrasings": _phrasings(gap, encoder, known),
        "variants": [],
        "related": [gap.nearest] if gap.nearest else [],
        "start_form": None,
    }
    if gap.agents_answers:
        answer = gap.agents_answers[0]
        by = next((q.language for q in gap.questions if q.reply == answer), gap.language)
        content["answer"] = {by: answer}
    return content


def _vectors(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    return centred(np.asarray(encoder.encode(texts), np.float32), common_to_all(encoder))


def _gap(
    asked: Sequence[Sequence[MissedQuestion]],
    vectors: Vectors,
    encoder: Encoder,
    costs: Mapping[Why, float],
) -> Gap:
    """`asked` has the questions of each form; the medoid of all of them comes first."""
    counts = np.array([len(questions) for questions in asked], np.float32)
    typical = vectors @ (counts @ vectors)
    order = sorted(range(len(asked)), key=lambda row: (-round(float(typical[row]), 5), -len(asked[row]), row))
    questions = tuple(question for row in order for question in asked[row])
    return Gap(
        questions=questions,
        cost=_cost(questions, costs),
        agents_answers=_central([q.reply for q in questions if q.reply], encoder),
        nearest=_nearest(questions),
    )


def _cost(questions: Sequence[MissedQuestion], costs: Mapping[Why, float]) -> float:
    return float(sum(costs[question.why] for question in questions))


def _nearest(questions: Sequence[MissedQuestion]) -> str | None:
    summed: Counter[str] = Counter()
    for question in questions:
        for entry, probability in question.candidates:
            summed[entry] += probability  # type: ignore[assignment]
    return max(sorted(summed), key=lambda entry: summed[entry]) if summed else None


def _central(texts: Sequence[str], encoder: Encoder) -> tuple[str, ...]:
    """Distinct texts, the one most like all others first."""
    distinct = list(dict.fromkeys(texts))
    if len(distinct) < 2:
        return tuple(distinct)
    vectors = _vectors(encoder, distinct)
    counts = np.array([texts.count(text) for text in distinct], np.float32)
    typical = (vectors @ (counts @ vectors)).tolist()
    order = sorted(range(len(distinct)), key=lambda row: (-round(typical[row], 5), row))
    return tuple(distinct[row] for row in order[:MOST_ANSWERS])


def _phrasings(gap: Gap, encoder: Encoder, known: Sequence[str]) -> dict[str, list[str]]:
    """The most typical one first, then always the one that differs most from those taken."""
    taken_forms = {matching_form(text) for text in known}
    offered: dict[str, MissedQuestion] = {}
    for question in gap.questions:
        form = matching_form(question.text)
        if form and form not in taken_forms and len(question.text) <= LONGEST_PHRASING:
            offered.setdefault(form, question)
    if not offered:
        return {}
    vectors = np.asarray(encoder.encode(list(offered)), np.float32)
    taken = [0]
    while len(taken) < min(MOST_PHRASINGS, len(offered)):
        nearest = (vectors @ vectors[taken].T).max(axis=1)
        nearest[taken] = np.inf
        taken.append(int(nearest.argmin()))
    questions = list(offered.values())
    found: dict[str, list[str]] = {}
    for row in sorted(taken):
        found.setdefault(questions[row].language, []).append(questions[row].text)
    return found
