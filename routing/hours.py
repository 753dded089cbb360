"""Business hours of the agents: spans per weekday, closed dates, in the shop's zone.

Values and pure functions; where they are stored and who may change them is the desk's matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS: Final = 400
"""A shop that does not open within this has no next opening."""
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


class HoursError(ValueError):
    """Hours that make no sense; the message says the fix, `field` where."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Spans ("08:00", "24:00") per weekday, earliest first; closed dates win over them."""

    days: Mapping[str, tuple[tuple[str, str], ...]]
    closed_dates: frozenset[date] = frozenset()

    @classmethod
    def every_day(cls, opens: str, closes: str) -> Hours:
        """The same span on all seven days."""
        return cls.from_json({"days": {day: [[opens, closes]] for day in WEEKDAYS}, "closed_dates": []})

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Hours:
        """Checked hours; days that are not named are closed. Raises HoursError."""
        days = stored.get("days", {})
        if unknown := [day for day in days if day not in WEEKDAYS]:
            raise HoursError(f"days: {unknown[0]!r} is not one of {', '.join(WEEKDAYS)}.", "days")
        try:
            closed = frozenset(date.fromisoformat(day) for day in stored.get("closed_dates", ()))
        except (TypeError, ValueError):
            raise HoursError("closed_dates: dates like 2027-02-06.", "closed_dates") from None
        return cls(days={day: _spans(day, spans) for day, spans in days.items()}, closed_dates=closed)

    def as_json(self) -> dict[str, Any]:
        """The reverse of from_json."""
        return {
            "days": {day: [list(span) for span in self.days.get(day, ())] for day in WEEKDAYS},
            "closed_dates": sorted(day.isoformat() for day in self.closed_dates),
        }


def is_open(hours: Hours, now: datetime, zone: str) -> bool:
    """Whether agents are there at `now` (aware); a span includes its start and not its end."""
    local = now.astimezone(ZoneInfo(zone))
    minutes = local.hour * 60 + local.minute
    return any(_minutes(a) <= minutes < _minutes(b) for a, b in _spans_of(hours, local.date()))


def next_opening(hours: Hours, now: datetime, zone: str) -> datetime | None:
    """The next moment (UTC) after `now` at which a span starts; None where none comes."""
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    for day in (today + timedelta(days=n) for n in range(HORIZON_DAYS)):
        for opens, _ in _spans_of(hours, day):
            hour, minute = divmod(_minutes(opens), 60)
            at = datetime.combine(day, time(hour, minute), tzinfo=place).astimezone(UTC)
            # In spring a clock may jump over a whole span.
            if at > now and is_open(hours, at, zone):
                return at
    return None


def _spans_of(hours: Hours, day: date) -> tuple[tuple[str, str], ...]:
    return () if day in hours.closed_dates else hours.days.get(WEEKDAYS[day.weekday()], ())


def _spans(day: str, written: Any) -> tuple[tuple[str, str], ...]:
    field = f"days.{day}"
    try:
        spans = sorted((str(opens), str(closes)) for opens, closes in written)
    except (TypeError, ValueError):
        raise HoursError(f'{field}: a list of spans like ["08:00", "24:00"].', field) from None
    end = 0
    for opens, closes in spans:
        if not (_CLOCK.fullmatch(opens) and _CLOCK.fullmatch(closes)):
            raise HoursError(f"{field}: times like 08:00, at most 24:00.", field)
        if _minutes(opens) >= _minutes(closes):
            raise HoursError(f"{field}: {opens} is not before {closes}; split a span at midnight.", field)
        if _minutes(opens) < end:
            raise HoursError(f"{field}: spans overlap at {opens}.", field)
        end = _minutes(closes)
    return tuple(spans)


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
