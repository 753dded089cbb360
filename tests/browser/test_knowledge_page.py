"""The knowledge editor's page as a whole, against a fake base: who may what, keyboard, languages, looks."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NewContext
from tests.browser.console_story import Json
from tests.browser.fake_knowledge import FakeKnowledge
from tests.browser.knowledge_steps import ENTRY, answer, rows, saved, sign_in, violations


async def test_an_agent_reads_and_is_told_who_edits(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}", login="lin")
    await expect(wide_page.get_by_text("修改由知识库编辑和主管来做")).to_be_visible()
    await expect(answer(wide_page)).to_have_attribute("readonly", "")
    for name in ("发布", "放弃修改", "添加情形", "插入数字"):
        await expect(wide_page.get_by_role("button", name=name)).to_have_count(0)
    await wide_page.get_by_role("link", name="政策数字").click()
    await expect(wide_page.locator("#figure-return_window_days")).to_have_attribute("readonly", "")
    await wide_page.get_by_role("link", name="条目", exact=True).click()
    await expect(rows(wide_page).first).to_be_visible()
    await wide_page.keyboard.press("n")
    await expect(wide_page.get_by_role("dialog")).to_have_count(0)
    assert fake_knowledge.writes == []


@pytest.mark.parametrize(
    ("login", "links"), [("jing", []), ("lin", ["/desk"]), ("mei", ["/desk", "/admin"]), ("admin", ["/desk", "/admin"])]
)  # fmt: skip
async def test_each_role_has_the_way_to_its_other_pages(
    wide_page: Page, fake_knowledge: FakeKnowledge, login: str, links: list[str]
) -> None:
    await sign_in(wide_page, fake_knowledge, login=login)
    found = [await link.get_attribute("href") for link in await wide_page.locator(".tools a").all()]
    assert found == links


# --- keyboard, languages, looks -----------------------------------------------------------------------------


async def test_an_entry_is_found_edited_and_published_by_keyboard_alone(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge)
    await expect(rows(wide_page).first).to_be_visible()
    await wide_page.keyboard.press("/")
    await wide_page.keyboard.type("七天无理由")
    await expect(rows(wide_page).first).to_contain_text("七天无理由退货")
    await wide_page.keyboard.press("ArrowDown")
    await wide_page.keyboard.press("Enter")
    await expect(answer(wide_page)).to_be_visible()
    for _ in range(60):
        await wide_page.keyboard.press("Tab")
        if await wide_page.evaluate("document.activeElement.id") == "f-answer-zh-Hans":
            break
    await wide_page.keyboard.press("Control+End")
    await wide_page.keyboard.type("谢谢。")
    await wide_page.keyboard.press("Control+s")
    await saved(wide_page)
    await wide_page.keyboard.press("Control+Enter")
    await expect(wide_page.get_by_role("dialog")).to_be_visible()
    await wide_page.keyboard.press("Escape")
    await expect(wide_page.get_by_role("dialog")).to_have_count(0)
    await wide_page.keyboard.press("Control+Enter")
    await wide_page.keyboard.type("礼貌")
    await wide_page.keyboard.press("Enter")
    await expect(wide_page.get_by_text("已发布，下一句话就生效")).to_be_visible()
    await wide_page.keyboard.press("Escape")  # out of the field, then out of the entry
    await wide_page.keyboard.press("Escape")
    await expect(rows(wide_page).first).to_be_visible()
    await wide_page.keyboard.press("?")
    await expect(wide_page.get_by_role("dialog")).to_contain_text("立即保存")
    assert fake_knowledge.entries[ENTRY].revisions[0]["note"] == "礼貌"


async def test_escape_closes_the_suggestions_alone(wide_page: Page, fake_knowledge: FakeKnowledge) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await answer(wide_page).focus()
    await wide_page.keyboard.press("Control+End")
    await wide_page.keyboard.type("{")
    await expect(wide_page.get_by_role("listbox")).to_be_visible()
    await wide_page.keyboard.press("Escape")
    await expect(wide_page.get_by_role("listbox")).to_have_count(0)
    await expect(answer(wide_page)).to_be_focused()


async def test_changing_the_language_of_the_page_keeps_what_is_typed(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await sign_in(wide_page, fake_knowledge, f"entry/{ENTRY}")
    await answer(wide_page).fill("还没保存 {return_window_days}")
    await wide_page.locator("select.language").select_option("en")
    await expect(wide_page.get_by_role("button", name="Publish")).to_be_visible()
    await expect(answer(wide_page)).to_have_value("还没保存 {return_window_days}")
    await wide_page.locator("select.language").select_option("zh-Hant-HK")
    await expect(wide_page.get_by_role("button", name="發佈")).to_be_visible()


async def test_every_word_that_the_page_asks_for_exists(
    wide_page: Page, fake_knowledge: FakeKnowledge
) -> None:
    await wide_page.goto(f"{fake_knowledge.url}/assets/shared/mark.svg")
    words = await wide_page.evaluate("""async () => {
        const { knowledge } = await import('/assets/shared/i18n/knowledge.js');
        const { figureWords } = await import('/assets/shared/i18n/figures.js');
        const { desk } = await import('/assets/shared/i18n/desk.js');
        const { trade } = await import('/assets/shared/i18n/trade.js');
        const { knowledgeChecks } = await import('/assets/shared/i18n/knowledge_checks.js');
        const { knowledgeProblems } = await import('/assets/shared/i18n/knowledge_problems.js');
        const { knowledgePublishing } = await import('/assets/shared/i18n/knowledge_publishing.js');
        const all = [knowledge, knowledgeChecks, knowledgeProblems, knowledgePublishing, figureWords, desk, trade];
        return all.flatMap((one) => Object.keys(one['zh-Hans']));
    }""")
    folder = fake_knowledge.folder("knowledge")
    asked = {
        key for path in folder.rglob("*.js") for key in re.findall(r'\bt\("([\w.-]+)"', path.read_text())
    }
    assert len(asked) > 100
    assert asked - set(words) == set()
    assert {f"figure.{name}" for name in fake_knowledge.rows} - set(words) == set()
    assert {f"group.{item.published['group']}" for item in fake_knowledge.entries.values()} - set(
        words
    ) == set()


@pytest.mark.parametrize("place", ["entries", f"entry/{ENTRY}", f"entry/{ENTRY}/history", "policy"])
@pytest.mark.parametrize(("width", "language"), [(390, "zh-CN"), (390, "en-GB"), (768, "en-GB")])
async def test_no_view_is_wider_than_the_screen_with_the_longest_texts(
    new_context: NewContext, fake_knowledge: FakeKnowledge, place: str, width: int, language: str
) -> None:
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2

    def lengthen(content: Json) -> None:
        content["title"]["zh-Hans"] = long
        content["answer"]["zh-Hans"] = f"{long} {{return_window_days}} " * 8
        content["phrasings"]["zh-Hans"].append(long)

    fake_knowledge.somebody_writes(fake_knowledge.entries[ENTRY], lengthen, name=long)
    fake_knowledge.make_history(ENTRY, (long,))
    context = await new_context(viewport={"width": width, "height": 844}, locale=language)
    page = await context.new_page()
    await sign_in(page, fake_knowledge, place)
    await expect(page.locator(".entry-row, .answer-text:visible, .revision, anxin-figure").first).to_be_visible()  # fmt: skip
    assert await page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(new_context: NewContext, fake_knowledge: FakeKnowledge, scheme: str) -> None:
    fake_knowledge.make_history(ENTRY, ("双十一", "改得亲切"))
    fake_knowledge.somebody_writes(
        fake_knowledge.entries["return_how"], lambda c: c["answer"].update({"zh-Hans": "9 天 {x}"})
    )
    context = await new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = await context.new_page()
    await sign_in(page, fake_knowledge)
    found = []
    for place in ("entries", "entry/return_how", f"entry/{ENTRY}/history", "policy"):
        await page.evaluate(f"location.hash = '{place}'")
        await expect(page.locator(".entry-row, .answer-text, .revision, anxin-figure").first).to_be_visible()
        found += await violations(page, place)
    await page.locator("#figure-return_window_days").fill("12")
    await page.locator("[data-figure=return_window_days]").get_by_role("button", name="发布").click()
    found += await violations(page, "publish")
    await page.keyboard.press("Escape")
    fake_knowledge.somebody_writes(fake_knowledge.figures["return_window_days"], lambda _: 10)
    await page.locator("#figure-return_window_days").fill("13")
    await expect(page.locator("anxin-conflict")).to_be_visible()
    found += await violations(page, "conflict")
    assert found == []
