"""«Did this help?» in a real browser: asked once under an answer, by tap and by keyboard, heard by a screen reader."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.fake_desk import FakeDesk, error
from tests.browser.test_widget import PHONE, Desk, in_conversation, open_chat, send, until

ANSWER = "签收次日起 7 天内可以无理由退货，商品保持完好即可。"


async def answered(page: Page, fake_desk: Desk, text: str = ANSWER) -> FakeDesk:
    desk = await in_conversation(page, fake_desk)
    await desk.say(desk.only, text, payload={"helpful": None})
    await expect(group(page)).to_be_visible()
    return desk


def group(page: Page) -> Locator:
    return page.get_by_role("group", name="有帮助吗？")


def judgements(desk: FakeDesk) -> list[tuple[int, bool]]:
    return [(r["seq"], r["helpful"]) for r in desk.requests if r.get("type") == "helpful"]


async def test_an_answer_is_followed_by_the_question_and_other_messages_are_not(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await answered(browser_page, fake_desk)
    await desk.say(desk.only, "还需要别的吗？")
    await desk.say(desk.only, "您好，我是小林。", sender="agent", agent="小林")
    await expect(browser_page.locator(".from-agent")).to_have_count(1)
    await expect(group(browser_page)).to_have_count(1)
    await expect(group(browser_page).get_by_role("button")).to_have_text(["有", "没有"])


async def test_a_tap_is_told_once_thanked_for_and_stays_after_a_reload(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await answered(browser_page, fake_desk)
    yes = group(browser_page).get_by_role("button", name="有", exact=True)
    await yes.click()
    await expect(group(browser_page).get_by_role("status")).to_have_text("谢谢您的反馈。")
    await expect(yes).to_have_attribute("aria-pressed", "true")
    await expect(yes).to_be_focused()
    await until(lambda: judgements(desk) == [(2, True)])
    await browser_page.reload()
    await expect(yes).to_have_attribute("aria-pressed", "true")
    assert judgements(desk) == [(2, True)]


async def test_no_offers_a_person_in_one_tap_and_can_be_changed(browser_page: Page, fake_desk: Desk) -> None:
    desk = await answered(browser_page, fake_desk)
    await group(browser_page).get_by_role("button", name="没有").click()
    person = group(browser_page).get_by_role("button", name="转人工")
    await expect(person).to_be_visible()
    await group(browser_page).get_by_role("button", name="有", exact=True).click()
    await expect(person).to_have_count(0)
    await until(lambda: judgements(desk) == [(2, False), (2, True)])
    await group(browser_page).get_by_role("button", name="没有").click()
    await person.click()
    await until(lambda: desk.only.messages[-1]["text"] == "转人工")
    await desk.set_state(desk.only, owner="queue", queue={"position": 1, "expected_minutes": 2})
    await expect(person).to_have_count(0)


async def test_it_works_by_keyboard_and_new_messages_do_not_take_the_focus(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await answered(browser_page, fake_desk)
    yes, no = (group(browser_page).get_by_role("button", name=n, exact=True) for n in ("有", "没有"))
    await yes.focus()
    await browser_page.keyboard.press("Tab")
    await expect(no).to_be_focused()
    await desk.say(desk.only, "还有一条")
    await expect(browser_page.locator(".from-bot .bubble")).to_have_count(2)
    await expect(no).to_be_focused()
    await browser_page.keyboard.press("Space")
    await expect(no).to_have_attribute("aria-pressed", "true")
    await expect(no).to_be_focused()
    await until(lambda: judgements(desk) == [(2, False)])


async def test_what_the_desk_does_not_take_is_taken_back_and_said(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await answered(browser_page, fake_desk)
    desk.refuse_next_judgement = error("too_fast")["error"]
    yes = group(browser_page).get_by_role("button", name="有", exact=True)
    await yes.click()
    await expect(browser_page.locator(".bar")).to_be_visible()
    await expect(yes).to_have_attribute("aria-pressed", "false")
    await expect(group(browser_page).get_by_role("status")).to_have_text("")


async def test_every_answer_has_a_question_of_its_own(browser_page: Page, fake_desk: Desk) -> None:
    desk = await answered(browser_page, fake_desk)
    await send(browser_page, "运费呢")
    await until(lambda: len(desk.only.messages) == 3)
    await desk.say(desk.only, "质量问题由我们承担运费。", payload={"helpful": None})
    await expect(group(browser_page)).to_have_count(2)
    await group(browser_page).last.get_by_role("button", name="没有").click()
    await until(lambda: judgements(desk) == [(4, False)])
    await expect(group(browser_page).first.get_by_role("status")).to_have_text("")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("device", "width"), [({}, 380), (PHONE, 390)])
async def test_it_fits_and_can_be_used_by_everybody(
    new_context: NewContext, fake_desk: Desk, theme: str, device: dict[str, Any], width: int
) -> None:
    context = await new_context(
        **{"viewport": {"width": 1280, "height": 800}, "color_scheme": theme, **device}
    )
    page = await context.new_page()
    desk, address = fake_desk
    desk.replies = False
    await open_chat(page, address)
    await page.evaluate("document.querySelector('anxin-chat').setAttribute('language', 'en')")
    await send(page, "can I return it")
    await until(lambda: bool(desk.conversations) and len(desk.only.messages) == 1)
    await desk.say(desk.only, "Within 7 days of delivery, unopened.", payload={"helpful": None})
    question = page.get_by_role("group", name="Did this help?")
    await question.get_by_role("button", name="No").click()
    await expect(question.get_by_role("button", name="A person")).to_be_visible()
    box = await question.bounding_box()
    assert box is not None and box["width"] <= width
    for button in await question.get_by_role("button").all():
        size = await button.bounding_box()
        assert size is not None and size["height"] >= 24
    found = await Axe().run(page)
    assert [v["id"] for v in found.response["violations"] if v["impact"] in ("serious", "critical")] == []
