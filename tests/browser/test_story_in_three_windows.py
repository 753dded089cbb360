"""The whole story in three windows against everything real: customers ask and get angry, an agent comes, an editor changes the rule.

In simplified Chinese, Cantonese and English; with what lies outside the knowledge base; and with a rule of the shop that
the very next customer gets, in the answer and in what may be returned.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NewContext
from tests.browser.running_desk import RunningDesk, running_desk
from tests.browser.windows import SLOW_MS, bubbles, demo_order, open_chat, say, sign_in, sign_in_as_agent

WINDOW = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningDesk]:
    folder: Path = tmp_path_factory.mktemp("desk")
    async with running_desk(folder) as running:
        yield running


async def answered(page: Page, question: str) -> str:
    """What the bot says to a question."""
    before = await bubbles(page, "bot").count()
    await say(page, question)
    await expect(bubbles(page, "bot")).not_to_have_count(before, timeout=SLOW_MS)
    await asyncio.sleep(0.5)
    return "\n".join((await bubbles(page, "bot").all_inner_texts())[before:])


@pytest.mark.timeout(900)
async def test_customer_agent_and_editor(new_context: NewContext, desk: RunningDesk) -> None:
    customer = await (await new_context(viewport=WINDOW)).new_page()
    agent = await (await new_context(viewport=WINDOW)).new_page()
    editor = await (await new_context(viewport=WINDOW)).new_page()
    await sign_in_as_agent(agent, desk, "demo-senior")  # a serious complaint is a senior agent's
    old = await demo_order(desk, "quality_window")  # received 9 to 13 days ago

    # A question in three languages, answered in each with the shop's figure.
    await open_chat(customer, desk.address)
    assert re.search(r"7\s*天", await answered(customer, "七天无理由退货怎么算"))
    cantonese = await answered(customer, "七日無理由退貨係點計㗎")
    assert re.search(r"7\s*[日天]", cantonese) and re.search("簽收|签收", cantonese)
    assert "7 days" in await answered(customer, "what is the 7-day no-reason return")

    # Outside the shop's trade nobody is fooled.
    fooled = await answered(customer, "明天北京会下雨吗")
    assert not re.search(r"\d+\s*(天|小时|元)", fooled)

    # An order of some ten days is past the seven.
    asks = f"订单 {old['number']} 能不能退货，手机尾号 {old['phone_tail']}"
    assert re.search("超过|已过|不能|不在", await answered(customer, asks))

    # Three lines of rising anger: a person comes, and knows why.
    for line in (
        "东西到现在都没人管",
        "我已经问了三遍了 你们到底处不处理",
        "太过分了 骗子公司 垃圾服务 气死我了",
    ):
        await say(customer, line)
        await asyncio.sleep(2)
    await expect(customer.locator("anxin-chat .messages")).to_contain_text(
        "正在为您转接人工客服", timeout=SLOW_MS
    )
    await expect(agent.locator(".offer")).to_be_visible(timeout=SLOW_MS)
    await agent.locator("body").click()
    await agent.keyboard.press("a")
    await expect(agent.get_by_role("log")).to_contain_text("骗子公司", timeout=SLOW_MS)
    await expect(agent.get_by_role("log")).to_contain_text("七天无理由退货怎么算")
    brief = agent.locator("anxin-brief")
    await expect(brief.locator(".brief-why")).to_contain_text(re.compile("愤怒|生气|升级|投诉|情绪"))
    await expect(brief).to_contain_text(old["number"])
    await expect(brief.get_by_role("img", name=re.compile("从「平静」到"))).to_be_visible()
    await agent.keyboard.type("非常抱歉，我马上处理")
    await agent.keyboard.press("Enter")
    await expect(bubbles(customer, "agent").last).to_have_text("非常抱歉，我马上处理", timeout=SLOW_MS)

    # The bot stays silent.
    bot_said = await bubbles(customer, "bot").count()
    await say(customer, "七天无理由退货怎么算")
    await asyncio.sleep(4)
    assert await bubbles(customer, "bot").count() == bot_said

    # The editor makes it fifteen days.
    await sign_in(editor, f"{desk.address}/knowledge#policy", "demo-editor")
    row = editor.locator("[data-figure=return_window_days]")
    await row.get_by_role("textbox").fill("15", timeout=SLOW_MS)
    await row.get_by_role("button", name="发布").click()
    await editor.get_by_role("dialog").get_by_role("button", name="发布").click()
    await expect(editor.locator("body")).to_contain_text("已发布", timeout=SLOW_MS)

    # The next customer gets fifteen, and the order of ten days may go back.
    other = await (await new_context(viewport=WINDOW)).new_page()
    await open_chat(other, desk.address)
    assert re.search(r"15\s*天", await answered(other, "七天无理由退货怎么算"))
    eligible = await answered(other, asks)
    assert re.search("可以.*退|还剩", eligible) and not re.search("超过|已过", eligible)
