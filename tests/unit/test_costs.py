"""What the bot does with a question follows from what wrong steps cost; impossible tables are refused with the way out."""

from __future__ import annotations

import itertools

import pytest
from pydantic import ValidationError

from knowledge_base.costs import DEFAULT_COSTS, AnswerCosts, Outcome


def costs(**changed: float) -> AnswerCosts:
    return AnswerCosts.model_validate(changed)


@pytest.mark.parametrize(
    ("top", "among", "outcome"),
    [
        (1.0, 1.0, "answer"),
        (0.9, 0.98, "answer"),
        (0.5, 0.98, "ask"),  # two entries are near
        (0.5, 0.5, "decline"),  # either the first or none at all
        (0.3, 0.9, "ask"),
        (0.0, 0.0, "decline"),
    ],
)
def test_the_cheapest_step_is_taken(top: float, among: float, outcome: Outcome) -> None:
    assert DEFAULT_COSTS.cheapest(top, among) == outcome


def test_surer_never_says_less() -> None:
    order = ["decline", "ask", "answer"]
    for among in (0.2, 0.5, 0.8, 1.0):
        steps = [order.index(DEFAULT_COSTS.cheapest(among * n / 50, among)) for n in range(51)]
        assert steps == sorted(steps)


def test_expected_costs_are_those_of_the_table() -> None:
    table = costs(
        unanswered_share=0.5,
        unanswered_question=3,
        needless_question=1,
        decline=4,
        vain_question=2,
        wrong_answer=10,
        answered_outside=15,
    )
    assert table.expected(0.5, 0.8) == pytest.approx({"decline": 3.2, "ask": 2.0, "answer": 6.0})


@pytest.mark.parametrize("field", ["wrong_answer", "answered_outside"])
def test_the_dearer_a_wrong_answer_the_surer_it_must_be(field: str) -> None:
    def least(table: AnswerCosts) -> float:
        return next(
            n / 100 for n in range(101) if table.cheapest(n / 100, min(1, n / 100 + 0.05)) == "answer"
        )

    thresholds = [least(costs(**{field: cost})) for cost in (7, 10, 20, 80)]
    assert thresholds == sorted(thresholds) and thresholds[0] < thresholds[-1]


def test_where_a_tap_costs_nothing_the_bot_asks_unless_it_is_certain() -> None:
    careful = costs(needless_question=0, unanswered_share=0, vain_question=0)
    assert careful.cheapest(0.99, 1.0) == "ask" and careful.cheapest(1.0, 1.0) == "ask"


@pytest.mark.parametrize("name", list(AnswerCosts.model_fields))
def test_a_negative_cost_is_named_with_the_fix(name: str) -> None:
    with pytest.raises(ValidationError, match=rf"{name} is -1, and no cost is negative. Write 0 or more."):
        costs(**{name: -1})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_cost_is_a_number(value: float) -> None:
    with pytest.raises(ValidationError, match="wrong_answer is"):
        costs(wrong_answer=value)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"unanswered_share": 1.5}, "no share is above 1"),
        ({"needless_question": 6}, "Lower needless_question or raise unanswered_question"),
        (
            {"needless_question": 12, "unanswered_question": 13},
            "Lower needless_question or raise wrong_answer",
        ),
        ({"decline": 10}, "Lower decline or raise wrong_answer"),
        ({"vain_question": 16}, "Lower vain_question or raise answered_outside"),
        ({"decline": 1}, "would never ask back. Raise decline or lower one of the three"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_with_its_consequence(
    changed: dict[str, float], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        costs(**changed)


def test_whatever_the_table_one_of_three_things_is_done() -> None:
    for top, among in itertools.product((0.0, 0.3, 0.7, 1.0), repeat=2):
        if top <= among:
            assert DEFAULT_COSTS.cheapest(top, among) in ("answer", "ask", "decline")
