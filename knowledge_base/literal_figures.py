"""Finds figures that an answer writes out instead of naming a row of the policy table.

Only figures with a unit count («7天», «¥12», «48 hours», «七天», «two weeks»); names such as 618 or 12315 do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.policy import PLACEHOLDER, Figure, Policy

_UNITS = {
    "days": r"天|日|days?",
    "working_days": r"个工作日|個工作天|工作日|(?:working|business) days?",
    "hours": r"小时|小時|个钟|個鐘|hours?|hrs?|h\b",
    "minutes": r"分钟|分鐘|minutes?|mins?",
    "weeks": r"周(?!年)|週(?!年)|[个個]?星期|[个個]?礼拜|[个個]?禮拜|weeks?",
    "months": r"[个個]月|months?",
    "years": r"年|years?",
    "cents": r"元|块|塊|蚊|yuan|rmb|cny",
    "points": r"积分|積分|points?",
}
_ANY_UNIT = "|".join(sorted(_UNITS.values(), key=len, reverse=True))
_WORDS = {
    word: n
    for n, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=2
    )
} | {"fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60, "ninety": 90}
_DIGITS = r"\d[\d,]{0,14}(?:\.\d{1,4})?"
_FIGURE = re.compile(
    rf"(?P<money>(?:[¥￥]|\b(?:rmb|cny)\b)\s?{_DIGITS})"
    rf"|(?P<number>{_DIGITS})\s?-?(?P<unit>{_ANY_UNIT})"
    rf"|(?P<clock>\b\d{{1,2}}:\d\d\b)"
    rf"|(?P<han>[一二两兩三四五六七八九十百千]{{1,8}})\s?(?P<han_unit>个工作日|個工作天|天|日|小时|小時|分钟|分鐘|周(?!年)|週(?!年)"
    rf"|[个個]?星期|[个個]?礼拜|[个個]?禮拜|[个個]月|年|元|块|塊|蚊)"
    rf"|\b(?P<word>{'|'.join(_WORDS)})[ -](?P<word_unit>{_ANY_UNIT})",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"七天无理由|七天無理由|11\.11|一年一度|一年[内內]|一元|一天内|同一天|同一日|第一[天日周週]"
)
"""Fixed expressions of the trade that hold a number but promise nothing."""
_HAN = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}


@dataclass(frozen=True, kw_only=True)
class LiteralFigure:
    """A figure as written, and the figures of the policy table that have this unit and value."""

    literal: str
    figures: tuple[str, ...]

    @property
    def fix(self) -> str:
        """What to write instead."""
        if self.figures:
            return f"Write the figure's name: {' or '.join(f'{{{name}}}' for name in self.figures[:4])}."
        return "It agrees with no figure of the policy table; correct it or add the figure there."


def literal_figures(text: str, policy: Policy) -> list[LiteralFigure]:
    """Each literal figure of an answer."""
    bare = _NAMES.sub(" ", PLACEHOLDER.sub("\n", text))
    return [
        LiteralFigure(literal=m.group().strip(), figures=_equal_figures(_meanings(m), policy))
        for m in _FIGURE.finditer(bare)
    ]


Meaning = tuple[str, float | str]
"""A unit of the policy table and a value in it."""


def _equal_figures(meanings: Sequence[Meaning], policy: Policy) -> tuple[str, ...]:
    return tuple(
        figure.name
        for figure in policy.figures.values()
        if any(figure.unit == unit and value in _values(figure) for unit, value in meanings)
    )


def _values(figure: Figure) -> tuple[int | str, ...]:
    return figure.value if isinstance(figure.value, tuple) else (figure.value,)


def _meanings(match: re.Match[str]) -> list[Meaning]:
    if clock := match["clock"]:
        return [("clock", clock.zfill(5))]
    if money := match["money"]:
        return [("cents", _cents(_number(re.sub(r"^\D+", "", money))))]
    if han := match["han"]:
        return _in_units(_han_number(han), match["han_unit"])
    if word := match["word"]:
        return _in_units(_WORDS[word.lower()], match["word_unit"])
    return _in_units(_number(match["number"]), match["unit"])


def _in_units(number: float, word: str) -> list[Meaning]:
    """In the units of the policy table, which knows neither weeks nor months."""
    unit = next(u for u, pattern in _UNITS.items() if re.fullmatch(pattern, word, re.IGNORECASE))
    if unit == "weeks":
        return [("days", number * 7)]
    if unit == "months":
        return [("days", number * 30), ("years", number / 12)]
    return [(unit, _cents(number) if unit == "cents" else number)]


def _number(digits: str) -> float:
    return float(digits.replace(",", ""))


def _cents(yuan: float) -> float:
    return round(yuan * 100, 4)


def _han_number(han: str) -> int:
    total, digit = 0, 0
    for c in han:
        if c in _HAN:
            digit = _HAN[c]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[c]
            digit = 0
    return total + digit
