"""Deadlines: when a person must have answered first, and when a solution must be on the table.

From DOMAIN's complaint levels; the seconds of the first answer are settings and come in as values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

RESOLUTION_HOURS: Final = {"none": 24, "minor": 24, "serious": 8, "major": 2}


@dataclass(frozen=True, kw_only=True)
class ResponseTimes:
    """Seconds until the first answer by a person, per complaint level."""

    ordinary_s: float = 30
    serious_s: float = 900
    major_s: float = 120
    after_opening_s: float = 7200
    """What came while the shop was closed is answered this long after opening: 08:00 → 10:00."""


def first_response_due(
    level: str, now: datetime, *, times: ResponseTimes | None = None, opens_at: datetime | None = None
) -> datetime:
    """When a person must have answered a conversation handed off at `now`.

    `level` is the complaint level (none, minor, serious, major). `opens_at` is the next opening where
    the shop is closed now, else None.
    """
    times = times or ResponseTimes()
    if opens_at is not None and opens_at > now:
        return opens_at + timedelta(seconds=times.after_opening_s)
    seconds = {"serious": times.serious_s, "major": times.major_s}.get(level, times.ordinary_s)
    return now + timedelta(seconds=seconds)


def resolution_due(level: str, now: datetime) -> datetime:
    """When a solution must be proposed: minor 24 h, serious 8 h, major 2 h."""
    return now + timedelta(hours=RESOLUTION_HOURS.get(level, 24))
