"""Where a message comes apart into questions, and when they are answered one by one; without any search."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge_base.clauses import MOST_PARTS, questions_of, together
from knowledge_base.search import NOT_A_QUESTION, NOTHING_FOUND, Candidate, SearchOutcome


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("怎么退 运费谁出 多久到账", ["怎么退", "运费谁出", "多久到账"]),
        ("怎么退货？运费谁出？", ["怎么退货?", "运费谁出?"]),
        ("怎么退货吗还有运费谁出", ["怎么退货吗", "还有运费谁出"]),
        ("你好，怎么开发票", ["怎么开发票"]),  # a greeting is none
        ("how do i return it and who pays", ["how do i return it", "and who pays"]),
        ("我的快递还有多久到", ["我的快递还有多久到"]),
        ("想 exchange 做 M size", ["想 exchange 做 M size"]),
        ("12,5 元的运费怎么算", ["12,5 元的运费怎么算"]),
        ("谢谢，好的", []),
        ("", []),
    ],
)
def test_a_message_comes_apart_into_its_questions(text: str, parts: list[str]) -> None:
    assert questions_of(text) == parts


def test_not_more_than_a_few_are_looked_at() -> None:
    assert len(questions_of("怎么退 " * 3 + "运费谁出 多久到账 怎么换 发票呢 几点上班 退到哪")) == MOST_PARTS


def found(entry: str, probability: float = 0.9, outcome: str = "answer") -> SearchOutcome:
    candidates = (Candidate(entry=entry, probability=probability, phrasing="", title=""),)
    if outcome != "answer":
        return SearchOutcome(outcome="ask", probability=probability, candidates=candidates)
    return SearchOutcome(
        outcome="answer",
        probability=probability,
        candidates=candidates,
        answers=(f"«{entry}»",),
        answered=(entry,),
    )


ASKING = ["怎么退", "运费谁出"]
UNSURE = found("a", 0.5, "ask")


def test_two_sure_parts_are_both_answered_as_sure_as_the_less_sure_of_them() -> None:
    both = together(UNSURE, ASKING, [found("a", 0.85), found("b", 0.95)])
    assert both.answered == ("a", "b") and both.answers == ("«a»", "«b»")
    assert both.probability == 0.85 and [c.entry for c in both.candidates] == ["b", "a"]


@pytest.mark.parametrize(
    ("whole", "parts", "of_parts"),
    [
        (UNSURE, ASKING, [found("a"), found("b", 0.5, "ask")]),  # one is unsure
        (UNSURE, ASKING, [found("a"), found("a")]),  # the same said twice
        (UNSURE, ASKING, [NOT_A_QUESTION, NOTHING_FOUND]),
        (
            found("a"),
            ["还没发货", "能改地址吗"],
            [found("b"), found("a")],
        ),  # a premise in front of the question
        (found("c"), ASKING, [found("a"), found("b")]),  # what they mean together
    ],
)
def test_otherwise_the_message_is_one_question(
    whole: SearchOutcome, parts: list[str], of_parts: list[SearchOutcome]
) -> None:
    assert together(whole, parts, of_parts) is whole


def test_a_part_that_may_mean_what_the_whole_is_sure_of_means_it() -> None:
    freight = replace(found("b"), candidates=(*found("b").candidates, *found("c", 0.1).candidates))
    assert together(found("c"), ASKING, [found("a"), freight]).answered == ("a", "c")


def test_a_sure_message_is_still_two_questions_where_both_ask_in_plain_words() -> None:
    assert together(found("a"), ASKING, [found("a"), found("b")]).answered == ("a", "b")
