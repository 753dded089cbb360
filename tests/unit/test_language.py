"""The working language of what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.language import LANGUAGES, detect

# text, language before, expected
ROWS = [
    # each language by itself
    ("请问什么时候发货", None, "zh-Hans"),
    ("請問什麼時候發貨", None, "zh-Hant-HK"),
    ("件貨幾時到呀", None, "zh-Hant-HK"),
    ("where is my parcel", None, "en"),
    ("hello", None, "en"),
    # Cantonese is recognised by its little words, in whatever script
    ("点解仲未到", None, "zh-Hant-HK"),
    ("我唔知道", None, "zh-Hant-HK"),
    ("唔该", "zh-Hans", "zh-Hant-HK"),
    # south-western Mandarin is not Cantonese
    ("不得行，好久到嘛", "zh-Hans", "zh-Hans"),
    # a customer switches
    ("請問幾時發貨", "zh-Hans", "zh-Hant-HK"),
    ("请问什么时候发货", "zh-Hant-HK", "zh-Hans"),
    ("when will it ship", "zh-Hans", "en"),
    ("那我要退货", "en", "zh-Hans"),
    ("退货", "en", "zh-Hans"),
    # mixtures follow the language that brings the little words
    ("我要 refund 这个 order", None, "zh-Hans"),
    ("我個order仲未ship", None, "zh-Hant-HK"),
    ("Can you check 我的订单 please", None, "en"),
    # what says nothing about itself keeps what was there
    ("你好", None, "zh-Hans"),
    ("你好", "zh-Hant-HK", "zh-Hant-HK"),
    ("ok", "zh-Hant-HK", "zh-Hant-HK"),
    ("thanks", "zh-Hans", "zh-Hans"),
    ("AX20250808123456", "en", "en"),
    ("https://shop.example.com/orders/9", "zh-Hant-HK", "zh-Hant-HK"),
    ("😀", "en", "en"),
    ("", "en", "en"),
    ("", None, "zh-Hans"),
    ("ขอบคุณ", "zh-Hant-HK", "zh-Hant-HK"),
    # characters that both scripts share do not decide
    ("到着没", "zh-Hans", "zh-Hans"),
    ("我的手机里显示不知道", "zh-Hans", "zh-Hans"),
]


@pytest.mark.parametrize(("text", "previous", "expected"), ROWS)
def test_language_of(text: str, previous: str | None, expected: str) -> None:
    assert detect(text, previous) == expected


@given(st.text(max_size=200), st.sampled_from([None, *LANGUAGES, "xx"]))
def test_any_text_has_one_of_the_three(text: str, previous: str | None) -> None:
    assert detect(text, previous) in LANGUAGES


@given(
    st.text(alphabet=st.characters(categories=["P", "N", "S", "Z"]), max_size=60), st.sampled_from(LANGUAGES)
)
def test_text_without_letters_keeps_the_language(text: str, previous: str) -> None:
    assert detect(text, previous) == previous
