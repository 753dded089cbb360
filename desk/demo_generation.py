"""Generates the demo shop from a seed: who its customers are, which orders each has, and who is VIP for it.

Pure. desk/demo_orders.py makes the single order, desk/demo_data.py puts all of it into the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Protocol

from desk.demo_kinds import EVERYDAY, KINDS, SHARE_OF_SPECIAL, SPECIAL, Kind
from desk.demo_orders import DemoOrder, OrderMaker
from desk.demo_people import PERSONAS, Person, make_people
from desk.orders import Order

VIP_CENTS = 500_000
"""VIP from ¥5,000 in the last twelve months (the demo shop's policy)."""

_YEAR = timedelta(days=365)
_ORDINARY_BUDGET_CENTS = 480_000
_BOUGHT = ("paid", "shipped", "delivered", "completed")


class ShopSize(Protocol):
    """What `generate` needs of the settings' demo section."""

    @property
    def seed(self) -> int: ...
    @property
    def customers(self) -> int: ...
    @property
    def orders(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class DemoCustomer:
    """A customer with what the orders make of him."""

    person: Person
    vip: bool
    spent_cents: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class DemoShopData:
    """Everything `seed_if_empty` writes."""

    customers: tuple[DemoCustomer, ...]
    orders: tuple[DemoOrder, ...]


def generate(size: ShopSize, now: datetime) -> DemoShopData:
    """The whole shop; the same for the same seed, size and `now`."""
    import opencc

    random = Random(size.seed)
    people = make_people(size.customers, size.seed, random)
    maker = OrderMaker(random=random, now=now, traditional=opencc.OpenCC("s2hk").convert)
    budgets = {p.shop_id: 10**9 if p.will_be_vip else _ORDINARY_BUDGET_CENTS for p in people}
    numbers: set[str] = set()
    orders = []
    for kind, person in _plan(size, people, random):
        order = maker.make(kind, person, _new_number(numbers, random), budgets[person.shop_id])
        budgets[person.shop_id] -= _spent([order.order], now)
        orders.append(order)
    return _with_customers(people, orders, now, random)


def _new_number(taken: set[str], random: Random) -> str:
    while (number := f"AX{random.randrange(10**11, 10**12)}") in taken:
        pass
    taken.add(number)
    return number


def _plan(size: ShopSize, people: list[Person], random: Random) -> list[tuple[Kind, Person]]:
    """Who gets which kinds: the personas theirs, every kind at least once, VIPs what makes them VIP."""
    plan = [
        (KINDS[k], person) for persona, person in zip(PERSONAS, people, strict=False) for k in persona.kinds
    ]
    pick = partial(_buyer, _buyers(people), random)
    covered = {kind.name for kind, _ in plan}
    plan += [(kind, pick(kind)) for kind in KINDS.values() if kind.name not in covered]
    for n, person in enumerate(p for p in people[len(PERSONAS) :] if p.will_be_vip):
        plan.append((KINDS["high_value" if n % 3 == 0 else "high_value_old"], person))
    specials = max(0, round(size.orders * SHARE_OF_SPECIAL) - len(plan))
    turn = [kind for kind in SPECIAL if not kind.name.startswith("high_value")]
    plan += [(kind, pick(kind)) for kind in (turn[n % len(turn)] for n in range(specials))]
    rest = random.choices(EVERYDAY, [k.weight for k in EVERYDAY], k=max(0, size.orders - len(plan)))
    plan += [(kind, pick(kind)) for kind in rest]
    return plan[: max(size.orders, len(KINDS))]


def _buyers(people: list[Person]) -> dict[str, list[Person]]:
    hidden = people[len(PERSONAS) :] or people[-1:]
    return {
        "anyone": hidden,
        "hidden": hidden,
        "vip": [p for p in people if p.will_be_vip],
        "ordinary": [p for p in hidden if not p.will_be_vip],
        "remote": [p for p in hidden if p.region == "remote"] or [p for p in people if p.region == "remote"],
        "hongkong": [p for p in people if p.region == "hongkong"],
        "macau": [p for p in people if p.region == "macau"],
    }


def _buyer(buyers: dict[str, list[Person]], random: Random, kind: Kind) -> Person:
    return random.choice(buyers[kind.buyer] or buyers["anyone"])


def _spent(orders: Iterable[Order], now: datetime) -> int:
    return sum(
        o.total_cents
        for o in orders
        if o.state in _BOUGHT and o.paid_at is not None and o.paid_at > now - _YEAR
    )


def _with_customers(
    people: list[Person], orders: list[DemoOrder], now: datetime, random: Random
) -> DemoShopData:
    of_customer: defaultdict[str, list[Order]] = defaultdict(list)
    for made in orders:
        of_customer[made.order.customer_shop_id].append(made.order)
    customers = []
    for person in people:
        theirs = of_customer[person.shop_id]
        spent_cents = _spent(theirs, now)
        first = min((o.placed_at for o in theirs), default=now)
        customers.append(
            DemoCustomer(
                person=person,
                vip=spent_cents >= VIP_CENTS,
                spent_cents=spent_cents,
                created_at=first - timedelta(days=random.randint(1, 900)),
            )
        )
    is_vip = {c.person.shop_id: c.vip for c in customers}
    return DemoShopData(
        customers=tuple(customers),
        orders=tuple(
            replace(o, order=replace(o.order, customer_is_vip=is_vip[o.order.customer_shop_id]))
            for o in orders
        ),
    )
