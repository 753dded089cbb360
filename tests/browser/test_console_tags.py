"""In the console an agent corrects what triage says of a customer's message: one quiet menu, by keys or pointer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.fake_console import FakeConsole, Refused
from tests.browser.test_console import leave_composer, open_first, sign_in, wait_for

ANGRY, CALM = 1, 0
"""Numbers of made-up conversations by the mood of their last message."""


@pytest.fixture
async def fake() -> AsyncIterator[FakeConsole]:
    fake = FakeConsole()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def page(new_context: NewContext) -> Page:
    context = await new_context(viewport={"width": 1280, "height": 768})
    return await context.new_page()


def mark_of(page: Page, seq: int) -> Locator:
    return page.locator(f'[data-seq="{seq}"] .tag-mark')


def menu_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="消息标签")


async def test_a_message_shows_what_is_out_of_the_ordinary_and_whispers_the_rest(
    page: Page, fake: FakeConsole
) -> None:
    fake.put(ANGRY)
    await sign_in(page, fake)
    await open_first(page)
    await expect(mark_of(page, 4)).to_have_text("愤怒 · 较急 · 投诉等级：严重")
    await expect(mark_of(page, 1)).to_have_css("opacity", "0")
    await page.locator('[data-seq="1"]').hover()
    await expect(mark_of(page, 1)).to_have_css("opacity", "1")


async def test_a_correction_by_pointer_is_sent_shown_and_told(page: Page, fake: FakeConsole) -> None:
    fake.put(ANGRY)
    await sign_in(page, fake)
    await open_first(page)
    await mark_of(page, 4).click()
    menu = menu_of(page)
    await expect(menu).to_contain_text("三天了")
    await menu.get_by_text("不满", exact=True).click()
    await menu.get_by_text("普通", exact=True).click()
    await menu.get_by_role("button", name="更正").click()
    await expect(menu).to_be_hidden()
    await expect(mark_of(page, 4)).to_have_text("不满 · 投诉等级：严重")
    await expect(page.get_by_text("已更正，下次训练会用到。")).to_be_visible()
    (asked,) = await wait_for(fake, "retag")
    assert asked == {
        "type": "retag",
        "seq": 4,
        "sentiment": "negative",
        "urgency": "normal",
        "level": "serious",
    }


async def test_by_keys_alone_and_the_focus_comes_back(page: Page, fake: FakeConsole) -> None:
    fake.put(ANGRY)
    await sign_in(page, fake)
    await open_first(page)
    await leave_composer(page)
    await mark_of(page, 4).focus()
    await page.keyboard.press("Enter")
    await expect(menu_of(page).get_by_role("radio", name="愤怒")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("n")  # no note is begun from within the menu
    await expect(page.locator(".is-note")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(mark_of(page, 4)).to_have_text("不满 · 较急 · 投诉等级：严重")
    await expect(mark_of(page, 4)).to_be_focused()


async def test_escape_closes_the_menu_alone_and_nothing_is_sent(page: Page, fake: FakeConsole) -> None:
    fake.put(ANGRY)
    await sign_in(page, fake)
    log = await open_first(page)
    await mark_of(page, 4).click()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Escape")
    await expect(menu_of(page)).to_be_hidden()
    await expect(log).to_be_visible()
    await expect(mark_of(page, 4)).to_be_focused()
    assert fake.requests("retag") == []


async def test_ones_own_correction_can_be_taken_back(page: Page, fake: FakeConsole) -> None:
    fake.put(ANGRY)
    await sign_in(page, fake)
    await open_first(page)
    await mark_of(page, 4).click()
    await expect(menu_of(page).get_by_role("button", name="撤回我的更正")).to_have_count(0)
    await menu_of(page).get_by_text("平静", exact=True).click()
    await menu_of(page).get_by_role("button", name="更正", exact=True).click()
    await expect(mark_of(page, 4)).to_have_text("较急 · 投诉等级：严重")
    await mark_of(page, 4).click()
    await expect(menu_of(page)).to_contain_text("小林 已更正")
    await menu_of(page).get_by_role("button", name="撤回我的更正").click()
    await expect(mark_of(page, 4)).to_have_text("愤怒 · 较急 · 投诉等级：严重")


async def test_what_a_colleague_corrects_shows_in_my_window(
    page: Page, new_context: NewContext, fake: FakeConsole
) -> None:
    talk = fake.put(ANGRY)
    await sign_in(page, fake)
    await open_first(page)
    tags = talk.messages[3]["tags"] | {
        "corrected": {"by": {"name": "美玲"}, "at": "2026-11-22T02:00:00.000Z"}
    }
    tags["sentiment"] = {"label": "positive", "probability": 1.0}
    await fake.tell({"type": "tags", "conversation_id": talk.id, "seq": 4, "tags": tags})
    await expect(mark_of(page, 4)).to_have_text("满意 · 较急 · 投诉等级：严重")
    await expect(mark_of(page, 4)).to_have_attribute("title", "美玲 已更正")


async def test_where_a_higher_level_has_the_last_word_it_is_said(page: Page, fake: FakeConsole) -> None:
    fake.put(ANGRY)
    fake.correction_counts = False
    await sign_in(page, fake)
    await open_first(page)
    await mark_of(page, 4).click()
    await menu_of(page).get_by_text("平静", exact=True).click()
    await menu_of(page).get_by_role("button", name="更正", exact=True).click()
    await expect(page.get_by_text("以更高级别同事的更正为准")).to_be_visible()


async def test_what_could_not_be_corrected_is_said_and_stays(page: Page, fake: FakeConsole) -> None:
    fake.put(ANGRY)
    fake.fail["retag"] = Refused(503, "unavailable")
    await sign_in(page, fake)
    await open_first(page)
    await mark_of(page, 4).click()
    await menu_of(page).get_by_text("平静", exact=True).click()
    await menu_of(page).get_by_role("button", name="更正", exact=True).click()
    await expect(page.locator("anxin-notices")).not_to_be_empty()
    await expect(mark_of(page, 4)).to_have_text("愤怒 · 较急 · 投诉等级：严重")


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_menu_is_accessible_and_inside_the_window(
    new_context: NewContext, fake: FakeConsole, language: str, scheme: str
) -> None:
    fake.put(ANGRY)
    context = await new_context(viewport={"width": 390, "height": 700}, color_scheme=scheme)
    page = await context.new_page()
    await page.add_init_script(f"localStorage.setItem('anxin:language', '{language}')")
    await page.goto(f"{fake.url}/desk")
    await page.locator("input").nth(0).fill("lin")
    await page.locator("input[type=password]").fill("correct horse")
    await page.keyboard.press("Enter")
    await page.locator(".list-mine .line").first.click()
    await mark_of(page, 4).click()
    menu = page.locator(".tag-menu")
    await expect(menu).to_be_visible()
    assert "tags." not in await menu.inner_text()
    box = await menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert box["y"] >= 0 and box["y"] + box["height"] <= 700
    found = await Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert found.response["violations"] == []
