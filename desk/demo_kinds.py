"""Which orders the demo shop has, and why: one kind for every row of the shop's policy.

A table of values. Ages are hours before `now` of the moment that matters for the state: placed (unpaid, paid,
cancelled), shipped (shipped), received (delivered, completed), paid back (refunded).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from desk.demo_catalogue import ORDINARY
from desk.orders import OrderState, ShipmentState

Hours = tuple[float, float]
Buyer = Literal["anyone", "vip", "ordinary", "remote", "hongkong", "macau", "hidden"]
"""Whose order it can be; hidden = nobody on the list of demo customers."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of demo order; `needs_exact_dates` = its window is hours, not days (see shift_to_today)."""

    name: str
    why: str
    state: OrderState
    age_h: Hours
    weight: int = 0  # share of the everyday orders; 0 = only as many as the policy needs
    categories: tuple[str, ...] = ORDINARY
    buyer: Buyer = "anyone"
    lines: tuple[int, int] = (1, 2)
    max_yuan: int = 100_000
    quiet_h: Hours = (1, 10)  # shipped: hours since the last tracking event
    packing_h: Hours = (5, 40)  # from payment to dispatch
    transit_h: Hours | None = None  # from dispatch to receipt, where the city's usual time does not fit
    shipment: ShipmentState = "in_transit"
    last_event: str = "left"
    signed: str = "signed"
    parcels: int = 1
    payment: str = ""
    needs_exact_dates: bool = False
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)


DAY = 24.0
_FRESH: Hours = (DAY, 4 * DAY)
"""Received one to four days ago: with a day of drift still inside seven days."""

EVERYDAY: tuple[Kind, ...] = (
    Kind(
        name="unshipped", why="cancel, change address before dispatch", state="paid", age_h=(2, 30), weight=10
    ),
    Kind(name="shipped", why="where is it; intercept", state="shipped", age_h=(20, 60), weight=16),
    Kind(
        name="delivering",
        why="arrives today",
        state="shipped",
        age_h=(48, 90),
        weight=5,
        quiet_h=(0.5, 3),
        shipment="out_for_delivery",
        last_event="delivering",
    ),
    Kind(name="delivered", why="inside the seven days of return", state="delivered", age_h=_FRESH, weight=18),
    Kind(name="old", why="return window over", state="completed", age_h=(25 * DAY, 330 * DAY), weight=40),
    Kind(
        name="cancelled",
        why="cancelled before dispatch",
        state="cancelled",
        age_h=(3 * DAY, 90 * DAY),
        weight=5,
    ),
    Kind(
        name="refunded", why="sent back and paid back", state="refunded", age_h=(2 * DAY, 60 * DAY), weight=6
    ),
)

SPECIAL: tuple[Kind, ...] = (
    # no-reason return, and what is excluded from it
    Kind(
        name="custom",
        why="custom-made: no return",
        state="delivered",
        age_h=_FRESH,
        categories=("custom_made",),
        lines=(1, 1),
    ),
    Kind(
        name="fresh_food",
        why="fresh food: no return, photos within 24 h",
        state="delivered",
        age_h=(2, 9),
        categories=("fresh_food",),
        lines=(1, 1),
        transit_h=(20, 40),
        packing_h=(3, 12),
        needs_exact_dates=True,
    ),
    Kind(
        name="digital_opened",
        why="opened digital goods: no return",
        state="completed",
        age_h=_FRESH,
        categories=("digital",),
        lines=(1, 1),
        facts={"is_activated": True},
    ),
    Kind(
        name="digital_unopened",
        why="digital goods, key not used",
        state="completed",
        age_h=_FRESH,
        categories=("digital",),
        lines=(1, 1),
    ),
    Kind(
        name="magazine",
        why="newspapers and magazines: no return",
        state="delivered",
        age_h=_FRESH,
        categories=("magazine",),
        lines=(1, 1),
    ),
    Kind(
        name="underwear",
        why="once opened no return",
        state="delivered",
        age_h=_FRESH,
        categories=("underwear",),
        lines=(1, 1),
    ),
    Kind(
        name="cosmetics",
        why="once opened no return",
        state="delivered",
        age_h=_FRESH,
        categories=("cosmetics",),
        lines=(1, 1),
    ),
    Kind(
        name="food",
        why="once opened no return",
        state="delivered",
        age_h=_FRESH,
        categories=("food",),
        lines=(1, 1),
    ),
    Kind(
        name="vip",
        why="VIP: return within 15 days",
        state="delivered",
        age_h=(9 * DAY, 13 * DAY),
        buyer="vip",
    ),
    Kind(name="freight_insurance", why="return freight insured", state="delivered", age_h=_FRESH),
    Kind(name="gift", why="a gift came with it", state="delivered", age_h=_FRESH, lines=(2, 2)),
    # quality, repair, exchange
    Kind(
        name="quality_window",
        why="seven days over, fifteen for quality not",
        state="delivered",
        age_h=(9 * DAY, 13 * DAY),
        buyer="ordinary",
    ),
    Kind(
        name="warranty",
        why="repair free for a year",
        state="completed",
        age_h=(60 * DAY, 300 * DAY),
        categories=("electronics", "appliance"),
        lines=(1, 1),
    ),
    Kind(
        name="warranty_over",
        why="older than a year",
        state="completed",
        age_h=(400 * DAY, 600 * DAY),
        categories=("electronics", "appliance"),
        lines=(1, 1),
    ),
    Kind(
        name="exchange_size",
        why="same product, other size",
        state="delivered",
        age_h=_FRESH,
        categories=("clothing", "shoes"),
        lines=(1, 1),
    ),
    # damaged, wrong, missing
    Kind(
        name="damaged_window",
        why="photos within 48 h",
        state="delivered",
        age_h=(3, 20),
        categories=("fragile",),
        lines=(1, 1),
        needs_exact_dates=True,
    ),
    Kind(
        name="damaged_late",
        why="48 h are over",
        state="delivered",
        age_h=(60, 90),
        categories=("fragile",),
        lines=(1, 1),
    ),
    Kind(
        name="damaged_small",
        why="under ¥30: no return needed",
        state="delivered",
        age_h=(3, 20),
        categories=("small_goods",),
        lines=(1, 1),
        max_yuan=29,
        needs_exact_dates=True,
    ),
    Kind(
        name="wrong_item",
        why="wrong item, within 48 h",
        state="delivered",
        age_h=(3, 20),
        needs_exact_dates=True,
    ),
    Kind(
        name="missing_item",
        why="one of several missing",
        state="delivered",
        age_h=(3, 20),
        lines=(2, 3),
        needs_exact_dates=True,
    ),
    # before and at dispatch
    Kind(name="unpaid", why="closes after 30 min", state="unpaid", age_h=(0.03, 0.2), needs_exact_dates=True),
    Kind(
        name="unpaid_closed",
        why="closed unpaid after 30 min",
        state="cancelled",
        age_h=(1 * DAY, 20 * DAY),
        facts={"never_paid": True},
    ),
    Kind(
        name="presale",
        why="dispatch by the date on the page",
        state="paid",
        age_h=(3 * DAY, 8 * DAY),
        lines=(1, 1),
        facts={"is_presale": True, "dispatch_in_days": 9},
    ),
    Kind(
        name="custom_unshipped",
        why="custom-made, still being made",
        state="paid",
        age_h=(2 * DAY, 5 * DAY),
        categories=("custom_made",),
        lines=(1, 1),
        facts={"dispatch_in_days": 6},
    ),
    Kind(name="dispatch_late", why="not sent 48 h after payment", state="paid", age_h=(52, 70)),
    # on the way
    Kind(
        name="remote",
        why="Tibet, Xinjiang, Qinghai, Inner Mongolia: 5–9 days",
        state="shipped",
        age_h=(3 * DAY, 4.5 * DAY),
        buyer="remote",
    ),
    Kind(
        name="hongkong",
        why="Hong Kong: 4–8 days",
        state="shipped",
        age_h=(2 * DAY, 4 * DAY),
        buyer="hongkong",
    ),
    Kind(name="macau", why="Macau: 4–8 days", state="shipped", age_h=(2 * DAY, 4 * DAY), buyer="macau"),
    Kind(
        name="stuck_48h",
        why="no update for 48 h: we press the courier",
        state="shipped",
        age_h=(4 * DAY, 5 * DAY),
        quiet_h=(51, 62),
        needs_exact_dates=True,
    ),
    Kind(
        name="stuck_72h",
        why="no update for 72 h: resend or refund",
        state="shipped",
        age_h=(6 * DAY, 8 * DAY),
        quiet_h=(76, 110),
        needs_exact_dates=True,
    ),
    Kind(
        name="signed_not_received",
        why="signed for, customer has nothing",
        state="delivered",
        age_h=(5, 30),
        signed="signed_door",
        needs_exact_dates=True,
    ),
    Kind(
        name="locker",
        why="lies in a parcel locker",
        state="delivered",
        age_h=(5, 30),
        signed="signed_locker",
        needs_exact_dates=True,
    ),
    Kind(
        name="pickup_point",
        why="waits at the pick-up point",
        state="shipped",
        age_h=(72, 96),
        quiet_h=(8, 30),
        shipment="at_pickup_point",
        last_event="pickup",
    ),
    Kind(
        name="lost",
        why="proven lost: resend or refund",
        state="shipped",
        age_h=(8 * DAY, 11 * DAY),
        quiet_h=(5, 20),
        shipment="lost",
        last_event="lost",
    ),
    Kind(
        name="intercepted",
        why="intercepted, going back",
        state="shipped",
        age_h=(50, 80),
        quiet_h=(3, 15),
        shipment="returned",
        last_event="intercepted",
    ),
    Kind(
        name="split_parcel",
        why="two parcels, one still on its way",
        state="shipped",
        age_h=(60, 90),
        lines=(2, 3),
        parcels=2,
    ),
    # money
    Kind(
        name="high_value",
        why="from ¥5,000",
        state="delivered",
        age_h=_FRESH,
        categories=("big_electronics",),
        lines=(1, 1),
        buyer="vip",
    ),
    Kind(
        name="high_value_old",
        why="what made the customer VIP",
        state="completed",
        age_h=(30 * DAY, 300 * DAY),
        categories=("big_electronics",),
        lines=(1, 1),
        buyer="vip",
    ),
    Kind(
        name="double_charge",
        why="charged twice: refunded in 24 h",
        state="paid",
        age_h=(3, 20),
        needs_exact_dates=True,
        facts={"charged_twice": True},
    ),
    Kind(
        name="coupon",
        why="a shop coupon was used",
        state="delivered",
        age_h=_FRESH,
        facts={"coupon_cents": 1000},
    ),
    Kind(name="points", why="points were used", state="delivered", age_h=_FRESH, facts={"points_used": 500}),
    Kind(
        name="price_protection",
        why="cheaper now, ordered less than 7 days ago",
        state="delivered",
        age_h=(20, 36),
        transit_h=(44, 56),
        packing_h=(4, 12),
        facts={"price_drop_percent": 12},
    ),
    Kind(
        name="price_protection_late",
        why="cheaper now, 7 days over",
        state="delivered",
        age_h=(6 * DAY, 9 * DAY),
        facts={"price_drop_percent": 12},
    ),
    Kind(
        name="price_protection_sale",
        why="bought in 11.11: 30 days",
        state="completed",
        age_h=(14 * DAY, 20 * DAY),
        facts={"price_drop_percent": 15, "sale": "11.11"},
    ),
    Kind(
        name="flash_sale",
        why="flash sale: no price protection",
        state="delivered",
        age_h=(20, 36),
        transit_h=(44, 56),
        packing_h=(4, 12),
        facts={"price_drop_percent": 10, "is_flash_sale": True},
    ),
    Kind(name="huabei", why="paid in instalments", state="delivered", age_h=_FRESH, payment="huabei"),
    Kind(
        name="refund_card",
        why="credit card: 3–7 working days",
        state="refunded",
        age_h=(DAY, 2 * DAY),
        payment="credit_card",
    ),
    Kind(
        name="refund_late",
        why="credit card, longer than 7 working days",
        state="refunded",
        age_h=(13 * DAY, 16 * DAY),
        payment="credit_card",
    ),
    # invoices
    Kind(name="invoice", why="received, no invoice yet", state="completed", age_h=(8 * DAY, 14 * DAY)),
    Kind(
        name="invoice_issued",
        why="issued, can be corrected for 365 days",
        state="completed",
        age_h=(20 * DAY, 200 * DAY),
        facts={"invoice": "issued"},
    ),
    Kind(
        name="invoice_company",
        why="company title, tax number missing",
        state="completed",
        age_h=(8 * DAY, 14 * DAY),
        facts={"invoice": "requested", "invoice_title": "嘉禾文化传媒有限公司"},
    ),
    Kind(name="invoice_over", why="365 days are over", state="completed", age_h=(380 * DAY, 420 * DAY)),
    # somebody else's
    Kind(name="foreign", why="somebody else's", state="shipped", age_h=(20, 60), buyer="hidden"),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (*EVERYDAY, *SPECIAL)}
EXACT_KINDS: tuple[str, ...] = tuple(kind.name for kind in SPECIAL if kind.needs_exact_dates)
SHARE_OF_SPECIAL = 0.45
"""This part of the orders is spread evenly over SPECIAL, the rest over EVERYDAY by weight."""
