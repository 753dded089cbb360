"""Questions that went wrong: grouped by meaning, named, ranked, and begun as entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from desk.missed_questions import first_substantial, without_masks
from knowledge_base import grouping
from knowledge_base.gaps import Gap, MissedQuestion, Why, draft, find_gaps, of_language
from knowledge_base.grouping import centred, group
from tests.knowledge import encoder

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
GIFT_CARD = ("礼品卡能开发票吗", "礼品卡可以开发票不", "礼品卡怎么开发票", "買禮品卡可以開發票嗎")
LOCKER = ("能不能放快递柜", "可以放到快递柜吗", "放快递柜行不行")


def missed(
    n: int, text: str, why: Why = "declined", *, language: str = "zh-Hans", **rest: object
) -> MissedQuestion:
    return MissedQuestion(
        conversation_id=UUID(int=n),
        seq=1,
        text=text,
        language=language,
        at=NOW + timedelta(minutes=n),
        why=why,
        **rest,  # type: ignore[arg-type]
    )


def found(*questions: MissedQuestion) -> list[Gap]:
    return find_gaps(questions, encoder())


def test_questions_of_one_meaning_are_one_gap_whatever_their_order() -> None:
    questions = [missed(n, text) for n, text in enumerate((*GIFT_CARD[:3], *LOCKER))]
    gaps = found(*questions)
    assert sorted(sorted(q.text for q in gap.questions) for gap in gaps) == sorted(
        (sorted(GIFT_CARD[:3]), sorted(LOCKER))
    )
    again = found(*reversed(questions))
    assert [(gap.id, gap.name, gap.cost) for gap in again] == [(gap.id, gap.name, gap.cost) for gap in gaps]


def test_the_dearest_comes_first_not_the_most_frequent() -> None:
    gaps = found(
        *(missed(n, text, "asked_back") for n, text in enumerate(GIFT_CARD[:3])),
        missed(10, LOCKER[0], "unhelpful"),
        missed(11, "旧冰箱能拉走吗", "handed_over"),
    )
    assert [(gap.cost, len(gap.questions)) for gap in gaps] == [(10, 1), (6, 3), (6, 1)]


def test_the_most_frequent_wording_is_typical_and_the_id_stays_when_others_join() -> None:
    first = [missed(n, text) for n, text in enumerate((*GIFT_CARD[:3], GIFT_CARD[0], GIFT_CARD[0]))]
    [gap] = found(*first)
    assert gap.name == GIFT_CARD[0]
    [grown] = found(*first, *(missed(20 + n, GIFT_CARD[2]) for n in range(9)))
    assert grown.name == GIFT_CARD[2] and grown.holds(gap.id) and not grown.holds("q1.00")


def test_a_language_shows_what_was_asked_in_it() -> None:
    [gap] = found(
        missed(1, GIFT_CARD[0]),
        missed(2, GIFT_CARD[3], "unhelpful", language="zh-Hant-HK"),
        missed(3, GIFT_CARD[1]),
    )
    hong_kong = of_language(gap, "zh-Hant-HK")
    assert hong_kong is not None and [q.text for q in hong_kong.questions] == [GIFT_CARD[3]]
    assert (hong_kong.cost, gap.cost, gap.language) == (10, 16, "zh-Hans")
    assert of_language(gap, "en") is None


def test_the_nearest_entry_is_the_one_that_came_nearest_in_all() -> None:
    [gap] = found(
        missed(1, GIFT_CARD[0], candidates=(("gift_card", 0.2), ("invoice_how", 0.1))),
        missed(2, GIFT_CARD[1], candidates=(("invoice_how", 0.2),)),
    )
    assert gap.nearest == "invoice_how"


def test_a_draft_has_different_phrasings_by_language_and_the_most_central_answer() -> None:
    replies = ("礼品卡本身不开发票，用礼品卡买商品时按实付开。", "不开发票，买商品时才开发票。", "明天下雨。")
    questions = [missed(n, text, reply=replies[n]) for n, text in enumerate(GIFT_CARD[:3])]
    questions += [
        missed(5, GIFT_CARD[0] + "？"),
        missed(6, GIFT_CARD[3], language="zh-Hant-HK"),
        missed(7, "礼品卡发票" + "啊" * 200),
    ]
    [gap] = [gap for gap in found(*questions) if len(gap.questions) > 2]
    content = draft(gap, encoder(), group="invoice", known=["礼品卡可以开发票不！"])
    assert content["title"] == {"zh-Hans": gap.name} and content["group"] == "invoice"
    assert set(content["phrasings"]["zh-Hans"]) == {GIFT_CARD[0], GIFT_CARD[2]} or set(
        content["phrasings"]["zh-Hans"]
    ) == {GIFT_CARD[0] + "？", GIFT_CARD[2]}
    assert content["phrasings"]["zh-Hant-HK"] == [GIFT_CARD[3]]
    assert content["answer"]["zh-Hans"] in replies[:2] and gap.agents_answers[-1] == replies[2]


def test_a_draft_has_at_most_twelve_phrasings() -> None:
    [gap] = found(*(missed(n, f"礼品卡能开发票吗{'吗啊呢呀哦嘛啦喔咯哈吧呗嘞哟'[n]}") for n in range(14)))
    assert len(gap.questions) == 14
    assert sum(map(len, draft(gap, encoder())["phrasings"].values())) <= 12


def test_nothing_and_signs_alone_make_no_gap() -> None:
    assert found() == [] and found(missed(1, "？？"), missed(2, "😀")) == []


def test_many_questions_come_in_rounds_and_join_the_groups_of_earlier_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(5, 64))
    rows = np.concatenate([centres + rng.normal(size=(5, 64)) * 0.2 for _ in range(20)]).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    whole = group(rows, nearness=0.6)
    monkeypatch.setattr(grouping, "ROUND", 12)
    assert (group(rows, nearness=0.6) == whole).all() and whole.tolist() == [0, 1, 2, 3, 4] * 20


def test_what_the_encoder_does_not_know_stands_alone() -> None:
    rows = centred(np.array([[0, 0], [0, 0], [1, 0]], np.float32), np.array([0.5, 0.5], np.float32))
    assert rows[0].tolist() == [0, 0] and len(set(group(rows, nearness=0.3).tolist())) == 3


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ["您好，请稍等", "亲，帮您查一下哈", "礼品卡不开发票，用它买的商品可以开。"],
            "礼品卡不开发票，用它买的商品可以开。",
        ),
        (["Hi, one moment please", "Gift cards themselves come without an invoice."], None),
        (["好的", "收到"], None),
        ([], None),
    ],
)
def test_the_first_reply_that_says_something_counts(texts: list[str], expected: str | None) -> None:
    assert first_substantial(texts) == (
        expected if expected or len(texts) != 2 or "Hi" not in texts[0] else texts[1]
    )


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        ("订单 xx00000000000000 怎么还没发货", "订单 怎么还没发货"),
        ("我是某某，电话 000 0000 0000，能改地址吗", "我是 ，电话 ，能改地址吗"),
        ("7天能退吗", "7天能退吗"),
    ],
)
def test_masked_pieces_are_no_part_of_a_phrasing(masked: str, expected: str) -> None:
    assert without_masks(masked) == expected
