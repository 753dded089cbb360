"""Asks the gate's questions of the published base and of the base with a change, by the search that customers get."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from knowledge_base.changed_base import Changes
from knowledge_base.costs import AnswerCosts
from knowledge_base.gate import Asked, GateResult, Question, Told, judge, told
from knowledge_base.gate_questions import read_questions
from knowledge_base.held_back import HeldBack, Searchable
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.text_normalisation import matching_form

Progress = Callable[[int, int], Awaitable[None]]
"""Is told how many questions of how many are asked."""


async def run_gate(
    live: LiveKnowledgeBase, changes: Changes, costs: AnswerCosts, progress: Progress
) -> GateResult:
    """What the change would do to the base's questions. Writes nothing; seconds, most of them waiting."""
    started = time.monotonic()
    async with live.connection() as conn:
        changed = await live.changed_base(conn, changes)
        questions = await read_questions(conn, live.published, changed, live.sentence_encoder)
    asked = []
    for n, question in enumerate(questions):
        await progress(n, len(questions))
        before = await _ask(live, live.published, question, costs)
        after = await _ask(live, changed, question, costs)
        asked.append(Asked(question=question, before=before, after=after))
    await progress(len(questions), len(questions))
    took_ms = round(1000 * (time.monotonic() - started))
    return judge(asked, frozenset(changes.entries), costs, took_ms=took_ms)


async def _ask(live: LiveKnowledgeBase, base: Searchable, question: Question, costs: AnswerCosts) -> Told:
    if question.held_back and question.expected is not None:
        asked = live.over(HeldBack(base, question.expected, matching_form(question.text)))
    else:
        asked = live.over(base)
    found = await asked.search(question.text, language=question.language, context=question.context)
    return told(question, found, costs)
