"""What the publish gate makes of questions asked before and after a change: costs, losses, thieves, the verdict. Pure.

Asking is knowledge_base/gate_asking.py, keeping the outcome knowledge_base/gate_runs.py. docs/operations/knowledge.md
says the rule in the editors' words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from knowledge_base.costs import AnswerCosts
from knowledge_base.search import SearchOutcome

QuestionKind = Literal["phrasing", "pinned", "outside"]
Verdict = Literal["passed", "stopped"]

ALLOWED_SHARE = 0.01
"""Of the questions that a change comes near to, so many may go wrong: about what the search gets wrong by itself."""
MOST_LOSSES = 200
"""Losses that are told by name, the dearest first; all are counted."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """`expected` is the entry that answers, None for one that nothing may answer. A phrasing is `held_back` while it
    is asked: what it teaches the base is forgotten, so that it stands for questions nobody has written down."""

    kind: QuestionKind
    text: str
    language: str
    expected: str | None
    context: str | None = None
    held_back: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a base said to a question: `entry` answered, or is the first of those asked back with."""

    outcome: str
    probability: float
    entry: str | None
    cost: float
    is_right: bool

    def as_json(self) -> dict[str, object]:
        """As the API shows it."""
        return {"outcome": self.outcome, "probability": round(self.probability, 4)}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with what was and what would be said."""

    question: Question
    before: Told
    after: Told

    @property
    def lost(self) -> float:
        """What the change costs here; 0 where it was wrong before, or is no worse."""
        return max(0.0, self.after.cost - self.before.cost) if self.before.is_right else 0.0

    def as_json(self) -> dict[str, object]:
        """As the API shows it."""
        return {
            "question": self.question.text,
            "language": self.question.language,
            "from": self.question.expected,
            "to": self.after.entry,
            "kind": self.question.kind,
            "before": self.before.as_json(),
            "after": self.after.as_json(),
        }


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """`losses` dearest first; `thieves` are changed entries that take others' questions, by themselves at
    the cost of a wrong answer or more, the worst first; `gains` are
    questions that cost less than before. `cost` is that of all losses, `allowed` what would still have passed."""

    verdict: Verdict
    losses: tuple[Mapping[str, Any], ...] = ()
    lost: int = 0
    thieves: tuple[str, ...] = ()
    gains: int = 0
    cost: float = 0.0
    allowed: float = 0.0
    asked: int = 0
    took_ms: int = 0

    def as_json(self) -> dict[str, Any]:
        """As it is stored and shown."""
        return asdict(self)


def told(question: Question, found: SearchOutcome, costs: AnswerCosts) -> Told:
    """What a search's outcome is worth for this question."""
    shown = [*found.answered, *(c.entry for c in found.candidates)]
    offered = found.answered if found.outcome == "answer" else tuple(c.entry for c in found.candidates)
    is_there = question.expected in offered and found.outcome != "decline"
    return Told(
        outcome=found.outcome,
        probability=found.probability,
        entry=shown[0] if shown and found.outcome != "decline" else None,
        cost=_cost(question, found.outcome, costs, is_there=is_there),
        is_right=is_there if question.expected is not None else found.outcome != "answer",
    )


def _cost(question: Question, outcome: str, costs: AnswerCosts, *, is_there: bool) -> float:
    """By the table that the answer policy decides by. A question back without the right entry among the options ends
    where a decline does, one question later."""
    is_outside = question.expected is None
    if outcome == "answer":
        return 0.0 if is_there else costs.answered_outside if is_outside else costs.wrong_answer
    if outcome == "ask":
        unanswered = 0.0 if is_outside else costs.decline
        return costs.question if is_there else costs.vain_question + unanswered
    return 0.0 if is_outside else costs.decline


def judge(asked: Sequence[Asked], changed: frozenset[str], costs: AnswerCosts, *, took_ms: int) -> GateResult:
    """Stopped where a pinned question is no longer right, or where the losses cost more than wrong answers to
    ALLOWED_SHARE of the questions asked would; what one wrong answer costs is always allowed, and so is a single loss,
    whatever it costs. `changed`: ids of the change."""
    losses = sorted((a for a in asked if a.lost > 0), key=lambda a: (-a.lost, a.question.text))
    cost = sum(a.lost for a in losses)
    allowed = costs.wrong_answer * max(1.0, ALLOWED_SHARE * len(asked))
    is_too_dear = cost > allowed and len(losses) > 1
    is_pin_lost = any(a.question.kind == "pinned" and not a.after.is_right for a in losses)
    taken: defaultdict[str, float] = defaultdict(float)
    for a in losses:
        if a.after.entry in changed and a.after.entry != a.question.expected:
            taken[str(a.after.entry)] += a.lost
    return GateResult(
        verdict="stopped" if is_pin_lost or is_too_dear else "passed",
        losses=tuple(a.as_json() for a in losses[:MOST_LOSSES]),
        lost=len(losses),
        thieves=tuple(
            entry
            for entry, cost_taken in sorted(taken.items(), key=lambda item: (-item[1], item[0]))
            if cost_taken >= costs.wrong_answer
        ),
        gains=sum(a.after.cost < a.before.cost for a in asked),
        cost=round(cost, 2),
        allowed=round(allowed, 2),
        asked=len(asked),
        took_ms=took_ms,
    )
