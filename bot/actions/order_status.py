"""Where an order stands, in one response of the domain and its figures. Pure; wording lives in bot/domain.

Days and hours are the policy's, handed in by whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from desk.answer_facts import region_of
from desk.orders import SHIPMENT_LABELS, Order, Shipment, TrackingEvent
from knowledge_base.policy import Policy

_MOVING = frozenset({"created", "in_transit", "out_for_delivery"})
_EVENTS_SHOWN = 2


@dataclass(frozen=True, kw_only=True)
class DeliveryRules:
    """Policy figures that tracking answers use; of a range of days the most."""

    days: int
    remote_days: int
    overseas_days: int
    dispatch_hours: int
    stuck_hours: int
    stuck_long_hours: int
    unpaid_close_minutes: int

    @classmethod
    def from_policy(cls, policy: Policy) -> DeliveryRules:
        """The figures of this revision of the policy table."""
        return cls(
            days=policy.range("delivery_days")[1],
            remote_days=policy.range("delivery_remote_days")[1],
            overseas_days=policy.range("delivery_overseas_days")[1],
            dispatch_hours=policy.number("dispatch_hours"),
            stuck_hours=policy.number("tracking_press_hours"),
            stuck_long_hours=policy.number("tracking_resend_hours"),
            unpaid_close_minutes=policy.number("unpaid_close_minutes"),
        )

    def days_to(self, province: str) -> int:
        """The most days that delivery to a province takes."""
        of_region = {"remote": self.remote_days, "overseas": self.overseas_days, "mainland": self.days}
        return of_region[region_of(province)]


@dataclass(frozen=True, kw_only=True)
class Status:
    """A response's name and the values of its variables."""

    response: str
    values: Mapping[str, str]


def describe(order: Order, *, now: datetime, zone: ZoneInfo, language: str, rules: DeliveryRules) -> Status:
    """What to say about an order at `now` (aware; shop time)."""
    clock = Calendar(zone=zone, language=language)
    shipment = order.current_shipment
    if order.state in ("cancelled", "refunded"):
        return Status(response=f"utter_order_{order.state}", values={"order": order.number})
    if order.state == "unpaid":
        minutes = str(rules.unpaid_close_minutes)
        return Status(response="utter_order_unpaid", values={"order": order.number, "close_minutes": minutes})
    if shipment is None and order.state == "paid":
        return _waiting(order, now, clock, rules)
    return _on_its_way(order, shipment, now, clock, rules)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Days and times as a customer reads them, in the shop's zone."""

    zone: ZoneInfo
    language: str

    def date(self, day: date) -> str:
        """«11月28日», «28 Nov»."""
        return f"{day.day} {day:%b}" if self.language == "en" else f"{day.month}月{day.day}日"

    def day(self, moment: datetime) -> str:
        """The day of a moment."""
        return self.date(moment.astimezone(self.zone).date())

    def time(self, moment: datetime) -> str:
        """«11月28日 14:05»."""
        return f"{self.day(moment)} {moment.astimezone(self.zone):%H:%M}"


def _waiting(order: Order, now: datetime, clock: Calendar, rules: DeliveryRules) -> Status:
    promised = order.facts.promised_dispatch_at
    due = promised or (order.paid_at or order.placed_at) + timedelta(hours=rules.dispatch_hours)
    late = now > due
    return Status(
        response="utter_order_dispatch_late" if late else "utter_order_paid",
        values={"order": order.number, "dispatch_by": clock.time(due)},
    )


def _on_its_way(
    order: Order, shipment: Shipment | None, now: datetime, clock: Calendar, rules: DeliveryRules
) -> Status:
    shipped_at = shipment.shipped_at if shipment else (order.shipped_at or order.placed_at)
    eta = shipped_at + timedelta(days=rules.days_to(order.address.province))
    delivered_at = (shipment.delivered_at if shipment else None) or order.delivered_at
    still = now - (shipment.events[-1].at if shipment and shipment.events else shipped_at)
    labels = SHIPMENT_LABELS.get(clock.language, SHIPMENT_LABELS["zh-Hans"])
    state = shipment.state if shipment else "in_transit"
    values = {
        "order": order.number,
        "courier": shipment.courier if shipment else "",
        "tracking": shipment.tracking_number if shipment else "",
        "shipment_state": labels[state],
        "events": _events(shipment, clock),
        "eta": clock.day(eta),
        "delivered_at": clock.time(delivered_at) if delivered_at else "",
    }
    if order.state in ("delivered", "completed") or state == "delivered":
        return Status(response="utter_order_delivered", values=values)
    if state not in _MOVING:
        return Status(response=f"utter_order_{state}", values=values)
    if still > timedelta(hours=rules.stuck_long_hours):
        hours = {"hours": str(rules.stuck_long_hours)}
        return Status(response="utter_order_stuck_long", values=values | hours)
    if still > timedelta(hours=rules.stuck_hours):
        return Status(response="utter_order_stuck", values=values | {"hours": str(rules.stuck_hours)})
    return Status(response="utter_order_overdue" if now > eta else "utter_order_shipped", values=values)


def _events(shipment: Shipment | None, clock: Calendar) -> str:
    events = shipment.events[-_EVENTS_SHOWN:] if shipment else ()
    return "\n".join(_event(e, clock) for e in reversed(events)) or "-"


def _event(event: TrackingEvent, clock: Calendar) -> str:
    return " ".join(part for part in (clock.time(event.at), event.place, event.description) if part)
