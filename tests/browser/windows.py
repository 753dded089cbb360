"""What people do in their windows in the stories: a customer in the widget, agents and editors who sign in."""

from __future__ import annotations

import json

from playwright.async_api import Locator, Page

from tests.browser.running_desk import DEMO_PASSWORD, RunningDesk

SLOW_MS = 20_000
"""Patience with what goes through Rasa on a busy machine."""


def bubbles(page: Page, sender: str) -> Locator:
    """What `sender` has said in the widget."""
    return page.locator(f"anxin-chat .row.from-{sender} .bubble:not(.dots)")


async def open_chat(page: Page, address: str) -> None:
    """The storefront with the widget open."""
    await page.goto(address)
    await page.locator("anxin-chat .launcher").click()


async def say(page: Page, text: str) -> None:
    """Type and send."""
    field = page.locator("anxin-chat textarea")
    await field.fill(text)
    await field.press("Enter")


async def sign_in(page: Page, address: str, login: str) -> None:
    """One of the demo accounts, on any of the office pages."""
    await page.goto(address)
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("密码").fill(DEMO_PASSWORD)
    await page.keyboard.press("Enter")


async def sign_in_as_agent(page: Page, desk: RunningDesk, login: str = "demo-agent") -> None:
    """At the console, and ready for customers."""
    await sign_in(page, f"{desk.address}/desk", login)
    await page.get_by_role("combobox", name="接待状态").select_option("online")


async def demo_order(desk: RunningDesk, kind: str) -> dict[str, str]:
    """The first demo order of a kind (`anxin demo orders`)."""
    lines = (await desk.cli("demo", "orders", "--json")).splitlines()
    return next(order for order in map(json.loads, lines) if order["kind"] == kind)
