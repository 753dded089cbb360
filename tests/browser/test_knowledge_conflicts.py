"""Two editors on one entry, the connection that goes, and what an earlier visit left, in the editor against a fake base."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.console_story import Json
from tests.browser.fake_console import PASSWORD
from tests.browser.fake_knowledge import FakeKnowledge
from tests.browser.knowledge_steps import ENTRY, answer, publish, saved, sign_in

QUIET_S = 1.0
"""A closed tab that has sent nothing for so long sends nothing more."""


def _theirs(content: Json) -> None:
    content["answer"]["zh-Hans"] = "对方的回答 {return_window_days}。"
    content["title"]["en"] = "Their title"


async def in_conflict(page: Page, fake: FakeKnowledge) -> Locator:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await page.locator("#f-title-zh-Hans").fill("我的标题")
    await saved(page)
    fake.somebody_writes(fake.entries[ENTRY], _theirs)
    await answer(page).fill("我的回答 {return_window_days}。")
    conflict = page.get_by_role("alert").filter(has_text="周敏 同时也改了")
    await expect(conflict).to_be_visible()
    return conflict


async def test_in_a_conflict_each_field_takes_mine_or_theirs_and_nothing_is_lost(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    conflict = await in_conflict(wide_page, fake_knowledge)
    await expect(conflict.locator("fieldset")).to_have_count(2)
    both = conflict.locator("[data-path='answer.zh-Hans']")
    await expect(both).to_contain_text("两边都改了")
    await expect(both.get_by_label("我的")).to_be_checked()
    await expect(both).to_contain_text("对方的回答")
    await expect(conflict.locator("[data-path='title.en']").get_by_label("周敏")).to_be_checked()
    await conflict.get_by_role("button", name="继续编辑").click()
    await saved(wide_page)
    draft = fake_knowledge.entries[ENTRY].draft
    assert draft["answer"]["zh-Hans"] == "我的回答 {return_window_days}。"
    assert (draft["title"]["en"], draft["title"]["zh-Hans"]) == ("Their title", "我的标题")
    await answer(wide_page).fill("接着写 {return_window_days}。")
    await publish(wide_page)
    assert fake_knowledge.entries[ENTRY].published["answer"]["zh-Hans"] == "接着写 {return_window_days}。"


async def test_in_a_conflict_theirs_can_be_taken_whole(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    conflict = await in_conflict(wide_page, fake_knowledge)
    await conflict.get_by_role("button", name="都用对方的").click()
    await conflict.get_by_role("button", name="继续编辑").click()
    await expect(answer(wide_page)).to_have_value("对方的回答 {return_window_days}。")
    await expect(wide_page.locator("#f-title-en")).to_have_value("Their title")
    assert fake_knowledge.entries[ENTRY].draft_by == {"id": "other-1", "name": "周敏"}


async def test_a_save_whose_answer_was_lost_is_no_conflict(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    cut = True

    async def lose(route: Any) -> None:
        nonlocal cut
        if not cut or route.request.method != "PUT":
            await route.continue_()
            return
        cut = False
        await route.fetch()
        await route.abort()

    await wide_page.route("**/draft", lose)
    await answer(wide_page).fill("只存一次 {return_window_days}")
    await expect(wide_page.locator(".net-bar")).to_be_visible()
    await expect(wide_page.locator(".net-bar")).to_be_hidden()
    await expect(wide_page.locator("anxin-conflict")).to_have_count(0)
    assert fake_knowledge.entries[ENTRY].draft["answer"]["zh-Hans"] == "只存一次 {return_window_days}"


# --- offline, and what an earlier visit left ----------------------------------------------------------------


async def test_what_is_typed_offline_is_kept_and_sent_later(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await wide_page.context.set_offline(True)
    await answer(wide_page).fill("离线时写的 {return_window_days}")
    await expect(wide_page.locator(".entry-acts anxin-save-state")).to_contain_text("离线，已留在这台电脑上")
    await expect(wide_page.locator(".net-bar")).to_contain_text("连接已断开")
    await answer(wide_page).press_sequentially(" 还在写")
    await wide_page.context.set_offline(False)
    await saved(wide_page)
    await expect(wide_page.locator(".net-bar")).to_be_hidden()
    assert (
        fake_knowledge.entries[ENTRY].draft["answer"]["zh-Hans"] == "离线时写的 {return_window_days} 还在写"
    )


async def closed_before_it_was_saved(page: Page, fake_knowledge: FakeKnowledge) -> Page:
    """Another tab, after this one was closed with something that the service had not taken."""
    await sign_in(page, fake_knowledge, f"entry/{ENTRY}")
    fake_knowledge.refusing = True
    await answer(page).fill("没来得及保存 {return_window_days}")
    await expect(page.locator(".entry-acts anxin-save-state")).to_contain_text("离线")
    again = await page.context.new_page()
    await page.close()
    async with asyncio.timeout(
        15
    ):  # what the tab sends when it closes must not reach a service that takes it again
        while time.monotonic() - fake_knowledge.refused_at < QUIET_S:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    fake_knowledge.refusing = False
    return again


async def test_a_closed_tab_with_unsent_changes_offers_them_back(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    again = await closed_before_it_was_saved(wide_page, fake_knowledge)
    await again.goto(f"{fake_knowledge.url}/knowledge#entry/{ENTRY}")
    await expect(again.locator(".left-over")).to_contain_text("没保存的修改")
    await again.get_by_role("button", name="接着改").click()
    await expect(answer(again)).to_have_value("没来得及保存 {return_window_days}")
    await saved(again)
    await again.reload()
    await expect(answer(again)).to_have_value("没来得及保存 {return_window_days}")
    await expect(again.locator(".left-over")).to_be_hidden()


async def test_a_left_over_meets_what_a_colleague_did_since(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    again = await closed_before_it_was_saved(wide_page, fake_knowledge)
    fake_knowledge.somebody_writes(fake_knowledge.entries[ENTRY], _theirs)
    await again.goto(f"{fake_knowledge.url}/knowledge#entry/{ENTRY}")
    await again.get_by_role("button", name="接着改").click()
    conflict = again.get_by_role("alert").filter(has_text="周敏 同时也改了")
    await expect(conflict.locator("fieldset")).to_have_count(2)
    await conflict.get_by_role("button", name="继续编辑").click()
    await expect(again.locator("#f-title-en")).to_have_value("Their title")
    await expect(answer(again)).to_have_value("没来得及保存 {return_window_days}")


async def test_an_ended_session_asks_to_sign_in_and_goes_on_where_it_was(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await wide_page.wait_for_load_state(
        "networkidle"
    )  # a request still on its way would ask to sign in before a word is written
    fake_knowledge.sessions.clear()
    await answer(wide_page).fill("登录过期时写的 {return_window_days}")
    await wide_page.locator("#login").fill("jing")
    await wide_page.locator("#password").fill(PASSWORD)
    await wide_page.keyboard.press("Enter")
    await expect(answer(wide_page)).to_have_value("登录过期时写的 {return_window_days}")
    await expect(wide_page.locator(".entry-facts")).to_contain_text("有修改")
    await wide_page.wait_for_timeout(500)
    assert fake_knowledge.entries[ENTRY].draft["answer"]["zh-Hans"] == "登录过期时写的 {return_window_days}"
