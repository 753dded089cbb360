"""The admin page in a real browser, against a fake desk that speaks the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, expect

from tests.browser.conftest import NewContext
from tests.browser.fake_console import PASSWORD, FakeConsole, Refused


@pytest.fixture
async def fake() -> AsyncIterator[FakeConsole]:
    """A fake desk, served."""
    fake = FakeConsole()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def page(new_context: NewContext) -> Page:
    """A page of 1280 × 800."""
    context = await new_context(viewport={"width": 1280, "height": 800})
    return await context.new_page()


async def sign_in(page: Page, fake: FakeConsole, section: str = "people", login: str = "admin") -> None:
    await page.goto(f"{fake.url}/admin#{section}")
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="人员")).to_be_visible()


# --- people ----------------------------------------------------------------------------------------------------


async def test_a_person_is_added_and_the_first_password_shows_once(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await page.get_by_role("button", name="添加人员").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("账号").fill("wong")
    await dialog.get_by_label("姓名").fill("黃嘉欣")
    await dialog.get_by_label("级别").select_option("senior")
    await dialog.get_by_label("繁體中文").check()
    await dialog.get_by_label("技能").fill("return， invoice")
    await dialog.get_by_role("button", name="保存").click()
    await expect(page.locator("#first-password")).to_have_text("Taupe-Falke-4711")
    await page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    await expect(page.locator("#first-password")).to_have_count(0)
    await expect(page.locator("[data-login=wong]")).to_contain_text("退货、发票")
    added = fake.agents[-1]
    assert (added["level"], added["languages"], added["skills"]) == (
        "senior",
        ["zh-Hans", "zh-Hant-HK"],
        ["return", "invoice"],
    )


async def test_an_error_stands_at_the_field_it_names_and_nothing_typed_is_lost(
    page: Page, fake: FakeConsole
) -> None:
    await sign_in(page, fake)
    await page.get_by_role("button", name="添加人员").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("账号").fill("lin")
    await dialog.get_by_label("姓名").fill("林二")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.locator("#login-error")).to_contain_text("不符合要求")
    await expect(dialog.get_by_label("账号")).to_be_focused()
    await expect(dialog.get_by_label("账号")).to_have_attribute("aria-invalid", "true")
    await expect(dialog.get_by_label("姓名")).to_have_value("林二")


async def test_a_person_is_edited(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await page.get_by_role("button", name="编辑 小林").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("同时接待").fill("51")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.locator("#capacity-error")).to_contain_text("0–50")
    await dialog.get_by_label("同时接待").fill("12")
    await dialog.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.locator("[data-login=lin]")).to_contain_text("0/12")


async def test_deactivating_can_be_undone(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await page.get_by_role("button", name="停用: 小林").click()
    await page.get_by_role("button", name="撤销").click()
    await expect(page.get_by_role("button", name="停用: 小林")).to_be_visible()
    await page.wait_for_timeout(7_000)
    assert fake.agents[0]["is_active"]


async def test_a_deactivated_person_leaves_the_list_and_can_come_back(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await page.get_by_role("button", name="停用: 小林").click()
    await expect(page.locator("[data-login=lin]")).to_have_count(0, timeout=10_000)
    assert not fake.agents[0]["is_active"]
    await page.get_by_label("显示已停用的 1 人").check()
    await page.get_by_role("button", name="重新启用: 小林").click()
    await expect(page.get_by_role("button", name="停用: 小林")).to_be_visible()
    assert fake.agents[0]["is_active"]


async def test_a_password_is_reset_after_saying_what_that_does(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await page.get_by_role("button", name="重设密码: 小林").click()
    await expect(page.get_by_role("dialog")).to_contain_text("所有登录立即失效")
    await page.get_by_role("dialog").get_by_role("button", name="重设密码").click()
    await expect(page.locator("#first-password")).to_have_text("Neue-Eule-0815")


async def test_supervisors_read_only(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake, login="mei")
    await expect(page.locator("[data-login=lin]")).to_be_visible()
    await expect(page.get_by_text("主管可以查看")).to_be_visible()
    await expect(page.get_by_role("button", name="添加人员")).to_have_count(0)
    await expect(page.get_by_role("button", name="停用: 小林")).to_have_count(0)
    await page.get_by_role("link", name="服务时间").click()
    await expect(page.get_by_label("周一第 1 段开始")).to_be_disabled()
    await expect(page.get_by_role("button", name="保存")).to_have_count(0)


async def test_agents_are_told_that_the_page_is_not_for_them(page: Page, fake: FakeConsole) -> None:
    await page.goto(f"{fake.url}/admin")
    await page.get_by_label("账号").fill("lin")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("这个页面给主管和管理员使用。")).to_be_visible()


# --- hours -----------------------------------------------------------------------------------------------------


async def test_hours_are_changed(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake, "hours")
    await page.get_by_role("button", name="加一段: 周日").click()
    await page.get_by_label("周日第 1 段开始").fill("9")
    await page.get_by_label("周日第 1 段结束").fill("1730")
    await page.get_by_role("button", name="删除 2027-02-07").click()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("已保存")).to_be_visible()
    assert fake.hours["days"]["sun"] == [["09:00", "17:30"]]
    assert fake.hours["closed_dates"] == ["2027-02-06"]
    assert fake.hours["version"] == 4


async def test_spans_that_run_backwards_are_said_at_their_day(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake, "hours")
    await page.get_by_label("周六第 1 段结束").fill("09:00")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("[data-day=sat] .field-error")).to_contain_text("结束要晚于开始")
    assert fake.hours["version"] == 3


@pytest.mark.parametrize("choice", ["keep_mine", "take_theirs"])
async def test_a_conflict_shows_what_the_other_admin_changed(
    page: Page, fake: FakeConsole, choice: str
) -> None:
    await sign_in(page, fake, "hours")
    await page.get_by_label("周六第 1 段开始").fill("11:00")
    fake.hours = {
        **fake.hours,
        "version": 4,
        "days": {**fake.hours["days"], "fri": [["09:00", "20:00"]]},
    }
    await page.get_by_role("button", name="保存").click()
    conflict = page.get_by_role("alert").filter(has_text="另一位管理员")
    await expect(conflict.get_by_role("row").filter(has_text="周五")).to_contain_text("09:00–20:00")
    await expect(conflict.get_by_role("row").filter(has_text="周六")).to_contain_text("11:00–18:00")
    if choice == "keep_mine":
        await conflict.get_by_role("button", name="用我的覆盖").click()
        await expect(page.get_by_text("已保存")).to_be_visible()
        assert (fake.hours["version"], fake.hours["days"]["sat"]) == (5, [["11:00", "18:00"]])
    else:
        await conflict.get_by_role("button", name="采用对方的").click()
        await expect(page.get_by_label("周五第 1 段开始")).to_have_value("09:00")
        await expect(page.get_by_label("周六第 1 段开始")).to_have_value("10:00")
        assert fake.hours["version"] == 4


# --- the rest --------------------------------------------------------------------------------------------------


async def test_settings_show_their_origin(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake, "settings")
    own = page.locator(".setting").filter(has_text="service.port")
    await expect(own).to_contain_text("来自 ANXIN_SERVICE__PORT · 默认 8080")
    await page.get_by_role("searchbox").fill("zone")
    await expect(page.locator(".setting")).to_have_count(1)


async def test_status_names_the_parts_that_are_not_well(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake, "status")
    await expect(page.get_by_text("不正常：机器人")).to_be_visible()
    await expect(page.locator(".figures").first).to_contain_text("1 分")


async def test_the_audit_log_reads_on(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake, "audit")
    rows = page.locator(".audit tbody tr")
    await expect(rows).to_have_count(100)
    await page.get_by_role("button", name="更多").click()
    await expect(rows).to_have_count(200)
    await page.get_by_role("button", name="更多").click()
    await expect(rows).to_have_count(250)
    await expect(page.get_by_role("button", name="更多")).to_be_hidden()


async def test_a_section_that_could_not_be_read_can_be_tried_again(page: Page, fake: FakeConsole) -> None:
    fake.fail["hours"] = Refused(503, "unavailable")
    await sign_in(page, fake, "hours")
    await expect(page.get_by_role("alert").filter(has_text="没能读取")).to_be_visible()
    await page.get_by_role("button", name="再试一次").click()
    await expect(page.get_by_label("周一第 1 段开始")).to_have_value("08:00")


@pytest.mark.parametrize("section", ["people", "hours", "settings", "status", "audit"])
async def test_no_section_is_wider_than_a_phone(
    new_context: NewContext, fake: FakeConsole, section: str
) -> None:
    fake.agents[0]["name"] = "Bartholomew-Constantine Featherstonehaugh-Cholmondeley"
    context = await new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await sign_in(page, fake, section)
    await expect(page.locator(".section-body > :not(.skeleton)").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(new_context: NewContext, fake: FakeConsole, scheme: str) -> None:
    context = await new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = await context.new_page()
    await sign_in(page, fake)
    found = []
    for section in ("people", "hours", "settings", "status", "audit"):
        await page.evaluate(f"location.hash = '{section}'")
        await expect(page.locator(".section-body > :not(.skeleton)").first).to_be_visible()
        results = await Axe().run(page)
        found += [
            (section, v["id"], [n["html"] for n in v["nodes"]])
            for v in results.response["violations"]
            if v["impact"] in ("serious", "critical")
        ]
    assert found == []
