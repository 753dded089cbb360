"""The policy table in the editor, against a fake base: figures in place, reviews and set times of a draft."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.fake_knowledge import FakeKnowledge
from tests.browser.knowledge_steps import ENTRY, LOCALES, SAVED, sign_in, violations

FIGURE = "return_window_days"


def row_of(page: Page, name: str = FIGURE) -> Locator:
    return page.locator(f"[data-figure={name}]")


async def choose(row: Locator, act: str) -> None:
    """An act of the menu beside «publish»."""
    await row.locator("anxin-menu > button").click()
    await row.get_by_role("menuitem", name=act).click()


async def test_a_figure_is_changed_in_place_and_published_with_what_it_changes(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "policy")
    row = wide_page.locator("[data-figure=return_window_days]")
    await expect(row).to_contain_text("无理由退货期")
    await row.locator("summary").click()
    await expect(row.get_by_role("link", name="七天无理由退货")).to_have_attribute("href", f"#entry/{ENTRY}")
    await row.get_by_role("textbox").fill("１５")
    await expect(row).to_contain_text("7 天 → 15 天")
    await expect(row).to_contain_text(SAVED)
    assert (
        fake_knowledge.figures["return_window_days"].published,
        fake_knowledge.figures["return_window_days"].draft,
    ) == (7, 15)
    await row.get_by_role("button", name="发布").click()
    dialog = wide_page.get_by_role("dialog")
    await expect(dialog).to_contain_text("2 个条目的回答会随之改变")
    await dialog.get_by_label("备注").fill("双十一")
    await wide_page.keyboard.press("Enter")
    await expect(wide_page.get_by_text("已发布，下一句话就生效")).to_be_visible()
    await expect(row.get_by_role("button", name="发布")).to_have_count(0)
    assert fake_knowledge.figures["return_window_days"].published == 15
    await row.get_by_role("link", name="历史").click()
    await expect(wide_page.locator("details.revision")).to_have_count(2)
    await expect(wide_page.locator("details.revision").first).to_contain_text("7 天 → 15 天")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("dispatch_hours", "4x", None),
        ("dispatch_hours", "-3", None),
        ("dispatch_hours", "12-24", None),  # one number stays one number
        ("freight_insurance_cents", "¥12.5", 1250),
        ("freight_insurance_cents", "1,200", 120_000),
        ("freight_insurance_cents", "12.345", None),
        ("delivery_days", "3 到 6", [3, 6]),
        ("delivery_days", "6-3", None),
        ("delivery_days", "4", None),
        ("agents_from", "9", "09:00"),
        ("agents_from", "9：30", "09:30"),
        ("agents_from", "25:00", None),
    ],
)
async def test_values_are_read_as_people_write_them_and_nonsense_is_not_saved(
    wide_page: Page, fake_knowledge: FakeKnowledge, name: str, text: str, value: Any
) -> None:
    await sign_in(wide_page, fake_knowledge, "policy")
    row = wide_page.locator(f"[data-figure={name}]")
    await row.get_by_role("textbox").fill(text)
    if value is None:
        await expect(row.locator(".field-problems")).to_contain_text("写")
        await expect(row.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
        await wide_page.wait_for_timeout(1_000)
        assert fake_knowledge.figures[name].draft is None
    else:
        await expect(row).to_contain_text(SAVED)
        assert fake_knowledge.figures[name].draft == value


async def test_a_figure_that_contradicts_another_says_so_and_is_not_published(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "policy")
    row = wide_page.locator("[data-figure=return_window_days]")
    await row.get_by_role("textbox").fill("20")
    await expect(row.locator(".field-problems")).to_contain_text("和「VIP 的无理由退货期 (15 天)」矛盾")
    await row.get_by_role("button", name="发布").click()
    await expect(wide_page.get_by_role("dialog")).to_have_count(0)
    await row.get_by_role("button", name="放弃修改").click()
    await expect(row.get_by_role("textbox")).to_have_value("7")


async def test_a_figure_that_two_change_shows_both_values(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "policy")
    fake_knowledge.somebody_writes(fake_knowledge.figures["return_window_days"], lambda _: 10)
    row = wide_page.locator("[data-figure=return_window_days]")
    await row.get_by_role("textbox").fill("12")
    conflict = row.get_by_role("alert")
    await expect(conflict).to_contain_text("10 天")
    await expect(conflict).to_contain_text("12 天")
    await conflict.get_by_label("我的").check()
    await conflict.get_by_role("button", name="继续编辑").click()
    await expect(row).to_contain_text(SAVED)
    assert fake_knowledge.figures["return_window_days"].draft == 12


# --- reviews and set times ---------------------------------------------------------------------------------------


async def test_a_figures_draft_is_given_to_a_colleague_who_approves_it(
    new_context: NewContext, fake_knowledge: FakeKnowledge
) -> None:
    page = await (await new_context()).new_page()
    await sign_in(page, fake_knowledge, "policy")
    row = row_of(page)
    await row.get_by_role("textbox").fill("10")
    await choose(row, "请人复核")
    await page.get_by_role("dialog").get_by_label("请对方看什么").fill("双十一以后")
    await page.get_by_role("dialog").get_by_role("button", name="提交复核").click()
    standing = row.locator("anxin-standing")
    await expect(standing).to_contain_text("陈静 刚刚请人复核")
    await expect(standing).to_contain_text("双十一以后")
    await standing.get_by_role("button", name="同意").click()
    await page.get_by_role("dialog").get_by_role("button", name="同意").click()
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("要由别人来复核")
    assert fake_knowledge.figures[FIGURE].draft == 10

    colleague = await (await new_context()).new_page()
    await sign_in(colleague, fake_knowledge, "policy", login="mei")
    standing = row_of(colleague).locator("anxin-standing")
    await standing.get_by_role("button", name="同意").click()
    await colleague.get_by_role("dialog").get_by_role("button", name="同意").click()
    await expect(standing).to_contain_text("同意发布")
    await row_of(colleague).get_by_role("textbox").fill("11")  # another draft, which nobody has approved
    await expect(standing).to_be_hidden()


async def test_a_colleague_wants_a_change_and_says_which(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    figure = fake_knowledge.figures[FIGURE]
    fake_knowledge.somebody_writes(figure, lambda _: 10)
    figure.review = {"state": "asked", "asked_by": figure.draft_by, "asked_at": figure.draft_at, "note": ""}
    await sign_in(wide_page, fake_knowledge, "policy")
    standing = row_of(wide_page).locator("anxin-standing")
    await standing.get_by_role("button", name="要再改").click()
    await wide_page.get_by_role("dialog").get_by_label("意见").fill("VIP 也要改")
    await wide_page.get_by_role("dialog").get_by_role("button", name="发回修改").click()
    await expect(standing).to_contain_text("VIP 也要改")


async def test_a_figure_goes_out_at_a_set_time_and_back_to_what_it_was_at_another(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "policy")
    row = row_of(wide_page)
    await expect(row.locator("anxin-menu")).to_have_count(0)  # nothing to plan yet
    await row.get_by_role("textbox").fill("10")
    await choose(row, "定时发布")
    dialog = wide_page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading")).to_have_text("定时发布：无理由退货期，从签收次日算")
    await expect(dialog).to_contain_text("到时恢复为上一次发布的数字")
    await dialog.get_by_label("发布时间").fill("2036-11-11T00:00")
    await dialog.get_by_label("失效时间").fill("2036-11-12T00:00")
    await dialog.get_by_role("button", name="定好").click()
    standing = row.locator("anxin-standing")
    await expect(standing).to_contain_text("2036年11月11日 00:00 自动发布。")
    await expect(standing).to_contain_text("2036年11月12日 00:00 恢复之前的数字。")
    schedule = fake_knowledge.figures[FIGURE].schedule
    assert schedule and schedule["publish_at"] == "2036-11-10T16:00:00.000Z"
    await standing.get_by_role("button", name="取消定时").click()
    await expect(standing).to_be_hidden()
    assert fake_knowledge.figures[FIGURE].schedule is None
    await wide_page.get_by_role("button", name="撤销").click()
    await expect(standing).to_contain_text("2036年11月11日")


async def test_a_figures_menu_is_worked_by_keys_and_stays_open_while_the_draft_is_saved(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "policy")
    row = row_of(wide_page)
    await row.get_by_role("textbox").fill("10")
    await row.locator("anxin-menu > button").focus()
    await wide_page.keyboard.press("ArrowDown")
    item = row.get_by_role("menuitem", name="请人复核")
    await expect(item).to_be_focused()
    await expect(row.locator("anxin-save-state")).to_contain_text("草稿已保存")
    await expect(item).to_be_focused()
    await wide_page.keyboard.press("Enter")
    await expect(wide_page.get_by_role("dialog")).to_be_visible()
    await wide_page.keyboard.press("Escape")
    await expect(row.locator("anxin-menu > button")).to_be_focused()


async def test_an_agent_sees_what_stands_over_a_figure_and_has_no_acts(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    figure = fake_knowledge.figures[FIGURE]
    fake_knowledge.somebody_writes(figure, lambda _: 10)
    figure.review = {"state": "asked", "asked_by": figure.draft_by, "asked_at": figure.draft_at, "note": ""}
    await sign_in(wide_page, fake_knowledge, "policy", login="lin")
    await expect(row_of(wide_page).locator("anxin-standing")).to_contain_text("请人复核")
    await expect(row_of(wide_page).locator("button")).to_have_count(0)


STANDS = {
    "zh-Hans": ("周敏 刚刚请人复核", "恢复之前的数字"),
    "zh-Hant-HK": ("周敏 剛剛請人覆核", "恢復之前的數字"),
    "en": ("周敏 asked for a review, just now", "Goes back to the number before"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LOCALES)
async def test_what_stands_over_a_figure_speaks_each_language_and_fits_a_phone(
    new_context: NewContext, fake_knowledge: FakeKnowledge, language: str, scheme: str
) -> None:
    figure = fake_knowledge.figures[FIGURE]
    fake_knowledge.somebody_writes(figure, lambda _: 10)
    figure.review = {"state": "asked", "asked_by": figure.draft_by, "asked_at": figure.draft_at, "note": ""}
    figure.schedule = {
        "publish_at": "2036-11-10T16:00:00Z", "expires_at": "2036-11-11T16:00:00Z", "by": figure.draft_by, "note": "n" * 200,
    }  # fmt: skip
    context = await new_context(
        viewport={"width": 390, "height": 844}, locale=LOCALES[language], color_scheme=scheme, bypass_csp=True
    )
    page = await context.new_page()
    await sign_in(page, fake_knowledge, "policy")
    for words in STANDS[language]:
        await expect(row_of(page).locator("anxin-standing")).to_contain_text(words)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    assert await violations(page, language) == []
