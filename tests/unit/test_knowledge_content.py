"""The demo shop's content: every topic, every language, true to the policy; and what loading refuses."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
import yaml

from evaluation.knowledge import read_questions
from knowledge_base.entries import PLACEHOLDER, Content, load_content
from knowledge_base.errors import ContentError
from knowledge_base.literal_figures import literal_figures
from knowledge_base.policy import LANGUAGES
from knowledge_base.text_normalisation import matching_form, simplified

CONTENT = Path(__file__).parents[2] / "knowledge_base" / "content"

TOPICS = {
    "returns": "return_window return_excluded return_condition return_how return_freight_payer return_freight_insurance"
    " return_pickup return_review_time return_lapsed return_partial return_gift return_after_window"
    " return_received_not_refunded return_overseas",
    "exchange": "exchange_size_colour exchange_price_difference exchange_time exchange_twice",
    "refund": "refund_time refund_where refund_amount_short refund_coupon_points refund_only refund_rejected"
    " refund_cancelled_mistake",
    "quality": "quality_problem damaged_on_arrival wrong_item missing_item not_as_described counterfeit_doubt photo_evidence",
    "repair": "warranty_period repair_how repair_time repair_cost",
    "logistics": "dispatch_time dispatch_late presale_dispatch delivery_time delivery_remote delivery_region shipping_fee"
    " courier_which tracking_where tracking_stuck parcel_split signed_not_received parcel_lost pickup_point"
    " delivery_appointment refuse_parcel courier_attitude urge_delivery",
    "orders": "cancel_unshipped cancel_shipped address_change_before address_change_after order_edit order_merge"
    " order_status_meaning stock_restock",
    "payment": "payment_methods payment_failed payment_double payment_instalments unpaid_closed",
    "price": "price_protection coupon_use coupon_stack points_use",
    "invoice": "invoice_get invoice_company invoice_correct invoice_special",
    "account": "password_reset account_locked phone_change account_delete membership",
    "service": "hours complaint_how scam_warning privacy",
}


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(CONTENT)


def test_every_topic_stands_in_its_group_and_no_other(content: Content) -> None:
    expected = {id_: group for group, ids in TOPICS.items() for id_ in ids.split()}
    assert {e.id: e.group for e in content.entries.values()} == expected
    assert len(expected) == 84


def test_every_entry_has_eight_phrasings_over_three_languages(content: Content) -> None:
    for entry in content.entries.values():
        assert sum(len(p) for p in entry.phrasings.values()) >= 8, entry.id
        assert all(entry.phrasings[language] for language in LANGUAGES), entry.id


def test_answers_are_courteous_and_short(content: Content) -> None:
    for entry in content.entries.values():
        for answers in (entry.answer, *(v.answer for v in entry.variants)):
            for language, text in answers.items():
                assert "!" not in text and "！" not in text, (entry.id, language)
                assert "你" not in text, (entry.id, language)
                assert len(text) <= (360 if language == "en" else 160), (entry.id, language, len(text))


def test_each_language_is_written_in_its_own_characters(content: Content) -> None:
    for entry in content.entries.values():
        for answers in (entry.title, entry.answer, *(v.answer for v in entry.variants)):
            assert simplified(answers["zh-Hans"]) == answers["zh-Hans"], entry.id
            assert not any("\u3400" <= c <= "\u9fff" for c in answers["en"]), entry.id
            if len(answers["zh-Hant-HK"]) > 12:
                assert simplified(answers["zh-Hant-HK"]) != answers["zh-Hant-HK"], entry.id


def test_languages_of_an_answer_name_the_same_figures(content: Content) -> None:
    for entry in content.entries.values():
        for answers in (entry.answer, *(v.answer for v in entry.variants)):
            figures = {language: sorted(set(PLACEHOLDER.findall(text))) for language, text in answers.items()}
            assert figures["zh-Hans"] == figures["zh-Hant-HK"] == figures["en"], (entry.id, figures)


def test_phrasings_of_an_entry_differ_in_more_than_a_word(content: Content) -> None:
    for entry in content.entries.values():
        forms = [matching_form(p) for texts in entry.phrasings.values() for p in texts]
        for one, other in itertools.combinations(forms, 2):
            assert likeness(one, other) < 0.85, (entry.id, one, other)


def test_no_held_out_question_is_a_phrasing(content: Content) -> None:
    questions, statements = read_questions()
    known = {
        matching_form(p) for e in content.entries.values() for texts in e.phrasings.values() for p in texts
    }
    known |= {matching_form(p) for texts in content.outside.values() for p in texts}
    assert [q.text for q in [*questions, *statements] if matching_form(q.text) in known] == []


def test_held_out_questions_cover_every_topic_twice(content: Content) -> None:
    questions, statements = read_questions()
    counts = {id_: sum(q.entry == id_ for q in questions) for id_ in content.entries}
    assert min(counts.values()) >= 2
    assert sum(q.entry is not None for q in questions) >= 170
    assert sum(q.entry is None for q in questions) >= 40
    assert len(statements) >= 30


def likeness(one: str, other: str) -> float:
    """Share of common character pairs (Jaccard)."""
    left, right = ({form[n : n + 2] for n in range(len(form) - 1)} for form in (one, other))
    return len(left & right) / len(left | right) if left | right else float(one == other)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("签收后7天内可以退", "return_window_days"),
        ("签收后七天内可以退", "return_window_days"),
        ("within 48 hours", "dispatch_hours"),
        ("最多¥12", "freight_insurance_cents"),
        ("最多 25 元", "shop_freight_cents"),
        ("15 天内", "return_window_vip_days"),
        ("20 天内可以退", "agrees with no figure"),
        ("ten per cent, 3 hours", "agrees with no figure"),
        ("由 08:00 起", "agents_from"),
    ],
)
def test_literal_figures_are_found_with_the_figure_to_write(content: Content, text: str, fix: str) -> None:
    [found] = literal_figures(text, content.policy)
    assert fix in found.fix


@pytest.mark.parametrize(
    "text", ["七天无理由退货", "{return_window_days}内", "618 和 11.11", "拨打 12315", "100% 棉"]
)
def test_names_with_numbers_are_no_figures(content: Content, text: str) -> None:
    assert literal_figures(text, content.policy) == []


ENTRY = {
    "title": {"zh-Hans": "退货", "zh-Hant-HK": "退貨", "en": "Returns"},
    "answer": {
        "zh-Hans": "{return_window_days}内可以退。",
        "zh-Hant-HK": "{return_window_days}內可以退。",
        "en": "Within {return_window_days}.",
    },
    "phrasings": {"zh-Hans": ["怎么退"], "zh-Hant-HK": ["點退"], "en": ["how to return"]},
}


def refusal(folder: Path, entries: object, file: str = "shop.yml") -> str:
    shutil.copy(CONTENT / "policy.yml", folder)
    (folder / file).write_text(yaml.safe_dump({"format": 1, "entries": entries}, allow_unicode=True), "utf-8")
    with pytest.raises(ContentError) as caught:
        load_content(folder)
    return str(caught.value)


def changed(**fields: object) -> dict[str, object]:
    return {"a_topic": {**ENTRY, **fields}}


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (
            changed(answer={**ENTRY["answer"], "en": "Within {return_windw_days}."}),
            "Did you mean {return_window_days}",
        ),
        (changed(answer={**ENTRY["answer"], "en": "Within 20 days."}), "agrees with no figure"),
        (changed(answer={**ENTRY["answer"], "en": "Within 7 days."}), "{return_window_days}"),
        (changed(answer={**ENTRY["answer"], "zh-Hant-HK": "  "}), "answer.zh-Hant-HK: is missing or empty"),
        (changed(answer={"zh-Hans": "好"}), "answer.en: is missing"),
        (changed(answer={**ENTRY["answer"], "fr": "oui"}), "answer.fr: is not a language"),
        (changed(title=None), "title.*: is missing"),
        (changed(title={}, answer={}, phrasings={}), "phrasings.zh-Hans: is missing"),
        (changed(phrasings={**ENTRY["phrasings"], "en": ["😀"]}), "has no words"),
        (changed(related=["nowhere"]), "related: 'nowhere' is no entry"),
        (changed(related=["a_topic"]), "is the entry itself"),
        (changed(colour="red"), "colour: is not known here"),
        (
            changed(variants=[{"when": {"moon": True}, "answer": ENTRY["answer"]}]),
            "when.moon: is not a condition",
        ),
        (changed(variants=[{"when": {"region": "mars"}, "answer": ENTRY["answer"]}]), "is not a value"),
        (changed(variants=[{"answer": ENTRY["answer"]}]), "variants.0.when: is missing"),
        ({"A-Topic": ENTRY}, "A-Topic: id: is not an id"),
        ({"nowhere.sale": ENTRY}, "has no parent"),
        ({"a_topic": None}, "a_topic: is empty"),
        ({"a_topic": ENTRY, "b_topic": ENTRY}, "stands in a_topic too"),
        ({}, "holds no entries"),
    ],
)
def test_wrong_entry_is_refused_with_file_entry_field_and_fix(
    tmp_path: Path, entries: dict[str, object], says: str
) -> None:
    assert says in refusal(tmp_path, entries)


def test_refusal_names_file_entry_and_field(tmp_path: Path) -> None:
    message = refusal(tmp_path, changed(related=["nowhere"]))
    assert message.startswith("shop.yml: a_topic: related: ")


def test_one_id_in_two_files_is_refused(tmp_path: Path) -> None:
    text = yaml.safe_dump({"format": 1, "entries": {"a_topic": ENTRY}}, allow_unicode=True)
    (tmp_path / "first.yml").write_text(text, "utf-8")
    assert "stands in first.yml already" in refusal(tmp_path, {"a_topic": ENTRY})


def test_file_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.yml").write_text("format: 9\nentries: {}\n", "utf-8")
    assert "odd.yml" in refusal(tmp_path, {"a_topic": ENTRY})
