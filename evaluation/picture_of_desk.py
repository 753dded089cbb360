"""The README's picture: one conversation on a running demo desk, as the customer and as the agent see it, side by side.

`python -m evaluation.picture_of_desk` writes docs/pictures/desk.png. Nobody else should be online on that desk.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from evaluation.screenshots import ARGUMENTS, CHROMIUM
from service.http.first_accounts import DEMO_PASSWORD

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "desk.png"
HEIGHT = 760
CUSTOMER_WIDTH, AGENT_WIDTH = 760, 1240
SCALE = 0.8
PATIENCE_MS = 30_000
SIDE_BY_SIDE = """<!doctype html>
<style>
  body {{ margin: 0; padding: 16px; display: flex; gap: 16px; background: #d9d6d0; width: max-content; }}
  img {{ display: block; height: {height}px; border-radius: 8px; }}
</style>
<img src="data:image/png;base64,{left}"><img src="data:image/png;base64,{right}">
"""


async def take(url: str, target: Path) -> None:
    """Play the conversation, write the picture."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        agent = await _open(browser, AGENT_WIDTH)
        customer = await _open(browser, CUSTOMER_WIDTH)
        await _go_online(agent, url)
        await _ask_for_a_person(customer, url)
        await _answer(agent)
        await expect(customer.locator("anxin-chat .row.from-agent")).to_have_count(1, timeout=PATIENCE_MS)
        await _side_by_side(browser, await customer.screenshot(), await agent.screenshot(), target)
        await browser.close()


async def _open(browser: Browser, width: int) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        device_scale_factor=SCALE,
        reduced_motion="reduce",
    )
    return await context.new_page()


async def _go_online(page: Page, url: str) -> None:
    await page.goto(f"{url}/desk")
    await page.get_by_label("账号").fill("demo-agent")
    await page.get_by_label("密码").fill(DEMO_PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("combobox", name="接待状态").select_option("online")


async def _ask_for_a_person(page: Page, url: str) -> None:
    found = await (await page.request.get(f"{url}/api/demo/orders")).json()
    order = next(order for order in found["orders"] if order["kind"] == "shipped")
    await page.goto(url)
    await page.locator("anxin-chat .launcher").click()
    await _say(page, f"我的订单 {order['number']} 到哪了？尾号 {order['phone_tail']}")
    await expect(page.locator("anxin-chat .card")).to_contain_text(order["number"], timeout=PATIENCE_MS)
    await _say(page, "想改到周末送，转人工")
    await expect(page.locator("anxin-chat .messages")).to_contain_text("转接人工客服", timeout=PATIENCE_MS)


async def _say(page: Page, text: str) -> None:
    field = page.locator("anxin-chat textarea")
    await field.fill(text)
    await field.press("Enter")


async def _answer(page: Page) -> None:
    await expect(page.locator(".offer")).to_be_visible(timeout=PATIENCE_MS)
    await page.locator("body").click()
    await page.keyboard.press("a")
    await expect(page.locator("anxin-brief .brief-why")).to_be_visible(timeout=PATIENCE_MS)
    await page.keyboard.type("您好，我是小林。订单我看到了，这就联系快递改到周末，稍后给您答复。")
    await page.keyboard.press("Enter")


async def _side_by_side(browser: Browser, left: bytes, right: bytes, target: Path) -> None:
    page = await browser.new_page()
    pictures = {"left": base64.b64encode(left).decode(), "right": base64.b64encode(right).decode()}
    await page.set_content(SIDE_BY_SIDE.format(height=HEIGHT * SCALE, **pictures))
    target.parent.mkdir(parents=True, exist_ok=True)
    await page.locator("body").screenshot(path=target)


def main() -> None:
    """Read the options, take the picture."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--url", default="http://127.0.0.1:8080", help="address of a running demo desk")
    arguments.add_argument("--out", type=Path, default=PICTURE, help="file to write")
    given = arguments.parse_args()
    asyncio.run(take(given.url.rstrip("/"), given.out))
    print(given.out)


if __name__ == "__main__":
    main()
