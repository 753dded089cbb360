"""What an order says about the conditions of an answer's variants (knowledge_base/conditions.py). Pure.

What an order does not tell, or not of all its goods, is left out: the answer's plain text holds then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from desk.orders import Order, OrderState
from knowledge_base.conditions import Facts

Region = Literal["mainland", "remote", "overseas"]

_REMOTE = ("西藏", "新疆", "青海", "内蒙古", "內蒙古", "tibet", "xinjiang", "qinghai", "inner mongolia")
_OVERSEAS = ("香港", "澳门", "澳門", "台湾", "台灣", "臺灣", "hong kong", "macau", "macao", "taiwan")
_STATES: Mapping[OrderState, str] = {
    "unpaid": "unpaid",
    "paid": "unshipped",
    "shipped": "shipped",
    "delivered": "delivered",
    "completed": "delivered",
    "cancelled": "closed",
    "refunded": "closed",
}
_GOODS: Mapping[str, frozenset[str]] = {
    "fresh_food": frozenset({"fresh_food"}),
    "electronics": frozenset({"electronics", "big_electronics"}),
}
"""Conditions on goods, with the categories that they mean."""


def region_of(province: str) -> Region:
    """Where a province lies, for what delivery takes; in whichever script the shop writes it."""
    plain = province.strip().casefold()
    if plain.startswith(_REMOTE):
        return "remote"
    return "overseas" if plain.startswith(_OVERSEAS) else "mainland"


def answer_facts(order: Order) -> Facts:
    """The conditions that this order decides; VIP is the customer's, and fault is for people to judge."""
    facts: dict[str, str | bool] = {
        "order": _STATES[order.state],
        "region": region_of(order.address.province),
        "sale": bool(order.facts.sale),
    }
    categories = {item.category for item in order.items}
    for condition, meant in _GOODS.items():
        if categories and (categories <= meant or not categories & meant):
            facts[condition] = categories <= meant
    return facts
