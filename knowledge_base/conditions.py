"""What a variant of an answer may depend on: facts of the customer and of the order in question."""

from __future__ import annotations

from collections.abc import Mapping

CONDITIONS: Mapping[str, frozenset[str | bool]] = {
    "vip": frozenset({True, False}),
    "sale": frozenset({True, False}),
    "fresh_food": frozenset({True, False}),
    "electronics": frozenset({True, False}),
    "shop_at_fault": frozenset({True, False}),
    "region": frozenset({"mainland", "remote", "overseas"}),
    "order": frozenset({"unpaid", "unshipped", "shipped", "delivered", "closed"}),
}
"""Each condition with its values."""

Facts = Mapping[str, str | bool]
