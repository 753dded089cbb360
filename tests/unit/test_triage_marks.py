"""How a message says that hours are left, that something was swallowed or that money went twice."""

from __future__ import annotations

import pytest

from routing.triage_marks import marks
from routing.triage_reading import form


def named(text: str) -> set[str]:
    return set(marks(text, form(text)))


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("四個鐘後要用", "within_hours"),
        ("还有两小时就要用", "within_hours"),
        ("needed in three hours", "within_hours"),
        ("我聽朝六點機", "departs"),
        ("下午两点半行礼", "departs"),
        ("my exam is tomorrow at nine", "departs"),
        ("你哋過咗我兩次數", "paid_twice"),
        ("同一单扣了我两遍", "paid_twice"),
        ("重複收費", "paid_twice"),
        ("I was charged for this order twice", "paid_twice"),
        ("個仔吞咗粒電芯", "swallowed"),
        ("孩子误食了洗衣凝珠", "swallowed"),
        ("she swallowed a bead", "swallowed"),
        ("藥得返最後一粒", "runs_out"),
        ("奶粉只够一顿", "runs_out"),
        ("that was the last dose", "runs_out"),
    ],
)
def test_a_way_of_saying_that_it_presses_is_seen(text: str, mark: str) -> None:
    assert f"m:{mark}" in named(text)


@pytest.mark.parametrize(
    "text",
    [
        "两件一起买有优惠吗",
        "下個月先飛",
        "六點收工未",
        "two sizes, which fits",
        "do you sell exam paper",
        "第二次幫襯",
    ],
)
def test_a_number_or_a_journey_alone_does_not_press(text: str) -> None:
    pressing = {"m:within_hours", "m:departs", "m:paid_twice", "m:swallowed", "m:runs_out"}
    assert not named(text) & pressing
