"""The policy table: every figure of the shop's policy, typed, and written out per language.

Answers interpolate figures by name, eligibility rules read the same rows. This module loads and formats;
it decides nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from knowledge_base.errors import ContentError, KnowledgeBaseError, Problem

FORMAT = 1
"""Version of the file format that this program reads."""

Language = Literal["zh-Hans", "zh-Hant-HK", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-Hans", "zh-Hant-HK", "en")
FALLBACK: Mapping[Language, tuple[Language, ...]] = {
    "zh-Hans": ("zh-Hans", "zh-Hant-HK", "en"),
    "zh-Hant-HK": ("zh-Hant-HK", "zh-Hans", "en"),
    "en": ("en", "zh-Hans", "zh-Hant-HK"),
}
"""Which language somebody gets of an entry that lacks theirs: the first of these that it has."""

UNIT_WORDS: Mapping[str, Mapping[Language, str]] = {
    "days": {"zh-Hans": "{} 天", "zh-Hant-HK": "{} 日", "en": "{} days"},
    "working_days": {"zh-Hans": "{} 个工作日", "zh-Hant-HK": "{} 個工作天", "en": "{} working days"},
    "hours": {"zh-Hans": "{} 小时", "zh-Hant-HK": "{} 小時", "en": "{} hours"},
    "minutes": {"zh-Hans": "{} 分钟", "zh-Hant-HK": "{} 分鐘", "en": "{} minutes"},
    "years": {"zh-Hans": "{} 年", "zh-Hant-HK": "{} 年", "en": "{} years"},
    "times": {"zh-Hans": "{}", "zh-Hant-HK": "{}", "en": "{}"},
    "points": {"zh-Hans": "{} 积分", "zh-Hant-HK": "{} 積分", "en": "{} points"},
    "cents": {"zh-Hans": "{} 元", "zh-Hant-HK": "人民幣 {} 元", "en": "¥{}"},
    "clock": {"zh-Hans": "{}", "zh-Hant-HK": "{}", "en": "{}"},
}
"""How a figure of each unit reads; English takes the singular for one."""

MOST: Mapping[str, int] = {
    "days": 3650,
    "working_days": 365,
    "hours": 8760,
    "minutes": 10_080,
    "years": 100,
    "times": 1000,
    "points": 1_000_000,
    "cents": 100_000_000,
}
"""A figure above this is a slip of the keyboard, not a policy: ten years, a year of hours, a million yuan."""

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
"""A figure in an answer: {return_window_days}, or {return_window_days:number} without its unit."""

_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_KEY = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")

Value = int | tuple[int, int] | str


class UnknownFigure(KnowledgeBaseError):
    """A name that the policy table does not have; the message suggests the nearest."""

    code = "unknown_figure"


class FigureOfOtherKind(KnowledgeBaseError, TypeError):
    """A figure that is there, but not of the kind that a rule reads: a range for a number, a time of day for a range."""

    code = "figure_of_other_kind"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row: a number, a range, or a time of day, with its unit. Money is in cents."""

    name: str
    value: Value
    unit: str
    description: str

    def written(self, language: Language, *, with_unit: bool = True) -> str:
        """«7 天», «1–3 working days», «12 元»; only the number without the unit."""
        number = _number(self.value, self.unit)
        if not with_unit:
            return number
        words = UNIT_WORDS[self.unit][language]
        if language == "en" and self.value == 1 and words.endswith("s"):
            words = words[:-1]
        return words.format(number)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The whole table of one revision."""

    revision: int
    figures: Mapping[str, Figure]

    def figure(self, name: str) -> Figure:
        """The row of this name. Raises UnknownFigure with the nearest name."""
        if name not in self.figures:
            raise UnknownFigure(f"The policy table has no figure {name!r}.{_nearest(name, self.figures)}")
        return self.figures[name]

    def number(self, name: str) -> int:
        """The value of a figure that is a single number (cents, days, hours, …)."""
        value = self.figure(name).value
        if not isinstance(value, int):
            raise FigureOfOtherKind(
                f"{name} is {value!r}, not a single number; read it with range() or clock()."
            )
        return value

    def range(self, name: str) -> tuple[int, int]:
        """From and to; a single number counts as both."""
        value = self.figure(name).value
        if isinstance(value, str):
            raise FigureOfOtherKind(f"{name} is a time of day; read it with clock().")
        return value if isinstance(value, tuple) else (value, value)

    def clock(self, name: str) -> str:
        """A time of day, HH:MM."""
        value = self.figure(name).value
        if not isinstance(value, str):
            raise FigureOfOtherKind(f"{name} is not a time of day but {value!r}.")
        return value


def load_policy(path: Path) -> Policy:
    """Read the table. Raises ContentError with every problem: file, key and fix."""
    written = read_yaml(path)
    problems = _wrong_frame(written, path.name)
    if problems:
        raise ContentError(problems)
    assert isinstance(written, dict)
    figures: dict[str, Figure] = {}
    for name, row in written["figures"].items():
        found = figure_problems(str(name), row, path.name)
        problems += found
        if not found:
            value = tuple(row["value"]) if isinstance(row["value"], list) else row["value"]
            figures[name] = Figure(
                name=name, value=value, unit=row["unit"], description=row["description"].strip()
            )
    if problems:
        raise ContentError(problems)
    return Policy(revision=written["revision"], figures=figures)


def read_yaml(path: Path) -> object:
    """The parsed file. Raises ContentError where it is missing, not UTF-8, or not YAML, or repeats a key."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except FileNotFoundError:
        message, fix = "no such file.", "Restore it, or name its folder in knowledge_base.content."
    except UnicodeDecodeError as error:
        message, fix = f"is not UTF-8 (byte {error.start}).", "Save it as UTF-8."
    except yaml.YAMLError as error:
        message, fix = f"is not readable YAML: {error}.", "Mend it at the place named."
    raise ContentError(
        [Problem(file=path.name, entry="", field="", message=message, fix=fix, code="unreadable")]
    )


class _UniqueKeyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as usual, but a key that stands twice is an error: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _wrong_frame(written: object, file: str) -> list[Problem]:
    if not isinstance(written, dict) or not isinstance(written.get("figures"), dict):
        return [
            Problem(
                file=file,
                entry="",
                field="figures",
                message="must be a mapping of names to figures.",
                fix="Write `figures:` with a row per figure.",
                code="unreadable",
            )
        ]
    problems = []
    if written.get("format") != FORMAT:
        problems.append(
            Problem(
                file=file,
                entry="",
                field="format",
                message=f"is {written.get('format')!r}.",
                fix=f"This program reads format {FORMAT}.",
                code="unreadable",
            )
        )
    revision = written.get("revision")
    if not isinstance(revision, int) or revision < 1:
        problems.append(
            Problem(
                file=file,
                entry="",
                field="revision",
                message=f"is {revision!r}.",
                fix="Write a whole number from 1 on, one higher with each change.",
                code="unreadable",
            )
        )
    return problems


def figure_problems(name: str, row: object, file: str = "") -> list[Problem]:
    """What is wrong with one row {value, unit, description}, looked at alone."""
    if not _KEY.fullmatch(name):
        fix = "Use lower-case words joined by _."
        return [_problem(name, file, "", "is not a figure's name.", fix, "bad_id")]
    if not isinstance(row, dict):
        message, fix = "must have value, unit and description.", "Write {value: …, unit: …, description: …}."
        return [_problem(name, file, "", message, fix, "bad_value", wanted="figure")]
    problems = [
        _problem(
            name, file, str(key), "is not known here.", "Known: value, unit, description.", "unknown_field"
        )
        for key in row
        if key not in {"value", "unit", "description"}
    ]
    unit = row.get("unit")
    if not isinstance(unit, str) or unit not in UNIT_WORDS:
        fix = f"Known: {', '.join(UNIT_WORDS)}.{_nearest(str(unit), UNIT_WORDS)}"
        problems.append(
            _problem(name, file, "unit", f"{unit!r} is not a unit.", fix, "bad_value", wanted="unit")
        )
    elif not is_value(row.get("value"), unit):
        value = row.get("value")
        kind = "clock" if unit == "clock" else "range" if isinstance(value, list) else "number"
        problems.append(wrong_value(name, value, unit, kind, file))
    description = row.get("description")
    if not isinstance(description, str) or not description.strip():
        fix = "Say in one line what the figure is."
        problems.append(
            _problem(name, file, "description", "is missing.", fix, "bad_value", wanted="description")
        )
    return problems


def wrong_value(name: str, value: object, unit: str, kind: str, file: str = "") -> Problem:
    """A value that is not of `kind` (number, range, clock); `wanted` says the form without words of a language."""
    most = MOST.get(unit, 0)
    wanted, words = {
        "clock": ("HH:MM", "a time HH:MM in quotes"),
        "range": (f"a–b (0 ≤ a < b ≤ {most})", f"a range [from, to] up to {most}"),
        "number": (f"0–{most}", f"a whole number from 0 to {most}"),
    }[kind]
    shown = repr(value) if len(repr(value)) <= 40 else f"{repr(value)[:40]}…"
    message, fix = f"{shown} is not {words}.", f"Write {words}."
    return _problem(name, file, "value", message, fix, "bad_value", kind=kind, wanted=wanted)


def value_kind(value: object) -> str:
    """number, range or clock, by its type alone."""
    if isinstance(value, str):
        return "clock"
    return "range" if isinstance(value, list | tuple) else "number"


def _problem(name: str, file: str, field: str, message: str, fix: str, code: str, **values: str) -> Problem:
    return Problem(file=file, entry=name, field=field, message=message, fix=fix, code=code, values=values)


def is_value(value: object, unit: str) -> bool:
    """Whether this is a value that a figure of this unit may have, as JSON or YAML give it."""
    if unit == "clock":
        return isinstance(value, str) and _CLOCK.fullmatch(value) is not None
    if isinstance(value, list):
        is_pair = len(value) == 2 and all(not isinstance(v, list) and is_value(v, unit) for v in value)
        return is_pair and value[0] < value[1]
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST[unit]


def _number(value: Value, unit: str) -> str:
    if isinstance(value, tuple):
        return "–".join(_number(v, unit) for v in value)
    if unit == "cents" and isinstance(value, int):
        yuan, cents = divmod(value, 100)
        return f"{yuan:,}.{cents:02}" if cents else f"{yuan:,}"
    return str(value)


def _nearest(name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""
