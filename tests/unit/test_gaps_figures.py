"""The figures of grouping: the measures themselves, the set, and floors that a change may not fall below."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.gaps import Grouped, kmeans, ours, read_half, scores
from knowledge_base.text_normalisation import matching_form
from tests.knowledge import encoder


def test_the_measures_are_what_they_are_called() -> None:
    true = np.array([0, 0, 1, 1])
    assert scores(true, np.array([5, 5, 3, 3]))["B-cubed F"] == 100
    together, apart = scores(true, np.zeros(4, int)), scores(true, np.arange(4))
    assert (together["precision"], together["recall"]) == (50, 100)
    assert (apart["precision"], apart["recall"]) == (100, 50)
    assert together["adjusted Rand"] == apart["adjusted Rand"] == 0


@pytest.mark.parametrize("half", ["dev", "held_out"])
def test_no_question_stands_twice_or_in_both_halves(half: str) -> None:
    texts = [matching_form(text) for text in read_half(half).texts]
    assert len(texts) == len(set(texts))
    other = {matching_form(text) for text in read_half("dev" if half == "held_out" else "held_out").texts}
    assert not set(texts) & other


def test_grouping_stays_as_good_as_it_was_and_better_than_words_alone() -> None:
    held_out: Grouped = read_half("held_out")
    found, peer = (scores(held_out.groups, system(held_out)) for system in (ours(encoder()), kmeans))
    assert found["B-cubed F"] >= 72 and found["adjusted Rand"] >= 58
    assert found["B-cubed F"] > peer["B-cubed F"] + 10
