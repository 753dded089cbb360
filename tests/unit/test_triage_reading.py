"""How triage reads a message, before features are taken from it."""

from __future__ import annotations

import pytest

from routing.triage_reading import form, read


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("我張單AX186681272788而家喺邊呀", form("我張單而家喺邊呀")),
        ("我張單 AX186681272788 而家喺邊呀", form("我張單而家喺邊呀")),
        ("where is AX186681272788 now", "where is  now"),
        ("手机13812345678", "手机"),
        ("要打12315", "要打12315"),
        ("等了15天", "等了15天"),
    ],
)
def test_numbers_of_orders_and_phones_say_nothing(typed: str, read_as: str) -> None:
    assert form(typed) == read_as


def test_pieces_lead_back_to_what_was_typed_around_a_number() -> None:
    typed = "單號AX186681272788幾時到"
    found = read(typed)
    at = found.form.index("什么时候")
    assert found.piece(at, at + 4) == "幾時"
