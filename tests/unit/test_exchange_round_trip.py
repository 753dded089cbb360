"""What is exported comes back the same from every format, whatever editors have written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.checking import Surroundings, entry_problems, phrasing_owners
from knowledge_base.conditions import CONDITIONS
from knowledge_base.exchange.columns import guess
from knowledge_base.exchange.preparing import Preparation, Wishes, prepare
from knowledge_base.exchange.tables import FORMATS, Format, read_table
from knowledge_base.exchange.writing import guarded, unguarded, write
from knowledge_base.items import figure_as_json, published_form
from knowledge_base.policy import LANGUAGES, Figure, Policy
from knowledge_base.start_forms import START_FORMS

POLICY = Policy(
    revision=1,
    figures={
        "return_window_days": Figure(name="return_window_days", value=7, unit="days", description="=1+1")
    },
)
FIGURES = {name: figure_as_json(figure) for name, figure in POLICY.figures.items()}
AROUND = Surroundings(policy=POLICY, entries=(), phrasings={})
ODD = [
    "=1+1",
    "'=1+1",
    "@SUM(A1)",
    "+852 tel",
    "-退货",
    "'tis",
    "\ttab",
    "_x000D_ and _x005F_x0041_ x005F_",
    '["a", "b"]',
    "[1]",
    "a\nb",
    "a\r\nb\rc",
    "a;b|c,d\"e'",
    "null",
    "~",
    "1e3",
    "- x: y",
    "é\u0301 😀 \u200b \u2028 \x85 \ufeff",
    "{return_window_days}",
    "\x07bell\x1f",
]
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00{}<&")
TEXT = st.one_of(st.sampled_from(ODD), st.text(CHARACTERS, min_size=1, max_size=40), st.just("退货怎么退"))


@st.composite
def entries(draw: st.DrawFn) -> tuple[tuple[str, dict[str, Any]], ...]:
    """One to three entries that could be published, related to each other."""
    ids = draw(st.lists(st.sampled_from(["a", "b2", "c_d", "a.sale"]), min_size=1, max_size=3, unique=True))
    ids = sorted({*ids, "a"} if "a.sale" in ids else ids)
    made = []
    for id_ in ids:
        languages = draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True))
        texts = st.fixed_dictionaries(dict.fromkeys(languages, TEXT))
        condition = draw(st.sampled_from(sorted(CONDITIONS)))
        value = draw(st.sampled_from(sorted(CONDITIONS[condition], key=str)))
        content: dict[str, Any] = {
            "group": draw(st.sampled_from(["faq", "returns"])),
            "title": draw(texts),
            "answer": draw(texts),
            "phrasings": {k: [f"{t} {id_}" for t in draw(st.lists(TEXT, max_size=4))] for k in LANGUAGES},
            "variants": [{"when": {condition: value}, "answer": draw(texts)}] if draw(st.booleans()) else [],
            "related": [other for other in ids if other != id_ and draw(st.booleans())],
            "start_form": draw(st.sampled_from([None, *START_FORMS])),
            "own_figures": draw(st.booleans()),
        }
        made.append((id_, content))
    return tuple(made)


def brought_back(format_: Format, items: tuple[tuple[str, Any], ...]) -> Preparation:
    table = read_table(f"export.{format_}", write(format_, items, FIGURES))
    assert format_ == "csv" or table.figures == FIGURES
    return prepare(table, Wishes(mapping=guess(table.columns)), AROUND, {})


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=40, deadline=None)
@given(made=entries())
def test_what_is_exported_comes_back_the_same(
    format_: Format, made: tuple[tuple[str, dict[str, Any]], ...]
) -> None:
    around = Surroundings(policy=POLICY, entries=[id_ for id_, _ in made], phrasings={})
    fit = [(id_, content) for id_, content in made if not entry_problems(id_, content, around)]
    owners = phrasing_owners((id_, content["phrasings"]) for id_, content in fit)
    apart = Surroundings(policy=POLICY, entries=[id_ for id_, _ in fit], phrasings=owners)
    items = tuple(
        (id_, published_form("entry", id_, content))
        for id_, content in fit
        if not entry_problems(id_, content, apart)
    )
    if len(items) != len(made):
        items = items[:0]
    found = brought_back(format_, items) if items else None
    assert found is None or {e.id: e.content for e in found.entries} == dict(items), found.refused


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("text", ODD)
def test_odd_texts_come_back_as_title_answer_phrasing_and_variant(format_: Format, text: str) -> None:
    content = {
        "group": "faq",
        "title": {"en": text},
        "answer": {"en": text},
        "phrasings": {"en": [f"{text}x", "one"], "zh-Hans": ["退货"]},
        "variants": [{"when": {"vip": True}, "answer": {"en": text}}],
        "own_figures": True,
    }
    items = (("topic", published_form("entry", "topic", content)),)
    found = brought_back(format_, items)
    assert found.refused == ()
    assert {e.id: e.content for e in found.entries} == dict(items)


@given(text=st.builds("".join, st.tuples(st.sampled_from(["", "=", "＝", "\n", "'"]), st.text(max_size=20))))
def test_a_guard_against_formulas_is_taken_off_without_loss(text: str) -> None:
    kept = guarded(text)
    assert kept[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert unguarded(kept, is_ours=True) == text
