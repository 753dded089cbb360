"""Numbers in customers' words become references; everything else stays as it was written."""

from __future__ import annotations

import pytest

from bot.extraction import extract
from bot.rasa_client import without_leading_slash

# text as typed → masked text, id → value
FOUND = [
    ("AX2026110100001 到哪了", "order_1 到哪了", {"order_1": "AX2026110100001"}),
    ("我的订单ax2026110100001呢", "我的订单order_1呢", {"order_1": "AX2026110100001"}),
    ("ＡＸ２０２６１１０１００００１", "order_1", {"order_1": "AX2026110100001"}),
    ("AX 2026 1101 00001 查一下", "order_1 查一下", {"order_1": "AX2026110100001"}),
    ("订单号：202611010000123", "订单号：order_1", {"order_1": "202611010000123"}),
    ("訂單編號係 202611010000123", "訂單編號係 order_1", {"order_1": "202611010000123"}),
    ("my order number is 202611010000123", "my order number is order_1", {"order_1": "202611010000123"}),
    ("202611010000123", "order_1", {"order_1": "202611010000123"}),
    ("SF1234567890123到哪里了", "tracking_1到哪里了", {"tracking_1": "SF1234567890123"}),
    ("圆通 YT 8765432109876", "圆通 tracking_1", {"tracking_1": "YT8765432109876"}),
    ("JDVA01234567890 呢", "tracking_1 呢", {"tracking_1": "JDVA01234567890"}),
    ("运单号78901234567890", "运单号tracking_1", {"tracking_1": "78901234567890"}),
    ("电话13800138812", "电话phone_1", {"phone_1": "13800138812"}),
    ("+86 138 0013 8812", "phone_1", {"phone_1": "13800138812"}),
    ("138-0013", "138-0013", {}),
    ("+852 9123 4567", "phone_1", {"phone_1": "91234567"}),
    ("我電話係 9123 4567", "我電話係 phone_1", {"phone_1": "91234567"}),
    ("尾号8812", "尾号phone_tail_1", {"phone_tail_1": "8812"}),
    ("手机后四位是８８１２", "手机后四位是phone_tail_1", {"phone_tail_1": "8812"}),
    ("電話尾四位 8812", "電話尾四位 phone_tail_1", {"phone_tail_1": "8812"}),
    ("last four digits 8812", "last four digits phone_tail_1", {"phone_tail_1": "8812"}),
    ("it ends in 8812", "it ends in phone_tail_1", {"phone_tail_1": "8812"}),
    (
        "AX2026110100001 8812",
        "order_1 phone_tail_1",
        {"order_1": "AX2026110100001", "phone_tail_1": "8812"},
    ),
]


@pytest.mark.parametrize(("text", "masked", "values"), FOUND)
def test_numbers_become_references(text: str, masked: str, values: dict[str, str]) -> None:
    found = extract(text, {})
    assert found.masked_text == masked
    assert found.values() == values


@pytest.mark.parametrize(
    "text",
    ["2024年买的", "我买了1234", "花了 8812 元", "身高170穿什么码", "AX12", "3 天了", "", "🙏", "1 3 8"],
)
def test_other_numbers_stay(text: str) -> None:
    found = extract(text, {})
    assert (found.masked_text, found.values()) == (text, {})


@pytest.mark.parametrize("text", ["8812", "８８１２", " 8812 ", "是8812", "8812 谢谢", "it's 8812"])
def test_four_digits_alone_are_the_phones_when_a_form_asks(text: str) -> None:
    assert extract(text, {}, requested_slot="phone_tail_ref").values() == {"phone_tail_1": "8812"}


def test_known_value_keeps_its_reference_and_a_new_one_gets_the_next() -> None:
    known = {"order_1": "AX2026110100001", "phone_1": "13800138812"}
    found = extract("AX2026110100001 还是 AX2026110100002", known)
    assert found.masked_text == "order_1 还是 order_2"
    assert list(found.references) == ["order_1", "order_2"]


def test_value_named_again_counts_as_the_last_one_named() -> None:
    found = extract("AX2026110100001 不对 AX2026110100002 还是 AX2026110100001", {})
    assert list(found.references) == ["order_2", "order_1"]


def test_values_never_show_in_a_repr() -> None:
    assert "8812" not in repr(extract("AX2026110100001 尾号8812", {}).references)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/restart", "restart"),
        ("  ／restart", "restart"),
        ("/ ／ /ask_human", "ask_human"),
        ("\u200b/back", "back"),
        ("\u3000／x", "x"),
        ("1/2", "1/2"),
        ("/", ""),
    ],
)
def test_leading_slashes_are_taken_off(text: str, left: str) -> None:
    assert without_leading_slash(text) == left
