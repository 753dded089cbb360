"""How a picture of a page is taken: the looks there are, a browser profile of its own, what the page complained of.

What a picture shows is told by the page's own module (screenshots_of_*.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Protocol, TypeAlias

from playwright.async_api import Browser, ConsoleMessage, Page
from playwright.async_api import Error as BrowserError

Json: TypeAlias = "dict[str, object]"

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]
WIDTHS: Mapping[int, int] = {390: 844, 768: 1024, 1440: 900}
THEMES = ("light", "dark")
LANGUAGES = ("zh-Hans", "zh-Hant-HK", "en")
LOCALES: Mapping[str, str] = {"zh-Hans": "zh-CN", "zh-Hant-HK": "zh-HK", "en": "en-GB"}
NOT_SIGNED_IN = "/api/session"
"""Its 401 is how a page learns that nobody is signed in; the browser logs it as an error."""
PATIENCE_MS = 20_000


@dataclass(frozen=True, kw_only=True)
class Look:
    """One width, theme and language."""

    width: int
    theme: str
    language: str

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}-{self.language}"


ALL_LOOKS = tuple(
    Look(width=width, theme=theme, language=language)
    for language, theme, width in product(LANGUAGES, THEMES, WIDTHS)
)


def chessboard(offset: int) -> tuple[Look, ...]:
    """Nine of the eighteen: every width in every language, the theme alternating; `offset` swaps the colours."""
    fields = {
        (w, n): THEMES[(i + j + offset) % 2] for i, w in enumerate(WIDTHS) for j, n in enumerate(LANGUAGES)
    }
    return tuple(look for look in ALL_LOOKS if fields[look.width, look.language] == look.theme)


class Subject(Protocol):
    """What is taken: a page in some state."""

    @property
    def page(self) -> str:
        """The page's name, its folder among the pictures."""
        ...

    @property
    def name(self) -> str:
        """The state's name."""
        ...

    @property
    def in_all_looks(self) -> bool:
        """The page as it is seen most: taken in all eighteen looks, where others make do with nine."""
        ...

    @property
    def languages(self) -> Sequence[str]:
        """Those that the page speaks."""
        ...

    async def show(self, page: Page, url: str, look: Look, now: datetime) -> None:
        """Tells the page what to show, opens it, and returns when it stands."""
        ...


@dataclass(kw_only=True)
class Taken:
    """A picture, and what the page wrote to its console as an error meanwhile."""

    path: Path
    complaints: list[str] = field(default_factory=list)


async def take(
    browser: Browser, url: str, folder: Path, subject: Subject, look: Look, now: datetime
) -> Taken:
    """One picture in a browser profile of its own: `folder`/`page`/`name`-`width`-`theme`-`language`.png."""
    taken = Taken(path=folder / subject.page / f"{subject.name}-{look}.png")
    context = await browser.new_context(
        viewport={"width": look.width, "height": WIDTHS[look.width]}, locale=LOCALES[look.language],
        reduced_motion="reduce", color_scheme="dark" if look.theme == "dark" else "light",
        is_mobile=look.width < 500, has_touch=look.width < 500, timezone_id="Asia/Shanghai",
    )  # fmt: skip
    context.on("weberror", lambda error: taken.complaints.append(str(error.error)))
    context.on("console", lambda message: _listen(message, taken.complaints))
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = await context.new_page()
        await subject.show(page, url.rstrip("/"), look, now)
        taken.path.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=taken.path)
    except BrowserError as error:
        taken.complaints.append(error.message.splitlines()[0])
    finally:
        await context.close()
    return taken


def _listen(message: ConsoleMessage, complaints: list[str]) -> None:
    place = str(message.location.get("url", ""))
    if message.type == "error" and not place.endswith(NOT_SIGNED_IN):
        complaints.append(f"{message.text} ({place})")


async def choose_language(page: Page, language: str) -> None:
    """What somebody who chose it has in the browser's memory."""
    await page.add_init_script(f"localStorage.setItem('anxin:language', {language!r})")


def wanted(name: str, words: Sequence[str]) -> bool:
    """Whether a picture's name holds one of the words; without words all are wanted."""
    return not words or any(word in name for word in words)
