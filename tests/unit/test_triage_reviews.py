"""A review among the messages is read by the frozen layer, as far as it looks like one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import triage_public
from routing.tags import SENTIMENTS
from routing.triage_examples import Example
from routing.triage_public import BUCKETS, PublicLayer
from routing.triage_reviews import LOOKS_LIKE, with_review
from routing.triage_training import fit

ANGRY, NEGATIVE, NEUTRAL, POSITIVE = (
    SENTIMENTS.index(name) for name in ("angry", "negative", "neutral", "positive")
)
ASKED = [0.05, 0.15, 0.7, 0.1]
CLEARLY, HARDLY = LOOKS_LIKE + 3, LOOKS_LIKE - 3


def test_a_service_message_stays_what_it_is() -> None:
    assert with_review(ASKED, looks=HARDLY, polarity=3.0) == pytest.approx(ASKED, abs=1e-3)


def test_a_glad_review_is_positive_and_an_unhappy_one_is_not() -> None:
    assert with_review(ASKED, looks=CLEARLY, polarity=2.0)[POSITIVE] > 0.95
    unhappy = with_review(ASKED, looks=CLEARLY, polarity=-2.0)
    assert unhappy[NEGATIVE] + unhappy[ANGRY] > 0.95


def test_a_review_is_never_neutral() -> None:
    assert with_review(ASKED, looks=CLEARLY, polarity=0.0)[NEUTRAL] < 0.01


def test_how_angry_an_unhappy_review_is_says_the_classifier() -> None:
    furious = with_review([0.6, 0.2, 0.1, 0.1], looks=CLEARLY, polarity=-2.0)
    assert furious[ANGRY] / furious[NEGATIVE] == pytest.approx(3.0, rel=1e-3)


def test_halfway_both_count_the_same() -> None:
    half = with_review(ASKED, looks=LOOKS_LIKE, polarity=9.0)
    assert half[NEUTRAL] == pytest.approx(ASKED[NEUTRAL] / 2)


@given(
    parts=st.lists(st.floats(0.001, 1), min_size=4, max_size=4),
    looks=st.floats(-1e6, 1e6),
    polarity=st.floats(-1e6, 1e6),
)
def test_probabilities_stay_probabilities(parts: list[float], looks: float, polarity: float) -> None:
    values = with_review([part / sum(parts) for part in parts], looks=looks, polarity=polarity)
    assert sum(values) == pytest.approx(1, abs=1e-6)
    assert all(0 <= value <= 1 for value in values)


def test_a_layer_that_knows_no_reviews_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of clear licence has learnt from none; reviews are then read like any other message."""
    layer = PublicLayer(
        tasks=("offence",),
        table=np.zeros((BUCKETS, 1), np.int8),
        factors=np.ones(1, np.float32),
        offsets=np.zeros(1, np.float32),
        idf=np.ones(BUCKETS, np.float16),
        hash="none",
    )
    monkeypatch.setattr(triage_public, "shipped", lambda: layer)
    moods = {
        "骗子 退钱": 0,
        "死骗子": 0,
        "有点失望": 1,
        "怎么退货": 2,
        "几天能到": 2,
        "谢谢你们": 3,
        "多谢晒": 3,
    }
    tagger = fit([Example(text=text, labels=(mood, 0, 0)) for text, mood in moods.items()], None)
    assert [tags.sentiment.label in SENTIMENTS for tags in tagger.tag(["东西很好 谢谢", "质量太差"])] == [
        True,
        True,
    ]
