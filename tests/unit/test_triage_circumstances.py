"""Waiting and unanswered messages beside the words: small, one-sided, nothing where the caller knows nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.tags import NEUTRAL, SENTIMENTS, Tag, Tags
from routing.triage_circumstances import Circumstances, in_circumstances


def felt(label: str, probability: float) -> Tags:
    return Tags(
        sentiment=Tag(label=label, probability=probability), urgency=NEUTRAL.urgency, level=NEUTRAL.level
    )


LONG_WAIT = Circumstances(waited_s=3600, unanswered=6)


@pytest.mark.parametrize("label", SENTIMENTS)
def test_without_waiting_nothing_moves(label: str) -> None:
    assert in_circumstances(felt(label, 0.7), Circumstances()) == felt(label, 0.7)


def test_waiting_makes_an_unhappy_message_surer() -> None:
    assert in_circumstances(felt("negative", 0.6), LONG_WAIT).sentiment.probability > 0.75


def test_a_sure_question_stays_neutral_after_any_wait() -> None:
    tags = in_circumstances(felt("neutral", 0.9), LONG_WAIT)
    assert tags.sentiment.label == "neutral"
    assert tags.sentiment.probability < 0.9


def test_a_doubtful_one_becomes_negative_and_never_angry() -> None:
    assert in_circumstances(felt("neutral", 0.6), LONG_WAIT).sentiment.label == "negative"


def test_thanks_stay_thanks() -> None:
    assert in_circumstances(felt("positive", 0.6), LONG_WAIT) == felt("positive", 0.6)


def test_messages_count_beside_the_time() -> None:
    waited = Circumstances(waited_s=300)
    with_messages = Circumstances(waited_s=300, unanswered=2)
    one, other = (in_circumstances(felt("negative", 0.6), each) for each in (waited, with_messages))
    assert 0.6 < one.sentiment.probability < other.sentiment.probability


@given(
    label=st.sampled_from(SENTIMENTS),
    probability=st.floats(0, 1),
    waited_s=st.floats(-10, 1e9),
    unanswered=st.integers(-3, 10**6),
)
def test_probabilities_stay_probabilities(
    label: str, probability: float, waited_s: float, unanswered: int
) -> None:
    tags = in_circumstances(felt(label, probability), Circumstances(waited_s=waited_s, unanswered=unanswered))
    assert 0 <= tags.sentiment.probability <= 1
    assert tags.urgency == NEUTRAL.urgency and tags.level == NEUTRAL.level
