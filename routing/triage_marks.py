"""Transparent signs in how a message is written: repeated marks, capitals, quotation marks, turns of phrase that sting,
and the ways in which somebody says that hours are left, something was swallowed or money went twice.

No single one means anger or danger; the classifier learns what each is worth. Matched on the message (marks, capitals) or
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

_NUMBER: Final = "[0-9一二两三四五六七八九十半几]"
_TODAY: Final = "(今晚|今天|今早|明早|明天|天光|一早)"
_LEAVING: Final = r"\b(fly|flight|train|ferry|boarding|board|exam|wedding|interview)\b"
_WITHIN_HOURS: Final = re.compile(
    rf"{_NUMBER}+个?半?多?(小时|钟头|钟|分钟)(之?后|以?内|就|要|到|,|，| )"
    r"|\bin (an|a|half an|\d+|two|three|four|five|six) (hours?|hrs?|mins?|minutes)\b"
)
_DEPARTS: Final = re.compile(
    rf"{_NUMBER}+(点|时)[^点，,。 ]{{0,4}}"
    r"(机|船|车|飞|登机|出发|行礼|开考|考试|进场|手术|铁|接亲|婚|葬)"
    rf"|{_TODAY}[^，,。 ]{{0,6}}(机|飞|船|高铁|火车|考|行礼|婚|手术|面试|见工)"
    rf"|{_LEAVING}.{{0,25}}\b(today|tonight|tomorrow|in \d+|in an|at \d+|at (six|seven|eight|nine|ten|noon))\b"
    rf"|\b(today|tonight|tomorrow)\b.{{0,25}}{_LEAVING}"
)
"""«聽朝六點機», «兩點半行禮»"""
_PAID_TWICE: Final = re.compile(
    r"(扣|收|过|刷|付|碌|嘟|划|给|拍)(了|多)?(我|了)?多?[^，,。 ]{0,3}(两|2|二|双)(次|遍|回|笔|下|份|重)"
    r"|(两|2|二|双)(次|笔|遍|份|重)[^，,。 ]{0,6}(扣|过数|过了数|收费|付款|支付|款|交易)"
    r"|重[复覆](扣|收|付|支付|交易)"
    r"|\b(charged|billed|paid|debited|taken|took|deducted)\b.{0,25}\b(twice|two times|double|2x|2 times)\b"
    r"|\b(double|duplicate|two|2) (charge|charged|payment|payments|debits|billing)\b"
)
"""However the object stands between: «過咗我兩次數»"""
_SWALLOWED: Final = re.compile(
    r"(吞|吃|食|饮|喝|舔|塞|哽|含)(了|下|入|着|到)?"
    r".{0,8}(电池|电芯|磁|螺丝|扣|珠|粒|洗衣|洁|漂白|精油|燃油|灯油|硬币|药)"
    r"|\b(swallow\w*|choking|choke[ds]?|drank|ate)\b"
)
_RUNS_OUT: Final = re.compile(
    r"(最后|剩|得返|只够|还有)(一|1|两|半|最后|返)?一?(粒|颗|餐|顿|勺|匙|片|支|次|罐|瓶|包)"
    rf"|{_TODAY}[^，,。]{{0,8}}(没得|没药|断|见底|用完|吃完|没了|没有药|没有奶)"
    r"|\b(last|only one|none) (dose|tin|tablet|pill|scoop|bottle|left|one)\b"
    r"|\bruns? out (today|tonight|tomorrow)\b"
)


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
    "within_hours": _WITHIN_HOURS,
    "departs": _DEPARTS,
    "paid_twice": _PAID_TWICE,
    "swallowed": _SWALLOWED,
    "runs_out": _RUNS_OUT,
}


def _is_mostly_capitals(text: str) -> bool:
    letters = [character for character in text if character.isascii() and character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return len(letters) >= SHOUTED_LETTERS and capitals > MOSTLY * len(letters)
