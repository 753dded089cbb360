"""Debian's Chromium for the browser tests; each test has a context of its own, so nothing is remembered between two."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.fake_desk import FakeDesk, serve
from tests.browser.fake_knowledge import FakeKnowledge

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]
PATIENCE_MS = 20_000
"""What a page is waited for at most; a machine that does something else besides may take seconds for what takes none."""
NewContext = Callable[..., Awaitable[BrowserContext]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def new_context(browser: Browser) -> AsyncIterator[NewContext]:
    """Makes contexts (a browser profile each); what a page writes to its console as an error fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    async def make(**options: Any) -> BrowserContext:
        context = await browser.new_context(**{"locale": "zh-CN", "reduced_motion": "reduce", **options})
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", lambda message: note(message.type, message.text))
        contexts.append(context)
        return context

    def note(kind: str, text: str) -> None:
        # A cut connection is reported by the browser itself; that is what some tests do on purpose.
        if kind == "error" and not any(
            word in text for word in ("ERR_", "WebSocket", "Failed to load resource")
        ):
            errors.append(text)

    yield make
    for context in contexts:
        await context.close()
    assert errors == []


@pytest.fixture
async def browser_page(new_context: NewContext) -> Page:
    """A page in a fresh context, 1280 × 800, zh-CN."""
    context = await new_context(viewport={"width": 1280, "height": 800})
    return await context.new_page()


@pytest.fixture
async def fake_desk() -> AsyncIterator[tuple[FakeDesk, str]]:
    """The fake desk and its address."""
    desk = FakeDesk()
    runner, address = await serve(desk)
    yield desk, address
    await runner.cleanup()


@pytest.fixture
async def fake_knowledge() -> AsyncIterator[FakeKnowledge]:
    """A fake base with the demo shop's content, served."""
    fake = FakeKnowledge()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def wide_page(new_context: NewContext) -> Page:
    """A page of 1440 × 900, zh-CN."""
    context = await new_context(viewport={"width": 1440, "height": 900})
    return await context.new_page()
