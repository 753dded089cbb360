"""Queue order and deadlines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from routing.queue_order import expected_minutes, priority
from routing.reasons import HandoffReason as R
from routing.sla import first_response_due, resolution_due

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

# From first to last: major > critical > serious or angry > VIP > the rest; high urgency first among equals.
ORDER = [
    ("major, and urgent", [R.COMPLAINT_MAJOR, R.URGENT], False, "critical"),
    ("major", [R.COMPLAINT_MAJOR], False, "normal"),
    ("critical", [R.URGENT], False, "critical"),
    ("account theft", [R.FRAUD], True, "normal"),
    ("angry and in a hurry", [R.ANGRY], False, "high"),
    ("serious", [R.COMPLAINT_SERIOUS], True, "normal"),
    ("VIP in a hurry", [R.ASKED], True, "high"),
    ("VIP", [R.ASKED], True, "normal"),
    ("in a hurry", [R.BOT_FAILED], False, "high"),
    ("the rest", [R.ASKED, R.HIGH_VALUE], False, "normal"),
]


def test_graver_goes_first() -> None:
    numbers = [priority(reasons, vip=vip, urgency=urgency) for _, reasons, vip, urgency in ORDER]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == len(numbers)


def test_safety_is_as_grave_as_a_major_complaint() -> None:
    assert priority([R.SAFETY], vip=False) == priority([R.COMPLAINT_MAJOR], vip=False)


@pytest.mark.parametrize(("position", "agents", "minutes"), [(1, 3, 2), (3, 3, 6), (2, 0, 12), (1, 100, 1)])
def test_expected_wait(position: int, agents: int, minutes: int) -> None:
    assert expected_minutes(position, agents=agents, handling_minutes=6) == minutes


@pytest.mark.parametrize(
    ("level", "seconds"), [("none", 30), ("minor", 30), ("serious", 900), ("major", 120)]
)
def test_first_answer_is_due_by_level(level: str, seconds: int) -> None:
    assert first_response_due(level, NOW) == NOW + timedelta(seconds=seconds)


def test_what_comes_while_closed_is_due_two_hours_after_opening() -> None:
    opens = NOW + timedelta(hours=8)
    assert first_response_due("major", NOW, opens_at=opens) == opens + timedelta(hours=2)


@pytest.mark.parametrize(("level", "hours"), [("minor", 24), ("serious", 8), ("major", 2)])
def test_solutions_are_due_by_level(level: str, hours: int) -> None:
    assert resolution_due(level, NOW) == NOW + timedelta(hours=hours)
