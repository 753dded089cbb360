"""What customers type, in the one form that search compares."""

from __future__ import annotations

import pytest

from knowledge_base.text_normalisation import MAX_CHARACTERS, matching_form, once, without_clutter


@pytest.mark.parametrize(
    ("typed", "same_as"),
    [
        ("退貨運費", "退货运费"),  # traditional
        ("ＶＩＰ　会员", "vip 会员"),  # full width
        ("REFUND Please!!!", "refund please"),  # case, marks
        ("退款😭😭", "退款"),  # emoji
        ("快点发货快点发货快点发货", "快点发货"),  # voice input
        ("怎么退货???怎么退货", "怎么退货"),
        ("件貨幾時到呀", "件货什么时候到"),  # Cantonese
        ("點樣退貨", "怎么退货"),
        ("我冇收到", "我没有收到"),
        ("七天无里由退货", "七天无理由退货"),  # homophones
        ("什么时候大账", "什么时候到账"),
        ("点子发票", "电子发票"),
        ("收获地址写错了", "收货地址写错了"),
        ("tuihuo", "退货"),  # pinyin
        ("tui huo", "退货"),
        ("qitian wuliyou", "七天无理由"),
        ("wo yao tuihuo", "我要退货"),
        ("yunfei shui chu", "运费谁出"),
        ("kuaidi dao na le", "快递到哪了"),
        ("七天吴理由", "七天无理由"),  # a character of the same sound
        ("电子发飘", "电子发票"),
        ("运费显怎么赔", "运费险怎么赔"),
        ("嗰件貨呢", "那件货"),  # which OpenCC knows as another character
        ("什么时候发货啊啊啊", "什么时候发货"),
        ("don't want it", "dont want it"),
    ],
)
def test_spellings_of_one_thing_share_a_form(typed: str, same_as: str) -> None:
    assert matching_form(typed) == matching_form(same_as)


@pytest.mark.parametrize(
    "typed",
    [
        "[订单卡片] 什么时候发货",
        "【商品】什么时候发货",
        "https://shop.example.com/item?id=3 什么时候发货",
        "订单号：AX20251104000123 什么时候发货",
        "138****1234 什么时候发货",
        "#E-s12# 什么时候发货",
        "a.b@example.com 什么时候发货",
        "[图片]什么时候发货",
        "(图片) 什么时候发货",
        "「在售 花瓶」什么时候发货",
        "*** 什么时候发货",
        "> 您好，请问有什么可以帮您\n什么时候发货",
        "回复 客服小安：退货请点申请售后\n什么时候发货",
        "<b>什么时候发货</b>",
        "什么时候\x00发货".replace("\x00", ""),
    ],
)
def test_cards_links_and_masks_are_stripped(typed: str) -> None:
    assert matching_form(typed) == "什么时候发货"


@pytest.mark.parametrize(
    "typed",
    [
        "can you send me the invoice",
        "women shoes, when do they ship to shanghai",
        "how long does a refund take",
        "i bought a fan for my mama",
        "我的 order 到哪了",
        "报价多少",  # a word of its own, though it sounds as 保价 does
    ],
)
def test_other_words_are_not_read_as_sounds(typed: str) -> None:
    assert matching_form(typed) == typed.replace(",", "")


def test_a_message_that_only_quotes_keeps_its_words() -> None:
    assert matching_form("> 怎么退货") == "怎么退货"


def test_control_characters_become_spaces() -> None:
    assert without_clutter("退\x00货\u200b") == "退 货"


@pytest.mark.parametrize("typed", ["", " ", "\x00", "😀😀😀", "!!!", "……", "\ud800"])
def test_texts_without_words_come_to_nothing(typed: str) -> None:
    assert matching_form(typed) == ""


@pytest.mark.parametrize("length", [4_000, 10_000, 100_000])
def test_long_texts_are_cut_not_refused(length: int) -> None:
    assert 0 < len(matching_form("退货运费谁出呢到底" * (length // 9))) <= MAX_CHARACTERS


def test_words_that_only_sound_repeated_stay() -> None:
    assert once("谢谢") == "谢谢"
    assert matching_form("试试看") == "试试看"


def test_form_is_stable() -> None:
    for text in ("退貨運費邊個俾", "Where is my order?", "七天无里由"):
        assert matching_form(matching_form(text)) == matching_form(text)
