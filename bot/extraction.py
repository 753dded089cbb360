"""Order, tracking and phone numbers in a customer's words, replaced by references.

The values stay with the desk (conversations.refs); Rasa and its trackers see `order_1`. This is not a
check: whether a number exists, and whose it is, actions ask the desk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["order", "tracking", "phone", "phone_tail"]

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_GAP = r"[ \t\u00a0-]?"
_START, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_LETTERS_MAY_FOLLOW = r"(?!\d)"


def _digits(least: int, most: int) -> str:
    return rf"\d(?:{_GAP}\d){{{least - 1},{most - 1}}}"


_ORDER_WORDS = r"(?:订单编?号?|訂單編?號?|单号|單號|编号|編號|order(?: ?(?:number|no\.?|id|#))?)"
_TRACKING_WORDS = (
    r"(?:运单号?码?|運單號?碼?|快递单?号?|速遞單?號?|快遞單?號?|物流单?号?|物流單?號?|"
    r"tracking(?: ?(?:number|no\.?|id|#))?|waybill)"
)
_PHONE_WORDS = (
    r"(?:手机号?码?|手機號?碼?|电话号?码?|電話號?碼?|联系方式|phone(?: ?number)?|mobile|tel|call me at)"
)
_TAIL_WORDS = (
    r"(?:尾号|尾號|[后後末尾][四4]位|尾[数數]|last (?:four|4)(?: digits)?|end(?:s|ing)? (?:in|with))"
    r"(?:数字|數字|号码|號碼)?"
)
_BETWEEN = r"\s{0,2}(?:是|係|为|為|is|are|of my phone)?[\s:：#,，是]{0,3}"

_WRITTEN: tuple[tuple[Kind, str], ...] = (
    ("order", rf"{_START}(AX{_GAP}{_digits(10, 14)}){_LETTERS_MAY_FOLLOW}"),
    (
        "tracking",
        rf"{_START}((?:SF|YTO?|ZTO?|STO|YD|JT|JD[A-Z]{{0,3}}|DPK|EMS|DB){_GAP}{_digits(9, 16)})"
        rf"{_LETTERS_MAY_FOLLOW}",
    ),
    ("tracking", rf"{_TRACKING_WORDS}{_BETWEEN}({_digits(10, 20)}){_LETTERS_MAY_FOLLOW}"),
    ("order", rf"{_ORDER_WORDS}{_BETWEEN}({_digits(12, 20)}){_LETTERS_MAY_FOLLOW}"),
    ("phone", rf"{_START}((?:\+?86{_GAP})?1[3-9]\d(?:{_GAP}\d){{8}}){_LETTERS_MAY_FOLLOW}"),
    ("phone", rf"{_START}(\+?852{_GAP}[2-9]\d{{3}}{_GAP}\d{{4}}){_LETTERS_MAY_FOLLOW}"),
    ("phone", rf"{_PHONE_WORDS}{_BETWEEN}([4-9]\d{{3}}{_GAP}\d{{4}}){_LETTERS_MAY_FOLLOW}"),
    ("order", rf"^\s*({_digits(12, 20)})[\s。.]*$"),
    ("phone_tail", rf"{_TAIL_WORDS}{_BETWEEN}(\d{{4}}){_LETTERS_MAY_FOLLOW}"),
    ("phone_tail", r"(?<!\d)(\d{4})(?=(?:结尾|結尾|尾号|尾號))"),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _WRITTEN)
_LONE_TAIL = re.compile(
    r"(?<![\w.:/-])(\d{4})(?![\w.:/-]|年)|(?<=[\u4e00-\u9fff])(\d{4})(?=[\u4e00-\u9fff\s,，。]|$)"
)
_TAIL_IS_ASKED = frozenset({"order_ref", "phone_tail_ref"})


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A number and its kind, as the desk keeps it; the value never shows in a repr."""

    kind: Kind
    value: str

    def __repr__(self) -> str:
        return f"Reference(kind={self.kind!r})"


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """`masked_text` has ids in place of values; `references` are those named, in the order they appear."""

    masked_text: str
    references: Mapping[str, Reference]

    def values(self) -> dict[str, str]:
        """What conversations.refs keeps: id → value."""
        return {id_: reference.value for id_, reference in self.references.items()}

    def as_request(self) -> list[dict[str, str]]:
        """What Rasa is told: ids and kinds."""
        return [{"id": id_, "kind": reference.kind} for id_, reference in self.references.items()]


@dataclass(frozen=True, kw_only=True)
class _Found:
    start: int
    end: int
    kind: Kind
    value: str


def extract(text: str, known_refs: Mapping[str, str], *, requested_slot: str | None = None) -> Extracted:
    """Mask the numbers in `text`; a value that is known already keeps its id.

    `requested_slot` is what an open form waits for: then four digits alone are the phone's last ones, as
    they are beside an order number.
    """
    plain = text.translate(_FULL_WIDTH)
    found = sorted(_find(plain, requested_slot), key=lambda f: f.start)
    ids = {(_kind_of(id_), value): id_ for id_, value in known_refs.items()}
    pieces: list[str] = []
    references: dict[str, Reference] = {}
    position = 0
    for hit in found:
        id_ = ids.setdefault((hit.kind, hit.value), _next_id(hit.kind, ids.values()))
        references.pop(id_, None)
        references[id_] = Reference(kind=hit.kind, value=hit.value)
        pieces += [text[position : hit.start], id_]
        position = hit.end
    return Extracted(masked_text="".join([*pieces, text[position:]]), references=references)


def _find(plain: str, requested_slot: str | None) -> list[_Found]:
    found: list[_Found] = []
    for kind, pattern in _PATTERNS:
        found += list(_new(found, kind, pattern, plain))
    if requested_slot in _TAIL_IS_ASKED or any(f.kind in ("order", "tracking") for f in found):
        found += list(_new(found, "phone_tail", _LONE_TAIL, plain))[:1]
    return found


def _new(found: list[_Found], kind: Kind, pattern: re.Pattern[str], plain: str) -> Iterator[_Found]:
    for hit in pattern.finditer(plain):
        group = hit.lastindex or 0
        start, end = hit.span(group)
        if all(end <= f.start or start >= f.end for f in found):
            yield _Found(start=start, end=end, kind=kind, value=_value(kind, hit.group(group)))


def _value(kind: Kind, written: str) -> str:
    value = re.sub(r"[^0-9A-Za-z]", "", written).upper()
    if kind == "phone" and len(value) > 11 and value.startswith("86"):
        return value[2:]
    if kind == "phone" and len(value) == 11 and value.startswith("852"):
        return value[3:]
    return value


def _kind_of(id_: str) -> str:
    return id_.rpartition("_")[0]


def _next_id(kind: Kind, taken: Iterable[str]) -> str:
    used = set(taken)
    number = 1
    while f"{kind}_{number}" in used:
        number += 1
    return f"{kind}_{number}"
