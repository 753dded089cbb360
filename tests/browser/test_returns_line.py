"""The line of an order card that says whether it may go back, from the server's own JSON, in the console and the widget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from desk.eligibility import ReturnEligibility, decide_return
from desk.orders import Item
from tests.bot_fakes import a_policy, a_shipment, an_order
from tests.browser.fake_desk import FakeDesk, demo_order
from tests.browser.test_widget import in_conversation

Desk = tuple[FakeDesk, str]
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
BARE_PAGE = "/assets/storefront/favicon.svg"
SAY = """async ([eligibility, language]) => {
    const { returnLine, returnLineForAgents } = await import('/assets/shared/returns.js');
    return [returnLineForAgents(eligibility, { language }), returnLine(eligibility, { language })];
}"""


def decided(
    days_ago: float | None, *categories: str, now: datetime = NOW, **changes: Any
) -> ReturnEligibility:
    """For an order that was received so many days ago; None = it was not."""
    told: dict[str, Any] = {"state": "delivered" if days_ago is not None else "shipped"}
    if days_ago is not None:
        told["delivered_at"] = now - timedelta(days=days_ago)
    if categories:
        told["items"] = tuple(
            Item(sku=c, title=c, variant="", category=c, quantity=1, price_cents=9_900) for c in categories
        )
    order = an_order("AX1", **(told | changes))
    return decide_return(order, is_vip=False, policy=a_policy(), now=now, zone=ZoneInfo("Asia/Shanghai"))


# verdict → what agents read, what customers read
LINES: list[tuple[ReturnEligibility, str, str | None, str | None]] = [
    (decided(2), "zh-Hans", "无理由退货：还剩 5 天，至 11月26日", "可无理由退货至 11月26日"),
    (decided(2), "zh-Hant-HK", "無理由退貨：尚餘 5 日，至 11月26日", "可無理由退貨至 11月26日"),
    (decided(6), "en", "No-reason return: 1 day left, until 22 Nov", "Return without a reason until 22 Nov"),
    (decided(7), "zh-Hans", "无理由退货：今天是最后一天", "可无理由退货至 11月21日"),
    (
        decided(10),
        "zh-Hans",
        "无理由退货已过 3 天，高级客服可批到 11月25日 · 质量问题可退换至 11月26日",
        "无理由退货期到 11月18日 为止",
    ),
    (decided(30), "zh-Hans", "无理由退货已过 23 天，需主管批准", "无理由退货期到 10月29日 为止"),
    (decided(30), "en", "No-reason return: 23 days over, needs a supervisor", "Return without a reason ended on 29 Oct"),
    (decided(2, "custom_made"), "zh-Hans", "不支持无理由退货 · 质量问题可退换至 12月4日", "不支持无理由退货"),
    (decided(2, "food"), "zh-Hans", "没有拆封可退货：还剩 5 天，至 11月26日", "没有拆封可退货至 11月26日"),
    (
        decided(2, "shoes", "magazine"),
        "zh-Hans",
        "部分商品可无理由退货：还剩 5 天，至 11月26日",
        "部分商品可无理由退货至 11月26日",
    ),
    (decided(None), "zh-Hans", "无理由退货：签收次日起 7 天", None),
    (decided(None, shipments=(a_shipment("delivered"), a_shipment())), "en",
     "No-reason return: 7 days from the day after the last parcel", None),
    (decided(2, delivered_at=None), "zh-Hans", "无理由退货：签收时间未知，算不出期限", None),
    (decided(None, state="paid"), "zh-Hans", None, None),
    (decided(None, state="cancelled"), "zh-Hans", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("found", "language", "for_agents", "for_customers"), LINES)
async def test_each_verdict_reads_as_one_line(
    browser_page: Page,
    fake_desk: Desk,
    found: ReturnEligibility,
    language: str,
    for_agents: str | None,
    for_customers: str | None,
) -> None:
    await browser_page.clock.set_fixed_time(NOW)
    await browser_page.goto(fake_desk[1] + BARE_PAGE)
    assert await browser_page.evaluate(SAY, [found.as_json_for_agents(), language]) == [
        for_agents,
        for_customers,
    ]
    # A card that lies in a transcript was made for the customer, on another day: no days are counted.
    assert await browser_page.evaluate(SAY, [found.as_json(), language]) == [for_customers] * 2


async def test_last_day_in_another_year_names_the_year(browser_page: Page, fake_desk: Desk) -> None:
    await browser_page.clock.set_fixed_time(NOW)
    await browser_page.goto(fake_desk[1] + BARE_PAGE)
    found = decided(2, now=datetime(2026, 12, 30, 8, 0, tzinfo=UTC))
    said = await browser_page.evaluate(SAY, [found.as_json(), "zh-Hans"])
    assert said[1] == "可无理由退货至 2027年1月4日"


async def test_customers_card_says_until_when(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    found = decided(2, now=datetime.now(UTC))
    order = demo_order() | {"return_eligibility": found.as_json()}
    await desk.say(desk.only, "", kind="order_card", payload={"order": order})
    await expect(browser_page.locator(".card-return")).to_contain_text("可无理由退货至")
    await desk.say(desk.only, "", kind="order_card", payload={"order": demo_order()})
    await expect(browser_page.locator("article.card")).to_have_count(2)
    await expect(browser_page.locator(".card-return")).to_have_count(1)
