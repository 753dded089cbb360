"""Which corrections are learned from, whose word counts, and how much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from routing.triage_corrections import MOST, Corrected, taught
from routing.triage_decision import HEADS
from routing.triage_examples import Example

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AGENT, SENIOR, SUPERVISOR = 1, 2, 3


def example(text: str, labels: str) -> Example:
    words = labels.split()
    found = tuple(known.index(word) for word, known in zip(words, HEADS.values(), strict=True))
    return Example(text=text, labels=found)


def corrected(text: str, labels: str, rank: int = AGENT, minutes: int = 0) -> Corrected:
    return Corrected(example=example(text, labels), rank=rank, at=NOON + timedelta(minutes=minutes))


MANY = [example(f"第{n}个例子说的是别的事", "neutral normal none") for n in range(100)]


def test_of_one_text_the_highest_rank_counts_and_the_newest_among_equals() -> None:
    said = [
        corrected("又没货了真行啊", "angry high serious", AGENT, minutes=9),
        corrected("又没货了 真行啊".replace(" ", ""), "negative normal minor", SENIOR, minutes=1),
        corrected("又沒貨了真行啊", "negative high minor", SENIOR, minutes=5),  # 繁體 is the same text
    ]
    found = taught(MANY, said, ())
    assert found.corrected == [(example("又沒貨了真行啊", "negative high minor"), 1.5)]


def test_a_correction_takes_the_place_of_an_example_that_says_otherwise() -> None:
    known = [*MANY, example("你们真行", "positive normal none")]
    found = taught(known, [corrected("你们真行", "angry normal minor", SUPERVISOR)], ())
    assert found.replaced == 1
    assert found.examples == MANY
    assert found.corrected == [(example("你们真行", "angry normal minor"), 2.0)]


def test_what_is_nearly_a_held_out_message_is_never_learned() -> None:
    heldout = ["等了三天还没发货你们干什么吃的"]
    found = taught(MANY, [corrected("等了三天还没发货，你们干什么吃的", "angry high serious")], heldout)
    assert (found.held_out, found.corrected) == (1, [])


def test_all_corrections_together_stay_a_part_of_the_whole() -> None:
    said = [corrected(f"这是客户说的第{n}句不同的话哦", "angry high minor", SENIOR) for n in range(200)]
    found = taught(MANY, said, ())
    assert len(found.corrected) == 200
    assert abs(sum(weight for _, weight in found.corrected) - MOST * len(MANY)) < 1e-6


def test_without_words_there_is_nothing_to_learn() -> None:
    assert taught(MANY, [corrected("  ", "angry high minor")], ()).corrected == []
