"""What the search is compared with, and the held-out sets it is measured on; without a database."""

from __future__ import annotations

import math

import pytest

from evaluation.knowledge import (
    Question,
    as_markdown,
    held_out_calibration_error,
    read_follow_ups,
    read_several,
)
from evaluation.knowledge_peers import Bm25, least_score
from knowledge_base.search import Candidate, SearchOutcome

ROWS = [
    ("return_how", "怎么退货"),
    ("return_how", "退货流程"),
    ("invoice_get", "怎么开发票"),
    ("hours", "what are your hours"),
]


def test_bm25_puts_the_entry_of_the_nearest_phrasing_first() -> None:
    assert Bm25(ROWS).scores("退货怎么退")[0][0] == "return_how"
    assert Bm25(ROWS).scores("opening hours") == [("hours", pytest.approx(1.19, abs=0.3))]
    assert Bm25(ROWS).scores("zzz") == []


def test_a_phrasing_that_is_left_out_does_not_find_itself() -> None:
    assert Bm25(ROWS).scores("what are your hours", without="what are your hours") == []


def test_a_peer_answers_from_the_score_on_at_which_enough_is_right() -> None:
    sure = [([("a", score)], "a") for score in (0.9, 0.8, 0.7)]
    assert least_score(sure, []) == 0.7
    assert least_score([*sure, ([("b", 0.75)], "a")], []) == 0.8
    assert least_score(sure, [[("a", 0.95)]]) == math.inf
    assert least_score([], []) == math.inf


def test_held_out_follow_ups_and_messages_of_several_questions_are_many_in_three_languages() -> None:
    follow_ups, several = read_follow_ups(), read_several()
    assert len(follow_ups) >= 100 and len(several) >= 50
    assert (
        {f.language for f in follow_ups} == {s.language for s in several} == {"zh-Hans", "zh-Hant-HK", "en"}
    )
    assert all(len(s.entries) == 2 for s in several)


def test_calibration_error_is_nothing_where_the_probability_is_what_happens() -> None:
    questions = [Question(text=str(n), language="en", entry="a") for n in range(20)]

    def found(probability: float, entry: str) -> SearchOutcome:
        first = Candidate(entry=entry, probability=probability, phrasing="", title="")
        return SearchOutcome(outcome="ask", probability=probability, candidates=(first,))

    assert held_out_calibration_error(questions, {q: found(1.0, "a") for q in questions}) == 0
    assert held_out_calibration_error(questions, {q: found(0.75, "b") for q in questions}) == 0.75


def test_the_page_has_a_row_for_each_search_and_a_table_for_each_set() -> None:
    row = {"questions": 2, "top-1": 50.0}
    page = as_markdown(
        {
            "rows": {"ours": row, "BM25": row},
            "follow_ups": {"top-1": 80.0},
            "several": {"messages": 3},
            "search p95 ms": 4.0,
        }
    )
    assert "| BM25 | 2 | 50.0 |" in page and "| top-1 | 80.0 |" in page and "| search p95 ms | 4.0 |" in page
