"""Rows become entries: ids, languages, titles, figures; and every row that cannot says why."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge_base.checking import Surroundings
from knowledge_base.exchange.columns import guess
from knowledge_base.exchange.naming import id_of, written_language
from knowledge_base.exchange.preparing import Preparation, Wishes, prepare
from knowledge_base.exchange.tables import read_table
from knowledge_base.policy import Figure, Policy
from knowledge_base.text_normalisation import matching_form

POLICY = Policy(
    revision=1,
    figures={"return_window_days": Figure(name="return_window_days", value=7, unit="days", description="x")},
)
AROUND = Surroundings(
    policy=POLICY,
    entries=("return_how",),
    phrasings={matching_form("怎么退货"): ("return_how", "怎么退货")},
)


def prepared(text: str, existing: dict[str, Any] | None = None, **wishes: Any) -> Preparation:
    table = read_table("faq.csv", text.encode())
    return prepare(table, Wishes(mapping=guess(table.columns), **wishes), AROUND, existing or {})


def refused(text: str, **wishes: Any) -> list[tuple[int, str, str]]:
    return [(p.row, p.field, p.code) for p in prepared(text, **wishes).refused]


def test_a_question_and_an_answer_in_one_language_are_an_entry() -> None:
    [entry] = prepared("Q,A\nHow do I renew a loan?,Press Renew.\n").entries
    assert (entry.id, entry.rows) == ("how_renew_loan", (2,))
    assert entry.content == {
        "group": "faq",
        "title": {"en": "How do I renew a loan?"},
        "answer": {"en": "Press Renew."},
        "phrasings": {"zh-Hans": [], "zh-Hant-HK": [], "en": []},
        "variants": [],
        "related": [],
        "start_form": None,
    }


def test_a_question_longer_than_a_button_is_a_phrasing_too() -> None:
    question = (
        "如果我上个月在总馆借的书现在想在分馆归还而且其中一本已经预约给别人了请问我需要先做什么样的登记才可以不被罚款"
        * 2
    )
    [entry] = prepared(f"问题,答案\n{question},直接还。\n").entries
    assert entry.content["title"]["zh-Hans"] == question[:79] + "…"
    assert entry.content["phrasings"]["zh-Hans"] == [question]


@pytest.mark.parametrize(
    ("question", "id_"),
    [
        ("怎么续借图书？", "zen_me_xu_jie_tu_shu"),
        ("點樣續借", "dian_yang_xu_jie"),
        ("How do I renew a loan?", "how_renew_loan"),
        ("24小时还书", "q_24_xiao_shi_huan_shu"),
        ("???", "q_e3b0c4"),
    ],
)
def test_ids_are_made_from_questions(question: str, id_: str) -> None:
    assert id_of(question) == id_


def test_the_same_question_keeps_its_id_and_another_one_gets_its_own() -> None:
    text = "问题,答案\n怎么续借？,点续借。\n"
    [first] = prepared(text).entries
    [again] = prepared(text, existing={first.id: first.content}).entries
    assert again.id == first.id
    other = {**first.content, "title": {"zh-Hans": "怎么虚借"}}
    [beside] = prepared(text, existing={first.id: other}).entries
    assert beside.id.startswith("zen_me_xu_jie_") and beside.id != first.id


def test_languages_come_from_the_columns_from_a_column_of_their_own_or_from_the_text() -> None:
    [both] = prepared("问题,答案,question_en,answer_en\n能续借吗,能。,Can I renew?,Yes.\n").entries
    assert (set(both.content["title"]), both.content["answer"]["en"]) == ({"zh-Hans", "en"}, "Yes.")
    text = "id,language,question,answer\nrenew,zh-CN,能续借吗,能。\nrenew,English,Can I renew?,Yes.\n"
    [merged] = prepared(text).entries
    assert (merged.rows, set(merged.content["answer"])) == ((2, 3), {"zh-Hans", "en"})
    [found] = prepared("問題,答案\n點樣續借圖書,喺借閱頁面續借。\n").entries
    assert set(found.content["title"]) == {"zh-Hant-HK"}
    assert written_language("Wi-Fi 密码是多少") == "zh-Hans"


def test_figures_written_out_are_the_entrys_own_unless_they_are_to_be_the_policys() -> None:
    text = "Q,A\nHow long is a loan?,A loan lasts 21 days.\n"
    found = prepared(text)
    assert found.entries[0].content["own_figures"] is True
    assert [(n.row, n.field) for n in found.notes] == [(2, "A")]
    assert refused(text, figures="policy") == [(2, "A", "figure_contradicts")]


def test_formatting_is_taken_off_and_what_could_run_is_refused() -> None:
    text = 'Q,A\na b,"<p>One&nbsp;<b>two</b></p><ul><li>x</li></ul><a href=""https://a.example"">here</a>"\nc d,<script>x</script>\n'
    found = prepared(text)
    assert found.entries[0].content["answer"]["en"] == "One two\n\n- x\nhere (https://a.example)"
    assert [(p.row, p.field, p.code) for p in found.refused] == [(3, "A", "markup_in_answer")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Where is it?,", (2, "A", "empty_answer")),
        (",Here.", (2, "Q", "empty_question")),
        ("Where is it?," + "x" * 200_000, (2, "A", "too_long")),
        ("Where is it?,Ask {name}.", (2, "A", "unknown_figure")),
        ("Where, is it?,Here.", (2, "", "too_many_cells")),
    ],
)
def test_a_row_that_is_no_entry_says_why(row: str, fault: tuple[int, str, str]) -> None:
    found = prepared(f"Q,A\n{row}\nWhen is it?,Now.\n")
    assert [(p.row, p.field, p.code) for p in found.refused] == [fault]
    assert found.refused[0].message and found.refused[0].fix
    assert [entry.id for entry in found.entries] == ["when_it"]


def test_a_question_of_another_entry_or_another_row_is_refused() -> None:
    assert refused("Q,A,similar\nReturn it,Yes.,怎麼退貨？\n") == [(2, "similar", "phrasing_elsewhere")]
    found = prepared("Q,A\nWhere is it?,Here.\nwhere is it,There.\n").refused
    assert [(p.row, p.code, "row 2" in p.message) for p in found] == [(3, "same_question", True)]


def test_a_language_or_an_id_that_is_none_is_refused() -> None:
    assert refused("Q,A,language\nOù?,Ici.,français\n") == [(2, "language", "unknown_language")]
    assert [entry.id for entry in prepared("id,Q,A\n12,Where?,Here.\nFAQ-3,When?,Now.\n").entries] == [
        "q_12",
        "faq_3",
    ]


def test_only_chosen_rows_are_taken_and_relations_to_refused_ones_are_refused() -> None:
    text = "id,Q,A,related\na,Where?,Here.,b\nb,When?,,\nc,Who?,You.,a\nd,Why?,So.,\n"
    found = prepared(text)
    assert [entry.id for entry in found.entries] == ["d"]
    assert [(p.row, p.code) for p in found.refused] == [
        (2, "unknown_entry"),
        (3, "empty_answer"),
        (4, "unknown_entry"),
    ]
    assert [entry.id for entry in prepared(text, rows={5}).entries] == ["d"]


def test_relations_in_a_circle_are_taken_as_a_list_or_parted_by_spaces() -> None:
    rows = '[{"id": "a", "q": "Where?", "a": "Here.", "related": ["b", "c"]}, {"id": "b", "q": "When?", "a": "Now.", "related": "a c"},'
    table = read_table("faq.json", f'{rows} {{"id": "c", "q": "Who?", "a": "You.", "related": []}}]'.encode())
    found = prepare(table, Wishes(mapping=guess(table.columns)), AROUND, {})
    assert found.refused == ()
    assert [entry.content["related"] for entry in found.entries] == [["b", "c"], ["a", "c"], []]
