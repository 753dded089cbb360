"""Transparent signs in how a message is written: repeated marks, capitals, quotation marks, turns of phrase that sting.

No single one means anger; the classifier learns what each is worth. Matched on the message (marks, capitals) or
on its reading (words).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 2000
"""Characters of the message looked at."""
LENGTH_STEP: Final = 15
LENGTHS: Final = 4
MOSTLY: Final = 0.7
"""Share of capitals from which a message is shouted …"""
SHOUTED_LETTERS: Final = 6
"""… if it has this many Latin letters."""

_INSISTS: Final = re.compile(r"[!！]{2,}|[?？]{2,}|[!！][?？]|[?？][!！]")
_CAPITALS: Final = re.compile(r"\b[A-Z]{3,}\b")
_QUOTED: Final = re.compile("[“\"'‘「『].{1,12}?[”\"'’」』]")
_WAITED: Final = re.compile(
    r"([\d一二两三四五六七八九十半几多]+ ?(个)?(多)?(天|日|周|星期|礼拜|月)(了|没|还|都|啦))|\b\d+ (days?|weeks?|months?)\b"
)
_TAUNTS: Final = re.compile(
    "(你们?|您|他们|客服|仓库|师傅|快递|老板|谁|这).{0,10}(是|拿|用|靠|让|被|属).{1,12}(吧|吗|呢|呀|啊|呗)[?？!！~ ]*$"
)
"""«你们仓库是瞎子打包的吧»"""
_EXCLAIMS: Final = re.compile("[真太好]是?[^不没有的]{1,4}[啊呀哈了呢哦呵嘛喎㗎吧]?([ ,，]|$)")
"""«真专业啊», praise or its mockery"""
_CHANTS: Final = re.compile(r"(.{1,5}?)[ ,，]?\1[ ,，]?\1")
"""«退款退款退款»"""
_STILL: Final = re.compile("还.{0,8}(吗|呢|敢|好意思|有脸|叫|说)")
"""«还好意思收运费»"""
_DOUBTS: Final = re.compile(
    r"\b(do|does|did|are|is|can|cant|have|has|am) (you|u|your|anyone|anybody|nobody|i)\b[^.?!]{0,60}"
    r"\b(even|actually|ever|really|any|at all|blind|deaf|stupid|mad|kidding|joking|thick|read|count|serious)\b"
)
"""«do you actually read»"""


def marks(text: str, read: str) -> list[str]:
    """The signs of one message, each once; `read` is its reading (routing.triage_reading)."""
    return [f"m:{name}" for name in _found(text[:LONGEST], read)]


def _found(text: str, read: str) -> Iterator[str]:
    last = text.rstrip()[-1:]
    if _INSISTS.search(text):
        yield "insists"
    if len(_CAPITALS.findall(text)) >= 2:
        yield "shouts"
    if _is_mostly_capitals(text):
        yield "capitals"
    if last in ("!", "！"):
        yield "exclamation"
    if last in ("?", "？"):
        yield "question"
    if _QUOTED.search(text):
        yield "quotes"
    for name, pattern in _PHRASES.items():
        if pattern.search(read):
            yield name
    yield f"length{min(LENGTHS, len(read) // LENGTH_STEP)}"


_PHRASES: Final = {
    "waited": _WAITED,
    "taunts": _TAUNTS,
    "exclaims": _EXCLAIMS,
    "chants": _CHANTS,
    "still": _STILL,
    "doubts": _DOUBTS,
}


def _is_mostly_capitals(text: str) -> bool:
    letters = [character for character in text if character.isascii() and character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return len(letters) >= SHOUTED_LETTERS and capitals > MOSTLY * len(letters)
