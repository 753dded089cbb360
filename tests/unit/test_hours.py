"""Business hours in the shop's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.hours import WEEKDAYS, Hours, HoursError, is_open, next_opening

SHANGHAI = "Asia/Shanghai"
EVERY_DAY = Hours.every_day("08:00", "24:00")


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-11-21T07:59:59", False),
        ("2026-11-21T08:00:00", True),
        ("2026-11-21T23:59:59", True),  # 24:00 is the end of the day
        ("2026-11-22T00:00:00", False),
    ],
)
def test_open_from_eight_until_midnight(at: str, open_: bool) -> None:
    assert is_open(EVERY_DAY, beijing(at), SHANGHAI) is open_


def test_a_break_at_noon_and_a_free_sunday() -> None:
    hours = Hours.from_json({"days": {"sat": [["13:00", "18:00"], ["09:00", "12:00"]], "sun": []}})
    assert is_open(hours, beijing("2026-11-21T11:59:00"), SHANGHAI)
    assert not is_open(hours, beijing("2026-11-21T12:30:00"), SHANGHAI)
    assert next_opening(hours, beijing("2026-11-21T12:30:00"), SHANGHAI) == beijing("2026-11-21T13:00:00")
    assert next_opening(hours, beijing("2026-11-21T19:00:00"), SHANGHAI) == beijing("2026-11-28T09:00:00")


def test_closed_dates_win() -> None:
    hours = Hours.from_json({**EVERY_DAY.as_json(), "closed_dates": ["2027-02-06", "2027-02-07"]})
    assert not is_open(hours, beijing("2027-02-06T12:00:00"), SHANGHAI)
    assert next_opening(hours, beijing("2027-02-06T12:00:00"), SHANGHAI) == beijing("2027-02-08T08:00:00")


def test_a_shop_that_never_opens_has_no_next_opening() -> None:
    assert next_opening(Hours(days={}), beijing("2026-11-21T12:00:00"), SHANGHAI) is None


def test_a_span_that_the_clock_jumps_over_does_not_open() -> None:
    hours = Hours.from_json({"days": {"sun": [["02:00", "02:30"]]}})
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)  # Berlin jumps from 02:00 to 03:00 on 29 March
    opening = next_opening(hours, before, "Europe/Berlin")
    assert opening is not None and opening.date() == date(2026, 4, 5)


@pytest.mark.parametrize(
    ("days", "says"),
    [
        ({"mon": [["18:00", "09:00"]]}, "not before"),
        ({"mon": [["09:00", "09:00"]]}, "not before"),
        ({"mon": [["09:00", "24:01"]]}, "at most 24:00"),
        ({"mon": [["9", "12:00"]]}, "times like"),
        ({"mon": [["08:00", "12:00"], ["11:00", "13:00"]]}, "overlap"),
        ({"monday": []}, "not one of"),
        ({"mon": "08:00"}, "list of spans"),
        ({"mon": None}, "list of spans"),
    ],
)
def test_hours_that_make_no_sense_are_refused(days: dict[str, object], says: str) -> None:
    with pytest.raises(HoursError, match=says) as caught:
        Hours.from_json({"days": days})
    assert caught.value.field.startswith("days")


def test_a_closed_date_must_be_a_date() -> None:
    with pytest.raises(HoursError, match="2027-02-06"):
        Hours.from_json({"days": {}, "closed_dates": ["6 February"]})


@st.composite
def hours_of_any_shop(draw: st.DrawFn) -> Hours:
    days = {}
    for day in WEEKDAYS:
        ends = sorted(draw(st.sets(st.integers(0, 24 * 4), max_size=6)))
        pairs = zip(ends[::2], ends[1::2], strict=False)
        days[day] = [[f"{a // 4:02}:{a % 4 * 15:02}", f"{b // 4:02}:{b % 4 * 15:02}"] for a, b in pairs]
    closed = draw(st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5))
    return Hours.from_json({"days": days, "closed_dates": [day.isoformat() for day in closed]})


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
zones = st.sampled_from([SHANGHAI, "Europe/Berlin", "America/New_York", "Asia/Kolkata"])


@given(hours_of_any_shop(), moments, zones)
def test_the_next_opening_is_open_and_just_before_was_not_or_another_span(
    hours: Hours, now: datetime, zone: str
) -> None:
    opening = next_opening(hours, now, zone)
    if opening is None:
        assert not any(hours.days.values())
        return
    assert opening > now
    assert is_open(hours, opening, zone)
    if not is_open(hours, now, zone):
        middle = now + (opening - now) / 2
        assert not is_open(hours, middle, zone)
        assert not is_open(hours, opening - timedelta(seconds=1), zone)


@given(hours_of_any_shop())
def test_hours_survive_storage(hours: Hours) -> None:
    assert Hours.from_json(hours.as_json()).as_json() == hours.as_json()
