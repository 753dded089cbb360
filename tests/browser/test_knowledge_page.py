"""The knowledge editor in a real browser, against a fake base that speaks the contract and checks by the real rules."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Locator, Page, expect

from knowledge_base.entries import load_content
from tests.browser.conftest import NewContext
from tests.browser.console_story import Json
from tests.browser.fake_console import PASSWORD, Refused
from tests.browser.fake_knowledge import CONTENT, FakeKnowledge

ENTRY = "return_window"
SAVED = re.compile("草稿已保存")


@pytest.fixture
async def fake() -> AsyncIterator[FakeKnowledge]:
    """A fake base with the demo shop's content, served."""
    fake = FakeKnowledge()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def page(new_context: NewContext) -> Page:
    """A page of 1440 × 900."""
    context = await new_context(viewport={"width": 1440, "height": 900})
    return await context.new_page()


async def sign_in(page: Page, fake: FakeKnowledge, place: str = "entries", login: str = "jing") -> None:
    await page.goto(f"{fake.url}/knowledge#{place}")
    await page.locator("#login").fill(login)
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("anxin-knowledge h1")).to_be_visible()


def answer(page: Page, language: str = "zh-Hans") -> Locator:
    return page.locator(f"#f-answer-{language}")


def rows(page: Page) -> Locator:
    return page.locator(".entry-row")


async def saved(page: Page) -> None:
    await expect(page.locator(".entry-acts anxin-save-state")).to_contain_text(SAVED)


async def publish(page: Page, note: str = "") -> None:
    await page.get_by_role("button", name="发布").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("备注").fill(note)
    await dialog.get_by_role("button", name="发布").click()
    await expect(page.get_by_text("已发布，下一句话就生效")).to_be_visible()


# --- the list --------------------------------------------------------------------------------------------------


async def test_the_list_shows_what_there_is_by_group_and_leads_to_an_entry(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake)
    await expect(rows(page)).to_have_count(84)
    row = page.locator(f"[data-entry={ENTRY}]")
    await expect(row).to_contain_text("七天无理由退货")
    await expect(row).to_contain_text("已发布")
    phrasings = load_content(CONTENT).entries[ENTRY].phrasings
    await expect(row).to_contain_text(f"{sum(len(texts) for texts in phrasings.values())} 种说法")
    await row.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("七天无理由退货")


async def test_text_and_filters_narrow_the_list_together(page: Page, fake: FakeKnowledge) -> None:
    fake.somebody_writes(fake.entries["return_how"], lambda c: c["title"].update({"zh-Hans": "怎样退货"}))
    fake.entries["return_how"].draft["answer"].pop("en")
    await sign_in(page, fake)
    await page.get_by_label("按分组筛选").select_option(label="退货")
    await expect(rows(page)).to_have_count(14)
    await page.get_by_role("searchbox").fill("怎样退")
    await expect(rows(page)).to_have_count(1)
    await expect(rows(page)).to_contain_text("有修改")
    await expect(rows(page)).to_contain_text("缺English")
    await expect(rows(page)).to_contain_text("周敏")
    await page.get_by_label("按语言筛选").select_option("en")
    await expect(page.get_by_text("没有符合的条目")).to_be_visible()
    await page.get_by_role("button", name="清除筛选").click()
    await expect(rows(page)).to_have_count(84)
    await page.get_by_label("按状态筛选").select_option("changed")
    await expect(rows(page)).to_have_count(1)


async def test_the_way_back_leads_to_the_list_as_it_was(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake)
    await page.get_by_role("searchbox").fill("发票")
    await expect(rows(page)).not_to_have_count(84)
    count = await rows(page).count()
    await page.locator("[data-entry=invoice_get]").click()
    await page.get_by_role("link", name="回到条目").click()
    await expect(page.get_by_role("searchbox")).to_have_value("发票")
    await expect(rows(page)).to_have_count(count)


async def test_more_than_two_hundred_entries_come_page_by_page(page: Page, fake: FakeKnowledge) -> None:
    fake.fill(230)
    await sign_in(page, fake)
    await expect(rows(page)).to_have_count(200)
    await page.get_by_role("button", name="更多").click()
    await expect(rows(page)).to_have_count(230)


async def test_an_empty_base_says_what_to_do_and_a_failed_list_can_be_tried_again(
    page: Page, fake: FakeKnowledge
) -> None:
    fake.entries.clear()
    fake.fail["list"] = Refused(503, "unavailable")
    await sign_in(page, fake)
    await expect(page.get_by_role("alert").filter(has_text="没能读取")).to_be_visible()
    await page.get_by_role("button", name="再试一次").click()
    await expect(page.get_by_text("知识库还是空的")).to_be_visible()


async def test_a_question_tried_shows_outcome_candidates_and_the_answer(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake)
    await page.get_by_label("像顾客那样提问").fill("七天无理由退货怎么算")
    await page.keyboard.press("Enter")
    result = page.locator(".try-result")
    await expect(result).to_contain_text("直接回答")
    await expect(result).to_contain_text("100 %")
    await expect(result.locator(".bubble")).to_contain_text("7 天内可以无理由退货")
    await expect(result.get_by_role("link").first).to_have_text("七天无理由退货")


# --- editing and publishing -------------------------------------------------------------------------------------


async def test_an_edit_is_saved_by_itself_previewed_and_published_with_a_note(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    publishing = page.get_by_role("button", name="发布")
    await expect(publishing).to_be_disabled()
    await answer(page).fill("您在 {return_window_days}内都能退。")
    await expect(page.locator("anxin-preview .bubble")).to_have_text("您在 7 天内都能退。")
    await saved(page)
    item = fake.entries[ENTRY]
    assert item.draft["answer"]["zh-Hans"] == "您在 {return_window_days}内都能退。"
    assert "无理由" in item.published["answer"]["zh-Hans"]
    await publishing.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator(".change")).to_have_count(1)
    await expect(dialog.locator("dt")).to_have_text("回答 · 简体中文")
    await expect(dialog.locator("ins").first).to_contain_text("都能退")
    await dialog.get_by_label("备注").fill("说得短一点")
    await dialog.get_by_role("button", name="发布").click()
    await expect(page.get_by_text("已发布，下一句话就生效")).to_be_visible()
    await expect(page.locator(".entry-facts")).to_contain_text("已发布")
    await expect(publishing).to_be_disabled()
    assert (item.published["answer"]["zh-Hans"], item.draft) == ("您在 {return_window_days}内都能退。", None)
    assert (item.revisions[0]["note"], item.revisions[0]["by"]["name"]) == ("说得短一点", "陈静")


async def test_typing_on_while_a_save_is_under_way_loses_nothing(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    fake.slow_s = 0.6
    await answer(page).fill("一 {return_window_days}")
    await page.keyboard.press("Control+s")
    await answer(page).press_sequentially(" 二")
    await page.keyboard.press("Control+s")
    await answer(page).press_sequentially(" 三")
    await saved(page)
    assert fake.entries[ENTRY].draft["answer"]["zh-Hans"] == "一 {return_window_days} 二 三"
    await expect(answer(page)).to_have_value("一 {return_window_days} 二 三")


async def test_typing_back_to_what_is_published_leaves_no_draft(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    title = page.locator("#f-title-en")
    before = await title.input_value()
    await title.fill("Something else")
    await saved(page)
    assert fake.entries[ENTRY].state == "changed"
    await title.fill(before)
    await expect(page.locator(".entry-facts")).to_contain_text("已发布")
    assert fake.entries[ENTRY].state == "published"


async def test_a_figure_is_offered_while_a_brace_is_typed_and_shows_as_a_token(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await answer(page).fill("到账要 ")
    await answer(page).press_sequentially("{")
    await answer(page).press_sequentially("refund_c")
    option = page.locator(".popup [aria-selected=true]")
    await expect(option).to_contain_text("refund_credit_card_days")
    await expect(option).to_contain_text("3–7 个工作日")
    await page.keyboard.press("Enter")
    await expect(answer(page)).to_have_value("到账要 {refund_credit_card_days}")
    cell = page.locator("[data-path='answer.zh-Hans']")
    await expect(cell.locator("mark")).to_have_text("{refund_credit_card_days}")
    await expect(cell.locator(".answer-figures")).to_contain_text("3–7 个工作日")
    await expect(page.locator("anxin-preview .bubble")).to_have_text("到账要 3–7 个工作日")


async def test_the_marks_lie_exactly_behind_the_text(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await answer(page).fill("很长的回答 {return_window_days} with words " * 20 + "\n\n末行")
    sizes = await page.evaluate("""() => {
        const [copy, text] = ['.answer-copy', '.answer-text'].map((name) => document.querySelector(name));
        return [copy.scrollHeight, text.scrollHeight, copy.clientWidth, text.clientWidth];
    }""")
    assert abs(sizes[0] - sizes[1]) <= 1 and sizes[2] == sizes[3]


async def test_phrasings_are_added_edited_removed_and_brought_back(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    cell = page.locator("[data-path='phrasings.zh-Hant-HK']")
    chips = cell.locator(".chip")
    before = list(fake.entries[ENTRY].published["phrasings"]["zh-Hant-HK"])
    await expect(chips).to_have_count(len(before))
    await cell.locator("#f-phrasings-zh-Hant-HK").fill("  幾耐之內可以  退 ")
    await page.keyboard.press("Enter")
    await expect(chips).to_have_count(len(before) + 1)
    await cell.locator("#f-phrasings-zh-Hant-HK").fill("幾耐之內可以 退")
    await page.keyboard.press("Enter")
    await expect(chips).to_have_count(len(before) + 1)  # the same again
    await cell.get_by_role("button", name="修改说法: 七日無理由係點計").click()
    await page.keyboard.type("7 日無理由係點計")
    await page.keyboard.press("Enter")
    await cell.get_by_role("button", name="删除说法: 最遲幾時要退").click()
    await expect(chips).to_have_count(len(before))
    await page.get_by_role("button", name="撤销").click()
    await expect(chips).to_have_count(len(before) + 1)
    await saved(page)
    edited = ["7 日無理由係點計" if text == "七日無理由係點計" else text for text in before]
    assert fake.entries[ENTRY].draft["phrasings"]["zh-Hant-HK"] == [*edited, "幾耐之內可以 退"]


async def test_phrasings_are_moved_by_keys_and_by_dragging_within_and_between_languages(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    before = fake.entries[ENTRY].published["phrasings"]
    first, second, third = before["zh-Hans"][:3]
    await page.get_by_role("button", name=f"修改说法: {second}").focus()
    await page.keyboard.press("Alt+ArrowLeft")
    await expect(page.get_by_role("button", name=f"修改说法: {second}")).to_be_focused()
    await page.keyboard.press("Alt+Shift+ArrowRight")
    await expect(page.get_by_role("button", name=f"修改说法: {second}")).to_be_focused()
    target = page.locator("[data-path='phrasings.en'] .chip").nth(1)
    await page.locator("[data-path='phrasings.zh-Hans'] .chip", has_text=third).first.drag_to(target)
    await saved(page)
    now = fake.entries[ENTRY].draft["phrasings"]
    assert now["zh-Hans"][:1] == [first]
    assert second not in now["zh-Hans"]
    assert now["zh-Hant-HK"] == [*before["zh-Hant-HK"], second]
    assert now["en"] == [before["en"][0], third, *before["en"][1:]]


async def test_a_new_group_is_named_on_the_way(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await page.get_by_label("分组").select_option(label="新分组…")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("名称").fill("Gift Cards")
    await dialog.get_by_role("button", name="使用").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("小写字母和数字")
    await dialog.get_by_label("名称").fill("gift_cards")
    await dialog.get_by_role("button", name="使用").click()
    await expect(page.get_by_label("分组")).to_have_value("gift_cards")
    await saved(page)
    assert fake.entries[ENTRY].draft["group"] == "gift_cards"


async def test_a_paste_of_several_lines_adds_several_phrasings(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await page.locator("#f-phrasings-en").focus()
    await page.evaluate("""() => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', 'when is it too late\\r\\n\\n  one more day  ');
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }""")
    await saved(page)
    assert fake.entries[ENTRY].draft["phrasings"]["en"][-2:] == ["when is it too late", "one more day"]


async def test_variants_are_tabs_with_conditions_and_their_own_preview(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    preview = page.locator("anxin-preview")
    await page.get_by_role("tab", name="VIP").click()
    await expect(preview.locator(".bubble")).to_contain_text("15 天内")
    await expect(preview).to_contain_text("情形：VIP")
    await page.get_by_role("button", name="添加情形").click()
    await page.get_by_label("条件", exact=True).select_option("region")
    await page.get_by_label("条件的值").select_option(label="偏远地区")
    await page.locator("#f-variants-1-answer-zh-Hans").fill("偏远地区也是 {return_window_days}。")
    await expect(preview.locator(".bubble")).to_have_text("偏远地区也是 7 天。")
    await saved(page)
    added = fake.entries[ENTRY].draft["variants"][1]
    assert (added["when"], added["answer"]["zh-Hans"]) == (
        {"region": "remote"},
        "偏远地区也是 {return_window_days}。",
    )
    await page.get_by_role("button", name="删除情形").click()
    await expect(page.get_by_role("tab")).to_have_count(2)
    await page.get_by_role("button", name="撤销").click()
    await expect(page.get_by_role("tab", name="偏远地区")).to_be_visible()


async def test_related_entries_group_and_form_are_chosen(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await page.locator("#related-search").fill("运费险")
    await page.get_by_role("option", name="运费险怎么赔").click()
    await page.get_by_role("button", name="移除相关条目: 怎么退货").click()
    await page.get_by_label("分组").select_option(label="退款")
    await page.get_by_label("接着办理").select_option(label="只回答")
    await saved(page)
    draft = fake.entries[ENTRY].draft
    assert "return_freight_insurance" in draft["related"] and "return_how" not in draft["related"]
    assert (draft["group"], draft["start_form"]) == ("refund", None)


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
    page: Page, fake: FakeKnowledge, text: str, words: str
) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await answer(page, "en").focus()
    await answer(page).fill(text)
    problems = page.locator("[data-path='answer.zh-Hans'] .field-problems")
    await expect(problems).to_contain_text(words)
    await expect(answer(page)).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("[data-path='answer.en'] .field-problems")).to_be_empty()
    await page.locator("#f-title-en").focus()
    await page.get_by_role("button", name="发布").click()
    await expect(page.get_by_text("处要改，才能发布")).to_be_visible()
    await expect(answer(page)).to_be_focused()
    assert fake.entries[ENTRY].revision == 1
    assert await page.evaluate("document.querySelectorAll('script:not([src])').length") == 0


async def test_a_problem_in_another_variant_and_language_is_gone_to(
    new_context: NewContext, fake: FakeKnowledge
) -> None:
    fake.somebody_writes(
        fake.entries[ENTRY], lambda c: c["variants"][0]["answer"].update({"zh-Hant-HK": " "})
    )
    context = await new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await sign_in(page, fake, f"entry/{ENTRY}")
    await page.get_by_role("button", name="发布").click()
    await expect(page.get_by_role("tab", name="VIP")).to_have_attribute("aria-selected", "true")
    await expect(page.locator("#f-variants-0-answer-zh-Hant-HK")).to_be_focused()


async def test_a_phrasing_of_another_entry_is_marked_and_the_other_entry_linked(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await page.locator("#f-phrasings-zh-Hans").fill("怎么退货")
    await page.keyboard.press("Enter")
    cell = page.locator("[data-path='phrasings.zh-Hans']")
    await expect(cell.locator(".chip.is-bad")).to_have_text("怎么退货")
    await expect(cell.locator(".field-problems")).to_contain_text("也在条目「怎么退货」里")
    await expect(cell.get_by_role("link", name="打开")).to_have_attribute("href", "#entry/return_how")


async def test_what_the_service_finds_only_when_publishing_is_shown_at_the_field(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await answer(page).fill("您有 {return_send_days}。")
    await saved(page)
    await page.get_by_role("button", name="发布").click()
    del fake.rows["return_send_days"]
    await page.get_by_role("dialog").get_by_role("button", name="发布").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    problems = page.locator("[data-path='answer.zh-Hans'] .field-problems")
    await expect(problems).to_contain_text("政策里没有数字 return_send_days")
    await expect(answer(page)).to_have_value("您有 {return_send_days}。")


async def test_discarding_can_be_undone(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await answer(page).fill("我的草稿 {return_window_days}")
    await saved(page)
    await page.get_by_role("button", name="放弃修改").click()
    await expect(answer(page)).to_have_value(re.compile("无理由退货"))
    assert fake.entries[ENTRY].draft is None
    await page.get_by_role("button", name="撤销").click()
    await expect(answer(page)).to_have_value("我的草稿 {return_window_days}")
    await saved(page)
    assert fake.entries[ENTRY].draft["answer"]["zh-Hans"] == "我的草稿 {return_window_days}"


async def test_a_new_entry_is_made_filled_in_and_published(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake)
    await page.get_by_role("button", name="新建条目").click()
    dialog = page.get_by_role("dialog")
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
    await expect(page.locator(".entry-facts")).to_contain_text("草稿")
    for language, text in (
        ("zh-Hans", "赠品随单寄出。"),
        ("zh-Hant-HK", "贈品隨單寄出。"),
        ("en", "Gifts come along."),
    ):
        await page.locator(f"#f-title-{language}").fill(text)
        await answer(page, language).fill(text)
        await page.locator(f"#f-phrasings-{language}").fill(f"gift {language}")
        await page.keyboard.press("Enter")  # fmt: skip
    await saved(page)
    await publish(page)
    assert fake.entries["gift_claim"].revision == 1


async def test_an_entry_that_was_never_published_goes_with_its_draft_and_comes_back(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake)
    await page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("标题").fill("Gift cards")
    await expect(dialog.get_by_label("编号")).to_have_value("gift_cards")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="放弃修改").click()
    await expect(rows(page)).to_have_count(84)
    assert not fake.entries["gift_cards"].is_listed
    await page.get_by_role("button", name="撤销").click()
    await expect(page.locator("#f-title-zh-Hans")).to_have_value("Gift cards")


# --- another was faster ------------------------------------------------------------------------------------------


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
    page: Page, fake: FakeKnowledge
) -> None:
    conflict = await in_conflict(page, fake)
    await expect(conflict.locator("fieldset")).to_have_count(2)
    both = conflict.locator("[data-path='answer.zh-Hans']")
    await expect(both).to_contain_text("两边都改了")
    await expect(both.get_by_label("我的")).to_be_checked()
    await expect(both).to_contain_text("对方的回答")
    await expect(conflict.locator("[data-path='title.en']").get_by_label("周敏")).to_be_checked()
    await conflict.get_by_role("button", name="继续编辑").click()
    await saved(page)
    draft = fake.entries[ENTRY].draft
    assert draft["answer"]["zh-Hans"] == "我的回答 {return_window_days}。"
    assert (draft["title"]["en"], draft["title"]["zh-Hans"]) == ("Their title", "我的标题")
    await answer(page).fill("接着写 {return_window_days}。")
    await publish(page)
    assert fake.entries[ENTRY].published["answer"]["zh-Hans"] == "接着写 {return_window_days}。"


async def test_in_a_conflict_theirs_can_be_taken_whole(page: Page, fake: FakeKnowledge) -> None:
    conflict = await in_conflict(page, fake)
    await conflict.get_by_role("button", name="都用对方的").click()
    await conflict.get_by_role("button", name="继续编辑").click()
    await expect(answer(page)).to_have_value("对方的回答 {return_window_days}。")
    await expect(page.locator("#f-title-en")).to_have_value("Their title")
    assert fake.entries[ENTRY].draft_by == {"id": "other-1", "name": "周敏"}


async def test_a_save_whose_answer_was_lost_is_no_conflict(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    cut = True

    async def lose(route: Any) -> None:
        nonlocal cut
        if not cut or route.request.method != "PUT":
            await route.continue_()
            return
        cut = False
        await route.fetch()
        await route.abort()

    await page.route("**/draft", lose)
    await answer(page).fill("只存一次 {return_window_days}")
    await expect(page.locator(".net-bar")).to_be_visible()
    await expect(page.locator(".net-bar")).to_be_hidden()
    await expect(page.locator("anxin-conflict")).to_have_count(0)
    assert fake.entries[ENTRY].draft["answer"]["zh-Hans"] == "只存一次 {return_window_days}"


# --- offline, and what an earlier visit left -----------------------------------------------------------------------


async def test_what_is_typed_offline_is_kept_and_sent_later(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await page.context.set_offline(True)
    await answer(page).fill("离线时写的 {return_window_days}")
    await expect(page.locator(".entry-acts anxin-save-state")).to_contain_text("离线，已留在这台电脑上")
    await expect(page.locator(".net-bar")).to_contain_text("连接已断开")
    await answer(page).press_sequentially(" 还在写")
    await page.context.set_offline(False)
    await saved(page)
    await expect(page.locator(".net-bar")).to_be_hidden()
    assert fake.entries[ENTRY].draft["answer"]["zh-Hans"] == "离线时写的 {return_window_days} 还在写"


async def test_a_closed_tab_with_unsent_changes_offers_them_back(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    fake.refusing = True
    await answer(page).fill("没来得及保存 {return_window_days}")
    await expect(page.locator(".entry-acts anxin-save-state")).to_contain_text("离线")
    again = await page.context.new_page()
    await page.close()
    fake.refusing = False
    await again.goto(f"{fake.url}/knowledge#entry/{ENTRY}")
    await expect(again.locator(".left-over")).to_contain_text("没保存的修改")
    await again.get_by_role("button", name="接着改").click()
    await expect(answer(again)).to_have_value("没来得及保存 {return_window_days}")
    await saved(again)
    await again.reload()
    await expect(answer(again)).to_have_value("没来得及保存 {return_window_days}")
    await expect(again.locator(".left-over")).to_be_hidden()


async def test_a_left_over_meets_what_a_colleague_did_since(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    fake.refusing = True
    await answer(page).fill("没来得及保存 {return_window_days}")
    await expect(page.locator(".entry-acts anxin-save-state")).to_contain_text("离线")
    again = await page.context.new_page()
    await page.close()
    fake.refusing = False
    fake.somebody_writes(fake.entries[ENTRY], _theirs)
    await again.goto(f"{fake.url}/knowledge#entry/{ENTRY}")
    await again.get_by_role("button", name="接着改").click()
    conflict = again.get_by_role("alert").filter(has_text="周敏 同时也改了")
    await expect(conflict.locator("fieldset")).to_have_count(2)
    await conflict.get_by_role("button", name="继续编辑").click()
    await expect(again.locator("#f-title-en")).to_have_value("Their title")
    await expect(answer(again)).to_have_value("没来得及保存 {return_window_days}")


async def test_an_ended_session_asks_to_sign_in_and_goes_on_where_it_was(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await page.wait_for_load_state(
        "networkidle"
    )  # a request still on its way would ask to sign in before a word is written
    fake.sessions.clear()
    await answer(page).fill("登录过期时写的 {return_window_days}")
    await page.locator("#login").fill("jing")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(answer(page)).to_have_value("登录过期时写的 {return_window_days}")
    await expect(page.locator(".entry-facts")).to_contain_text("有修改")
    await page.wait_for_timeout(500)
    assert fake.entries[ENTRY].draft["answer"]["zh-Hans"] == "登录过期时写的 {return_window_days}"


# --- history ---------------------------------------------------------------------------------------------------


async def test_history_shows_who_why_and_what_and_restores_as_a_draft_that_can_be_undone(
    page: Page, fake: FakeKnowledge
) -> None:
    fake.make_history(ENTRY, ("双十一", "改得亲切"))
    await sign_in(page, fake, f"entry/{ENTRY}/history")
    revisions = page.locator("details.revision")
    await expect(revisions).to_have_count(3)
    await expect(revisions.first).to_contain_text("改得亲切")
    await expect(revisions.first).to_contain_text("陈静")
    await expect(revisions.first.locator("ins").first).to_contain_text("您")
    await expect(revisions.last).to_contain_text("导入")
    await revisions.nth(1).locator("summary").click()
    await expect(revisions.nth(1).locator("ins").last).to_contain_text("第 2 版的说法")
    await revisions.nth(1).get_by_role("button", name="恢复为草稿").click()
    await expect(answer(page)).to_have_value(re.compile("^亲"))
    assert fake.entries[ENTRY].draft["answer"]["zh-Hans"].startswith("亲")
    await page.get_by_role("button", name="撤销").click()
    await expect(answer(page)).to_have_value(re.compile("^您"))
    await expect(page.locator(".entry-facts")).to_contain_text("已发布")
    assert fake.entries[ENTRY].draft is None


# --- policy figures ----------------------------------------------------------------------------------------------


async def test_a_figure_is_changed_in_place_and_published_with_what_it_changes(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake, "policy")
    row = page.locator("[data-figure=return_window_days]")
    await expect(row).to_contain_text("无理由退货期")
    await row.locator("summary").click()
    await expect(row.get_by_role("link", name="七天无理由退货")).to_have_attribute("href", f"#entry/{ENTRY}")
    await row.get_by_role("textbox").fill("１５")
    await expect(row).to_contain_text("7 天 → 15 天")
    await expect(row).to_contain_text(SAVED)
    assert (fake.figures["return_window_days"].published, fake.figures["return_window_days"].draft) == (7, 15)
    await row.get_by_role("button", name="发布").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("2 个条目的回答会随之改变")
    await dialog.get_by_label("备注").fill("双十一")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("已发布，下一句话就生效")).to_be_visible()
    await expect(row.get_by_role("button", name="发布")).to_have_count(0)
    assert fake.figures["return_window_days"].published == 15
    await row.get_by_role("link", name="历史").click()
    await expect(page.locator("details.revision")).to_have_count(2)
    await expect(page.locator("details.revision").first).to_contain_text("7 天 → 15 天")


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
    page: Page, fake: FakeKnowledge, name: str, text: str, value: Any
) -> None:
    await sign_in(page, fake, "policy")
    row = page.locator(f"[data-figure={name}]")
    await row.get_by_role("textbox").fill(text)
    if value is None:
        await expect(row.locator(".field-problems")).to_contain_text("写")
        await expect(row.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
        await page.wait_for_timeout(1_000)
        assert fake.figures[name].draft is None
    else:
        await expect(row).to_contain_text(SAVED)
        assert fake.figures[name].draft == value


async def test_a_figure_that_contradicts_another_says_so_and_is_not_published(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake, "policy")
    row = page.locator("[data-figure=return_window_days]")
    await row.get_by_role("textbox").fill("20")
    await expect(row.locator(".field-problems")).to_contain_text("和「VIP 的无理由退货期 (15 天)」矛盾")
    await row.get_by_role("button", name="发布").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await row.get_by_role("button", name="放弃修改").click()
    await expect(row.get_by_role("textbox")).to_have_value("7")


async def test_a_figure_that_two_change_shows_both_values(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, "policy")
    fake.somebody_writes(fake.figures["return_window_days"], lambda _: 10)
    row = page.locator("[data-figure=return_window_days]")
    await row.get_by_role("textbox").fill("12")
    conflict = row.get_by_role("alert")
    await expect(conflict).to_contain_text("10 天")
    await expect(conflict).to_contain_text("12 天")
    await conflict.get_by_label("我的").check()
    await conflict.get_by_role("button", name="继续编辑").click()
    await expect(row).to_contain_text(SAVED)
    assert fake.figures["return_window_days"].draft == 12


# --- who may what -----------------------------------------------------------------------------------------------


async def test_an_agent_reads_and_is_told_who_edits(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}", login="lin")
    await expect(page.get_by_text("修改由知识库编辑和主管来做")).to_be_visible()
    await expect(answer(page)).to_have_attribute("readonly", "")
    for name in ("发布", "放弃修改", "添加情形", "插入数字"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await page.get_by_role("link", name="政策数字").click()
    await expect(page.locator("#figure-return_window_days")).to_have_attribute("readonly", "")
    await page.get_by_role("link", name="条目", exact=True).click()
    await expect(rows(page).first).to_be_visible()
    await page.keyboard.press("n")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert fake.writes == []


@pytest.mark.parametrize(
    ("login", "links"), [("jing", []), ("lin", ["/desk"]), ("mei", ["/desk", "/admin"]), ("admin", ["/desk", "/admin"])]
)  # fmt: skip
async def test_each_role_has_the_way_to_its_other_pages(
    page: Page, fake: FakeKnowledge, login: str, links: list[str]
) -> None:
    await sign_in(page, fake, login=login)
    found = [await link.get_attribute("href") for link in await page.locator(".tools a").all()]
    assert found == links


# --- keyboard, languages, looks ------------------------------------------------------------------------------------


async def test_an_entry_is_found_edited_and_published_by_keyboard_alone(
    page: Page, fake: FakeKnowledge
) -> None:
    await sign_in(page, fake)
    await expect(rows(page).first).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("七天无理由")
    await expect(rows(page).first).to_contain_text("七天无理由退货")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(answer(page)).to_be_visible()
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "f-answer-zh-Hans":
            break
    await page.keyboard.press("Control+End")
    await page.keyboard.type("谢谢。")
    await page.keyboard.press("Control+s")
    await saved(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("Control+Enter")
    await page.keyboard.type("礼貌")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("已发布，下一句话就生效")).to_be_visible()
    await page.keyboard.press("Escape")  # out of the field, then out of the entry
    await page.keyboard.press("Escape")
    await expect(rows(page).first).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("立即保存")
    assert fake.entries[ENTRY].revisions[0]["note"] == "礼貌"


async def test_escape_closes_the_suggestions_alone(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await answer(page).focus()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("{")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox")).to_have_count(0)
    await expect(answer(page)).to_be_focused()


async def test_changing_the_language_of_the_page_keeps_what_is_typed(page: Page, fake: FakeKnowledge) -> None:
    await sign_in(page, fake, f"entry/{ENTRY}")
    await answer(page).fill("还没保存 {return_window_days}")
    await page.locator("select.language").select_option("en")
    await expect(page.get_by_role("button", name="Publish")).to_be_visible()
    await expect(answer(page)).to_have_value("还没保存 {return_window_days}")
    await page.locator("select.language").select_option("zh-Hant-HK")
    await expect(page.get_by_role("button", name="發佈")).to_be_visible()


async def test_every_word_that_the_page_asks_for_exists(page: Page, fake: FakeKnowledge) -> None:
    await page.goto(f"{fake.url}/assets/shared/mark.svg")
    words = await page.evaluate("""async () => {
        const { knowledge } = await import('/assets/shared/i18n/knowledge.js');
        const { figureWords } = await import('/assets/shared/i18n/figures.js');
        const { desk } = await import('/assets/shared/i18n/desk.js');
        const { trade } = await import('/assets/shared/i18n/trade.js');
        const { knowledgeChecks } = await import('/assets/shared/i18n/knowledge_checks.js');
        const { knowledgeProblems } = await import('/assets/shared/i18n/knowledge_problems.js');
        const { knowledgePublishing } = await import('/assets/shared/i18n/knowledge_publishing.js');
        return [knowledge, knowledgeChecks, knowledgeProblems, knowledgePublishing, figureWords, desk, trade].flatMap((one) => Object.keys(one['zh-Hans']));
    }""")
    folder = fake.folder("knowledge")
    asked = {
        key for path in folder.rglob("*.js") for key in re.findall(r'\bt\("([\w.-]+)"', path.read_text())
    }
    assert len(asked) > 100
    assert asked - set(words) == set()
    assert {f"figure.{name}" for name in fake.rows} - set(words) == set()
    assert {f"group.{item.published['group']}" for item in fake.entries.values()} - set(words) == set()


@pytest.mark.parametrize("place", ["entries", f"entry/{ENTRY}", f"entry/{ENTRY}/history", "policy"])
@pytest.mark.parametrize(("width", "language"), [(390, "zh-CN"), (390, "en-GB"), (768, "en-GB")])
async def test_no_view_is_wider_than_the_screen_with_the_longest_texts(
    new_context: NewContext, fake: FakeKnowledge, place: str, width: int, language: str
) -> None:
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2

    def lengthen(content: Json) -> None:
        content["title"]["zh-Hans"] = long
        content["answer"]["zh-Hans"] = f"{long} {{return_window_days}} " * 8
        content["phrasings"]["zh-Hans"].append(long)

    fake.somebody_writes(fake.entries[ENTRY], lengthen, name=long)
    fake.make_history(ENTRY, (long,))
    context = await new_context(viewport={"width": width, "height": 844}, locale=language)
    page = await context.new_page()
    await sign_in(page, fake, place)
    await expect(page.locator(".entry-row, .answer-text:visible, .revision, anxin-figure").first).to_be_visible()  # fmt: skip
    assert await page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(new_context: NewContext, fake: FakeKnowledge, scheme: str) -> None:
    fake.make_history(ENTRY, ("双十一", "改得亲切"))
    fake.somebody_writes(fake.entries["return_how"], lambda c: c["answer"].update({"zh-Hans": "9 天 {x}"}))
    context = await new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = await context.new_page()
    await sign_in(page, fake)
    found = []
    for place in ("entries", "entry/return_how", f"entry/{ENTRY}/history", "policy"):
        await page.evaluate(f"location.hash = '{place}'")
        await expect(page.locator(".entry-row, .answer-text, .revision, anxin-figure").first).to_be_visible()
        found += await _violations(page, place)
    await page.locator("#figure-return_window_days").fill("12")
    await page.locator("[data-figure=return_window_days]").get_by_role("button", name="发布").click()
    found += await _violations(page, "publish")
    await page.keyboard.press("Escape")
    fake.somebody_writes(fake.figures["return_window_days"], lambda _: 10)
    await page.locator("#figure-return_window_days").fill("13")
    await expect(page.locator("anxin-conflict")).to_be_visible()
    found += await _violations(page, "conflict")
    assert found == []


async def _violations(page: Page, place: str) -> list[tuple[str, str, list[str]]]:
    results = await Axe().run(page)
    return [(place, v["id"], [n["html"] for n in v["nodes"]][:3]) for v in results.response["violations"]]
