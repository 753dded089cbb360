"""The editor's checks in a real browser, against a fake base: gaps, would-say, pinned questions, languages, likeness, certainty."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.fake_console import Refused
from tests.browser.fake_knowledge import FakeKnowledge
from tests.browser.knowledge_steps import ENTRY, LOCALES, answer, sign_in, violations

SECTIONS = ("gaps", "say", "pinned", "languages", "similar", "transfer", "calibration")


@pytest.fixture
def busy(fake_knowledge: FakeKnowledge) -> FakeKnowledge:
    """With something in every section."""
    fake_knowledge.fill_checks()
    return fake_knowledge


def body(page: Page) -> Locator:
    return page.locator(".checks-section")


# --- gaps --------------------------------------------------------------------------------------------------------


async def test_gaps_show_what_was_asked_how_dear_it_is_and_how_agents_answered(
    wide_page: Page, busy: FakeKnowledge
) -> None:
    await sign_in(wide_page, busy, "checks")
    gaps = wide_page.locator(".gap")
    await expect(gaps).to_have_count(3)
    first = gaps.first
    await expect(first.get_by_role("heading")).to_have_text("礼品卡能不能退")
    await expect(first).to_contain_text("代价 42")
    await expect(first).to_contain_text("问了 9 次")
    await expect(first.get_by_role("link", name="怎么退货")).to_have_attribute("href", "#entry/return_how")
    await first.locator("summary").click()
    await expect(first).to_contain_text("送朋友的礼品卡怎么退")
    await expect(first.locator("blockquote")).to_contain_text("7 天内可以退回")
    await wide_page.get_by_label("问题的语言").select_option("en")
    await expect(gaps).to_have_count(1)
    await expect(gaps.first).to_contain_text("can I pay in instalments")


async def test_a_gap_becomes_an_entry_with_its_questions_and_the_agents_answer(
    wide_page: Page, busy: FakeKnowledge
) -> None:
    await sign_in(wide_page, busy, "checks/gaps")
    await wide_page.get_by_role("button", name="写成知识: 礼品卡能不能退").click()
    dialog = wide_page.get_by_role("dialog")
    await expect(dialog.get_by_label("标题")).to_have_value("礼品卡能不能退")
    await dialog.get_by_label("编号").fill("gift_card_return")
    await dialog.get_by_role("button", name="新建").click()
    await expect(answer(wide_page)).to_have_value("礼品卡未使用的，7 天内可以退回原支付方式。")
    draft = busy.entries["gift_card_return"].draft
    assert draft["phrasings"]["zh-Hans"] == ["礼品卡能不能退", "礼品卡买错了可以退吗", "送朋友的礼品卡怎么退"]
    assert draft["group"] == "service"


async def test_a_dismissed_gap_can_be_had_back_for_some_seconds(wide_page: Page, busy: FakeKnowledge) -> None:
    await sign_in(wide_page, busy, "checks/gaps")
    gaps = wide_page.locator(".gap:visible")
    await wide_page.get_by_role("button", name="不用管: 门店能自提吗").click()
    await expect(gaps).to_have_count(2)
    await wide_page.get_by_role("button", name="撤销").click()
    await expect(gaps).to_have_count(3)
    assert busy.dismissed == []
    await wide_page.get_by_role("button", name="不用管: 门店能自提吗").click()
    await wide_page.wait_for_timeout(6_500)
    assert busy.dismissed == ["g-2"]
    await expect(gaps).to_have_count(2)


# --- what the bot would say ----------------------------------------------------------------------------------------


async def test_published_and_draft_stand_side_by_side_with_probability_candidates_and_reason(
    wide_page: Page, busy: FakeKnowledge
) -> None:
    text = "草稿：{return_window_days}内可退。"
    busy.somebody_writes(busy.entries[ENTRY], lambda c: c["answer"].update({"zh-Hans": text}))
    await sign_in(wide_page, busy, "checks/say")
    await wide_page.get_by_label("问题").fill("七天无理由退货怎么算")
    await wide_page.keyboard.press("Enter")
    published = wide_page.get_by_role("region", name="现在（已发布）")
    await expect(published).to_contain_text("直接回答")
    await expect(published).to_contain_text("100 %")
    await expect(published).to_contain_text("有把握，直接回答。")
    await expect(published.locator(".bubble")).to_contain_text("7 天内可以无理由退货")
    await expect(published.locator(".candidate")).to_have_count(3)
    await expect(published.locator(".candidate").first).to_contain_text("得分 1.00")
    draft = wide_page.get_by_role("region", name="发布草稿以后")
    await expect(draft.locator(".bubble")).to_have_text("草稿：7 天内可退。")
    await expect(wide_page.get_by_text("发布以后，这个问题的回答会变。")).to_be_visible()


async def test_the_customer_the_clock_and_what_came_before_go_along(
    new_context: NewContext, busy: FakeKnowledge
) -> None:
    context = await new_context(viewport={"width": 1440, "height": 900}, timezone_id="Europe/London")
    page = await context.new_page()
    await sign_in(page, busy, "checks/say")
    await page.get_by_label("问题").fill("七天无理由退货怎么算")
    await page.get_by_text("顾客、时间、上文").click()
    await page.get_by_label("会员").select_option(label="VIP")
    await page.get_by_label("地区").select_option(label="偏远地区")
    await page.get_by_label("回答的语言").select_option("en")
    await page.get_by_label("什么时候").fill("2026-12-12T00:30")
    await page.get_by_label("上一个回答是").fill("怎么退")
    await page.get_by_role("option", name="怎么退货").first.click()
    await page.get_by_role("button", name="提问").click()
    await expect(page.locator(".say-result .bubble").first).to_contain_text("15 days")
    await expect(page.get_by_text("现在没有草稿")).to_be_visible()
    asked = busy.said[-1]
    assert asked["customer"] == {"vip": True, "region": "remote"}
    assert (asked["at"], asked["context"], asked["language"]) == (
        "2026-12-11T16:30:00.000Z",
        "return_how",
        "en",
    )


# --- pinned questions ------------------------------------------------------------------------------------------------


async def test_a_question_is_pinned_run_changed_and_removed(wide_page: Page, busy: FakeKnowledge) -> None:
    busy.pinned.clear()
    await sign_in(wide_page, busy, "checks/pinned")
    await expect(body(wide_page)).to_contain_text("还没有固定问题")
    await wide_page.get_by_role("button", name="添加固定问题").click()
    dialog = wide_page.get_by_role("dialog")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_role("alert")).to_have_text("写一个问题。")
    await dialog.get_by_label("问题", exact=True).fill("七天无理由退货怎么算")
    await dialog.get_by_label("应回答哪个条目").fill("没有这个条目")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_role("alert")).to_have_text("从列表里选一个条目，或清空这一栏。")
    await expect(dialog.get_by_label("应回答哪个条目")).to_be_focused()
    assert busy.pinned == []
    await dialog.get_by_label("应回答哪个条目").fill("七天无")
    await dialog.get_by_role("option", name="七天无理由退货").first.click()
    await dialog.get_by_role("button", name="保存").click()
    row = wide_page.locator(".pinned")
    await expect(row).to_contain_text("应回答 七天无理由退货")
    assert busy.pinned[0]["expected"] == ENTRY
    await wide_page.get_by_role("button", name="现在跑一遍").click()
    await expect(wide_page.get_by_text("1 个里 1 个答对")).to_be_visible()
    await row.get_by_role("button", name="修改: 七天无理由退货怎么算").click()
    await dialog.get_by_role("button", name="移除条目: 七天无理由退货").click()
    await dialog.get_by_role("button", name="保存").click()
    await expect(row).to_contain_text("不应回答")
    await wide_page.get_by_role("button", name="现在跑一遍").click()
    await expect(row).to_contain_text("没答对")
    await row.get_by_role("button", name="移除: 七天无理由退货怎么算").click()
    await expect(row).to_have_count(0)
    await wide_page.get_by_role("button", name="撤销").click()
    await expect(row).to_have_count(1)


async def test_too_many_pinned_questions_are_told_as_such(wide_page: Page, busy: FakeKnowledge) -> None:
    busy.fail["pin"] = Refused(409, "conflict", "At most 500 questions can be pinned.")
    await sign_in(wide_page, busy, "checks/pinned")
    await wide_page.get_by_role("button", name="添加固定问题").click()
    dialog = wide_page.get_by_role("dialog")
    await dialog.get_by_label("问题", exact=True).fill("还能再固定一个吗")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("固定问题已经够多")


# --- languages, likeness, certainty ------------------------------------------------------------------------------------


async def test_languages_that_are_missing_or_older_lead_to_their_field_in_one_click(
    wide_page: Page, busy: FakeKnowledge
) -> None:
    busy.somebody_writes(busy.entries["return_how"], lambda c: c["answer"].update(en=""))
    busy.older.add((ENTRY, "zh-Hant-HK"))
    await sign_in(wide_page, busy, "checks/languages")
    await expect(body(wide_page)).to_contain_text("84 个条目里 2 个要补")
    await expect(body(wide_page).locator("tbody tr")).to_have_count(2)
    await wide_page.get_by_label("也显示齐全的条目").check()
    await expect(body(wide_page).locator("tbody tr")).to_have_count(84)
    await expect(wide_page.get_by_role("link", name="七天无理由退货, 繁體中文: 比简体旧")).to_be_visible()
    await wide_page.get_by_role("link", name="怎么退货, English: 缺").click()
    await expect(answer(wide_page, "en")).to_be_focused()


async def test_alike_and_unused_entries_are_listed(wide_page: Page, busy: FakeKnowledge) -> None:
    await sign_in(wide_page, busy, "checks/similar")
    pair = wide_page.locator(".pair")
    await expect(pair).to_contain_text("94 % 相似")
    await expect(pair.get_by_role("link", name="怎么退货")).to_have_attribute("href", "#entry/return_how")
    await expect(pair).to_contain_text("像「怎么退」")
    unused = wide_page.locator(".unused")
    await expect(unused).to_have_count(2)
    await expect(unused.last).to_contain_text("从没用到")


async def test_certainty_is_told_in_plain_words_and_a_supervisor_turns_direct_answers_off_and_on(
    wide_page: Page, busy: FakeKnowledge
) -> None:
    await sign_in(wide_page, busy, "checks/calibration", login="mei")
    await expect(body(wide_page)).to_contain_text("平均相差 3.1 个百分点")
    await expect(body(wide_page)).to_contain_text("812 条留出的问法")
    await wide_page.get_by_role("button", name="关掉直接回答").click()
    await expect(body(wide_page)).to_contain_text("由主管关掉：先反问")
    assert busy.calibration["direct_answers"] == "off"
    await expect(wide_page.get_by_role("button", name="交给测量结果决定")).to_be_visible()
    await wide_page.get_by_role("button", name="撤销").click()
    await expect(body(wide_page)).to_contain_text("有把握时直接回答")


async def test_a_new_base_waits_and_an_editor_is_told_who_decides(
    wide_page: Page, busy: FakeKnowledge
) -> None:
    busy.calibration |= {
        "direct_answers": "waiting",
        "why": "not_fitted",
        "error": None,
        "interval": None,
        "fitted_at": None,
    }
    await sign_in(wide_page, busy, "checks/calibration")
    await expect(body(wide_page)).to_contain_text("等你看过再开")
    await expect(body(wide_page)).to_contain_text("还没有测过")
    await expect(body(wide_page)).to_contain_text("主管可以开或关")
    await expect(body(wide_page).get_by_role("button")).to_have_count(0)


# --- each section in each state ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("gaps", "这段时间都答上了"),
        ("pinned", "还没有固定问题"),
        ("languages", "三种语言都齐了"),
        ("similar", "没有太像的条目"),
    ],
)
async def test_an_empty_section_says_what_that_means(
    wide_page: Page, fake_knowledge: FakeKnowledge, section: str, words: str
) -> None:
    await sign_in(wide_page, fake_knowledge, f"checks/{section}")
    await expect(body(wide_page)).to_contain_text(words)


@pytest.mark.parametrize("section", ["gaps", "pinned", "languages", "similar", "calibration"])
async def test_a_section_that_cannot_be_read_can_be_tried_again(
    wide_page: Page, busy: FakeKnowledge, section: str
) -> None:
    busy.fail[section] = Refused(503, "unavailable")
    await sign_in(wide_page, busy, f"checks/{section}")
    await expect(body(wide_page).get_by_role("alert")).to_contain_text("没能读取")
    await body(wide_page).get_by_role("button", name="再试一次").click()
    await expect(body(wide_page).get_by_role("alert")).to_have_count(0)
    await expect(body(wide_page).locator(".gap, .pinned, .empty, .pair, .direct").first).to_be_visible()


async def test_an_agent_reads_the_checks_and_changes_nothing(wide_page: Page, busy: FakeKnowledge) -> None:
    await sign_in(wide_page, busy, "checks/gaps", login="lin")
    await expect(wide_page.locator(".gap").first).to_be_visible()
    await expect(wide_page.get_by_role("button", name="写成知识")).to_have_count(0)
    await wide_page.get_by_role("link", name="固定问题").click()
    await expect(wide_page.locator(".pinned").first).to_be_visible()
    await expect(wide_page.get_by_role("button", name="添加固定问题")).to_have_count(0)
    await wide_page.get_by_role("link", name="导入导出").click()
    await expect(wide_page.get_by_role("link", name="CSV")).to_be_visible()
    await expect(wide_page.locator("#import-file")).to_have_count(0)


WORDS = {
    "zh-Hans": ("没答上的", "机器人会怎么说", "固定问题", "语言对照", "相近与闲置", "导入导出", "把握与直接回答"),
    "zh-Hant-HK": ("未能回答的", "機械人會怎樣說", "固定問題", "語言對照", "相近與閒置", "匯入匯出", "把握與直接回答"),
    "en": (
        "Left unanswered", "What the bot would say", "Pinned questions", "Languages", "Similar and unused", "Import and export",
        "Certainty",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", WORDS)
async def test_the_checks_speak_each_language_and_are_walked_through_by_their_names(
    new_context: NewContext, busy: FakeKnowledge, language: str
) -> None:
    context = await new_context(viewport={"width": 1440, "height": 900}, locale=LOCALES[language])
    page = await context.new_page()
    await sign_in(page, busy, "checks")
    for name in WORDS[language]:
        await page.locator(".checks-places").get_by_role("link", name=name, exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    said = {"zh-Hans": "个百分点", "zh-Hant-HK": "個百分點", "en": "percentage points"}
    await expect(body(page)).to_contain_text(said[language])


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1440, "light", "en-GB"), (390, "dark", "zh-CN")])
async def test_axe_finds_nothing_in_the_checks_and_nothing_is_wider_than_the_screen(
    new_context: NewContext, busy: FakeKnowledge, width: int, scheme: str, locale: str
) -> None:
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
    busy.add_gap("g-9", (long, f"{long} 2"), answers=(long,), cost=99)
    busy.add_pin(long, ENTRY)
    busy.somebody_writes(busy.entries[ENTRY], lambda c: c["title"].update({"zh-Hans": long, "en": long}))
    busy.older.add((ENTRY, "en"))
    context = await new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, locale=locale, bypass_csp=True
    )
    page = await context.new_page()
    await sign_in(page, busy, "checks", login="mei")
    found = []
    for section in SECTIONS:
        await page.evaluate(f"location.hash = 'checks/{section}'")
        await expect(
            body(page).locator(".gap, .pinned, tbody tr, .pair, .direct, .drop, .say-form").first
        ).to_be_visible()
        for details in await body(page).locator("details > summary").all():
            await details.click()
        assert await page.evaluate("document.documentElement.scrollWidth") == width, section
        found += await violations(page, section)
    await page.evaluate("location.hash = 'checks/say'")
    await page.locator("#say-text").fill("七天无理由退货怎么算")
    await page.keyboard.press("Enter")
    await expect(page.locator(".say-sides")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    found += await violations(page, "said")
    assert found == []
