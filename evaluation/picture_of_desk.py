"""The README's pictures: the story on a running demo desk, as the customer, the agent and the editor see it.

`python -m evaluation.picture_of_desk` writes docs/pictures/desk.png (a customer asks, gets angry, and an agent answers with
the brief beside) and docs/pictures/knowledge.png (the entry that was asked about). Nobody else should be online there.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import re
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from evaluation.screenshots_browser import ARGUMENTS, CHROMIUM
from service.http.first_accounts import DEMO_PASSWORD

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
CUSTOMER = {"width": 430, "height": 1400}
AGENT = {"width": 1240, "height": 1040}
EDITOR = {"width": 1440, "height": 860}
SCALE = 0.85
"""Of the agent's and the editor's window; the customer's, which is taller, is shown at the agent's height."""
PATIENCE_MS = 30_000
QUESTION = "七天无理由退货怎么算"
ANGER = ("怎么又不行，我都问了好几次了", "太过分了，你们耍我吗，气死我了")
REPLY = "非常抱歉，让您反复来问。您的情况我都看到了，这就为您申请特批退货，稍后给您答复。"
SIDE_BY_SIDE = """<!doctype html>
<style>
  body {{ margin: 0; padding: 16px; display: flex; gap: 16px; background: #d9d6d0; width: max-content; }}
  img {{ display: block; height: {height}px; border-radius: 8px; }}
</style>
<img src="data:image/png;base64,{left}"><img src="data:image/png;base64,{right}">
"""


async def take(url: str, folder: Path) -> None:
    """Play the conversation, write the pictures."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        agent, customer = await _open(browser, AGENT), await _open(browser, CUSTOMER)
        await _sign_in(agent, f"{url}/desk", "demo-agent")
        await agent.get_by_role("combobox", name="接待状态").select_option("online")
        await _ask_and_get_angry(customer, url)
        await _answer(agent)
        await expect(_bubbles(customer, "agent")).to_have_count(1, timeout=PATIENCE_MS)
        await asyncio.sleep(1)
        await _side_by_side(
            browser, await customer.screenshot(), await agent.screenshot(), folder / "desk.png"
        )
        await agent.get_by_role("combobox", name="接待状态").select_option("offline")
        await _knowledge(await _open(browser, EDITOR), url, folder / "knowledge.png")
        await browser.close()


async def _open(browser: Browser, size: dict[str, int]) -> Page:
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        device_scale_factor=SCALE * min(1, AGENT["height"] / size["height"]),
        reduced_motion="reduce",
        color_scheme="light",
    )
    context.set_default_timeout(PATIENCE_MS)
    return await context.new_page()


async def _sign_in(page: Page, address: str, login: str) -> None:
    await page.goto(address)
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("密码").fill(DEMO_PASSWORD)
    await page.keyboard.press("Enter")


async def _ask_and_get_angry(page: Page, url: str) -> None:
    """The rule; an order past it; two lines that end with a person being called."""
    number, customer = await _order_past_its_window(page, url)
    await page.add_init_script(f"sessionStorage.setItem('anxin:storefront:customer', {customer!r})")
    await page.goto(url)
    await page.locator("anxin-chat .launcher").click()
    await _say(page, QUESTION)
    await expect(_bubbles(page, "bot").last).to_contain_text(re.compile(r"7\s*天"), timeout=PATIENCE_MS)
    await _say(page, f"订单 {number} 能退吗")
    await expect(page.locator("anxin-chat .card")).to_contain_text(number, timeout=PATIENCE_MS)
    for line in ANGER:
        await asyncio.sleep(2)
        await _say(page, line)
    await expect(page.locator("anxin-chat .messages")).to_contain_text("转接人工客服", timeout=PATIENCE_MS)


async def _order_past_its_window(page: Page, url: str) -> tuple[str, str]:
    """Its number and its customer, one of the demo's who writes simplified Chinese."""
    found = await (await page.request.get(f"{url}/api/demo/customers")).json()
    return next(
        (order["number"], customer["shop_id"])
        for customer in found["customers"]
        for order in customer["orders"]
        if customer["language"] == "zh-Hans" and order["kind"] == "quality_window"
    )


def _bubbles(page: Page, sender: str) -> Locator:
    return page.locator(f"anxin-chat .row.from-{sender} .bubble:not(.dots)")


async def _say(page: Page, text: str) -> None:
    field = page.locator("anxin-chat textarea")
    await field.fill(text)
    await field.press("Enter")


async def _answer(page: Page) -> None:
    await expect(page.locator(".offer")).to_contain_text(ANGER[-1], timeout=PATIENCE_MS)
    await page.locator("body").click()
    await page.keyboard.press("a")
    await expect(page.locator("anxin-brief anxin-mood-line, anxin-brief .mood-line")).to_be_visible(
        timeout=PATIENCE_MS
    )
    await page.keyboard.type(REPLY)
    await page.keyboard.press("Enter")


async def _knowledge(page: Page, url: str, target: Path) -> None:
    """The entry behind the answer, and what the bot would say."""
    await _sign_in(page, f"{url}/knowledge#entry/return_window", "demo-editor")
    await page.locator("#try-question").fill(QUESTION)
    await page.keyboard.press("Enter")
    await asyncio.sleep(3)
    await page.screenshot(path=target)


async def _side_by_side(browser: Browser, left: bytes, right: bytes, target: Path) -> None:
    page = await browser.new_page()
    pictures = {"left": base64.b64encode(left).decode(), "right": base64.b64encode(right).decode()}
    await page.set_content(SIDE_BY_SIDE.format(height=AGENT["height"] * SCALE, **pictures))
    await page.locator("body").screenshot(path=target)


def main() -> None:
    """Read the options, take the pictures."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--url", default="http://127.0.0.1:8080", help="address of a running demo desk")
    arguments.add_argument("--out", type=Path, default=PICTURES, help="folder for the two files")
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(given.url.rstrip("/"), given.out))
    print(given.out / "desk.png", given.out / "knowledge.png")


if __name__ == "__main__":
    main()
