"""Lines of `anxin play`: what may stand in one, checked before anything is played."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.http.bodies import PlaySetup

Turn = str | list[str]
IMAGE = "[image]"
TAP = re.compile(r"\[tap (.{1,200})\]")


class LineError(ValueError):
    """A line that cannot be played; the message names line, field and fix."""


class Setup(PlaySetup):
    """What is set up for the conversation; `gap_hours` pass before turn `gap_before_turn` (the first is 0)."""

    gap_before_turn: int | None = Field(None, ge=0, le=1000)
    gap_hours: float | None = Field(None, gt=0, le=9000, allow_inf_nan=False)


class PlayLine(BaseModel):
    """One conversation: the customer's turns, each a text or a burst of fragments."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    customer: Annotated[
        list[str | Annotated[list[str], Field(min_length=1, max_length=200)]],
        Field(min_length=1, max_length=1000),
    ]
    as_: str | None = Field(None, alias="as", max_length=128)
    setup: Setup | None = None

    @property
    def texts(self) -> list[str]:
        """All that the customer says."""
        return [text for turn in self.customer for text in fragments_of(turn)]


class GivenLine(BaseModel):
    """A line and whatever stood under `id`."""

    line: PlayLine
    given: Mapping[str, Any]

    def answer(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` with the line's id in front, where it had one."""
        return {"id": self.given["id"], **values} if "id" in self.given else dict(values)


def fragments_of(turn: Turn) -> list[str]:
    """The messages of a turn."""
    return [turn] if isinstance(turn, str) else list(turn)


def read_line(raw: bytes, number: int) -> GivenLine | None:
    """The line as a conversation; None for an empty one. A line that is no JSON object is one turn's text.

    Raises LineError.
    """
    written = raw.decode("utf-8", "replace").strip().removeprefix("\ufeff")
    if not written:
        return None
    given = _object(written)
    if given is None:
        given = {"customer": [written]}
        return GivenLine(line=PlayLine.model_validate(given), given={})
    if isinstance(given.get("customer"), str):
        given["customer"] = [given["customer"]]
    try:
        line = PlayLine.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(
            str(part) for part in first["loc"] if not str(part).startswith(("list[", "constrained"))
        )
        raise LineError(f"line {number}: {field or 'line'}: {first['msg']}.") from None
    setup = line.setup
    if setup and (setup.gap_before_turn is None) != (setup.gap_hours is None):
        raise LineError(f"line {number}: setup: gap_before_turn and gap_hours belong together.")
    if setup and setup.gap_before_turn is not None and setup.gap_before_turn >= len(line.customer):
        raise LineError(
            f"line {number}: setup.gap_before_turn: there are only {len(line.customer)} turns, counted from 0."
        )
    return GivenLine(line=line, given=given)


def _object(written: str) -> dict[str, Any] | None:
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
