"""Import and export in the editor, against a fake base: choosing a file, the mapping, chosen rows, progress, refused rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.fake_knowledge import FakeKnowledge
from tests.browser.fake_transfer import told
from tests.browser.knowledge_steps import LOCALES, sign_in, violations

ROWS = "\n".join(f"问题{n}?,回答{n}。,旧系统" for n in range(2, 31))
FILE = f"问题,答案,来源\n{ROWS}\n没有答案?,,旧系统\n"


async def choose(page: Page, text: str | bytes = FILE, name: str = "faq.csv") -> None:
    content = text if isinstance(text, bytes) else text.encode()
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    await page.set_input_files("#import-file", file)  # type: ignore[arg-type]


def preview(page: Page) -> Locator:
    return page.locator("anxin-import-preview")


async def test_a_file_is_looked_at_column_by_column_before_anything_is_written(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "checks/transfer")
    await choose(wide_page)
    await expect(preview(wide_page)).to_contain_text("CSV，30 行，3 列")
    await expect(preview(wide_page).get_by_label("问题", exact=True)).to_have_value("question")
    await expect(preview(wide_page).get_by_label("来源")).to_have_value("")
    heads = preview(wide_page).locator(".sample-table th")
    await expect(heads).to_have_text(["问题", "回答"])
    await expect(preview(wide_page).locator(".sample-table tbody tr")).to_have_count(5)
    go = preview(wide_page).get_by_role("button", name="导入 30 行")
    await expect(go).to_be_enabled()
    await preview(wide_page).get_by_label("答案").select_option("")
    await expect(preview(wide_page).locator(".import-needs")).to_contain_text("还缺：回答。")
    await expect(go).to_be_disabled()
    await preview(wide_page).get_by_label("答案").select_option(label="问题")
    await expect(preview(wide_page).locator(".import-needs")).to_contain_text("对应了两次：问题。")
    await preview(wide_page).get_by_label("答案").select_option(label="回答")
    await preview(wide_page).get_by_label("来源").select_option(label="分组")
    await expect(heads).to_have_text(["问题", "回答", "分组"])
    assert fake_knowledge.imports == {}


async def test_refused_rows_are_told_one_by_one_and_gone_back_to(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "checks/transfer", login="mei")
    await choose(wide_page)
    await preview(wide_page).get_by_label("导入后直接发布").check()
    await preview(wide_page).get_by_role("button", name="导入 30 行").click()
    await expect(wide_page.locator("progress")).to_be_visible()
    await expect(wide_page.locator(".import-done")).to_have_text("1 行没有导入，其余都好了")
    assert fake_knowledge.imports["i-1"]["publish"] is True
    assert fake_knowledge.imports["i-1"]["mapping"] == {"问题": "question", "答案": "answer", "来源": None}
    row = wide_page.get_by_role("row", name="31")
    await expect(row).to_contain_text("答案")
    await expect(row).to_contain_text("回答是空的。")
    await wide_page.get_by_role("button", name="只看这 1 行").click()
    await expect(preview(wide_page).get_by_role("button", name="导入 1 行")).to_be_visible()
    await expect(preview(wide_page).get_by_label("只要这些行").last).to_have_value("31")


async def test_an_import_is_tried_row_by_row_before_anything_is_written(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "checks/transfer")
    await choose(wide_page)
    await expect(preview(wide_page).get_by_label("导入后直接发布")).to_have_count(0)  # an editor
    await preview(wide_page).get_by_role("button", name="先试一遍").click()
    await expect(preview(wide_page)).to_contain_text("试过了，还没有写入")
    await expect(preview(wide_page).get_by_role("row", name="31")).to_contain_text("回答是空的。")
    assert fake_knowledge.imports == {}
    await preview(wide_page).get_by_label("也改后来有人发布过的条目").check()
    await expect(preview(wide_page).get_by_role("row", name="31")).to_have_count(0)  # it was another import


async def test_only_chosen_rows_are_imported(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    await sign_in(wide_page, fake_knowledge, "checks/transfer")
    await choose(wide_page)
    rows = preview(wide_page).locator(".rows-wanted")
    await rows.fill("2-4 x")
    await expect(preview(wide_page).locator(".import-needs")).to_contain_text("写表格里的行号")
    await rows.fill("2–4，7")
    await preview(wide_page).get_by_role("button", name="导入 4 行").click()
    await expect(wide_page.locator(".import-done")).to_have_text("全部导入了")
    assert fake_knowledge.imports["i-1"]["rows"] == [2, 3, 4, 7]
    await wide_page.get_by_role("button", name="再导入一个文件").click()
    await expect(wide_page.locator(".drop")).to_be_visible()


async def test_a_file_can_be_dropped(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    await sign_in(wide_page, fake_knowledge, "checks/transfer")
    await wide_page.locator(".drop").evaluate(
        """(drop, text) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text], 'dropped.csv', { type: 'text/csv' }));
        for (const type of ['dragover', 'drop']) drop.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }""",
        FILE,
    )
    await expect(preview(wide_page)).to_contain_text("dropped.csv")


async def test_a_broken_file_says_what_is_wrong_and_another_can_be_chosen(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "checks/transfer")
    await choose(wide_page, b"\xff\xfe\x00broken")
    await expect(wide_page.get_by_role("alert")).to_contain_text(
        "这个文件读不了。认不出文字编码：不是 UTF-8、GB18030，也不是 Big5。请另存为「CSV UTF-8」。"
    )
    await choose(wide_page)
    await expect(preview(wide_page)).to_be_visible()


TOLD = {
    "zh-Hans": ("只读工作表「faq」，没有读：old。", "和第 3 行的问题一样，请合成一行。"),
    "zh-Hant-HK": ("只讀工作表「faq」，沒有讀：old。", "與第 3 行的問題一樣，請合成一行。"),
    "en": ("Only the sheet “faq” is read, not old.", "Row 3 asks the same. Please merge the two."),
}


@pytest.mark.parametrize("language", LOCALES)
async def test_notes_and_what_is_wrong_with_rows_are_told_in_the_pages_language(
    new_context: NewContext, fake_knowledge: FakeKnowledge, language: str
) -> None:
    fake_knowledge.notes = [told("other_sheets", "Only «faq» is read.", sheet="faq", others="old")]
    fake_knowledge.row_problems = [
        {"row": 4, "field": "问题"} | told("same_question", "asks the same.", fix="Merge.", row="3"),
        {"row": 5, "field": "问题"} | told("same_question", "asks the same as row 3.", fix="Merge."),
        {"row": 6, "field": ""} | told("of_tomorrow", "is of tomorrow.", fix="Wait."),
    ]
    page = await (await new_context(locale=LOCALES[language])).new_page()
    await sign_in(page, fake_knowledge, "checks/transfer")
    await choose(page)
    note, problem = TOLD[language]
    await expect(preview(page)).to_contain_text(note)
    await preview(page).locator(".row-acts .button").last.click()
    for row, words in (
        ("4", problem),
        ("5", "asks the same as row 3. Merge."),
        ("6", "is of tomorrow. Wait."),
    ):
        head = page.get_by_role("rowheader", name=row, exact=True)
        await expect(page.get_by_role("row").filter(has=head)).to_contain_text(words)


async def test_an_import_that_broke_off_says_so_and_goes_on(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    fake_knowledge.breaks_off = True
    await sign_in(wide_page, fake_knowledge, "checks/transfer")
    await choose(wide_page)
    await preview(wide_page).get_by_role("button", name="导入 30 行").click()
    await expect(wide_page.get_by_role("alert")).to_contain_text("中途断了。已写好的行都在")
    fake_knowledge.breaks_off = False
    await wide_page.get_by_role("button", name="再试一次").click()
    await expect(wide_page.locator(".import-done")).to_have_text("1 行没有导入，其余都好了")


async def test_every_code_of_the_contract_has_words(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    contract = (Path(__file__).parents[2] / "docs" / "api" / "errors.md").read_text("utf-8")
    keys = []
    for kind in ("problem", "file", "note"):
        table = contract.split(f"\n| {kind} | values |", 1)[1].split("\n\n", 1)[0]
        rows = re.findall(r"^\| ((?:`\w+` ?)+) \|", table, re.MULTILINE)
        keys += [f"{kind}.{code}" for row in rows for code in re.findall(r"\w+", row)]
    assert len(keys) > 50
    await sign_in(wide_page, fake_knowledge, "checks/transfer")
    script = """async (keys) => {
        const { hasWord } = await import('/assets/shared/i18n.js');
        return keys.filter((key) => !hasWord(key));
    }"""
    assert await wide_page.evaluate(script, keys) == ["problem.unreadable"]  # of files that a program brings


async def test_four_formats_are_exported_by_group_with_or_without_drafts(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, "checks/transfer", login="lin")
    for name, format_ in (("CSV", "csv"), ("Excel", "xlsx"), ("JSON", "json"), ("YAML", "yaml")):
        async with wide_page.expect_download() as download:
            await wide_page.get_by_role("link", name=name).click()
        assert (await download.value).suggested_filename == f"knowledge.{format_}"
    await wide_page.get_by_label("按分组筛选").select_option(label="退货")
    await wide_page.get_by_label("包括草稿").check()
    async with wide_page.expect_download():
        await wide_page.get_by_role("link", name="CSV").click()
    assert fake_knowledge.exported[-1] == {"format": "csv", "group": "returns", "drafts": "true"}


WORDS = {
    "zh-Hans": ("选择文件", "导入 30 行", "1 行没有导入，其余都好了"),
    "zh-Hant-HK": ("選擇檔案", "匯入 30 行", "1 行未能匯入，其餘都好了"),
    "en": ("Choose a file", "Import 30 rows", "1 row was left out, all others are in"),
}


@pytest.mark.parametrize(("language", "width"), [("zh-Hans", 390), ("zh-Hant-HK", 1440), ("en", 390)])
async def test_an_import_speaks_each_language_fits_a_phone_and_axe_finds_nothing(
    new_context: NewContext, fake_knowledge: FakeKnowledge, language: str, width: int
) -> None:
    context = await new_context(
        viewport={"width": width, "height": 844}, locale=LOCALES[language], bypass_csp=True
    )
    page = await context.new_page()
    await sign_in(page, fake_knowledge, "checks/transfer")
    choosing, go, done = WORDS[language]
    await expect(page.locator(".drop")).to_contain_text(choosing)
    await choose(page, FILE.replace("回答2。", "long" * 200))
    await expect(preview(page)).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    found = await violations(page, "preview")
    await page.get_by_role("button", name=go).click()
    await expect(page.locator(".import-done")).to_have_text(done)
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    found += await violations(page, "result")
    assert found == []
