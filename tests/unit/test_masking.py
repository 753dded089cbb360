"""What leaves a conversation as an example carries no numbers, addresses or known names, and reads as before."""

from __future__ import annotations

import pytest

from desk.masking import mask
from routing.triage_features import features

MASKED = [
    # written                                        personal          masked
    ("订单 AX2026112100017 还没到", (), "订单 xx0000000000000 还没到"),
    ("电话13812345678，快打给我", (), "电话00000000000，快打给我"),
    ("手机 138 1234 5678", (), "手机 000 0000 0000"),
    ("電話 ９１２３ ４５６７", (), "電話 0000 0000"),
    ("SF1234567890123 三天没动", (), "xx0000000000000 三天没动"),
    ("mail me at li.wei@example.com please", (), "mail me at @ please"),
    ("看图 https://example.com/p?id=7 烂了", (), "看图 @ 烂了"),
    ("我是王小明，住文三路478号", ("王小明", ""), "我是某某，住文三路000号"),
    ("再不处理我打12315", (), "再不处理我打12315"),
    ("等了3天，买了2件，退我25块", (), "等了3天，买了2件，退我25块"),
    ("", (), ""),
]


@pytest.mark.parametrize(("written", "personal", "masked"), MASKED)
def test_numbers_addresses_and_known_names_go_and_the_rest_stays(
    written: str, personal: tuple[str, ...], masked: str
) -> None:
    assert mask(written, personal) == masked


@pytest.mark.parametrize(
    "written", ["订单 AX2026112100017 还没到", "打13812345678给我", "order 20261121000178 where"]
)
def test_a_masked_number_says_to_the_classifier_what_the_number_said(written: str) -> None:
    assert features(mask(written)) == features(written)


def test_masking_twice_changes_nothing_more() -> None:
    once = mask("尾号1234，a@b.com，AX2026112100017")
    assert mask(once) == once
