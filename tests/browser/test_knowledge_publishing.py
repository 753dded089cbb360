"""Publishing in the editor, against a fake base: the gate, overriding it, reviews, set times, the archive, figures of use."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.fake_console import Refused
from tests.browser.fake_gate import loss
from tests.browser.fake_knowledge import FakeKnowledge
from tests.browser.knowledge_steps import ENTRY, LOCALES, answer, publishing, sign_in, violations

LOSSES = [
    loss("退货地址在哪", "return_how", None),
    loss("怎么退货", "return_how", ENTRY),
    loss("你们老板是谁", None, ENTRY, kind="outside"),
    loss("退货运费谁出", "return_freight_payer", ENTRY, kind="pinned"),
]


def plant(fake: FakeKnowledge) -> None:
    """A draft that takes other entries' questions."""
    draft(fake)
    fake.losses, fake.thieves = LOSSES, [ENTRY]


def draft(fake: FakeKnowledge) -> None:
    text = "您在 {return_window_days}内都能退。"
    fake.somebody_writes(fake.entries[ENTRY], lambda c: c["answer"].update({"zh-Hans": text}))


async def open_dialog(page: Page) -> Locator:
    await publishing(page).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    return dialog


# --- the gate --------------------------------------------------------------------------------------------------


async def test_the_gate_says_how_far_it_is_and_publishing_waits_for_it(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    draft(fake_knowledge)
    fake_knowledge.gate_stays = True
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    dialog = await open_dialog(wide_page)
    await expect(dialog.locator("anxin-gate")).to_contain_text("正在用 812 条问法检查")
    await expect(dialog.get_by_role("progressbar")).to_be_visible()
    await dialog.get_by_role("button", name="发布").click()
    await wide_page.wait_for_timeout(400)
    assert fake_knowledge.entries[ENTRY].revision == 1
    fake_knowledge.gate_stays = False
    await expect(wide_page.get_by_text("已发布，下一句话就生效")).to_be_visible()
    assert fake_knowledge.entries[ENTRY].revisions[0]["gate"] == {"verdict": "passed", "losses": 0}


async def test_a_passed_gate_says_so_and_what_got_better(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    draft(fake_knowledge)
    fake_knowledge.gains = 3
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    gate = (await open_dialog(wide_page)).locator("anxin-gate")
    await expect(gate).to_contain_text("812 条问法都还得到原来的回答")
    await expect(gate).to_contain_text("另有 3 条问法答得更好了")


async def test_a_stopped_gate_names_the_thief_and_what_would_be_lost_worst_first(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    plant(fake_knowledge)
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    dialog = await open_dialog(wide_page)
    gate = dialog.locator("anxin-gate")
    await expect(gate).to_contain_text("812 条问法里有 4 条会得不到原来的回答")
    await expect(gate.locator(".gate-thief")).to_contain_text("本条会抢走 3 条不归它的问法")
    questions = gate.locator(".loss-question > span:first-child")
    await expect(questions).to_have_text(["退货运费谁出", "你们老板是谁", "怎么退货", "退货地址在哪"])
    await expect(gate.locator(".loss").nth(0)).to_contain_text("固定问题")
    await expect(gate.locator(".loss").nth(1)).to_contain_text("知识库之外")
    await expect(gate.locator(".loss").nth(2)).to_contain_text("直接回答「怎么退货」")
    await expect(gate.locator(".loss").nth(2)).to_contain_text("93 %")
    await expect(gate.locator(".loss").nth(3).locator(".loss-after")).to_contain_text("不回答")


async def test_an_editor_cannot_override_and_is_led_to_a_review(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    plant(fake_knowledge)
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    dialog = await open_dialog(wide_page)
    await expect(dialog).to_contain_text("只有主管能照样发布")
    await expect(dialog.get_by_role("button", name="发布")).to_have_count(0)
    await expect(dialog.get_by_label("备注")).to_be_hidden()  # of a publish that cannot be
    await dialog.get_by_role("button", name="请人复核").click()
    asking = wide_page.get_by_role("dialog")
    await asking.get_by_label("请对方看什么").fill("说法是不是太宽")
    await asking.get_by_role("button", name="提交复核").click()
    await expect(wide_page.locator("anxin-standing")).to_contain_text("请人复核")
    review = fake_knowledge.entries[ENTRY].review
    assert review and (review["state"], review["note"]) == ("asked", "说法是不是太宽")


async def test_a_supervisor_overrides_with_a_reason_that_stays_in_the_history(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    plant(fake_knowledge)
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}", login="mei")
    dialog = await open_dialog(wide_page)
    await dialog.get_by_role("button", name="照样发布").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("写一下理由")
    await expect(dialog.get_by_label("为什么照样发布")).to_be_focused()
    await dialog.get_by_label("为什么照样发布").fill("双十一先用这个，晚上再改说法")
    await dialog.get_by_role("button", name="照样发布").click()
    await expect(wide_page.get_by_text("已发布，下一句话就生效")).to_be_visible()
    gate = fake_knowledge.entries[ENTRY].revisions[0]["gate"]
    assert (gate["losses"], gate["reason"]) == (4, "双十一先用这个，晚上再改说法")
    await wide_page.get_by_role("link", name="历史").click()
    newest = wide_page.locator("details.revision").first
    await expect(newest).to_contain_text("4 条问法会变，美玲 照样发布：双十一先用这个，晚上再改说法")


async def test_a_gate_that_did_not_finish_can_be_run_again_and_nothing_is_published_before(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    draft(fake_knowledge)
    fake_knowledge.fail["gate"] = Refused(503, "unavailable")
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    dialog = await open_dialog(wide_page)
    await expect(dialog.locator("anxin-gate")).to_contain_text("检查没有完成")
    await dialog.get_by_role("button", name="发布").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("检查完成后才能发布")
    await dialog.get_by_role("button", name="再检查一次").click()
    await expect(dialog.locator("anxin-gate")).to_contain_text("都还得到原来的回答")
    await dialog.get_by_role("button", name="发布").click()
    await expect(wide_page.get_by_text("已发布，下一句话就生效")).to_be_visible()


async def test_a_verdict_that_is_old_by_now_is_asked_for_again(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    draft(fake_knowledge)
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    dialog = await open_dialog(wide_page)
    await expect(dialog.locator("anxin-gate")).to_contain_text("都还得到原来的回答")
    fake_knowledge.runs["run-1"]["version"] = -1
    await dialog.get_by_role("button", name="发布").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("已重新检查")
    assert fake_knowledge.entries[ENTRY].revision == 1


async def test_a_figure_goes_through_the_gate_too(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    await sign_in(wide_page, fake_knowledge, "policy")
    row = wide_page.locator("[data-figure=return_window_days]")
    await row.get_by_role("textbox").fill("10")
    await row.get_by_role("button", name="发布").click()
    dialog = wide_page.get_by_role("dialog")
    await expect(dialog.locator("anxin-gate")).to_contain_text("改数字不影响哪个问题由哪条回答")
    await dialog.get_by_role("button", name="发布").click()
    await expect(wide_page.get_by_text("已发布，下一句话就生效")).to_be_visible()
    assert fake_knowledge.figures["return_window_days"].revisions[0]["gate"]["verdict"] == "passed"


async def test_a_draft_that_leaves_titles_and_phrasings_alone_has_nothing_to_lose(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    draft(fake_knowledge)
    fake_knowledge.questions = 0
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    dialog = await open_dialog(wide_page)
    await expect(dialog.locator("anxin-gate")).to_contain_text("标题和说法没有变，不会影响别的问题")


# --- reviews ---------------------------------------------------------------------------------------------------


async def ask_review(fake: FakeKnowledge, name: str = "周敏") -> None:
    draft(fake)
    asked = {"state": "asked", "asked_by": {"id": "other-1", "name": name}}
    fake.entries[ENTRY].review = asked | {"asked_at": "2026-11-20T02:00:00Z", "note": "VIP 那条也看一下"}


async def test_a_reviewer_sends_back_with_a_comment_and_a_later_change_drops_it(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await ask_review(fake_knowledge)
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    standing = wide_page.locator("anxin-standing")
    await expect(standing).to_contain_text("周敏")
    await expect(standing).to_contain_text("VIP 那条也看一下")
    await standing.get_by_role("button", name="要再改").click()
    dialog = wide_page.get_by_role("dialog")
    await dialog.get_by_role("button", name="发回修改").click()
    await expect(dialog.get_by_role("alert")).to_have_text("写一下要改什么。")
    await dialog.get_by_label("意见").fill("少了生鲜")
    await dialog.get_by_role("button", name="发回修改").click()
    await expect(standing).to_contain_text("希望再改")
    await expect(standing).to_contain_text("少了生鲜")
    await answer(wide_page).fill("您在 {return_window_days}内都能退，生鲜除外。")
    await expect(standing).to_be_hidden()


async def test_ones_own_draft_is_reviewed_by_somebody_else(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await ask_review(fake_knowledge)
    fake_knowledge.entries[ENTRY].draft_by = {"id": "editor-1", "name": "陈静"}
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await wide_page.locator("anxin-standing").get_by_role("button", name="同意").click()
    dialog = wide_page.get_by_role("dialog")
    await dialog.get_by_role("button", name="同意").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("要由别人来复核")


async def test_a_reviewer_approves(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    await ask_review(fake_knowledge)
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await wide_page.locator("anxin-standing").get_by_role("button", name="同意").click()
    await wide_page.get_by_role("dialog").get_by_role("button", name="同意").click()
    await expect(wide_page.locator("anxin-standing")).to_contain_text("陈静 刚刚同意发布")


# --- set times, the archive --------------------------------------------------------------------------------------


async def choose(page: Page, act: str) -> None:
    """An act of the menu beside «publish»."""
    await page.locator("anxin-menu > button").click()
    await page.get_by_role("menuitem", name=act).click()


async def test_publishing_and_expiry_are_set_by_the_shops_clock_whatever_zone_the_computer_is_in(
    new_context: NewContext, fake_knowledge: FakeKnowledge
) -> None:
    draft(fake_knowledge)
    context = await new_context(viewport={"width": 1440, "height": 900}, timezone_id="America/New_York")
    page = await context.new_page()
    await sign_in(page, fake_knowledge, f"entry/{ENTRY}")
    await choose(page, "定时发布")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("店铺时间 Asia/Shanghai（UTC+8）")
    await dialog.get_by_label("发布时间").fill("2036-11-11T00:00")
    await dialog.get_by_label("失效时间").fill("2036-11-10T00:00")
    await dialog.get_by_role("button", name="定好").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("失效要在发布之后")
    await dialog.get_by_label("失效时间").fill("2036-11-12T00:00")
    await dialog.get_by_label("备注").fill("双十一")
    await dialog.get_by_role("button", name="定好").click()
    standing = page.locator("anxin-standing")
    await expect(standing).to_contain_text("2036年11月11日")
    schedule = fake_knowledge.entries[ENTRY].schedule
    assert schedule and schedule["publish_at"] == "2036-11-10T16:00:00.000Z"
    assert schedule["expires_at"] == "2036-11-11T16:00:00.000Z"
    await standing.get_by_role("button", name="取消定时").click()
    await expect(standing).to_be_hidden()
    await page.get_by_role("button", name="撤销").click()
    await expect(standing).to_contain_text("2036年11月11日")


async def test_a_time_that_passed_without_effect_says_why(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    draft(fake_knowledge)
    fake_knowledge.entries[ENTRY].schedule = {
        "publish_at": "2026-11-20T16:00:00Z", "expires_at": None, "by": {"id": "o", "name": "周敏"}, "note": "", "problem": "gate_stopped",
    }  # fmt: skip
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await expect(wide_page.locator("anxin-standing")).to_contain_text("没有发出：发布检查没有通过")


async def test_an_entry_is_archived_instead_of_deleted_found_again_and_brought_back(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await choose(wide_page, "归档")
    dialog = wide_page.get_by_role("dialog")
    await dialog.get_by_label("为什么归档").fill("并到怎么退货里了")
    await dialog.get_by_role("button", name="归档").click()
    standing = wide_page.locator("anxin-standing")
    await expect(standing).to_contain_text("并到怎么退货里了")
    await expect(wide_page.locator(".entry-facts")).to_contain_text("已归档")
    await expect(answer(wide_page)).to_have_attribute("readonly", "")
    await expect(publishing(wide_page)).to_be_disabled()
    await expect(wide_page.get_by_role("button", name="放弃修改")).to_be_hidden()
    await wide_page.get_by_role("link", name="回到条目").click()
    await expect(wide_page.locator(".entry-row")).to_have_count(83)
    await wide_page.get_by_label("按状态筛选").select_option("archived")
    await expect(wide_page.locator(".entry-row")).to_have_count(1)
    await wide_page.locator(f"[data-entry={ENTRY}]").click()
    await standing.get_by_role("button", name="取消归档").click()
    await expect(standing).to_be_hidden()
    await expect(wide_page.get_by_text("已取消归档，现在是草稿")).to_be_visible()
    await expect(answer(wide_page)).to_be_editable()
    assert fake_knowledge.entries[ENTRY].archived is None


async def test_the_menu_is_worked_by_keys(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    draft(fake_knowledge)
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    button = wide_page.locator("anxin-menu > button")
    await button.focus()
    await wide_page.keyboard.press("ArrowDown")
    await expect(wide_page.get_by_role("menuitem", name="请人复核")).to_be_focused()
    await wide_page.keyboard.press("ArrowUp")
    await expect(wide_page.get_by_role("menuitem", name="归档")).to_be_focused()
    await wide_page.keyboard.press("Escape")
    await expect(button).to_be_focused()
    await expect(wide_page.get_by_role("menu")).to_be_hidden()
    await expect(answer(wide_page)).to_be_visible()  # Esc closed one layer


# --- how it did ------------------------------------------------------------------------------------------------


async def test_figures_of_use_stand_as_sums_a_chart_and_a_table(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    fake_knowledge.use(ENTRY)
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    panel = wide_page.locator("anxin-uses")
    days = fake_knowledge.uses[ENTRY]
    await expect(panel).to_contain_text(str(sum(day["answered"] for day in days)))
    await expect(panel.get_by_role("img", name=re.compile("30 天里每天"))).to_be_visible()
    await panel.locator("summary").click()
    await expect(panel.locator("tbody tr")).to_have_count(30)


async def test_an_entry_that_nobody_used_says_so_and_a_failure_can_be_tried_again(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    fake_knowledge.fail["uses"] = Refused(503, "unavailable")
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    panel = wide_page.locator("anxin-uses")
    await panel.get_by_role("button", name="再试一次").click()
    await expect(panel).to_contain_text("还没有顾客用到")


# --- three languages, looks --------------------------------------------------------------------------------------

WORDS = {
    "zh-Hans": ("812 条问法里有 4 条会得不到原来的回答", "照样发布", "11月11日"),
    "zh-Hant-HK": ("812 條問法當中有 4 條會得不到原來的回答", "照樣發佈", "11月11日"),
    "en": ("4 of 812 questions would lose their answer", "Publish anyway", "11 November"),
}


@pytest.mark.parametrize("language", WORDS)
async def test_publishing_speaks_each_language(
    new_context: NewContext, fake_knowledge: FakeKnowledge, language: str
) -> None:
    plant(fake_knowledge)
    fake_knowledge.entries[ENTRY].schedule = {
        "publish_at": "2036-11-11T00:00:00Z",
        "expires_at": None,
        "by": None,
        "note": "",
    }
    context = await new_context(viewport={"width": 1440, "height": 900}, locale=LOCALES[language])
    page = await context.new_page()
    await sign_in(page, fake_knowledge, f"entry/{ENTRY}", login="mei")
    stopped, anyway, day = WORDS[language]
    await expect(page.locator("anxin-standing")).to_contain_text(day)
    dialog = await open_dialog(page)
    await expect(dialog).to_contain_text(stopped)
    await expect(dialog.get_by_role("button", name=anyway)).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_axe_finds_nothing_while_publishing(
    new_context: NewContext, fake_knowledge: FakeKnowledge, width: int, scheme: str
) -> None:
    plant(fake_knowledge)
    await ask_review(fake_knowledge, name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 2)
    fake_knowledge.use(ENTRY)
    context = await new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    page = await context.new_page()
    await sign_in(page, fake_knowledge, f"entry/{ENTRY}", login="mei")
    await expect(page.locator(".uses-chart")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    found = await violations(page, "entry")
    await page.locator("anxin-menu > button").click()
    found += await violations(page, "menu")
    await page.keyboard.press("Escape")
    dialog = await open_dialog(page)
    await expect(dialog.locator(".losses")).to_be_visible()
    assert await dialog.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    found += await violations(page, "gate")
    assert found == []
