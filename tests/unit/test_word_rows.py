"""The words of an entry compared with a query: the same as the formula says, whatever is compared together."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from knowledge_base.features import Cut, cut
from knowledge_base.retrieval import Found, Query, Versions
from knowledge_base.weighing import Rarity, Weighed, weigh
from knowledge_base.word_rows import Pieces, word_rows

ENTRIES = [
    ["退货怎么退", "怎么退货 运费谁出", "return my order"],
    ["发票怎么开"],
    ["快递到哪了", "where is my order", "到哪了", "还没到"],
    ["!!"],
]
QUERIES = ["退货", "怎么开发票 order", "where is it", "没有这些字", "xyz"]
COUNTS = Counter(n for texts in ENTRIES for n in {m for t in texts for m in cut(t).numbers.tolist()})
RARITY = Rarity(entries=len(ENTRIES), entries_with=COUNTS)


def weighed(text: str) -> Weighed:
    found = Found(
        versions=Versions(version=1, search_version=1, entries=len(ENTRIES), calibration=0),
        rarity=COUNTS,
        by_words=(),
        by_meaning=(),
    )
    return weigh(Query(form=text, said=text, cut=cut(text), vector=np.zeros(4, dtype=np.float32)), found)


def told(number: int) -> float:
    return math.log(1 + len(ENTRIES) / COUNTS.get(number, 1))


def cosine(query: Weighed, pieces: dict[int, float]) -> float:
    length = math.sqrt(sum(w * w for w in pieces.values())) or 1.0
    own = dict(zip(query.numbers.tolist(), query.weights.tolist(), strict=True))
    return float(sum(own.get(n, 0.0) * w for n, w in pieces.items()) / length)


def as_pieces(text: Cut) -> dict[int, float]:
    return dict(zip(text.numbers.tolist(), text.weights.tolist(), strict=True))


@pytest.mark.parametrize("text", QUERIES)
def test_cosines_are_those_of_the_formula(text: str) -> None:
    query = weighed(text)
    made = word_rows([Pieces.of([cut(t) for t in texts]) for texts in ENTRIES], RARITY)
    for texts, rows in zip(ENTRIES, made, strict=True):
        found = rows.compared(query)
        cuts = [as_pieces(cut(t)) for t in texts]
        expected = [cosine(query, {n: w * told(n) for n, w in one.items()}) for one in cuts]
        assert found.texts.tolist() == pytest.approx(expected)
        summed: Counter[int] = Counter()
        for one in cuts:
            summed.update(one)
        whole = {n: math.sqrt(w) * told(n) for n, w in summed.items()}
        assert found.whole == pytest.approx(cosine(query, whole))
        known = zip(query.numbers.tolist(), query.weights.tolist(), strict=True)
        assert found.coverage == pytest.approx(sum(w * w for n, w in known if n in whole))


def test_entries_made_together_are_the_same_as_alone() -> None:
    together = word_rows([Pieces.of([cut(t) for t in texts]) for texts in ENTRIES], RARITY)
    for texts, rows in zip(ENTRIES, together, strict=True):
        [alone] = word_rows([Pieces.of([cut(t) for t in texts])], RARITY)
        for name in ("numbers", "whole", "starts", "texts", "weights"):
            assert np.allclose(getattr(alone, name), getattr(rows, name)), name


def test_texts_that_are_left_out_are_as_if_never_written() -> None:
    first, second, third = (cut(t) for t in ENTRIES[0])
    kept = Pieces.of([first, second, third]).only(np.asarray([True, False, True]))
    written = Pieces.of([first, third])
    assert kept.numbers.tolist() == written.numbers.tolist()
    assert kept.weights.tolist() == written.weights.tolist()
    assert kept.lengths.tolist() == written.lengths.tolist()
