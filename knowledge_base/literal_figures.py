"""Finds figures that an answer writes out instead of naming a row of the policy table.

Only figures with a unit count («7天», «¥12», «48 hours», «七天»); names such as 618 or 12315 do not.
"""

from __future__ import annotations

import re

from knowledge_base.policy import Policy

_UNITS = {
    "days": r"天|日|days?",
    "working_days": r"个工作日|個工作天|工作日|working days?",
    "hours": r"小时|小時|个钟|個鐘|hours?|hrs?|h\b",
    "minutes": r"分钟|分鐘|minutes?|mins?",
    "years": r"年|years?",
    "cents": r"元|块|塊|蚊|yuan|rmb",
    "points": r"积分|積分|points?",
}
_ANY_UNIT = "|".join(sorted(_UNITS.values(), key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?P<money>[¥￥]\s?[\d,]+(?:\.\d+)?)"
    rf"|(?P<number>\d[\d,]*(?:\.\d+)?)\s?-?(?P<unit>{_ANY_UNIT})"
    rf"|(?P<clock>\b\d{{1,2}}:\d\d\b)"
    rf"|(?P<han>[一二两兩三四五六七八九十百千]+)\s?(?P<han_unit>个工作日|個工作天|天|日|小时|小時|分钟|分鐘|年|元|块|塊|蚊)",
    re.IGNORECASE,
)
_NAMES = re.compile(r"七天无理由|七天無理由|11\.11|一年一度|一年[内內]|一元|一天内|同一天|同一日|第一[天日]")
"""Fixed expressions of the trade that hold a number but promise nothing."""
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_HAN = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}


def literal_figures(text: str, policy: Policy) -> list[tuple[str, str]]:
    """Each literal figure of an answer, with the fix: the placeholder to use, or that it disagrees with the policy."""
    bare = _NAMES.sub(" ", _PLACEHOLDER.sub("\n", text))
    return [(m.group().strip(), _fix(m, policy)) for m in _FIGURE.finditer(bare)]


def _fix(match: re.Match[str], policy: Policy) -> str:
    unit, value = _meaning(match)
    names = [
        f"{{{figure.name}}}"
        for figure in policy.figures.values()
        if figure.unit in unit
        and value in (figure.value if isinstance(figure.value, tuple) else (figure.value,))
    ]
    if names:
        return f"Write the figure's name: {' or '.join(names[:4])}."
    return "It agrees with no figure of the policy table; correct it or add the figure to policy.yml."


def _meaning(match: re.Match[str]) -> tuple[tuple[str, ...], int | str]:
    if clock := match["clock"]:
        return ("clock",), clock.zfill(5)
    if money := match["money"]:
        return ("cents",), _cents(money.lstrip("¥￥ "))
    if han := match["han"]:
        units = _units_of(match["han_unit"])
        return units, _han_number(han) * (100 if units == ("cents",) else 1)
    units = _units_of(match["unit"])
    return units, _cents(match["number"]) if units == ("cents",) else int(
        float(match["number"].replace(",", ""))
    )


def _units_of(word: str) -> tuple[str, ...]:
    return tuple(u for u, pattern in _UNITS.items() if re.fullmatch(pattern, word, re.IGNORECASE))


def _cents(number: str) -> int:
    return round(float(number.replace(",", "")) * 100)


def _han_number(han: str) -> int:
    total, digit = 0, 0
    for c in han:
        if c in _HAN:
            digit = _HAN[c]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[c]
            digit = 0
    return total + digit
