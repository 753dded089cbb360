"""Makes one demo order: its dates, goods, parcels and tracking events, from a kind and a customer.

Pure: randomness and `now` are passed in. desk/demo_kinds.py says which orders there are, demo_data.py how many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from desk.demo_catalogue import COURIERS, PAYMENTS, TRACKING, WAREHOUSES, Product, of_category
from desk.demo_kinds import Hours, Kind
from desk.demo_people import Person
from desk.orders import Address, Item, Order, OrderFacts, Shipment, TrackingEvent, phone_tail

_CHINA = timezone(timedelta(hours=8))
_CLOSED_UNPAID = timedelta(minutes=30)
_CONFIRMED_AFTER = timedelta(days=7)
_FREE_FREIGHT_CENTS = 9_900
_PATHS: dict[str, tuple[str, ...]] = {
    "left": ("collected", "left"),
    "lost": ("collected", "left", "lost"),
    "intercepted": ("collected", "left", "arrived", "intercepted"),
    "delivering": ("collected", "left", "arrived", "local", "delivering"),
    "pickup": ("collected", "left", "arrived", "local", "delivering", "pickup"),
    "signed": ("collected", "left", "arrived", "local", "delivering", "signed"),
}
_BEFORE_THE_END: dict[str, Hours] = {"delivering": (1.5, 4), "local": (5, 9)}
"""Steps that come a fixed time before a parcel is handed over, in hours."""

Convert = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class DemoOrder:
    """An order, and which row of the policy it is there for."""

    kind: str
    order: Order


@dataclass(frozen=True, kw_only=True)
class Dates:
    """When things happened to one order; `last_event_at` is the newest report of a courier."""

    placed_at: datetime
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    closed_at: datetime | None = None
    last_event_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OrderMaker:
    """Makes orders; `traditional` turns simplified into Hong Kong's characters."""

    random: Random
    now: datetime
    traditional: Convert

    def make(self, kind: Kind, person: Person, number: str, budget_cents: int) -> DemoOrder:
        """An order of this kind for this customer that costs about `budget_cents` at most."""
        dates = self._dates(kind, person)
        products = self._products(kind, budget_cents)
        items = self._items(kind, products, person)
        facts = self._facts(kind, items)
        subtotal = sum(i.price_cents * i.quantity for i in items)
        freight = self._freight(kind, person, subtotal)
        is_digital = kind.categories == ("digital",)
        order = Order(
            number=number,
            customer_shop_id=person.shop_id,
            state=kind.state,
            total_cents=subtotal + freight - facts.coupon_cents - facts.points_used,
            freight_cents=freight,
            payment_method="" if not dates.paid_at else kind.payment or self.random.choice(PAYMENTS),
            has_freight_insurance=kind.name == "freight_insurance" or self.random.random() < 0.2,
            address=Address(
                recipient=person.name,
                phone=person.phone,
                province=person.city.province,
                city=person.city.name,
                street=person.street,
            ),
            phone_tail=phone_tail(person.phone),
            placed_at=dates.placed_at,
            paid_at=dates.paid_at,
            shipped_at=dates.shipped_at,
            delivered_at=dates.delivered_at,
            closed_at=dates.closed_at,
            items=items,
            shipments=() if is_digital else self._shipments(kind, dates, person),
            facts=facts,
        )
        if kind.state == "refunded":
            order = replace(order, facts=replace(facts, refunded_cents=order.total_cents))
        return DemoOrder(kind=kind.name, order=order)

    def _hours(self, span: Hours) -> timedelta:
        return timedelta(seconds=round(self.random.uniform(*span) * 3600))

    def _dates(self, kind: Kind, person: Person) -> Dates:
        anchor = self.now - self._hours(kind.age_h)
        if kind.state in ("unpaid", "paid", "cancelled"):
            return self._dates_unsent(kind, anchor)
        if kind.state == "shipped":
            return self._dates_sent(
                kind, shipped_at=anchor, last_event_at=self.now - self._hours(kind.quiet_h)
            )
        if kind.categories == ("digital",):
            placed_at = anchor - timedelta(seconds=90)
            paid_at = anchor - timedelta(seconds=30)
            return Dates(
                placed_at=placed_at, paid_at=paid_at, shipped_at=anchor, delivered_at=anchor, closed_at=anchor
            )
        closed_at = None
        if kind.state == "refunded":
            closed_at = anchor
            anchor -= self._hours((96, 160))
        delivered_at = anchor if kind.needs_exact_dates else _in_the_day(anchor)
        if kind.state == "completed":
            closed_at = delivered_at + _CONFIRMED_AFTER
        days = person.city.days
        shipped_at = delivered_at - self._hours(kind.transit_h or (days[0] * 24, days[1] * 24))
        sent = self._dates_sent(kind, shipped_at=shipped_at, last_event_at=delivered_at)
        return replace(sent, delivered_at=delivered_at, closed_at=closed_at)

    def _dates_unsent(self, kind: Kind, placed_at: datetime) -> Dates:
        if kind.state == "unpaid":
            return Dates(placed_at=placed_at)
        if kind.facts.get("never_paid"):
            return Dates(placed_at=placed_at, closed_at=placed_at + _CLOSED_UNPAID)
        paid_at = placed_at + self._hours((0.01, 0.1))
        closed_at = paid_at + self._hours((0.5, 8)) if kind.state == "cancelled" else None
        return Dates(placed_at=placed_at, paid_at=paid_at, closed_at=closed_at)

    def _dates_sent(self, kind: Kind, *, shipped_at: datetime, last_event_at: datetime) -> Dates:
        paid_at = shipped_at - self._hours(kind.packing_h)
        placed_at = paid_at - self._hours((0.01, 0.1))
        return Dates(placed_at=placed_at, paid_at=paid_at, shipped_at=shipped_at, last_event_at=last_event_at)

    def _products(self, kind: Kind, budget_cents: int) -> list[Product]:
        shelf = [p for p in of_category(*kind.categories) if p.price_cents <= kind.max_yuan * 100]
        wanted = self.random.randint(*kind.lines)
        chosen = self.random.sample(shelf, min(wanted, len(shelf)))
        if sum(p.price_cents for p in chosen) > budget_cents:
            chosen = sorted(shelf, key=lambda p: p.price_cents)[: kind.lines[0]]
        return chosen

    def _items(self, kind: Kind, products: list[Product], person: Person) -> tuple[Item, ...]:
        items = []
        for line, product in enumerate(products):
            is_gift = kind.name == "gift" and line == 1
            n = self.random.randrange(len(product.variants))
            is_cheap = product.price_cents < 15_000 and kind.max_yuan > 100
            items.append(
                Item(
                    sku=f"{product.sku}-{n + 1}",
                    title=self._gift(person) * is_gift + self._words(person, product.title, product.title_en),
                    variant=self._words(person, product.variants[n], product.variants_en[n]),
                    category=product.category,
                    quantity=1 if is_gift or not is_cheap else self.random.choice((1, 1, 1, 2)),
                    price_cents=0 if is_gift else product.price_cents,
                    picture=product.category,
                )
            )
        return tuple(items)

    def _gift(self, person: Person) -> str:
        return self._words(person, "【赠品】", "(Gift) ")

    def _words(self, person: Person, chinese: str, english: str) -> str:
        if person.language == "en":
            return english
        return self.traditional(chinese) if person.language == "zh-Hant-HK" else chinese

    def _facts(self, kind: Kind, items: tuple[Item, ...]) -> OrderFacts:
        told = kind.facts
        first = items[0].price_cents
        drop = int(told.get("price_drop_percent", 0))
        days = int(told.get("dispatch_in_days", 0))
        invoice = told.get("invoice", "none")
        is_issued = invoice == "issued" or (kind.name == "old" and self.random.random() < 0.3)
        return OrderFacts(
            is_presale=bool(told.get("is_presale")),
            promised_dispatch_at=self.now + timedelta(days=days) if days else None,
            is_flash_sale=bool(told.get("is_flash_sale")),
            sale=str(told.get("sale", "")),
            price_now_cents=first * (100 - drop) // 100 if drop else None,
            charged_twice=bool(told.get("charged_twice")),
            is_activated=bool(told.get("is_activated")),
            coupon_cents=int(told.get("coupon_cents", 0)),
            points_used=int(told.get("points_used", 0)),
            invoice="issued" if is_issued else "requested" if invoice == "requested" else "none",
            invoice_title=str(told.get("invoice_title", "")),
        )

    def _freight(self, kind: Kind, person: Person, subtotal_cents: int) -> int:
        if kind.categories == ("digital",) or subtotal_cents >= _FREE_FREIGHT_CENTS or kind.max_yuan < 100:
            return 0
        return 800 if person.region == "mainland" else 1_500

    def _shipments(self, kind: Kind, dates: Dates, person: Person) -> tuple[Shipment, ...]:
        if dates.shipped_at is None or dates.last_event_at is None:
            return ()
        current = self._shipment(kind, person, dates.shipped_at, dates.last_event_at, dates.delivered_at)
        if kind.parcels == 1:
            return (current,)
        arrived_at = _in_the_day(self.now - self._hours((4, 16)))
        first = self._shipment(kind, person, dates.shipped_at, arrived_at, arrived_at)
        return (first, current)

    def _shipment(
        self,
        kind: Kind,
        person: Person,
        shipped_at: datetime,
        end: datetime,
        delivered_at: datetime | None,
    ) -> Shipment:
        chinese, english, prefix = self.random.choice(COURIERS)
        courier = self._words(person, chinese, english)
        digits = "".join(self.random.choices("0123456789", k=15 - len(prefix)))
        return Shipment(
            courier=courier,
            tracking_number=prefix + digits,
            state="delivered" if delivered_at else kind.shipment,
            shipped_at=shipped_at,
            delivered_at=delivered_at,
            events=self._events(kind, person, courier, shipped_at, end, is_signed=delivered_at is not None),
        )

    def _events(
        self,
        kind: Kind,
        person: Person,
        courier: str,
        shipped_at: datetime,
        end: datetime,
        *,
        is_signed: bool,
    ) -> tuple[TrackingEvent, ...]:
        steps = list(_PATHS["signed" if is_signed else kind.last_event])
        if "arrived" in steps and person.region in ("hongkong", "macau"):
            steps.insert(steps.index("arrived") + 1, "customs")
        warehouse = self.random.choice(WAREHOUSES)
        city = person.city
        district = next(d for d in city.districts if person.street.startswith(d))
        events = []
        for step, at in zip(steps, self._moments(steps, shipped_at, end), strict=True):
            is_start = step in ("collected", "left")
            place = warehouse[0] if is_start else city.hub
            place_en = warehouse[1] if is_start else city.name_en
            if step == "signed":
                step = kind.signed
            chinese, english = TRACKING[step]
            said = self._words(
                person,
                chinese.format(place=place, next=city.hub, courier=courier, district=district),
                english.format(place=place_en, next=city.name_en, courier=courier),
            )
            events.append(TrackingEvent(at=at, place=self._words(person, place, place_en), description=said))
        return tuple(events)

    def _moments(self, steps: list[str], start: datetime, end: datetime) -> list[datetime]:
        span = end - start
        moments = []
        for n, step in enumerate(steps):
            at = start + span * (n / (len(steps) - 1))
            if step in _BEFORE_THE_END and n < len(steps) - 1:
                at = max(at, end - self._hours(_BEFORE_THE_END[step]))
            moments.append(at.replace(microsecond=0))
        return sorted(moments)


def _in_the_day(moment: datetime) -> datetime:
    """The same moment, or the evening before, for couriers deliver from 8 to 21 o'clock in China."""
    local = moment.astimezone(_CHINA)
    if local.hour < 8:
        local = (local - timedelta(days=1)).replace(hour=20)
    elif local.hour >= 21:
        local = local.replace(hour=20)
    return local.astimezone(UTC)
