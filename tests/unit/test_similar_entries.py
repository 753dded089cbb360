"""Entries that stand in each other's way: near-duplicate phrasings, and questions of the one that lead to the other."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base import similar_entries
from knowledge_base.similar_entries import Phrasing, SimilarPair, similar_pairs, word_cosine
from tests.knowledge import encoder


def pairs_of(**entries: list[str]) -> tuple[SimilarPair, ...]:
    phrasings = [Phrasing(entry=entry, text=text) for entry, texts in entries.items() for text in texts]
    return similar_pairs(phrasings, encoder().encode([p.text for p in phrasings]))


def test_a_question_that_stands_in_two_entries_makes_them_a_pair() -> None:
    [pair] = pairs_of(
        gift_card=["礼品卡余额在哪看", "礼品卡能开发票吗"],
        gift_card_invoice=["礼品卡可以开发票吗", "买礼品卡怎么开票"],
        old_fridge=["旧冰箱能不能拉走", "回收旧家电"],
    )
    assert (pair.a, pair.b) == ("gift_card", "gift_card_invoice")
    assert pair.phrasings == ("礼品卡能开发票吗", "礼品卡可以开发票吗") and 0.7 < pair.similarity <= 1
    assert pair.a_to_b >= 1


def test_the_same_words_in_one_entry_and_different_words_in_two_are_none() -> None:
    assert pairs_of(gift_card=["礼品卡能开发票吗", "礼品卡可以开发票吗"]) == ()
    assert pairs_of(refund=["什么时候退钱"], installer=["安装师傅几点来"]) == ()
    assert pairs_of() == ()


def test_entries_that_take_each_others_questions_are_a_pair_without_a_near_duplicate() -> None:
    phrasings = [
        Phrasing(entry="ab"[n % 2], text=text) for n, text in enumerate(("甲乙", "丙丁", "戊己", "庚辛"))
    ]
    angles = np.array([0, 0.7, 1.5, 0.8])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert similar_pairs(phrasings, vectors) == ()
    vectors = np.stack([np.cos([0, 0.1, 2, 2.1]), np.sin([0, 0.1, 2, 2.1])], axis=1).astype(np.float32)
    [pair] = similar_pairs(phrasings, vectors)
    assert (pair.a, pair.b, pair.a_to_b, pair.b_to_a) == ("a", "b", 2, 2)


def test_the_order_of_phrasings_and_the_size_of_blocks_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = {
        "a": ["怎么退货", "退货怎么弄", "我要退货"],
        "b": ["怎么换货", "换货怎么弄", "我要换货"],
        "c": ["退货怎么弄呢", "换货怎么弄呀"],
    }
    whole = pairs_of(**entries)
    monkeypatch.setattr(similar_entries, "ROWS", 2)
    assert pairs_of(**entries) == whole and whole


def test_synonyms_are_no_same_words() -> None:
    assert word_cosine("退款", "refund") == 0
    assert word_cosine("怎么退货", "怎么退货") == pytest.approx(1)
