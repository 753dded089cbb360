"""The demo shop's customers: a dozen well-chosen ones for the storefront, the others by Faker.

Names, phones and addresses are made up. Most write simplified Chinese, some live in Hong Kong or Macau, some
write English.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Literal

from desk.demo_catalogue import HONG_KONG, MACAU, MAINLAND, REMOTE, City

Region = Literal["mainland", "remote", "hongkong", "macau"]
_CITIES: dict[Region, tuple[City, ...]] = {
    "mainland": MAINLAND,
    "remote": REMOTE,
    "hongkong": HONG_KONG,
    "macau": MACAU,
}
_HK_SURNAMES = ("陳", "黃", "李", "梁", "何", "張", "林", "劉", "吳", "鄭")
_HK_GIVEN = ("嘉欣", "家豪", "詠琪", "俊傑", "慧敏", "志明", "曉彤", "子軒", "穎珊", "偉強", "樂兒", "浩然")
_STREETS = (
    "人民路",
    "解放路",
    "中山路",
    "建设街",
    "文化路",
    "和平街",
    "新华路",
    "学府路",
    "滨河路",
    "长安街",
    "青年路",
)
_HK_STREETS = ("彌敦道", "沙田正街", "青山公路", "皇后大道東", "觀塘道", "廣東道")


@dataclass(frozen=True, kw_only=True)
class Person:
    """A demo customer before there are orders; `will_be_vip` = gets orders for ¥5,000 a year."""

    shop_id: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(repr=False)
    language: str
    region: Region
    city: City
    street: str = field(repr=False)
    will_be_vip: bool


@dataclass(frozen=True, kw_only=True)
class Persona:
    """One of the customers shown on the demo storefront, and the orders that are theirs for certain."""

    what_for: str
    kinds: tuple[str, ...]
    language: str = "zh-Hans"
    region: Region = "mainland"
    is_vip: bool = False


PERSONAS: tuple[Persona, ...] = (
    Persona(
        what_for="everyday orders: on the way, received, not sent yet, old, custom-made",
        kinds=("shipped", "delivered", "unshipped", "old", "custom", "cancelled", "unpaid"),
    ),
    Persona(
        what_for="VIP with an expensive order",
        kinds=("high_value", "vip", "shipped", "high_value_old", "price_protection"),
        is_vip=True,
    ),
    Persona(
        what_for="parcels that stand still",
        kinds=("stuck_48h", "stuck_72h", "lost", "signed_not_received", "locker"),
    ),
    Persona(
        what_for="damaged, wrong and missing goods",
        kinds=("damaged_window", "wrong_item", "missing_item", "fresh_food", "damaged_small", "damaged_late"),
    ),
    Persona(
        what_for="money: charged twice, coupons, points, refunds, price protection",
        kinds=(
            "double_charge",
            "coupon",
            "points",
            "refund_card",
            "refund_late",
            "price_protection_late",
            "flash_sale",
        ),
    ),
    Persona(
        what_for="Hong Kong, writes Cantonese",
        kinds=("hongkong", "delivered", "old", "exchange_size"),
        language="zh-Hant-HK",
        region="hongkong",
    ),
    Persona(
        what_for="writes English",
        kinds=("shipped", "delivered", "quality_window", "unshipped", "refunded"),
        language="en",
    ),
    Persona(what_for="a remote region", kinds=("remote", "delivered", "pickup_point"), region="remote"),
    Persona(
        what_for="waits for dispatch",
        kinds=("presale", "dispatch_late", "custom_unshipped", "split_parcel", "delivering", "intercepted"),
    ),
    Persona(
        what_for="invoices and warranty",
        kinds=("invoice", "invoice_company", "invoice_issued", "invoice_over", "warranty", "warranty_over"),
    ),
    Persona(
        what_for="goods that cannot simply go back",
        kinds=("cosmetics", "underwear", "food", "digital_opened", "digital_unopened", "magazine"),
    ),
    Persona(
        what_for="returns and their freight",
        kinds=(
            "freight_insurance",
            "gift",
            "quality_window",
            "huabei",
            "price_protection_sale",
            "unpaid_closed",
        ),
    ),
)


def shop_id(n: int) -> str:
    """The n-th customer's id in the demo shop, from 0."""
    return f"C{10001 + n}"


DEMO_SHOP_IDS: tuple[str, ...] = tuple(shop_id(n) for n in range(len(PERSONAS)))
DEFAULT_SHOP_ID = DEMO_SHOP_IDS[0]
VIP_SHOP_ID = DEMO_SHOP_IDS[1]


def make_people(count: int, seed: int, random: Random) -> list[Person]:
    """`count` customers, the personas first; the same for the same seed."""
    from faker import Faker  # heavy, and only needed where the shop is made

    chinese, english = Faker("zh_CN"), Faker("en_GB")
    chinese.seed_instance(seed)
    english.seed_instance(seed)
    people = []
    for n in range(count):
        language, region, is_vip = _profile(n, random)
        city = random.choice(_CITIES[region])
        local = region in ("hongkong", "macau")
        number = random.randint(1, 188)
        people.append(
            Person(
                shop_id=shop_id(n),
                name=english.name_nonbinary()
                if language == "en"
                else random.choice(_HK_SURNAMES) + random.choice(_HK_GIVEN)
                if local
                else chinese.name(),
                phone=_local_phone(region, random) if local else chinese.phone_number(),
                email=f"customer{10001 + n}@example.com",
                language=language,
                region=region,
                city=city,
                street=_street(city, number, random.choice(_HK_STREETS if local else _STREETS)),
                will_be_vip=is_vip,
            )
        )
    return people


def _street(city: City, number: int, street: str) -> str:
    district = city.districts[number % len(city.districts)]
    local = city in HONG_KONG + MACAU
    return f"{district}{street}{number}" + (f"號{number % 28 + 1}樓" if local else f"号{number % 30 + 1}室")


def _profile(n: int, random: Random) -> tuple[str, Region, bool]:
    if n < len(PERSONAS):
        persona = PERSONAS[n]
        return persona.language, persona.region, persona.is_vip
    region: Region = random.choices(("mainland", "remote", "hongkong", "macau"), (84, 7, 7, 2))[0]
    writes_english = random.random() < 0.05
    is_local = region in ("hongkong", "macau")
    language = "zh-Hant-HK" if is_local else "en" if writes_english else "zh-Hans"
    return language, region, random.random() < 0.09


def _local_phone(region: Region, random: Random) -> str:
    digits = "".join(random.choices("0123456789", k=7))
    return f"+8526{digits}" if region == "hongkong" else f"+8536{digits}"
