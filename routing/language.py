"""The working language of a message: zh-Hans, zh-Hant-HK (Cantonese included) or en.

Mixed messages follow their matrix language, the one that brings the little words. What is too short or says
nothing about itself (numbers, marks, «ok») keeps the language that the conversation had.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from routing.text import shorten

Language = Literal["zh-Hans", "zh-Hant-HK", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh-Hans", "zh-Hant-HK", "en")
DEFAULT: Final[Language] = "zh-Hans"

_CANTONESE: Final = re.compile(
    "[嘅咗冇佢啲嗰嚟咁乜噉畀俾睇搵攞㗎喎囉啱嘢哋咩冚嘥瞓攰揾喺嗌嘞]|係|唔|點解|点解|幾時|邊個"
    "|邊度|边个|边度|點樣|点样|點算|点算"
    "|幾耐|几耐|而家|琴日|尋日|聽日|听日|仲未|仲有|收到未|返嚟|幾錢|得唔得|唔該|唔该|多谢晒|多謝晒"
)
_ENGLISH_LITTLE: Final = frozenset(
    [
        "i",
        "you",
        "he",
        "she",
        "it",
        "we",
        "they",
        "my",
        "your",
        "me",
        "us",
        "is",
        "are",
        "am",
        "was",
        "were",
        "be",
        "been",
        "do",
        "does",
        "did",
        "don't",
        "doesn't",
        "didn't",
        "can",
        "can't",
        "could",
        "will",
        "won't",
        "would",
        "should",
        "have",
        "has",
        "had",
        "haven't",
        "hasn't",
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "to",
        "of",
        "for",
        "in",
        "on",
        "at",
        "with",
        "from",
        "and",
        "or",
        "but",
        "not",
        "no",
        "if",
        "when",
        "where",
        "what",
        "why",
        "how",
        "who",
        "which",
        "please",
        "there",
        "here",
        "just",
        "still",
        "yet",
        "i'm",
        "i've",
        "it's",
        "im",
        "ive",
        "hello",
        "hi",
        "thanks",
        "thank",
        "need",
        "want",
        "get",
        "got",
    ]
)
_CHINESE_LITTLE: Final = frozenset(
    "的了我你您他她它吗呢吧啊在是不没有要这那就都还也能会想个把给被和跟到怎什么嗎還沒這個會給嘅咗係唔"
)
_LATIN_WORD: Final = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_CODE: Final = re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+|\b\w*\d\w*\b", re.ASCII)
SURE_WORDS: Final = 3
SURE_CHARACTERS: Final = 4


def detect(text: str, previous: str | None) -> Language:
    """The language of `text`; `previous` (or zh-Hans) where the text does not decide it."""
    before: Language = next((known for known in LANGUAGES if known == previous), DEFAULT)
    plain = _CODE.sub(" ", shorten(text))
    han = [c for c in plain if "一" <= c <= "鿿" or c in "㗎㖭"]
    words = [word.lower().replace("’", "'") for word in _LATIN_WORD.findall(plain)]
    if not han:
        return "en" if _is_english(words, previous) else before
    if _english_is_matrix(words, han):
        return "en"
    return _chinese(plain, han, before, known=previous is not None)


def _is_english(words: list[str], previous: str | None) -> bool:
    little = sum(word in _ENGLISH_LITTLE for word in words)
    if previous is None:
        return bool(little) or len(words) >= 2
    return len(words) >= SURE_WORDS or (len(words) == 2 and little > 0)


def _english_is_matrix(words: list[str], han: list[str]) -> bool:
    little = sum(word in _ENGLISH_LITTLE for word in words)
    return little >= 2 and little > sum(c in _CHINESE_LITTLE for c in han)


def _chinese(plain: str, han: list[str], before: Language, *, known: bool) -> Language:
    marks = _CANTONESE.findall(plain)
    traditional = len(marks) + sum(_script(c) == "traditional" for c in han)
    simplified = sum(_script(c) == "simplified" for c in han)
    if marks and (len(marks) > 1 or traditional > simplified or len(han) <= SURE_CHARACTERS * 2):
        return "zh-Hant-HK"
    if traditional == simplified:
        return before if before != "en" else DEFAULT
    found: Language = "zh-Hant-HK" if traditional > simplified else "zh-Hans"
    short = len(han) < SURE_CHARACTERS and traditional + simplified < 2
    return before if known and short and before != "en" else found


@lru_cache(maxsize=32_768)
def _script(character: str) -> str:
    """Which script a character belongs to, by the two national character sets: Big5 and GB 2312."""
    if character in "着为":  # written in both, though only one standard lists it
        return "both" if character == "着" else "simplified"
    in_big5, in_gb = _encodes(character, "big5"), _encodes(character, "gb2312")
    if in_big5 == in_gb:
        return "both"
    return "traditional" if in_big5 else "simplified"


def _encodes(character: str, charset: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
