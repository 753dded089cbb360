"""What keeps entries and figures from being published: codes, fields and parameters, in every disguise."""

from __future__ import annotations

import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.checking import Surroundings, entry_problems
from knowledge_base.errors import Problem
from knowledge_base.items import entry_as_json, entry_from_json, figure_as_json
from knowledge_base.literal_figures import literal_figures
from knowledge_base.markup import active_markup
from knowledge_base.policy import Figure, Policy, load_policy
from knowledge_base.policy_checking import contradictions, figure_item_problems
from knowledge_base.text_normalisation import matching_form

CONTENT = Path(__file__).parents[2] / "knowledge_base" / "content"
POLICY = load_policy(CONTENT / "policy.yml")
ENTRY: dict[str, Any] = {
    "group": "returns",
    "title": {"zh-Hans": "退货", "zh-Hant-HK": "退貨", "en": "Returns"},
    "answer": {
        "zh-Hans": "{return_window_days}内可以退。",
        "zh-Hant-HK": "{return_window_days}內可以退。",
        "en": "Within {return_window_days}.",
    },
    "phrasings": {"zh-Hans": ["怎么退"], "zh-Hant-HK": ["點退"], "en": ["how to return"]},
    "variants": [],
    "related": [],
    "start_form": None,
}
AROUND = Surroundings(
    policy=POLICY,
    entries={"exchange", "a_topic"},
    phrasings={matching_form("怎么换货"): ("exchange", "怎么换货")},
)


def changed(place: str, value: object) -> dict[str, Any]:
    """ENTRY with another value at a dotted place."""
    content = deepcopy(ENTRY)
    *way, last = place.split(".")
    part: Any = content
    for step in way:
        part = part[step]
    part[last] = value
    return content


def problems_of(content: dict[str, Any], id_: str = "a_topic") -> list[Problem]:
    return entry_problems(id_, content, AROUND)


def only(found: list[Problem]) -> Problem:
    assert len(found) == 1, found
    return found[0]


def test_a_whole_entry_has_no_problem() -> None:
    assert problems_of(ENTRY) == []


def test_an_entry_survives_being_written_and_read() -> None:
    variant = {"when": {"vip": True, "region": "remote"}, "answer": ENTRY["answer"]}
    content = {**ENTRY, "variants": [variant], "related": ["exchange"], "start_form": "return"}
    assert entry_as_json(entry_from_json("a_topic", content)) == content


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b", "\u3000\u200d\ufeff", "\u00ad"])
def test_an_answer_in_which_nothing_is_to_be_seen_is_empty(text: str) -> None:
    problem = only(problems_of(changed("answer.en", text)))
    assert (problem.code, problem.field, problem.values) == ("empty_answer", "answer.en", {"language": "en"})


@pytest.mark.parametrize(
    ("place", "value", "code", "field", "values"),
    [
        ("title.en", " ", "empty_title", "title.en", {"language": "en"}),
        ("answer.en", None, "missing_language", "answer.en", {"language": "en"}),
        ("answer", {}, "missing_language", "answer.zh-Hans", {"language": "zh-Hans"}),
        ("answer.en", 7, "bad_value", "answer.en", {"wanted": "text"}),
        ("answer", "x", "bad_value", "answer.*", {"wanted": "texts"}),
        ("answer.fr", "oui", "unknown_language", "answer.fr", {"language": "fr"}),
        ("phrasings.zh", ["x"], "unknown_language", "phrasings.zh", {"language": "zh"}),
        ("phrasings.en", "how", "bad_value", "phrasings.en", {"wanted": "list"}),
        ("phrasings.en", ["ok then how", "😀"], "empty_phrasing", "phrasings.en.1", {"phrasing": "😀"}),
        ("phrasings.en", [None], "bad_value", "phrasings.en.0", {"wanted": "text"}),
        ("title.en", "x" * 81, "too_long", "title.en", {"most": "80"}),
        ("answer.en", "x" * 2001, "too_long", "answer.en", {"most": "2000"}),
        ("phrasings.en", ["x" * 201], "too_long", "phrasings.en.0", {"most": "200"}),
        ("related", ["nowhere"], "unknown_entry", "related", {"entry": "nowhere"}),
        ("related", ["a_topic"], "unknown_entry", "related", {"entry": "a_topic"}),
        ("related", [7], "bad_value", "related", {"wanted": "ids"}),
        ("group", "../etc", "bad_value", "group", {"wanted": "group"}),
        ("group", "policy", "bad_value", "group", {"wanted": "group"}),
        ("group", None, "bad_value", "group", {"wanted": "group"}),
        ("start_form", "No Form", "bad_value", "start_form", {"wanted": "form"}),
        (
            "start_form",
            "invoice",
            "unknown_form",
            "start_form",
            {"name": "invoice", "known": "return, track_order"},
        ),
        ("start_form", ["return"], "bad_value", "start_form", {"wanted": "form"}),
        ("colour", "red", "unknown_field", "colour", {}),
        ("variants", {}, "bad_value", "variants", {"wanted": "variants"}),
        ("own_figures", "yes", "bad_value", "own_figures", {"wanted": "flag"}),
    ],
)
def test_each_fault_has_its_code_field_and_parameters(
    place: str, value: object, code: str, field: str, values: dict[str, str]
) -> None:
    problem = problems_of(changed(place, value))[0]
    assert (problem.code, problem.field, problem.values, problem.entry) == (code, field, values, "a_topic")
    assert problem.message and problem.fix


def in_one_language(**fields: Any) -> dict[str, Any]:
    """An entry as a foreign FAQ has it."""
    return {"group": "faq", "title": {"en": "Opening hours"}, "answer": {"en": "Every day."}, **fields}


@pytest.mark.parametrize(
    "content",
    [
        in_one_language(),
        in_one_language(
            title={"en": "Opening hours", "zh-Hans": ""}, answer={"en": "Every day.", "zh-Hans": " "}
        ),
        in_one_language(phrasings={}, variants=[{"when": {"vip": True}, "answer": {"en": "Day and night."}}]),
        in_one_language(phrasings={"zh-Hans": ["几点开门"]}),
    ],
)
def test_an_entry_may_lack_languages_and_phrasings(content: dict[str, Any]) -> None:
    assert problems_of(content) == []
    entry = entry_from_json("a_topic", content)
    assert list(entry.answer) == ["en"]
    assert (entry.language_for("zh-Hant-HK"), entry.template("zh-Hans", {})) == ("en", "Every day.")
    assert entry_from_json("a_topic", entry_as_json(entry)) == entry


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (in_one_language(title={"en": "Opening hours", "zh-Hans": "营业时间"}), "answer.zh-Hans"),
        (in_one_language(answer={"en": "Every day.", "zh-Hans": "每天"}), "title.zh-Hans"),
        (
            in_one_language(variants=[{"when": {"vip": True}, "answer": {"en": "x", "zh-Hans": "全天"}}]),
            "title.zh-Hans",
        ),
        (in_one_language(variants=[{"when": {"vip": True}, "answer": {}}]), "variants.0.answer.en"),
    ],
)
def test_no_language_is_there_by_halves(content: dict[str, Any], field: str) -> None:
    problem = problems_of(content)[0]
    assert (problem.code, problem.field) == ("missing_language", field)


def test_an_entry_without_any_text_has_nothing_to_be_found_by() -> None:
    assert [p.code for p in problems_of({"group": "faq", "title": {}, "answer": {}, "phrasings": {}})] == [
        "missing_language",
        "missing_language",
        "no_phrasings",
    ]


def test_figures_written_out_are_an_entrys_own_where_it_says_so() -> None:
    content = in_one_language(answer={"en": "A loan lasts 21 days."})
    assert [p.code for p in problems_of(content)] == ["figure_contradicts"]
    assert problems_of({**content, "own_figures": True}) == []
    kept = entry_as_json(entry_from_json("a_topic", {**content, "own_figures": True}))
    assert kept["own_figures"] is True


def test_a_phrasing_of_another_entry_is_named_with_its_owner_and_as_it_is_written_there() -> None:
    problem = only(problems_of(changed("phrasings.zh-Hans", ["怎么退", "怎麼換貨？"])))
    assert (problem.code, problem.field) == ("phrasing_elsewhere", "phrasings.zh-Hans.1")
    assert problem.values == {"entry": "exchange", "phrasing": "怎麼換貨？", "theirs": "怎么换货"}


@pytest.mark.parametrize("id_", ["A-Topic", "a topic", "", "a..b", "a.b.c", "x" * 81, "../x", "a_", "名"])
def test_what_is_no_id_is_refused(id_: str) -> None:
    assert "bad_id" in {p.code for p in problems_of(ENTRY, id_)}


def test_an_id_with_a_dot_needs_its_parent() -> None:
    assert problems_of(ENTRY, "exchange.sale") == []
    assert only(problems_of(ENTRY, "nowhere.sale")).values == {"entry": "nowhere"}


@pytest.mark.parametrize(
    ("variant", "code", "field"),
    [
        ({"when": {}, "answer": ENTRY["answer"]}, "unknown_condition", "variants.0.when"),
        ({"answer": ENTRY["answer"]}, "unknown_condition", "variants.0.when"),
        ({"when": {"moon": True}, "answer": ENTRY["answer"]}, "unknown_condition", "variants.0.when.moon"),
        (
            {"when": {"region": "mars"}, "answer": ENTRY["answer"]},
            "unknown_condition",
            "variants.0.when.region",
        ),
        ({"when": {"vip": [1]}, "answer": ENTRY["answer"]}, "unknown_condition", "variants.0.when.vip"),
        ({"when": {"vip": True}, "answer": {}}, "missing_language", "variants.0.answer.zh-Hans"),
        (
            {"when": {"vip": True}, "answer": {**ENTRY["answer"], "en": ""}},
            "empty_answer",
            "variants.0.answer.en",
        ),
        (
            {"when": {"vip": True}, "answer": {**ENTRY["answer"], "en": "<b>x</b>"}},
            "markup_in_answer",
            "variants.0.answer.en",
        ),
        (
            {"when": {"vip": True}, "answer": ENTRY["answer"], "note": "x"},
            "unknown_field",
            "variants.0.note",
        ),
        ("vip", "unknown_condition", "variants.0.when"),
    ],
)
def test_variants_are_looked_at_like_answers(variant: object, code: str, field: str) -> None:
    problem = problems_of(changed("variants", [variant]))[0]
    assert (problem.code, problem.field) == (code, field)


@pytest.mark.parametrize(
    ("text", "name", "nearest"),
    [
        ("Within {return_windw_days}.", "return_windw_days", "return_window_days"),
        ("Within {zzz}.", "zzz", ""),
        ("Within {}.", "", ""),
        ("Within {return_window_days:words}.", "return_window_days:words", "return_window_days"),
        ("Within {return_window_days.", "{return_window_days", "return_window_days"),
        ("Within return_window_days}.", "return_window_days}", "return_window_days"),
        ("Within {{return_window_days}}.", "{", ""),
    ],
)
def test_a_figure_that_is_not_there_is_named_with_the_nearest(text: str, name: str, nearest: str) -> None:
    problem = only(problems_of(changed("answer.en", text)))
    assert problem.code == "unknown_figure"
    assert problem.values == {"name": name, "nearest": nearest}


@pytest.mark.parametrize(
    "text",
    [
        "20 天内可以退",
        "二十天内可以退",
        "within 20 days",
        "in twenty days",
        "３２天内",
        "两周内可以退",
        "two weeks",
        "5 months",
        "五个月内",
        "最多 ¥13",
        "RMB 13 at most",
        "13.50 元",
        "1.5 days",
        "由 07:30 起",
        "9999999999999999999999999999 days",
        f"{'9' * 1900} 天",
    ],
)
def test_a_figure_that_contradicts_the_policy_table_is_found(text: str) -> None:
    problem = only(problems_of(changed("answer.en", text)))
    assert problem.code == "figure_contradicts"
    assert problem.values["literal"]


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("7 天内可以退", "return_window_days"),
        ("within seven days", "return_window_days"),
        ("within a week or 1 week", "return_window_days"),
        ("１２元", "freight_insurance_cents"),
        ("12 个月内免费维修", "quality_repair_years"),
        ("到 24:00", "agents_until"),
    ],
)
def test_a_figure_written_out_is_told_by_which_name_to_call_it(text: str, figure: str) -> None:
    problem = only(problems_of(changed("answer.en", text)))
    assert problem.code == "literal_figure"
    assert f"{{{figure}}}" in problem.values["figures"].split(", ")


@pytest.mark.parametrize(
    "text", ["七天无理由", "618 和 11.11", "12315", "¥", "￥,", "10 周年庆", "一年内", "+86 10"]
)
def test_names_with_numbers_are_no_figures(text: str) -> None:
    assert literal_figures(text, POLICY) == []


SCRIPT = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example>",
    "<ScRiPt\t>",
    "<scr\x00ipt>x",
    "<\x00script>x",
    "&lt;script&gt;alert(1)",
    "&LT;script&GT;",
    "&#60;script&#62;",
    "&#x3c;script>",
    "&#0000060script>",
    "&ltscript>",
    "&amp;lt;script&amp;gt;",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<b>bold</b>",
    "</p>",
    "<!-- note -->",
    "<!doctype html>",
    "<?php echo 1 ?>",
    "<a href='x'",
    '" onclick = "alert(1)',
    "x onmouseover\t=alert(1)",
    "[退货](javascript:alert(1))",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "java&Tab;script:alert(1)",
    "&#106;avascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<b>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "DATA:image/svg+xml;base64,PHN2Zz4=",
    "data:,hello",
    "data:;base64,PHNjcmlwdD4=",
]


@pytest.mark.parametrize("text", SCRIPT)
@pytest.mark.parametrize("place", ["answer.en", "title.en"])
def test_script_is_found_in_every_disguise_a_browser_takes_off(text: str, place: str) -> None:
    problem = next(p for p in problems_of(changed(place, text)) if p.code == "markup_in_answer")
    assert problem.field == place
    assert problem.values["found"]


@pytest.mark.parametrize(
    "text",
    [
        "1 < 2 and 3 > 2",
        "a <= b",
        "＜script＞ in full width runs nowhere",
        "Your data: what we keep",
        "数据 data:我们只保留订单",
        "question = answer; version=two",
        "on time = good",
        "javascript is a language",
        "R&D &amp; more",
        "<3",
        "请看 https://example.com/a?b=c&d=e",
    ],
)
def test_plain_text_is_left_alone(text: str) -> None:
    assert active_markup(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "x" * 200_000,
        "<" * 200_000,
        "9" * 200_000,
        "&" * 200_000,
        "{" * 200_000,
        "退" * 200_000,
    ],
)
def test_a_huge_answer_is_too_long_before_anything_else_looks_at_it(text: str) -> None:
    began = time.perf_counter()
    found = [
        *problems_of(changed("answer.en", text)),
        *problems_of(changed("phrasings.en", [text])),
        *problems_of(changed("title.en", text)),
    ]
    assert [p.code for p in found] == ["too_long"] * 3
    assert time.perf_counter() - began < 0.2
    assert all(len(p.message) < 200 for p in found)


@pytest.mark.parametrize(
    "piece", ["<", "&#", "9", "9,", "{", "一", "on", "java", "data:", " ", "\u200b", "退货"]
)
def test_the_longest_answer_allowed_is_looked_at_quickly(piece: str) -> None:
    text = (piece * 2000)[:2000]
    began = time.perf_counter()
    problems_of(changed("answer.en", text))
    assert time.perf_counter() - began < 0.5


def figure_problems_of(name: str, value: object) -> list[Problem]:
    published = POLICY.figures[name]
    return figure_item_problems(name, {**figure_as_json(published), "value": value}, published, POLICY)


def test_every_figure_of_the_shop_agrees_with_the_others() -> None:
    assert contradictions(POLICY) == []
    for name, figure in POLICY.figures.items():
        assert figure_problems_of(name, figure_as_json(figure)["value"]) == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("return_window_days", "7", "number"),
        ("return_window_days", "seven", "number"),
        ("return_window_days", -1, "number"),
        ("return_window_days", True, "number"),
        ("return_window_days", 7.5, "number"),
        ("return_window_days", None, "number"),
        ("return_window_days", {}, "number"),
        ("return_window_days", 3651, "number"),
        ("return_window_days", 10**15, "number"),
        ("return_window_days", [7, 15], "number"),
        ("vip_spend_cents", 10**9, "number"),
        ("delivery_days", [5, 2], "range"),
        ("delivery_days", [2, 2], "range"),
        ("delivery_days", [2], "range"),
        ("delivery_days", [2, 3, 4], "range"),
        ("delivery_days", [[1, 2], [3, 4]], "range"),
        ("delivery_days", ["2", "5"], "range"),
        ("delivery_days", [-2, 5], "range"),
        ("delivery_days", [2, 99_999], "range"),
        ("delivery_days", 3, "range"),
        ("agents_from", "8:00", "clock"),
        ("agents_from", "25:00", "clock"),
        ("agents_from", 8, "clock"),
        ("agents_from", "08:00:00", "clock"),
    ],
)
def test_a_value_that_the_rules_could_not_read_is_refused(name: str, value: object, kind: str) -> None:
    problem = only(figure_problems_of(name, value))
    assert (problem.code, problem.field, problem.entry) == ("bad_value", "value", name)
    assert problem.values["kind"] == kind
    assert problem.values["wanted"]


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("return_window_days", 16, "return_window_vip_days"),
        ("return_window_vip_days", 6, "return_window_days"),
        ("agents_from", "24:00", "agents_until"),
        ("agents_until", "08:00", "agents_from"),
        ("tracking_resend_hours", 47, "tracking_press_hours"),
        ("photo_fresh_hours", 49, "photo_hours"),
        ("authority_agent_cents", 2499, "authority_bot_cents"),
        ("price_protection_sale_days", 6, "price_protection_days"),
    ],
)
def test_a_figure_that_contradicts_another_one_names_it(name: str, value: object, other: str) -> None:
    problem = only(figure_problems_of(name, value))
    assert (problem.code, problem.values) == ("policy_contradiction", {"other": other})


def test_the_return_window_may_be_as_long_as_the_one_of_vips() -> None:
    assert figure_problems_of("return_window_days", 15) == []


def test_a_policy_without_one_of_a_pair_has_nothing_to_contradict() -> None:
    figure = Figure(name="return_window_days", value=99, unit="days", description="x")
    assert contradictions(Policy(revision=1, figures={"return_window_days": figure})) == []
