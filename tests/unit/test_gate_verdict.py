"""What the publish gate lets pass: by cost, and what one wrong answer costs at least."""

from __future__ import annotations

from knowledge_base.costs import AnswerCosts
from knowledge_base.gate import Asked, GateResult, Question, QuestionKind, Told, judge

COSTS = AnswerCosts()
RIGHT = Told(outcome="answer", probability=0.9, entry="returns", cost=0.0, is_right=True)


def lost(cost: float, *, kind: QuestionKind = "phrasing", to: str = "thief") -> Asked:
    question = Question(kind=kind, text=f"{to} {cost}", language="en", expected="returns")
    after = Told(outcome="answer", probability=0.9, entry=to, cost=cost, is_right=False)
    return Asked(question=question, before=RIGHT, after=after)


def kept(count: int) -> list[Asked]:
    question = Question(kind="phrasing", text="kept", language="en", expected="returns")
    return [Asked(question=question, before=RIGHT, after=RIGHT)] * count


def verdict(*asked: Asked, costs: AnswerCosts = COSTS) -> GateResult:
    return judge(asked, frozenset({"thief"}), costs, took_ms=1)


def test_what_one_wrong_answer_costs_passes_and_more_does_not() -> None:
    assert verdict(lost(6), lost(4)).verdict == "passed"
    assert verdict(lost(10), lost(1)).verdict == "stopped"


def test_a_single_loss_passes_whatever_it_costs() -> None:
    assert verdict(lost(COSTS.answered_outside)).verdict == "passed"


def test_of_many_questions_a_hundredth_may_be_lost() -> None:
    assert verdict(lost(10), lost(10), *kept(198)).verdict == "passed"
    assert verdict(lost(10), lost(10), lost(1), *kept(198)).verdict == "stopped"


def test_dear_answers_to_what_lies_outside_do_not_let_wrong_answers_pass() -> None:
    assert verdict(lost(10), lost(10), costs=AnswerCosts(answered_outside=100)).verdict == "stopped"


def test_a_pinned_question_that_is_lost_stops_by_itself() -> None:
    assert verdict(lost(1, kind="pinned"), *kept(500)).verdict == "stopped"


def test_who_takes_questions_is_named_the_worst_first() -> None:
    found = judge(
        [lost(10), lost(10, to="other"), lost(12, to="other"), lost(30, to="not changed")],
        frozenset({"thief", "other"}),
        COSTS,
        took_ms=1,
    )
    assert found.thieves == ("other", "thief")
