"""May an order go back without a reason, and until when: pure rules on an order, the policy's figures, a moment.

Windows are whole days in the shop's zone and begin on the day after receipt (DOMAIN.md, no-reason return). What
the shop does not tell is said to be unknown, never guessed. Who may see an order: desk/order_proof.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from desk.orders import Item, Order
from knowledge_base.policy import Policy

ReturnVerdict = Literal[
    "eligible",
    "partly",
    "only_unopened",
    "excluded",
    "window_over",
    "not_paid",
    "not_shipped",
    "not_received",
    "partly_received",
    "receipt_unknown",
    "cancelled",
    "refunded",
]
"""What the rules say of the order as a whole.

`partly`: some goods have the ordinary right and some a lesser one; `only_unopened`: nothing has the ordinary right, but
something may go back while it is unopened; `excluded`: nothing may; `partly_received`: a parcel is still on its way.
"""
MAY_GO_BACK: frozenset[ReturnVerdict] = frozenset({"eligible", "partly", "only_unopened"})

ItemRight = Literal["ordinary", "only_unopened", "excluded"]
LateGrant = Literal["senior", "supervisor"]
"""Who may still grant a return past its window (DOMAIN.md, authority)."""

_EXCLUDED = frozenset({"custom_made", "fresh_food", "magazine"})
_ONLY_UNOPENED = frozenset({"underwear", "cosmetics", "food"})
_DIGITAL = "digital"


class PolicySource(Protocol):
    """Where the policy in force is read, anew for each decision (knowledge_base has one)."""

    async def policy(self) -> Policy:
        """The published policy table."""
        ...


@dataclass(frozen=True, kw_only=True)
class ItemLimit:
    """Goods of the order with less than the ordinary right; `category` is why."""

    title: str
    category: str
    right: ItemRight


@dataclass(frozen=True, kw_only=True)
class ReturnEligibility:
    """The verdict and every fact behind it; dates are the shop's, None where receipt is not known.

    `days_left` counts the days after today, 0 on the last one; `days_over` the days since the window ended.
    `is_excluded`: nothing of it may ever go back without a reason, wherever the order stands. `figures` are the
    policy's values that were used, of the policy's `policy_revision`.
    """

    verdict: ReturnVerdict
    window_days: int
    is_vip: bool = False
    until: date | None = None
    days_left: int | None = None
    days_over: int | None = None
    quality_until: date | None = None
    is_quality_open: bool = False
    repair_until: date | None = None
    is_repair_open: bool = False
    late_grant: LateGrant | None = None
    late_until: date | None = None
    limits: tuple[ItemLimit, ...] = ()
    is_excluded: bool = False
    figures: Mapping[str, int] = field(default_factory=dict)
    policy_revision: int = 0

    @property
    def may_go_back(self) -> bool:
        """Whether something of the order may go back now without a reason."""
        return self.verdict in MAY_GO_BACK

    def as_json(self) -> dict[str, Any]:
        """`return_eligibility` of an order card, as customers may see it (docs/api/websocket.md)."""
        return {
            "verdict": self.verdict,
            "window_days": self.window_days,
            "until": _text(self.until),
            "days_left": self.days_left,
            "days_over": self.days_over,
            "quality_until": _text(self.quality_until),
            "limits": [{"title": limit.title, "right": limit.right} for limit in self.limits],
        }

    def as_json_for_agents(self) -> dict[str, Any]:
        """The same with who may make an exception, and the figures of the policy that led here."""
        return self.as_json() | {
            "late_grant": self.late_grant,
            "late_until": _text(self.late_until),
            "is_quality_open": self.is_quality_open,
            "figures": dict(self.figures),
            "policy_revision": self.policy_revision,
        }


def decide_return(
    order: Order, *, is_vip: bool, policy: Policy, now: datetime, zone: ZoneInfo
) -> ReturnEligibility:
    """What the policy grants for this order at `now` (aware). Rules: DOMAIN.md, the demo shop's policy.

    A quality problem's window is counted like the no-reason one, in the customer's favour. Of several parcels the
    last receipt counts. Goods that cost nothing came as a gift and follow what they came with.
    """
    limits = _limits(order)
    is_excluded = bool(limits) and {right_of(item, order) for item in _goods(order)} == {"excluded"}
    figures = _figures(policy, is_vip=is_vip)
    window_days = figures["return_window_vip_days" if is_vip else "return_window_days"]
    early = _verdict_before_receipt(order)
    received = received_at(order) if early is None else None
    if received is None:
        return ReturnEligibility(
            verdict=early or "receipt_unknown",
            window_days=window_days,
            is_vip=is_vip,
            limits=limits,
            is_excluded=is_excluded,
            figures=figures,
            policy_revision=policy.revision,
        )
    today, receipt_day = now.astimezone(zone).date(), received.astimezone(zone).date()
    until = receipt_day + timedelta(days=window_days)
    quality_until = receipt_day + timedelta(days=figures["quality_return_days"])
    repair_until = _years_later(receipt_day, figures["quality_repair_years"])
    late_until = until + timedelta(days=figures["authority_senior_late_days"])
    verdict = "excluded" if is_excluded else _verdict_after_receipt(order, limits, is_over=today > until)
    is_over = verdict == "window_over"
    return ReturnEligibility(
        verdict=verdict,
        window_days=window_days,
        is_vip=is_vip,
        until=until,
        days_left=(until - today).days if today <= until else None,
        days_over=(today - until).days if today > until else None,
        quality_until=quality_until,
        is_quality_open=today <= quality_until,
        repair_until=repair_until,
        is_repair_open=today <= repair_until,
        late_grant=("senior" if today <= late_until else "supervisor") if is_over else None,
        late_until=late_until if is_over else None,
        limits=limits,
        is_excluded=is_excluded,
        figures=figures,
        policy_revision=policy.revision,
    )


def received_at(order: Order) -> datetime | None:
    """When the last of the order's goods was received; None where the shop does not tell."""
    moments = [order.delivered_at, *(parcel.delivered_at for parcel in order.shipments)]
    known = [moment for moment in moments if moment is not None]
    is_complete = order.delivered_at is not None or len(known) == len(order.shipments)
    return max(known) if known and is_complete else None


def right_of(item: Item, order: Order) -> ItemRight:
    """What may be done with one of the order's goods without giving a reason."""
    if item.category in _EXCLUDED or (item.category == _DIGITAL and order.facts.is_activated):
        return "excluded"
    return "only_unopened" if item.category in _ONLY_UNOPENED | {_DIGITAL} else "ordinary"


def _goods(order: Order) -> tuple[Item, ...]:
    return tuple(item for item in order.items if item.price_cents > 0) or order.items


def _limits(order: Order) -> tuple[ItemLimit, ...]:
    rights = [(item, right_of(item, order)) for item in _goods(order)]
    return tuple(
        ItemLimit(title=item.title, category=item.category, right=right)
        for item, right in rights
        if right != "ordinary"
    )


def _verdict_before_receipt(order: Order) -> ReturnVerdict | None:
    """Why the window has not begun; None when everything was received."""
    match order.state:
        case "unpaid":
            return "not_paid"
        case "paid":
            return "not_shipped"
        case "cancelled" | "refunded" as ended:
            return ended
        case "shipped":
            arrived = [parcel.state == "delivered" for parcel in order.shipments]
            if arrived and all(arrived):
                return None  # the courier knows it before the shop
            return "partly_received" if any(arrived) else "not_received"
        case _:
            return None


def _verdict_after_receipt(order: Order, limits: tuple[ItemLimit, ...], *, is_over: bool) -> ReturnVerdict:
    if is_over:
        return "window_over"
    if not limits:
        return "eligible"
    return "partly" if len(limits) < len(_goods(order)) else "only_unopened"


def _figures(policy: Policy, *, is_vip: bool) -> dict[str, int]:
    names = (
        "return_window_vip_days" if is_vip else "return_window_days",
        "quality_return_days",
        "quality_repair_years",
        "authority_senior_late_days",
    )
    return {name: policy.number(name) for name in names}


def _years_later(day: date, years: int) -> date:
    """The same day `years` later; the 29th of February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
