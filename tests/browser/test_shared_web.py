"""What the pages share: tokens that agree with themselves, dictionaries without holes, times and money as people read them."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.fake_desk import WEB, FakeDesk

Desk = tuple[FakeDesk, str]
DICTIONARIES = sorted(path.name for path in (WEB / "shared" / "i18n").glob("*.js"))
BARE_PAGE = "/assets/storefront/favicon.svg"
"""A page of our origin that does nothing by itself; modules are imported into it."""
PLACEHOLDER = re.compile(r"\{(\w+)[|}]")


def test_both_ways_into_dark_mode_give_the_same_values() -> None:
    css = (WEB / "shared" / "tokens.css").read_text()
    by_system = css[css.index("@media (prefers-color-scheme: dark)") : css.index("/* The same dark values")]
    by_hand = css[css.index('\n:root[data-theme="dark"]') : css.index(":root:lang(zh-HK)")]
    values = re.compile(r"(--[\w-]+): ([^;]+);")
    assert values.findall(by_system)
    assert values.findall(by_system) == values.findall(by_hand)


@pytest.mark.parametrize("name", DICTIONARIES)
async def test_each_text_exists_in_three_languages_with_the_same_places(
    browser_page: Page, fake_desk: Desk, name: str
) -> None:
    await browser_page.goto(fake_desk[1] + BARE_PAGE)
    script = "async (name) => Object.values(await import(`/assets/shared/i18n/${name}`)).filter((e) => e.en)"
    dictionaries: list[dict[str, dict[str, Any]]] = await browser_page.evaluate(script, name)
    assert dictionaries
    for dictionary in dictionaries:
        chinese = dictionary["zh-Hans"]
        for language in ("zh-Hant-HK", "en"):
            assert dictionary[language].keys() == chinese.keys()
            for key, text in dictionary[language].items():
                if isinstance(text, str):
                    assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(chinese[key])), key
                    assert text.strip(), key
                    assert "!" not in text and "！" not in text, f"{key}: no exclamation marks"


async def test_every_error_code_of_the_contract_has_a_text(browser_page: Page, fake_desk: Desk) -> None:
    contract = (Path(__file__).parents[2] / "docs" / "api" / "errors.md").read_text()
    codes = re.findall(r"^\| (\w+) \| \d+ \|", contract, re.MULTILINE)
    assert len(codes) > 15
    await browser_page.goto(fake_desk[1] + BARE_PAGE)
    script = """async (codes) => {
        const { hasWord } = await import('/assets/shared/i18n.js');
        return codes.filter((code) => !hasWord(`error.${code}`));
    }"""
    assert await browser_page.evaluate(script, codes) == []


@pytest.mark.parametrize(
    ("at", "language", "expected"),
    [  # now is 2026-11-21 16:00 in Shanghai
        ("2026-11-21T07:59:30Z", "zh-Hans", "刚刚"),
        ("2026-11-21T07:55:00Z", "zh-Hans", "5 分钟前"),
        ("2026-11-21T07:01:00Z", "zh-Hant-HK", "59 分鐘前"),
        ("2026-11-21T07:00:00Z", "zh-Hans", "15:00"),
        ("2026-11-20T16:05:00Z", "en", "00:05"),  # after midnight in Shanghai: still today
        ("2026-11-20T15:55:00Z", "zh-Hans", "11月20日 23:55"),
        ("2026-11-20T15:55:00Z", "en", "20 Nov 23:55"),
        ("2025-11-20T08:00:00Z", "zh-Hans", "2025年11月20日"),
    ],
)
async def test_times_are_relative_then_clock_then_date(
    browser_page: Page, fake_desk: Desk, at: str, language: str, expected: str
) -> None:
    await browser_page.goto(fake_desk[1] + BARE_PAGE)
    script = """async ([at, language]) => {
        const { formatTime } = await import('/assets/shared/time.js');
        return formatTime(at, { language, now: '2026-11-21T08:00:00Z' });
    }"""
    assert await browser_page.evaluate(script, [at, language]) == expected


async def test_money_has_its_sign(browser_page: Page, fake_desk: Desk) -> None:
    await browser_page.goto(fake_desk[1] + BARE_PAGE)
    script = """async () => {
        const { formatMoney } = await import('/assets/shared/money.js');
        return [812300, -500, 5].map((cents) => formatMoney(cents));
    }"""
    assert await browser_page.evaluate(script) == ["¥8,123.00", "−¥5.00", "¥0.05"]


async def test_a_shop_outside_demo_mode_is_told_how_to_embed(browser_page: Page, fake_desk: Desk) -> None:
    desk, address = fake_desk
    desk.is_demo = False
    await browser_page.goto(address)
    code = browser_page.locator("pre code")
    assert (
        await code.inner_text() == f'<script src="{address}/widget.js" data-shop="安心优选" async></script>'
    )
    assert await browser_page.get_by_label("以顾客身份登录").count() == 0


async def test_signing_in_shows_the_orders_and_their_numbers_can_be_copied(
    browser_page: Page, fake_desk: Desk
) -> None:
    await browser_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await browser_page.goto(fake_desk[1])
    await browser_page.get_by_label("以顾客身份登录").select_option("c-1001")
    await browser_page.get_by_role("button", name="复制订单号 AX2026111800421").click()
    assert await browser_page.evaluate("navigator.clipboard.readText()") == "AX2026111800421"


async def test_signing_in_before_the_chat_has_loaded_is_not_forgotten(
    browser_page: Page, fake_desk: Desk
) -> None:
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await browser_page.route("**/assets/widget/chat.js", hold)
    await browser_page.goto(fake_desk[1])
    async with browser_page.expect_response("**/api/demo/identity"):
        await browser_page.get_by_label("以顾客身份登录").select_option("c-1001")
    held.set()
    await expect(browser_page.locator("anxin-chat")).to_have_attribute("identity", re.compile("^e30[.]"))
