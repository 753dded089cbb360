"""How triage reads a message: folded, with Cantonese words in the form that most examples use.

Only for features; each character of the reading knows which piece of the message it stands for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from routing.text import fold_with_origins, shorten

Span = tuple[int, int]

CANTONESE: Final = {
    "几时": "什么时候", "几耐": "多久", "点解": "为什么", "点算": "怎么办", "点样": "怎么", "边度": "哪里", "边个": "谁",
    "乜嘢": "什么", "咩": "什么", "唔该": "麻烦", "唔好": "不要", "唔使": "不用", "唔得": "不行", "唔系": "不是",
    "唔见咗": "不见了", "唔记得": "忘记", "唔": "不", "冇": "没有", "未有": "没有", "仲未": "还没", "仲": "还",
    "系咪": "是不是", "嘅": "的", "啲": "些", "咗": "了", "佢": "他", "哋": "们", "俾": "给", "畀": "给", "攞": "拿",
    "返嚟": "回来", "嚟": "来", "睇": "看", "搵": "找", "揾": "找", "嗰": "那", "呢个": "这个", "呢件": "这件",
    "呢间": "这家", "呢啲": "这些", "而家": "现在", "依家": "现在", "听日": "明天", "寻日": "昨天", "琴日": "昨天",
    "今日": "今天", "嘢": "东西", "呃人": "骗人", "呃我": "骗我", "呃钱": "骗钱", "呃客": "骗客", "呃咗": "骗了", "嬲": "生气",
    "火滚": "火大", "黐线": "神经病", "痴线": "神经病", "仆街": "混蛋", "扑街": "混蛋", "戆居": "傻", "废柴": "废物",
    "激气": "气人", "激死": "气死", "顶唔顺": "受不了", "即刻": "马上", "快啲": "快点", "好耐": "很久", "成日": "总是",
    "喺度": "在这里", "喺": "在", "同埋": "和", "定系": "还是", "咁": "这么", "噉": "这样", "先至": "才", "差人": "警察",
    "消委会": "消协", "速递": "快递", "落单": "下单", "收皮": "滚", "收档": "倒闭", "讲大话": "说谎", "讲": "说",
    "靓": "好", "掂": "好", "烂咗": "坏了", "坏咗": "坏了", "整烂": "弄坏", "屙肚": "拉肚子", "电亲": "触电", "辣亲": "烫伤",
    "渌亲": "烫伤", "界亲": "割伤", "张单": "订单", "碌卡": "刷卡", "过数": "扣款", "系度": "在", "系": "是",
}  # fmt: skip
VERSION: Final = "2"
"""Goes into the model's hash beside that of the features."""
_NUMBER: Final = (
    r"(?:(?<=[\u3400-\u9fff])\s+)?(?<![a-z0-9])[a-z]{0,4}-?\d[\d-]{6,}[a-z\d]*(?:\s+(?=[\u3400-\u9fff]))?"
)
"""An order, tracking or phone number: it says nothing of mood or hurry, but would part the words around it."""
_WORD: Final = re.compile(
    _NUMBER
    + "|"
    + "|".join(
        "(?<![联关体维])系(?![统列数])" if word == "系" else re.escape(word)
        for word in sorted(CANTONESE, key=lambda word: (-len(word), word))
    )
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The form that features are taken from, and for each of its characters the span of the message."""

    form: str
    spans: tuple[Span, ...]
    source: str
    """The message as it was typed, shortened; the spans count its characters."""

    def piece(self, start: int, end: int) -> str:
        """What the customer typed where `form[start:end]` stands."""
        return self.source[self.spans[start][0] : self.spans[end - 1][1]].strip()


def read(text: str) -> Reading:
    """The reading of one message; any text is fine."""
    folded, origins = fold_with_origins(text)
    parts: list[str] = []
    spans: list[Span] = []
    at = 0
    for found in _WORD.finditer(folded):
        _keep(folded, origins, at, found.start(), parts, spans)
        word = CANTONESE.get(found.group(), "")
        parts.append(word)
        spans += [(origins[found.start()], origins[found.end() - 1] + 1)] * len(word)
        at = found.end()
    _keep(folded, origins, at, len(folded), parts, spans)
    return Reading(form="".join(parts), spans=tuple(spans), source=shorten(text))


@lru_cache(maxsize=256)
def form(text: str) -> str:
    """The reading's form alone."""
    return read(text).form


def _keep(folded: str, origins: list[int], start: int, end: int, parts: list[str], spans: list[Span]) -> None:
    parts.append(folded[start:end])
    spans += [(origin, origin + 1) for origin in origins[start:end]]
