"""Which concepts a message names, in three languages and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.triage_concepts import lexicon
from routing.triage_reading import form


def names(text: str) -> set[str]:
    return {name for name, _, _ in lexicon().find(form(text))}


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("你们这帮骗子", "cheat"),
        ("你哋呢班騙徒", "insult"),
        ("you scammers", "cheat"),
        ("飛機聽日起飛", "travel"),
        ("my flight is tomorrow", "travel"),
        ("充电宝冒烟了", "fire"),
        ("部機着咗火", "fire"),
        ("第三次了", "repeat"),
        ("for the third time", "repeat"),
        ("我非常生气", "anger_named"),
        ("我好嬲", "anger_named"),
        ("i am furious", "anger_named"),
    ],
)
def test_one_concept_in_three_languages(text: str, concept: str) -> None:
    assert concept in names(text)


@pytest.mark.parametrize(
    "text", ["垃圾袋有没有大号", "垃圾桶五十升", "do you sell trash bags", "a garbage disposal"]
)
def test_the_name_of_a_thing_to_buy_hides_what_it_is_made_of(text: str) -> None:
    found = names(text)
    assert "goods" in found
    assert "insult" not in found


def test_a_word_outside_the_name_still_counts() -> None:
    assert {"goods", "insult"} <= names("垃圾袋一扯就破 真是垃圾")


def test_english_entries_are_whole_words_and_starred_ones_beginnings() -> None:
    assert "insult" in names("morons")
    assert "perishable" in names("melting fast") or "fire" in names("melting fast")
    assert "travel" not in names("the plant arrived")  # no plane in a plant


def test_an_apostrophe_changes_nothing() -> None:
    assert names("didn't order this") == names("didnt order this") == names("didn’t order this")


@given(text=st.text(max_size=200))
def test_places_are_inside_the_reading(text: str) -> None:
    read = form(text)
    assert all(0 <= start < end <= len(read) for _, start, end in lexicon().find(read))
