"""Pictures of what stands before the pages: signing in, a first password, a wrong one; and the description of the API.

The API's description is the running desk's own, in English; answers about signing in are told here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from playwright.async_api import Page, Route

from evaluation.screenshots_browser import LANGUAGES, Look, choose_language
from evaluation.screenshots_console_story import person

SETTLE_S = 0.25


@dataclass(frozen=True, kw_only=True)
class SignInPicture:
    """The form of one of the office pages: nobody signed in, too many tries, a first password that must be changed."""

    name: str
    place: str
    locked: bool = False
    first_password: bool = False
    page: str = "sign-in"
    languages: tuple[str, ...] = LANGUAGES
    in_all_looks: bool = False

    async def show(self, page: Page, url: str, look: Look, now: datetime) -> None:
        async def session(route: Route) -> None:
            if self.first_password:
                me = person(0, look.language) | {"must_change_password": True}
                await route.fulfill(json={"me": me, "csrf_token": "shown"})
            else:
                code = "locked" if route.request.method == "POST" else "not_signed_in"
                error = {
                    "code": code,
                    "message": code,
                    "field": None,
                    "request_id": "r-1",
                    "retry_after_s": 600,
                }
                await route.fulfill(status=423 if code == "locked" else 401, json={"error": error})

        await page.route("**/api/session", session)
        await choose_language(page, look.language)
        await page.goto(f"{url}{self.place}")
        await page.locator(".sign-in-box input").first.wait_for()
        if self.locked:
            await page.locator("#login").fill("demo-agent")
            await page.locator("#password").fill("not this one")
            await page.keyboard.press("Enter")
            await page.locator(".form-error:not(:empty)").wait_for()
        await asyncio.sleep(SETTLE_S)


@dataclass(frozen=True, kw_only=True)
class ApiPicture:
    """The API's description, folded or with one route open."""

    name: str
    opened: bool = False
    page: str = "api-docs"
    languages: tuple[str, ...] = ("en",)
    in_all_looks: bool = False

    async def show(self, page: Page, url: str, look: Look, now: datetime) -> None:
        await page.goto(f"{url}/api/docs")
        await page.locator("main:not([aria-busy])").wait_for()
        if self.opened:
            await page.locator("main summary").nth(3).click()
        await asyncio.sleep(SETTLE_S)


SUBJECTS = (
    SignInPicture(name="sign-in", place="/desk"),
    SignInPicture(name="locked", place="/knowledge", locked=True),
    SignInPicture(name="first-password", place="/admin", first_password=True),
    ApiPicture(name="folded"),
    ApiPicture(name="opened", opened=True),
)
