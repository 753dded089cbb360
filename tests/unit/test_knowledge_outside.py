"""What teaches the calibration where the base ends: enough of it, in three languages, no two alike, nothing of the base."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge_base.entries import Content, load_content
from knowledge_base.questions import is_statement
from knowledge_base.text_normalisation import matching_form

CONTENT = Path(__file__).parents[2] / "knowledge_base" / "content"
MOST_ALIKE = 0.6


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(CONTENT)


def triples(text: str) -> frozenset[str]:
    form = matching_form(text)
    return frozenset(form[n : n + 3] for n in range(max(1, len(form) - 2)))


def alike(texts: list[str]) -> Iterator[tuple[str, str]]:
    rows = [(text, triples(text)) for text in texts]
    for (one, left), (other, right) in itertools.combinations(rows, 2):
        if len(left & right) > MOST_ALIKE * len(left | right):
            yield one, other


def test_there_are_many_in_each_language(content: Content) -> None:
    counts = {language: len(texts) for language, texts in content.outside.items()}
    assert counts["zh-Hans"] >= 500 and counts["zh-Hant-HK"] >= 200 and counts["en"] >= 250


def test_no_two_are_nearly_the_same(content: Content) -> None:
    assert list(alike([t for texts in content.outside.values() for t in texts])) == []


def test_none_is_a_phrasing_and_each_is_searched(content: Content) -> None:
    known = {
        matching_form(p) for e in content.entries.values() for texts in e.phrasings.values() for p in texts
    }
    outside = [t for texts in content.outside.values() for t in texts]
    assert [t for t in outside if matching_form(t) in known] == []
    assert [t for t in outside if is_statement(t)] == []
