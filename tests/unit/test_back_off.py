"""How long a part that ended waits before it is started again."""

from __future__ import annotations

from service.supervision.back_off import BackOff


def test_waiting_doubles_up_to_the_most() -> None:
    back_off = BackOff(first_s=0.5, most_s=3, well_s=60)
    delays = []
    for _ in range(5):
        back_off = back_off.after(ran_s=1)
        delays.append(back_off.delay_s)
    assert delays == [0.5, 1, 2, 3, 3]


def test_a_long_life_starts_anew() -> None:
    back_off = BackOff(failures=7).after(ran_s=61)
    assert back_off.delay_s == back_off.first_s


def test_a_thousand_failures_do_not_overflow() -> None:
    assert BackOff(failures=5000).after(ran_s=0).delay_s == BackOff().most_s
