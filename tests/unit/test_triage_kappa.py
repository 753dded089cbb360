"""Agreement of two readers."""

from __future__ import annotations

import pytest

from evaluation.triage_kappa import agreement, kappa
from routing.triage_examples import Example


def test_complete_agreement_is_one_and_chance_is_nothing() -> None:
    assert kappa(["a", "b", "a"], ["a", "b", "a"]) == 1
    assert kappa(["a", "a", "b", "b"], ["a", "b", "a", "b"]) == 0


def test_cohens_example() -> None:
    """20 both yes, 15 both no, 5 and 10 apart: 0.7 agreed, 0.5 by chance, so 0.4."""
    one = ["y"] * 25 + ["n"] * 25
    other = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert kappa(one, other) == pytest.approx(0.4)


def test_only_messages_that_both_have_count() -> None:
    first = [Example(text="a", labels=(0, 0, 0)), Example(text="b", labels=(1, 0, 0))]
    second = [Example(text="a", labels=(0, 0, 0)), Example(text="c", labels=(3, 0, 0))]
    assert agreement(second, first)["sentiment"] == {"kappa": 1.0, "agreement": 1.0, "messages": 1}


def test_nothing_in_common_says_so() -> None:
    with pytest.raises(ValueError, match="no message"):
        agreement([Example(text="a", labels=(0, 0, 0))], [])
