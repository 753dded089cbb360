"""The frame, played in two windows against everything real: browser, service, Rasa, PostgreSQL.

Greeting, where is order X, 转人工, an agent accepts and answers, the bot is silent, the agent hands back, the bot goes on; and a network
that is cut for ten seconds in the middle of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewContext
from tests.browser.running_desk import RunningDesk, running_desk
from tests.browser.windows import SLOW_MS, bubbles, demo_order, open_chat, say, sign_in_as_agent


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningDesk]:
    folder: Path = tmp_path_factory.mktemp("desk")
    async with running_desk(folder) as running:
        yield running


@pytest.mark.timeout(900)
async def test_a_customer_a_bot_and_an_agent_share_one_conversation(
    new_context: NewContext, desk: RunningDesk
) -> None:
    customer = await (await new_context(viewport={"width": 1280, "height": 800})).new_page()
    agent = await (await new_context(viewport={"width": 1280, "height": 800})).new_page()
    order = await demo_order(desk, "shipped")
    await sign_in_as_agent(agent, desk)

    # The bot greets and looks an order up.
    await open_chat(customer, desk.wired_address)
    await say(customer, "你好")
    await expect(bubbles(customer, "bot")).to_have_count(1, timeout=SLOW_MS)
    await say(customer, f"我的订单 {order['number']} 到哪了，手机尾号 {order['phone_tail']}")
    await expect(customer.locator("anxin-chat .card")).to_contain_text(order["number"], timeout=SLOW_MS)

    # A person is asked for, and comes with the story.
    await say(customer, "转人工")
    await expect(customer.locator("anxin-chat .messages")).to_contain_text(
        "正在为您转接人工客服", timeout=SLOW_MS
    )
    await expect(agent.locator(".offer")).to_contain_text("要求人工", timeout=SLOW_MS)
    await agent.locator("body").click()
    await agent.keyboard.press("a")
    log = agent.get_by_role("log")
    await expect(log).to_contain_text(order["number"], timeout=SLOW_MS)
    await expect(agent.locator("anxin-brief .brief-why")).to_contain_text("要求人工")
    await agent.keyboard.type("您好，我来帮您看")
    await agent.keyboard.press("Enter")
    await expect(bubbles(customer, "agent").last).to_have_text("您好，我来帮您看", timeout=SLOW_MS)

    # The bot is silent while the agent owns the conversation, also for what it would know.
    bot_said = await bubbles(customer, "bot").count()
    await say(customer, "七天无理由退货怎么算")
    await expect(log).to_contain_text("七天无理由退货怎么算", timeout=SLOW_MS)
    await asyncio.sleep(4)
    assert await bubbles(customer, "bot").count() == bot_said

    # Ten seconds without network: both sides write on, nothing is missing or doubled afterwards.
    desk.wire.cut()
    await say(customer, "断网时写的一句")
    await agent.keyboard.type("这是断网时的第一条")
    await agent.keyboard.press("Enter")
    await agent.keyboard.type("这是断网时的第二条")
    await agent.keyboard.press("Enter")
    await asyncio.sleep(10)
    desk.wire.mend()
    await expect(log).to_contain_text("断网时写的一句", timeout=SLOW_MS)
    await expect(bubbles(customer, "agent").last).to_have_text("这是断网时的第二条", timeout=SLOW_MS)
    assert await bubbles(customer, "agent").all_inner_texts() == [
        "您好，我来帮您看",
        "这是断网时的第一条",
        "这是断网时的第二条",
    ]
    texts = await bubbles(customer, "customer").all_inner_texts()
    assert texts.count("断网时写的一句") == 1
    await expect(log.get_by_text("断网时写的一句")).to_have_count(1)

    # A reload shows the same conversation, exactly.
    said = await customer.locator("anxin-chat .bubble:not(.dots)").all_inner_texts()
    await customer.reload()
    await expect(customer.locator("anxin-chat textarea")).to_be_visible(timeout=SLOW_MS)
    await expect(bubbles(customer, "agent").last).to_have_text("这是断网时的第二条", timeout=SLOW_MS)
    assert sorted(await customer.locator("anxin-chat .bubble:not(.dots)").all_inner_texts()) == sorted(said)

    # Handed back, the bot goes on.
    await agent.keyboard.press("Escape")
    await agent.get_by_role("button", name="交回机器人").click()
    await agent.get_by_label("告诉机器人已处理了什么").fill("物流已查清")
    await agent.keyboard.press("Enter")
    await expect(customer.locator("anxin-chat .messages")).to_contain_text(
        "智能助手继续为您服务", timeout=SLOW_MS
    )
    await say(customer, "你好")
    await expect(bubbles(customer, "bot")).to_have_count(bot_said + 1, timeout=SLOW_MS)
