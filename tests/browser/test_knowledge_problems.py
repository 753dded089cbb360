"""What keeps an entry from being published, in the editor against a fake base; drafts thrown away, entries begun."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NewContext
from tests.browser.fake_knowledge import FakeKnowledge
from tests.browser.knowledge_steps import ENTRY, answer, publish, rows, saved, sign_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("您好 <script>alert(1)</script>", "回答只能是文字，请去掉 <script>"),
        ("", "回答是空的。"),
        ("您有 99 天可以退。", "「99 天」和政策里的数字都对不上"),
        ("您有 7 天可以退。", "「7 天」写死了，请改用政策里的数字。可用：{return_window_days}"),
        ("您有 {return_windw_days}。", "是 return_window_days 吗？"),
        ("长" * 2001, "太长了，最多 2000 个字。"),
    ],
)
async def test_a_problem_stands_at_its_field_and_keeps_the_entry_from_being_published(
    wide_page: Page, fake_knowledge: FakeKnowledge, text: str, words: str
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await answer(wide_page, "en").focus()
    await answer(wide_page).fill(text)
    problems = wide_page.locator("[data-path='answer.zh-Hans'] .field-problems")
    await expect(problems).to_contain_text(words)
    await expect(answer(wide_page)).to_have_attribute("aria-invalid", "true")
    await expect(wide_page.locator("[data-path='answer.en'] .field-problems")).to_be_empty()
    await wide_page.locator("#f-title-en").focus()
    await wide_page.get_by_role("button", name="发布").click()
    await expect(wide_page.get_by_text("处要改，才能发布")).to_be_visible()
    await expect(answer(wide_page)).to_be_focused()
    assert fake_knowledge.entries[ENTRY].revision == 1
    assert await wide_page.evaluate("document.querySelectorAll('script:not([src])').length") == 0


async def test_a_problem_in_another_variant_and_language_is_gone_to(
    new_context: NewContext, fake_knowledge: FakeKnowledge
) -> None:
    fake_knowledge.somebody_writes(
        fake_knowledge.entries[ENTRY], lambda c: c["variants"][0]["answer"].update({"zh-Hant-HK": " "})
    )
    context = await new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await sign_in(page, fake_knowledge, f"entry/{ENTRY}")
    await page.get_by_role("button", name="发布").click()
    await expect(page.get_by_role("tab", name="VIP")).to_have_attribute("aria-selected", "true")
    await expect(page.locator("#f-variants-0-answer-zh-Hant-HK")).to_be_focused()


async def test_a_phrasing_of_another_entry_is_marked_and_the_other_entry_linked(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await wide_page.locator("#f-phrasings-zh-Hans").fill("怎么退货")
    await wide_page.keyboard.press("Enter")
    cell = wide_page.locator("[data-path='phrasings.zh-Hans']")
    await expect(cell.locator(".chip.is-bad")).to_have_text("怎么退货")
    await expect(cell.locator(".field-problems")).to_contain_text("也在条目「怎么退货」里")
    await expect(cell.get_by_role("link", name="打开")).to_have_attribute("href", "#entry/return_how")


async def test_what_the_service_finds_only_when_publishing_is_shown_at_the_field(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await answer(wide_page).fill("您有 {return_send_days}。")
    await saved(wide_page)
    await wide_page.get_by_role("button", name="发布").click()
    del fake_knowledge.rows["return_send_days"]
    await wide_page.get_by_role("dialog").get_by_role("button", name="发布").click()
    await expect(wide_page.get_by_role("dialog")).to_have_count(0)
    problems = wide_page.locator("[data-path='answer.zh-Hans'] .field-problems")
    await expect(problems).to_contain_text("政策里没有数字 return_send_days")
    await expect(answer(wide_page)).to_have_value("您有 {return_send_days}。")


async def test_discarding_can_be_undone(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await answer(wide_page).fill("我的草稿 {return_window_days}")
    await saved(wide_page)
    await wide_page.get_by_role("button", name="放弃修改").click()
    await expect(answer(wide_page)).to_have_value(re.compile("无理由退货"))
    assert fake_knowledge.entries[ENTRY].draft is None
    await wide_page.get_by_role("button", name="撤销").click()
    await expect(answer(wide_page)).to_have_value("我的草稿 {return_window_days}")
    await saved(wide_page)
    assert fake_knowledge.entries[ENTRY].draft["answer"]["zh-Hans"] == "我的草稿 {return_window_days}"


async def test_a_new_entry_is_made_filled_in_and_published(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge)
    await wide_page.get_by_role("button", name="新建条目").click()
    dialog = wide_page.get_by_role("dialog")
    await dialog.get_by_label("标题").fill("赠品怎么领")
    await dialog.get_by_label("分组").select_option(label="订单")
    await dialog.get_by_label("编号").fill("Gift 1")
    await dialog.get_by_role("button", name="新建").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("小写字母")
    await dialog.get_by_label("编号").fill(ENTRY)
    await dialog.get_by_role("button", name="新建").click()
    await expect(dialog.get_by_role("alert")).to_have_text("这个编号已经有了。")
    await dialog.get_by_label("编号").fill("gift_claim")
    await dialog.get_by_role("button", name="新建").click()
    await expect(wide_page.locator(".entry-facts")).to_contain_text("草稿")
    for language, text in (
        ("zh-Hans", "赠品随单寄出。"),
        ("zh-Hant-HK", "贈品隨單寄出。"),
        ("en", "Gifts come along."),
    ):
        await wide_page.locator(f"#f-title-{language}").fill(text)
        await answer(wide_page, language).fill(text)
        await wide_page.locator(f"#f-phrasings-{language}").fill(f"gift {language}")
        await wide_page.keyboard.press("Enter")  # fmt: skip
    await saved(wide_page)
    await publish(wide_page)
    assert fake_knowledge.entries["gift_claim"].revision == 1


async def test_an_entry_that_was_never_published_goes_with_its_draft_and_comes_back(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge)
    await wide_page.keyboard.press("n")
    dialog = wide_page.get_by_role("dialog")
    await dialog.get_by_label("标题").fill("Gift cards")
    await expect(dialog.get_by_label("编号")).to_have_value("gift_cards")
    await wide_page.keyboard.press("Enter")
    await wide_page.get_by_role("button", name="放弃修改").click()
    await expect(rows(wide_page)).to_have_count(84)
    assert not fake_knowledge.entries["gift_cards"].is_listed
    await wide_page.get_by_role("button", name="撤销").click()
    await expect(wide_page.locator("#f-title-zh-Hans")).to_have_value("Gift cards")
