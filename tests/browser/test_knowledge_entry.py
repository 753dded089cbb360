"""An entry in the editor, against a fake base: its answers, phrasings, variants and what it belongs to; saving, publishing, history."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.fake_knowledge import FakeKnowledge
from tests.browser.knowledge_steps import ENTRY, answer, saved, sign_in


async def test_an_edit_is_saved_by_itself_previewed_and_published_with_a_note(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    publishing = wide_page.get_by_role("button", name="发布")
    await expect(publishing).to_be_disabled()
    await answer(wide_page).fill("您在 {return_window_days}内都能退。")
    await expect(wide_page.locator("anxin-preview .bubble")).to_have_text("您在 7 天内都能退。")
    await saved(wide_page)
    item = fake_knowledge.entries[ENTRY]
    assert item.draft["answer"]["zh-Hans"] == "您在 {return_window_days}内都能退。"
    assert "无理由" in item.published["answer"]["zh-Hans"]
    await publishing.click()
    dialog = wide_page.get_by_role("dialog")
    await expect(dialog.locator(".change")).to_have_count(1)
    await expect(dialog.locator("dt")).to_have_text("回答 · 简体中文")
    await expect(dialog.locator("ins").first).to_contain_text("都能退")
    await dialog.get_by_label("备注").fill("说得短一点")
    await dialog.get_by_role("button", name="发布").click()
    await expect(wide_page.get_by_text("已发布，下一句话就生效")).to_be_visible()
    await expect(wide_page.locator(".entry-facts")).to_contain_text("已发布")
    await expect(publishing).to_be_disabled()
    assert (item.published["answer"]["zh-Hans"], item.draft) == ("您在 {return_window_days}内都能退。", None)
    assert (item.revisions[0]["note"], item.revisions[0]["by"]["name"]) == ("说得短一点", "陈静")


async def test_typing_on_while_a_save_is_under_way_loses_nothing(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    fake_knowledge.slow_s = 0.6
    await answer(wide_page).fill("一 {return_window_days}")
    await wide_page.keyboard.press("Control+s")
    await answer(wide_page).press_sequentially(" 二")
    await wide_page.keyboard.press("Control+s")
    await answer(wide_page).press_sequentially(" 三")
    await saved(wide_page)
    assert fake_knowledge.entries[ENTRY].draft["answer"]["zh-Hans"] == "一 {return_window_days} 二 三"
    await expect(answer(wide_page)).to_have_value("一 {return_window_days} 二 三")


async def test_typing_back_to_what_is_published_leaves_no_draft(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    title = wide_page.locator("#f-title-en")
    before = await title.input_value()
    await title.fill("Something else")
    await saved(wide_page)
    assert fake_knowledge.entries[ENTRY].state == "changed"
    await title.fill(before)
    await expect(wide_page.locator(".entry-facts")).to_contain_text("已发布")
    assert fake_knowledge.entries[ENTRY].state == "published"


async def test_a_figure_is_offered_while_a_brace_is_typed_and_shows_as_a_token(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await answer(wide_page).fill("到账要 ")
    await answer(wide_page).press_sequentially("{")
    await answer(wide_page).press_sequentially("refund_c")
    option = wide_page.locator(".popup [aria-selected=true]")
    await expect(option).to_contain_text("refund_credit_card_days")
    await expect(option).to_contain_text("3–7 个工作日")
    await wide_page.keyboard.press("Enter")
    await expect(answer(wide_page)).to_have_value("到账要 {refund_credit_card_days}")
    cell = wide_page.locator("[data-path='answer.zh-Hans']")
    await expect(cell.locator("mark")).to_have_text("{refund_credit_card_days}")
    await expect(cell.locator(".answer-figures")).to_contain_text("3–7 个工作日")
    await expect(wide_page.locator("anxin-preview .bubble")).to_have_text("到账要 3–7 个工作日")


async def test_the_marks_lie_exactly_behind_the_text(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await answer(wide_page).fill("很长的回答 {return_window_days} with words " * 20 + "\n\n末行")
    sizes = await wide_page.evaluate("""() => {
        const [copy, text] = ['.answer-copy', '.answer-text'].map((name) => document.querySelector(name));
        return [copy.scrollHeight, text.scrollHeight, copy.clientWidth, text.clientWidth];
    }""")
    assert abs(sizes[0] - sizes[1]) <= 1 and sizes[2] == sizes[3]


async def test_phrasings_are_added_edited_removed_and_brought_back(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    cell = wide_page.locator("[data-path='phrasings.zh-Hant-HK']")
    chips = cell.locator(".chip")
    before = list(fake_knowledge.entries[ENTRY].published["phrasings"]["zh-Hant-HK"])
    await expect(chips).to_have_count(len(before))
    await cell.locator("#f-phrasings-zh-Hant-HK").fill("  幾耐之內可以  退 ")
    await wide_page.keyboard.press("Enter")
    await expect(chips).to_have_count(len(before) + 1)
    await cell.locator("#f-phrasings-zh-Hant-HK").fill("幾耐之內可以 退")
    await wide_page.keyboard.press("Enter")
    await expect(chips).to_have_count(len(before) + 1)  # the same again
    await cell.get_by_role("button", name="修改说法: 七日無理由係點計").click()
    await wide_page.keyboard.type("7 日無理由係點計")
    await wide_page.keyboard.press("Enter")
    await cell.get_by_role("button", name="删除说法: 最遲幾時要退").click()
    await expect(chips).to_have_count(len(before))
    await wide_page.get_by_role("button", name="撤销").click()
    await expect(chips).to_have_count(len(before) + 1)
    await saved(wide_page)
    edited = ["7 日無理由係點計" if text == "七日無理由係點計" else text for text in before]
    assert fake_knowledge.entries[ENTRY].draft["phrasings"]["zh-Hant-HK"] == [*edited, "幾耐之內可以 退"]


async def test_phrasings_are_moved_by_keys_and_by_dragging_within_and_between_languages(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    before = fake_knowledge.entries[ENTRY].published["phrasings"]
    first, second, third = before["zh-Hans"][:3]
    await wide_page.get_by_role("button", name=f"修改说法: {second}").focus()
    await wide_page.keyboard.press("Alt+ArrowLeft")
    await expect(wide_page.get_by_role("button", name=f"修改说法: {second}")).to_be_focused()
    await wide_page.keyboard.press("Alt+Shift+ArrowRight")
    await expect(wide_page.get_by_role("button", name=f"修改说法: {second}")).to_be_focused()
    target = wide_page.locator("[data-path='phrasings.en'] .chip").nth(1)
    await wide_page.locator("[data-path='phrasings.zh-Hans'] .chip", has_text=third).first.drag_to(target)
    await saved(wide_page)
    now = fake_knowledge.entries[ENTRY].draft["phrasings"]
    assert now["zh-Hans"][:1] == [first]
    assert second not in now["zh-Hans"]
    assert now["zh-Hant-HK"] == [*before["zh-Hant-HK"], second]
    assert now["en"] == [before["en"][0], third, *before["en"][1:]]


async def test_a_new_group_is_named_on_the_way(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await wide_page.get_by_label("分组").select_option(label="新分组…")
    dialog = wide_page.get_by_role("dialog")
    await dialog.get_by_label("名称").fill("Gift Cards")
    await dialog.get_by_role("button", name="使用").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("小写字母和数字")
    await dialog.get_by_label("名称").fill("gift_cards")
    await dialog.get_by_role("button", name="使用").click()
    await expect(wide_page.get_by_label("分组")).to_have_value("gift_cards")
    await saved(wide_page)
    assert fake_knowledge.entries[ENTRY].draft["group"] == "gift_cards"


async def test_a_paste_of_several_lines_adds_several_phrasings(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await wide_page.locator("#f-phrasings-en").focus()
    await wide_page.evaluate("""() => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', 'when is it too late\\r\\n\\n  one more day  ');
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }""")
    await saved(wide_page)
    assert fake_knowledge.entries[ENTRY].draft["phrasings"]["en"][-2:] == [
        "when is it too late",
        "one more day",
    ]


async def test_variants_are_tabs_with_conditions_and_their_own_preview(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    preview = wide_page.locator("anxin-preview")
    await wide_page.get_by_role("tab", name="VIP").click()
    await expect(preview.locator(".bubble")).to_contain_text("15 天内")
    await expect(preview).to_contain_text("情形：VIP")
    await wide_page.get_by_role("button", name="添加情形").click()
    await wide_page.get_by_label("条件", exact=True).select_option("region")
    await wide_page.get_by_label("条件的值").select_option(label="偏远地区")
    await wide_page.locator("#f-variants-1-answer-zh-Hans").fill("偏远地区也是 {return_window_days}。")
    await expect(preview.locator(".bubble")).to_have_text("偏远地区也是 7 天。")
    await saved(wide_page)
    added = fake_knowledge.entries[ENTRY].draft["variants"][1]
    assert (added["when"], added["answer"]["zh-Hans"]) == (
        {"region": "remote"},
        "偏远地区也是 {return_window_days}。",
    )
    await wide_page.get_by_role("button", name="删除情形").click()
    await expect(wide_page.get_by_role("tab")).to_have_count(2)
    await wide_page.get_by_role("button", name="撤销").click()
    await expect(wide_page.get_by_role("tab", name="偏远地区")).to_be_visible()


async def test_related_entries_group_and_form_are_chosen(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await wide_page.locator("#related-search").fill("运费险")
    await wide_page.get_by_role("option", name="运费险怎么赔").click()
    await wide_page.get_by_role("button", name="移除相关条目: 怎么退货").click()
    await wide_page.get_by_label("分组").select_option(label="退款")
    await wide_page.get_by_label("接着办理").select_option(label="只回答")
    await saved(wide_page)
    draft = fake_knowledge.entries[ENTRY].draft
    assert "return_freight_insurance" in draft["related"] and "return_how" not in draft["related"]
    assert (draft["group"], draft["start_form"]) == ("refund", None)


async def test_history_shows_who_why_and_what_and_restores_as_a_draft_that_can_be_undone(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    fake_knowledge.make_history(ENTRY, ("双十一", "改得亲切"))
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}/history")
    revisions = wide_page.locator("details.revision")
    await expect(revisions).to_have_count(3)
    await expect(revisions.first).to_contain_text("改得亲切")
    await expect(revisions.first).to_contain_text("陈静")
    await expect(revisions.first.locator("ins").first).to_contain_text("您")
    await expect(revisions.last).to_contain_text("导入")
    await revisions.nth(1).locator("summary").click()
    await expect(revisions.nth(1).locator("ins").last).to_contain_text("第 2 版的说法")
    await revisions.nth(1).get_by_role("button", name="恢复为草稿").click()
    await expect(answer(wide_page)).to_have_value(re.compile("^亲"))
    assert fake_knowledge.entries[ENTRY].draft["answer"]["zh-Hans"].startswith("亲")
    await wide_page.get_by_role("button", name="撤销").click()
    await expect(answer(wide_page)).to_have_value(re.compile("^您"))
    await expect(wide_page.locator(".entry-facts")).to_contain_text("已发布")
    assert fake_knowledge.entries[ENTRY].draft is None
