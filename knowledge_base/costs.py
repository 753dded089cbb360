"""What each thing that the bot can do with a question costs, and the choice that follows: whatever is expected to cost least.

Costs have no unit, only their proportions count. Declining what nothing answers costs nothing: that is what should
happen to it. Reasons for the defaults: docs/decisions/0014-costs-decide.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Outcome = Literal["answer", "ask", "decline"]
"""What the bot should do with a question."""


class AnswerCosts(BaseModel):
    """What wrong steps cost, in proportion to each other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wrong_answer: float = Field(10, description="Another entry was answered than the one that was meant.")
    answered_outside: float = Field(15, description="Something was answered where nothing in the base does.")
    needless_question: float = Field(1, description="Asked back, and the customer chose the right one.")
    unanswered_question: float = Field(
        6, description="Asked back with the right one among the options, and the customer chose none."
    )
    unanswered_share: float = Field(0.2, description="How many leave such a question unanswered, 0 to 1.")
    vain_question: float = Field(2, description="Asked back, and the right one was not among the options.")
    decline: float = Field(3, description="Declined, and one of the options would have answered.")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if problem := _impossible(self):
            raise ValueError(problem)
        return self

    @property
    def question(self) -> float:
        """Expected of asking back with the right one among the options."""
        left = self.unanswered_share
        return (1 - left) * self.needless_question + left * self.unanswered_question

    def expected(self, top: float, among: float) -> Mapping[Outcome, float]:
        """Of each outcome, where the first option answers with probability `top`, one of them all with `among`."""
        none = 1 - among
        return {
            "decline": self.decline * among,
            "ask": self.question * among + self.vain_question * none,
            "answer": self.wrong_answer * (among - top) + self.answered_outside * none,
        }

    def cheapest(self, top: float, among: float) -> Outcome:
        """What is expected to cost least; of two that cost the same, the one that says less."""
        expected = self.expected(top, among)
        return min(expected, key=lambda outcome: expected[outcome])


def _impossible(costs: AnswerCosts) -> str | None:
    """The first cost that cannot be, with the way out."""
    for name, cost in costs:
        if not 0 <= cost < float("inf"):
            return f"{name} is {cost:g}, and no cost is negative. Write 0 or more."
    if costs.unanswered_share > 1:
        return f"unanswered_share is {costs.unanswered_share:g}, and no share is above 1. Write 0 to 1."
    rising = (
        ("needless_question", "unanswered_question", "a question that nobody answers would be welcome"),
        ("needless_question", "wrong_answer", "the bot would guess and never ask back"),
        ("decline", "wrong_answer", "the bot would guess and never decline"),
        ("vain_question", "answered_outside", "the bot would answer anything and never ask back"),
    )
    for lower, higher, consequence in rising:
        low, high = getattr(costs, lower), getattr(costs, higher)
        if low >= high:
            return (
                f"{lower} ({low:g}) must be below {higher} ({high:g}), otherwise {consequence}. "
                f"Lower {lower} or raise {higher}."
            )
    if costs.question >= costs.decline:
        return (
            f"asking back costs {costs.question:g} (needless_question, unanswered_question, unanswered_share), which is "
            f"not below decline ({costs.decline:g}), so the bot would never ask back. Raise decline or lower one of the three."
        )
    return None


DEFAULT_COSTS = AnswerCosts.model_validate({})
