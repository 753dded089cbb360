"""The console on the real service and database (no bot, so that nobody answers in between)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from argon2 import PasswordHasher
from playwright.async_api import Page, expect
from psycopg_pool import AsyncConnectionPool

from desk import people
from desk.passwords import Passwords
from desk.people import NewAgent
from service import keys
from service.app import PARTS, Outside, build_app
from service.settings import load
from service.tagging import NeutralTagger
from tests.browser.conftest import NewContext

PASSWORD = "right-horse-battery"
ENVIRONMENT = {
    "ANXIN_SECRET_KEY": "secret-key-of-the-tests-0123456789abcdef",
    "ANXIN_IDENTITY_SECRET": "identity-secret-of-the-tests-0123456789",
    "ANXIN_RASA_TOKEN": "rasa-token-of-the-tests",
    "ANXIN_BOT__RASA_PORT": "1",
    "ANXIN_SHOP__OPEN_FROM": "00:00",
}


@dataclass
class Customer:
    """One customer's conversation, written over REST."""

    session: ClientSession
    messages: str
    token: str
    sent: int = 0

    async def says(self, text: str) -> None:
        self.sent += 1
        body = {"client_id": f"c-{self.sent}", "text": text}
        async with self.session.post(self.messages, json=body, headers=self._headers) as answer:
            assert answer.status == 201, await answer.text()

    async def reads(self) -> list[tuple[str, str]]:
        async with self.session.get(self.messages, headers=self._headers) as answer:
            found = (await answer.json())["messages"]
        return [(m["sender"], m["text"]) for m in found]

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
async def app(database_url: str, pool: AsyncConnectionPool, tmp_path: Path) -> AsyncIterator[web.Application]:
    """A service with the agent lin and the admin root."""
    settings = load({**ENVIRONMENT, "ANXIN_DATA": str(tmp_path)})
    app = build_app(
        settings, database_url=database_url, outside=Outside(with_bot=False, tagger=NeutralTagger())
    )
    app[keys.PASSWORDS] = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    hasher, now = app[keys.PASSWORDS], datetime.now(UTC)
    for new in (
        NewAgent(login="lin", name="小林", role="agent"),
        NewAgent(login="root", name="管理员", role="admin"),
    ):
        await people.create(pool, new, hasher=hasher, by=None, now=now, password=PASSWORD, must_change=False)
    yield app


@pytest.fixture
async def service(app: web.Application) -> AsyncIterator[str]:
    """The address of the running service."""
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def customer(service: str) -> AsyncIterator[Callable[[], Awaitable[Customer]]]:
    """Starts conversations of anonymous customers."""
    async with ClientSession() as session:

        async def start() -> Customer:
            async with session.post(f"{service}/api/chat/conversations", json={}) as answer:
                started = await answer.json()
            messages = f"{service}/api/chat/conversations/{started['conversation_id']}/messages"
            return Customer(session=session, messages=messages, token=started["token"])

        yield start


async def sign_in(page: Page, service: str, path: str, login: str) -> None:
    await page.goto(f"{service}{path}")
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")


async def test_an_agent_takes_answers_notes_and_closes(
    browser_page: Page, app: web.Application, service: str, customer: Callable[[], Awaitable[Customer]]
) -> None:
    page = browser_page
    await sign_in(page, service, "/desk", "lin")
    await page.get_by_role("combobox", name="接待状态").select_option("online")
    await expect(page.get_by_text("在线时，新会话会出现在这里。")).to_be_visible()
    wang = await customer()
    await wang.says("转人工")
    assert await app[PARTS].offering.run_pass(datetime.now(UTC)) == 1
    await expect(page.locator(".offer")).to_contain_text("要求人工")
    await page.locator("body").click()
    await page.keyboard.press("a")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("转人工")
    await expect(page.locator("anxin-brief .brief-why")).to_contain_text("要求人工")
    await page.keyboard.type("您好，我来处理")
    await page.keyboard.press("Enter")
    await expect(log.locator(".is-sending")).to_have_count(0)
    await wang.says("发票抬头写错了")
    await expect(log.get_by_text("发票抬头写错了")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await page.keyboard.type("只给同事看")
    await page.keyboard.press("Enter")
    await expect(log.locator(".kind-note")).to_contain_text("只给同事看")
    said = await wang.reads()
    assert ("agent", "您好，我来处理") in said
    assert not any(text == "只给同事看" for _, text in said)
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await page.keyboard.press("Enter")
    await expect(page.locator(".list-mine .line")).to_have_count(0, timeout=15_000)


async def test_an_agent_hands_back_and_escalates(
    browser_page: Page, service: str, customer: Callable[[], Awaitable[Customer]]
) -> None:
    page = browser_page
    await sign_in(page, service, "/desk", "lin")
    await expect(page.get_by_role("combobox", name="接待状态")).to_be_visible()
    first, second = await customer(), await customer()
    for one in (first, second):
        await one.says("人工")
    await page.locator(".list-queue .line-button").first.click()
    await page.locator(".talk-banner").get_by_role("button", name="接手").click()
    await page.get_by_role("button", name="交回机器人").click()
    await page.get_by_label("告诉机器人已处理了什么").fill("已改好地址")
    await page.keyboard.press("Enter")
    await expect(page.locator(".list-mine .line")).to_have_count(0)
    await expect(page.locator(".list-queue .line")).to_have_count(1)
    await page.locator(".list-queue .line-button").click()
    await page.locator(".talk-banner").get_by_role("button", name="接手").click()
    await page.get_by_role("button", name="升级").click()
    await page.get_by_label("为什么升级").fill("要求赔偿")
    await page.keyboard.press("Enter")
    await expect(page.locator(".list-mine .line")).to_have_count(0)
    await expect(page.locator(".list-queue .line")).to_have_count(1)


async def test_an_admin_adds_somebody_and_changes_the_hours(new_context: NewContext, service: str) -> None:
    context = await new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await sign_in(page, service, "/admin", "root")
    await page.get_by_role("button", name="添加人员").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("账号").fill("Wrong Login")
    await dialog.get_by_label("姓名").fill("黃嘉欣")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.locator("#login-error")).to_contain_text("不符合要求")
    await dialog.get_by_label("账号").fill("wong")
    await dialog.get_by_role("button", name="保存").click()
    first = await page.locator("#first-password").inner_text()
    await page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    await page.get_by_role("link", name="服务时间").click()
    await page.get_by_label("周日第 1 段开始").fill("10:00")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("已保存")).to_be_visible()
    for section in ("设置", "运行状态", "操作记录"):
        await page.get_by_role("link", name=section).click()
        await expect(page.locator(".section-body > :not(.skeleton)").first).to_be_visible()
        await expect(page.locator(".trouble")).to_have_count(0)
    await page.get_by_role("button", name="退出登录").click()
    await page.get_by_label("账号").fill("wong")
    await page.get_by_label("密码").fill(first)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("这是初始密码")).to_be_visible()
    await page.get_by_label("新密码", exact=True).fill("a longer secret")
    await page.get_by_label("再输一次新密码").fill("a longer secret")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("这个页面给主管和管理员使用。")).to_be_visible()
