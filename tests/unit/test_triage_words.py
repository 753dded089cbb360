"""The words shown for a tag: pieces of the message, warmest first chosen, none that stand in every message."""

from __future__ import annotations

import pytest

from routing.triage_marks import marks
from routing.triage_reading import form, read
from routing.triage_words import telling_words


def test_the_warmest_piece_is_shown_as_it_was_typed() -> None:
    assert telling_words(read("你哋係騙徒嚟㗎"), {"c:骗徒": 1.0}) == ("騙徒",)


@pytest.mark.parametrize(
    ("text", "feature"), [("退 了 款", "c:了"), ("where is the parcel", "w:the"), ("where is it", "w:is it")]
)
def test_function_words_are_never_shown(text: str, feature: str) -> None:
    assert telling_words(read(text), {feature: 1.0}) == ()


def test_a_function_word_inside_a_piece_stays() -> None:
    assert telling_words(read("you are a bunch of thieves"), {"w:bunch of": 1.0, "w:of thieves": 1.0}) != ()


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("人呢？？", "m:insists"),
        ("WHERE IS MY MONEY", "m:capitals"),
        ("你们仓库是瞎子打包的吧", "m:taunts"),
        ("真专业啊", "m:exclaims"),
        ("退款退款退款", "m:chants"),
        ("还好意思收运费", "m:still"),
        ("do you actually read this", "m:doubts"),
        ("八天了还没到", "m:waited"),
        ("说好的“加急”呢", "m:quotes"),
    ],
)
def test_how_a_message_is_written_is_seen(text: str, mark: str) -> None:
    assert mark in marks(text, form(text))


def test_a_plain_question_has_only_its_question_mark_and_length() -> None:
    assert marks("几天能到?", form("几天能到?")) == ["m:question", "m:length0"]
