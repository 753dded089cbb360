"""JSON lines in and out, so that commands compose: one line in, one line out, `id` handed through.

A line that is not a JSON object is the text itself: customers write numbers and quotation marks too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO


class LineError(ValueError):
    """A JSON object that lacks a usable `text`; the message names line and fix."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: its text, and all that the object held beside it."""

    text: str
    given: Mapping[str, Any] = field(default_factory=dict)

    def answer(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` with the line's id in front, where it had one."""
        return {"id": self.given["id"], **values} if "id" in self.given else dict(values)


def read_lines(stream: Iterable[bytes]) -> Iterator[Line]:
    """The lines as they come; bytes that are not UTF-8 are replaced, never fatal. Raises LineError."""
    for number, raw in enumerate(stream, start=1):
        written = raw.decode("utf-8", "replace").rstrip("\r\n").removeprefix("\ufeff")
        given = _object(written)
        text = written if given is None else given.get("text")
        if not isinstance(text, str):
            raise LineError(f'line {number}: needs a "text" that is a string.')
        yield Line(text=text.encode("utf-8", "replace").decode("utf-8"), given=given or {})


def write_line(stream: BinaryIO, values: Mapping[str, Any]) -> None:
    """One JSON object, at once visible to the next command in the pipe."""
    try:
        line = json.dumps(values, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair in an id
        line = json.dumps(values).encode("ascii")
    stream.write(line + b"\n")
    stream.flush()


def _object(written: str) -> dict[str, Any] | None:
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
