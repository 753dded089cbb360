"""What the tests of the knowledge editor's page do again and again."""

from __future__ import annotations

import re

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Locator, Page, expect

from tests.browser.fake_console import PASSWORD
from tests.browser.fake_knowledge import FakeKnowledge

ENTRY = "return_window"
SAVED = re.compile("草稿已保存")
LOCALES = {"zh-Hans": "zh-CN", "zh-Hant-HK": "zh-HK", "en": "en-GB"}


async def sign_in(page: Page, fake: FakeKnowledge, place: str = "entries", login: str = "jing") -> None:
    """Open the page at a place and sign in."""
    await page.goto(f"{fake.url}/knowledge#{place}")
    await page.locator("#login").fill(login)
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("anxin-knowledge h1")).to_be_visible()


def answer(page: Page, language: str = "zh-Hans") -> Locator:
    """The box of an entry's plain answer."""
    return page.locator(f"#f-answer-{language}")


def rows(page: Page) -> Locator:
    """The lines of the list."""
    return page.locator(".entry-row")


async def saved(page: Page) -> None:
    """Until the service has the entry's draft."""
    await expect(page.locator(".entry-acts anxin-save-state")).to_contain_text(SAVED)


async def publish(page: Page, note: str = "") -> None:
    """What is open goes to customers, with a note."""
    await page.get_by_role("button", name="发布").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("备注").fill(note)
    await dialog.get_by_role("button", name="发布").click()
    await expect(page.get_by_text("已发布，下一句话就生效")).to_be_visible()


def publishing(page: Page) -> Locator:
    """The one loud button of an entry."""
    return page.locator(".entry-acts .button-loud")


async def violations(page: Page, place: str) -> list[tuple[str, str, list[str]]]:
    """What axe finds wrong."""
    results = await Axe().run(page)
    return [(place, v["id"], [n["html"] for n in v["nodes"]][:3]) for v in results.response["violations"]]
