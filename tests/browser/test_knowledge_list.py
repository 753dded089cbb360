"""The list of entries in the editor, against a fake base: filters, pages, the way back, and the box to try a question."""

from __future__ import annotations

from playwright.async_api import Page, expect

from knowledge_base.entries import load_content
from tests.browser.fake_console import Refused
from tests.browser.fake_knowledge import CONTENT, FakeKnowledge
from tests.browser.knowledge_steps import ENTRY, rows, sign_in


async def test_the_list_shows_what_there_is_by_group_and_leads_to_an_entry(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge)
    await expect(rows(wide_page)).to_have_count(84)
    row = wide_page.locator(f"[data-entry={ENTRY}]")
    await expect(row).to_contain_text("七天无理由退货")
    await expect(row).to_contain_text("已发布")
    phrasings = load_content(CONTENT).entries[ENTRY].phrasings
    await expect(row).to_contain_text(f"{sum(len(texts) for texts in phrasings.values())} 种说法")
    await row.click()
    await expect(wide_page.get_by_role("heading", level=1)).to_have_text("七天无理由退货")


async def test_text_and_filters_narrow_the_list_together(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    fake_knowledge.somebody_writes(
        fake_knowledge.entries["return_how"], lambda c: c["title"].update({"zh-Hans": "怎样退货"})
    )
    fake_knowledge.entries["return_how"].draft["answer"].pop("en")
    await sign_in(wide_page, fake_knowledge)
    await wide_page.get_by_label("按分组筛选").select_option(label="退货")
    await expect(rows(wide_page)).to_have_count(14)
    await wide_page.get_by_role("searchbox").fill("怎样退")
    await expect(rows(wide_page)).to_have_count(1)
    await expect(rows(wide_page)).to_contain_text("有修改")
    await expect(rows(wide_page)).to_contain_text("缺English")
    await expect(rows(wide_page)).to_contain_text("周敏")
    await wide_page.get_by_label("按语言筛选").select_option("en")
    await expect(wide_page.get_by_text("没有符合的条目")).to_be_visible()
    await wide_page.get_by_role("button", name="清除筛选").click()
    await expect(rows(wide_page)).to_have_count(84)
    await wide_page.get_by_label("按状态筛选").select_option("changed")
    await expect(rows(wide_page)).to_have_count(1)


async def test_the_way_back_leads_to_the_list_as_it_was(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge)
    await wide_page.get_by_role("searchbox").fill("发票")
    await expect(rows(wide_page)).not_to_have_count(84)
    count = await rows(wide_page).count()
    await wide_page.locator("[data-entry=invoice_get]").click()
    await wide_page.get_by_role("link", name="回到条目").click()
    await expect(wide_page.get_by_role("searchbox")).to_have_value("发票")
    await expect(rows(wide_page)).to_have_count(count)


async def test_more_than_two_hundred_entries_come_page_by_page(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    fake_knowledge.fill(230)
    await sign_in(wide_page, fake_knowledge)
    await expect(rows(wide_page)).to_have_count(200)
    await wide_page.get_by_role("button", name="更多").click()
    await expect(rows(wide_page)).to_have_count(230)


async def test_an_empty_base_says_what_to_do_and_a_failed_list_can_be_tried_again(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    fake_knowledge.entries.clear()
    fake_knowledge.fail["list"] = Refused(503, "unavailable")
    await sign_in(wide_page, fake_knowledge)
    await expect(wide_page.get_by_role("alert").filter(has_text="没能读取")).to_be_visible()
    await wide_page.get_by_role("button", name="再试一次").click()
    await expect(wide_page.get_by_text("知识库还是空的")).to_be_visible()
    await expect(wide_page.get_by_role("link", name="导入文件")).to_have_attribute("href", "#checks/transfer")
    await wide_page.locator(".empty").get_by_role("button", name="新建条目").click()
    await expect(wide_page.get_by_role("dialog")).to_be_visible()


async def test_a_question_tried_shows_outcome_candidates_and_the_answer(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge)
    await wide_page.get_by_label("像顾客那样提问").fill("七天无理由退货怎么算")
    await wide_page.keyboard.press("Enter")
    result = wide_page.locator(".try-result")
    await expect(result).to_contain_text("直接回答")
    await expect(result).to_contain_text("100 %")
    await expect(result.locator(".bubble")).to_contain_text("7 天内可以无理由退货")
    await expect(result.get_by_role("link").first).to_have_text("七天无理由退货")
