"""Pictures of the agent console: empty, one, twelve, two hundred conversations, an offer, the brief, the longest texts.

What the console shows is told to it here (screenshots_console_story.py has the words).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from playwright.async_api import Page, Route, WebSocketRoute

from evaluation.screenshots_browser import LANGUAGES, Json, Look, choose_language
from evaluation.screenshots_console_story import Conversation, conversations, person

SETTLE_S = 0.6
"""Long enough for the opened conversation and one tick of the rings."""


@dataclass(frozen=True, kw_only=True)
class ConsolePicture:
    """A state of the console: how much there is, what is opened, what a phone shows of it."""

    name: str
    mine: int = 1
    queue: int = 0
    offered: bool = False
    opened: bool = True
    brief: bool = False
    longest: bool = False
    known: bool = True
    degraded: bool = False
    page: str = "console"
    languages: tuple[str, ...] = LANGUAGES

    @property
    def in_all_looks(self) -> bool:
        return self.name == "brief"

    async def show(self, page: Page, url: str, look: Look, now: datetime) -> None:
        await tell(page, ToldDesk(shown=self, language=look.language, now=now))
        await choose_language(page, look.language)
        await page.goto(f"{url}/desk")
        await page.locator("anxin-conversation-list:not(.is-loading)").wait_for()
        if self.offered:
            await page.locator(".offer").wait_for()
        if self.opened and self.mine:
            await page.keyboard.press("1")
            await page.locator("anxin-talk .messages li").first.wait_for()
        if self.brief and await page.locator(".only-no-brief").is_visible():
            await page.locator(".only-no-brief").click()
        await asyncio.sleep(SETTLE_S)


SUBJECTS = (
    ConsolePicture(name="empty", mine=0),
    ConsolePicture(name="one"),
    ConsolePicture(name="twelve", mine=12, queue=5, opened=False),
    ConsolePicture(name="two-hundred", mine=8, queue=192, opened=False, degraded=True),
    ConsolePicture(name="offer", mine=2, queue=3, offered=True, opened=False),
    ConsolePicture(name="brief", mine=4, queue=2, brief=True),
    ConsolePicture(name="brief-unknown", known=False, brief=True),
    ConsolePicture(name="longest", mine=2, longest=True),
    ConsolePicture(name="longest-brief", mine=2, longest=True, brief=True),
)


@dataclass(frozen=True, kw_only=True)
class ToldDesk:
    """The answers of the socket and of /api/desk for one picture."""

    shown: ConsolePicture
    language: str
    now: datetime

    @property
    def mine(self) -> Sequence[Conversation]:
        """The first is the one that is opened."""
        first = Conversation(
            n=0,
            language=self.language,
            now=self.now,
            is_longest=self.shown.longest,
            is_known=self.shown.known,
        )
        return [first, *conversations(self.shown.mine - 1, self.language, self.now, start=1)][
            : self.shown.mine
        ]

    def hello(self) -> Json:
        """Everything the console knows when it is greeted."""
        start = self.shown.mine + 1
        waiting = conversations(self.shown.queue, self.language, self.now, owner="queue", start=start)
        people = [person(n, self.language) for n in range(3)]
        shared = ("id", "name", "presence", "load", "capacity")
        return {
            "me": people[0], "mine": [one.summary() for one in self.mine], "queue": [one.summary() for one in waiting],
            "offers": [self._offer()] if self.shown.offered else [], "agents": [{key: one[key] for key in shared} for one in people],
            "service": {"status": "degraded" if self.shown.degraded else "ok", "parts": ["rasa"] if self.shown.degraded else []},
        }  # fmt: skip

    def _offer(self) -> Json:
        one = Conversation(n=400, language=self.language, now=self.now, owner="queue")
        until = datetime.now(self.now.tzinfo) + timedelta(seconds=12)
        return {"summary": one.summary(), "brief": one.brief(), "expires_at": until.isoformat()}

    def answer(self, asked: Json) -> Json:
        """To a request of the console."""
        if asked["type"] == "hello":
            return self.hello()
        if asked["type"] == "open":
            opened = next(one for one in self.mine if one.id == asked["conversation_id"])
            return {"detail": opened.detail(), "messages": opened.messages(), "more": False}
        return {}


async def tell(page: Page, desk: ToldDesk) -> None:
    """Answers the page's calls in the desk's place."""

    def on_socket(socket: WebSocketRoute) -> None:
        def answer(message: str | bytes) -> None:
            asked = json.loads(message)
            socket.send(json.dumps({"id": asked["id"], "type": "result", "ok": True, **desk.answer(asked)}))

        socket.on_message(answer)

    async def session(route: Route) -> None:
        await route.fulfill(json={"me": person(0, desk.language), "csrf_token": "shown"})

    async def detail(route: Route) -> None:
        await route.fulfill(json=desk.mine[0].detail())

    await page.route_web_socket("**/api/desk/ws", on_socket)
    await page.route("**/api/session", session)
    await page.route("**/api/desk/conversations/*", detail)
