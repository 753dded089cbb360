"""What makes a policy figure fit to be published: its own value, and that it agrees with the other figures.

It takes JSON, for drafts may be of any shape; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge_base.errors import Problem
from knowledge_base.policy import (
    Figure,
    Policy,
    Value,
    figure_problems,
    is_value,
    load_policy,
    value_kind,
    wrong_value,
)

SHIPPED = Path(__file__).with_name("content") / "policy.yml"

NOT_ABOVE = (
    ("return_window_days", "return_window_vip_days"),
    ("price_protection_days", "price_protection_sale_days"),
    ("tracking_press_hours", "tracking_resend_hours"),
    ("photo_fresh_hours", "photo_hours"),
    ("authority_bot_cents", "authority_agent_cents"),
    ("authority_agent_cents", "authority_senior_cents"),
)
"""Pairs of figures of which the first may not be above the second: a VIP never gets less, and so on."""
BEFORE = (("agents_from", "agents_until"),)
"""Pairs of times of day of which the first lies before the second."""


def figure_item_problems(
    name: str, content: Mapping[str, Any], published: Figure | None, policy: Policy
) -> list[Problem]:
    """Everything that keeps a figure from being published in this policy.

    The rules that read a figure expect a number, a range or a time of day, in one unit, so a figure keeps both.
    """
    value = content.get("value")
    if known := other_kind(name, content, published):
        return [known]
    if problems := figure_problems(name, dict(content)):
        return problems
    figure = Figure(
        name=name,
        value=(value[0], value[1]) if isinstance(value, list) else content["value"],
        unit=content["unit"],
        description=content["description"],
    )
    changed = Policy(revision=policy.revision, figures={**policy.figures, name: figure})
    return [p for p in contradictions(changed) if p.entry == name]


def other_kind(name: str, content: Mapping[str, Any], published: Figure | None) -> Problem | None:
    """What is wrong where the figure is of another kind or unit than rules read: those of this program's own table, or of
    the published figure where that table has none of the name."""
    known = shipped_figures().get(name, published)
    if known is None:
        return None
    kind, value, unit = value_kind(known.value), content.get("value"), content.get("unit")
    if value_kind(value) != kind or not is_value(value, known.unit):
        return wrong_value(name, value, known.unit, kind)
    if unit == known.unit:
        return None
    message, fix = f"{unit!r} is not the unit of {name}.", f"Write {known.unit}."
    values = {"wanted": known.unit}
    return Problem(
        file="", entry=name, field="unit", message=message, fix=fix, code="bad_value", values=values
    )


@lru_cache(maxsize=1)
def shipped_figures() -> Mapping[str, Figure]:
    """The table that this program brings along; read once."""
    return load_policy(SHIPPED).figures


def contradictions(policy: Policy) -> list[Problem]:
    """Figures that cannot both hold; each contradiction is told of both, and names the other."""
    problems = []
    for low, high in (*NOT_ABOVE, *BEFORE):
        one, two = policy.figures.get(low), policy.figures.get(high)
        if one is None or two is None or _agree(one.value, two.value):
            continue
        for name, other in ((low, high), (high, low)):
            message = f"{low} must {'come before' if (low, high) in BEFORE else 'not be above'} {high}."
            fix = f"Change {name}, or publish {other} first."
            problems.append(_problem(name, "policy_contradiction", message, fix, other=other))
    return problems


def _agree(low: Value, high: Value) -> bool:
    """Times of day must differ, numbers may be equal. A range goes by its end against another's beginning."""
    if isinstance(low, str) and isinstance(high, str):
        return low < high
    if isinstance(low, str) or isinstance(high, str):
        return False
    most = low[1] if isinstance(low, tuple) else low
    least = high[0] if isinstance(high, tuple) else high
    return most <= least


def _problem(figure: str, code: str, message: str, fix: str, **values: str) -> Problem:
    return Problem(file="", entry=figure, field="value", message=message, fix=fix, code=code, values=values)
