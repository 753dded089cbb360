"""The editor with ten thousand entries: titles are looked up as they are named, pickers search on the service, lists come in portions."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.fake_checks import FakeChecks
from tests.browser.fake_knowledge import FakeKnowledge
from tests.browser.knowledge_steps import ENTRY, answer, sign_in

MANY = 10_000
LAST = "您本人能回答几点到几点"


@pytest.fixture
async def large(fake_knowledge: FakeKnowledge) -> AsyncIterator[FakeKnowledge]:
    """A base of ten thousand, the last of them with a title of its own."""
    fake_knowledge.fill(MANY)
    last = list(fake_knowledge.entries.values())[-1]
    last.published["title"]["zh-Hans"] = LAST
    yield fake_knowledge


def ids_asked(fake: FakeChecks) -> int:
    """How many titles were asked for by id."""
    return sum(len(asked["ids"].split(",")) for asked in fake.titles_asked if "ids" in asked)


async def test_no_view_reads_all_titles(wide_page: Page, large: FakeKnowledge) -> None:
    lists: list[str] = []

    def note(request: Request) -> None:
        if "/api/knowledge/entries?" in request.url:
            lists.append(request.url)

    large.fill_checks()
    await sign_in(wide_page, large, f"entry/{ENTRY}")
    await expect(answer(wide_page)).to_be_visible()
    wide_page.on("request", note)
    for place in (
        "checks/gaps",
        "checks/say",
        "checks/pinned",
        "checks/similar",
        "policy",
        f"entry/{ENTRY}/history",
    ):
        await wide_page.goto(f"{large.url}/knowledge#{place}")
        await expect(wide_page.locator("anxin-knowledge h1")).to_be_visible()
    await expect(wide_page.locator(".revision").first).to_be_visible()
    assert [url for url in lists if "limit=1" not in url] == []
    assert ids_asked(large) < 40


async def test_names_stand_where_ids_are_given(wide_page: Page, large: FakeKnowledge) -> None:
    large.fill_checks()
    last = list(large.entries)[-1]
    large.entries[ENTRY].published["related"] = [last, "gone_for_good"]
    await sign_in(wide_page, large, f"entry/{ENTRY}")
    related = wide_page.locator("anxin-related .chip")
    await expect(related.first).to_contain_text(LAST)
    await expect(related.first).not_to_have_class("chip is-bad")
    await expect(related.last).to_have_class("chip is-bad")
    large.gaps[0]["nearest"] = last
    await wide_page.goto(f"{large.url}/knowledge#checks/gaps")
    await expect(wide_page.locator(".gap").first).to_contain_text(LAST)


async def test_a_picker_finds_one_of_ten_thousand_and_enter_sends_nothing_half_typed(
    wide_page: Page, large: FakeKnowledge
) -> None:
    await sign_in(wide_page, large, "checks/pinned")
    await wide_page.get_by_role("button", name="添加固定问题").click()
    await wide_page.get_by_label("问题", exact=True).fill("几点有人")
    field = wide_page.locator("#dialog-expected")
    await field.press_sequentially("本人能回答几点")
    await field.press("Enter")  # before anything is offered
    await expect(wide_page.locator(".popup-option:visible")).to_have_count(1)
    await expect(wide_page.get_by_role("dialog")).to_be_visible()
    assert large.pinned == []
    await field.press("Enter")
    await expect(wide_page.locator("anxin-entry-picker .chip").first).to_contain_text(LAST)
    await wide_page.get_by_role("button", name="保存").click()
    await expect(wide_page.locator(".pinned")).to_contain_text(f"应回答 {LAST}")
    assert [one["expected"] for one in large.pinned] == [list(large.entries)[-1]]


async def test_a_picker_offers_nothing_where_the_service_is_away(
    wide_page: Page, large: FakeKnowledge
) -> None:
    await sign_in(wide_page, large, f"entry/{ENTRY}")
    field = wide_page.locator("#related-search")
    await field.fill("本人能回答几点")
    await expect(wide_page.locator(".popup-option:visible")).to_have_count(1)
    await wide_page.route("**/api/knowledge/titles*", lambda route: route.abort())
    await field.fill("本人能")
    await expect(wide_page.locator(".popup-option:visible")).to_have_count(0)
    await wide_page.unroute("**/api/knowledge/titles*")
    await field.fill("本人能回答")
    await expect(wide_page.locator(".popup-option:visible")).to_have_count(1)


async def test_long_lists_of_checks_come_in_portions(wide_page: Page, large: FakeKnowledge) -> None:
    for item in list(large.entries.values())[:450]:
        item.published["answer"]["en"] = ""
    await sign_in(wide_page, large, "checks/languages")
    rows = wide_page.locator(".languages-table tbody tr")
    await expect(rows).to_have_count(200)
    await wide_page.get_by_role("button", name="还有 250 个").click()
    await expect(rows).to_have_count(400)
    await expect(rows.nth(200).get_by_role("link").first).to_be_focused()
    await wide_page.get_by_role("button", name="还有 50 个").click()
    await expect(rows).to_have_count(450)
    await expect(wide_page.get_by_role("button", name="还有")).to_have_count(0)
