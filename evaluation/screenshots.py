"""Pictures of all pages in each width, theme and language: nothing, one, twelve, two hundred, the longest.

The pages come from a running desk (`--url`); what they show is told to them in screenshots_of_*.py, so that every picture
can be made again whatever the desk holds. Each page as it is seen most is taken in all eighteen looks, every other state in
nine: each width in each language, light and dark alternating (`--all`: eighteen). Pictures are for looking at; the
tests of the pages are in tests/browser. Ends with 1 when a page wrote an error to its console or did not come to stand.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from evaluation import (
    screenshots_of_admin,
    screenshots_of_console,
    screenshots_of_doors,
    screenshots_of_knowledge,
    screenshots_of_widget,
)
from evaluation.screenshots_browser import (
    ALL_LOOKS,
    ARGUMENTS,
    CHROMIUM,
    Look,
    Subject,
    chessboard,
    take,
    wanted,
)

SUBJECTS: tuple[Subject, ...] = (
    *screenshots_of_widget.SUBJECTS,
    *screenshots_of_console.SUBJECTS,
    *screenshots_of_knowledge.SUBJECTS,
    *screenshots_of_admin.SUBJECTS,
    *screenshots_of_doors.SUBJECTS,
)
AT_ONCE = 3
"""Pages taken beside each other: most of a picture is waiting, on two cores no more than three help."""


def selection(words: Sequence[str], *, everything: bool) -> Iterator[tuple[Subject, Look]]:
    """The pictures to take."""
    for n, subject in enumerate(SUBJECTS):
        looks = ALL_LOOKS if everything or subject.in_all_looks else chessboard(n)
        for look in looks:
            is_spoken = look.language in subject.languages
            if is_spoken and wanted(f"{subject.page}/{subject.name}-{look}", words):
                yield subject, look


async def run(url: str, folder: Path, chosen: Sequence[tuple[Subject, Look]]) -> int:
    """Take them; answers how many of them are wrong."""
    now = datetime.now(UTC)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(browser: Browser, subject: Subject, look: Look) -> bool:
        name = f"{subject.page}/{subject.name}-{look}"
        async with places:
            taken = await take(browser, url, folder, subject, look, now)
        print(taken.path, flush=True)
        for complaint in taken.complaints:
            print(f"{name}: {complaint}", file=sys.stderr, flush=True)
        return not taken.complaints

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        went_well = await asyncio.gather(*(one(browser, subject, look) for subject, look in chosen))
        await browser.close()
    return went_well.count(False)


def main() -> None:
    """Read the options, take the pictures, say how it went."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--url", default="http://127.0.0.1:8080", help="address of a running desk")
    arguments.add_argument(
        "--out",
        type=Path,
        default=Path("var/screenshots"),
        help="folder for the pictures, one folder a page in it",
    )
    arguments.add_argument(
        "--only", nargs="*", default=[], help="parts of names, e.g. console/brief widget/usual-390"
    )
    arguments.add_argument("--all", action="store_true", help="every state in all eighteen looks")
    given = arguments.parse_args()
    chosen = list(selection(given.only, everything=given.all))
    wrong = asyncio.run(run(given.url, given.out, chosen))
    print(f"{len(chosen)} pictures in {given.out}, {wrong} with errors")
    sys.exit(1 if wrong or not chosen else 0)


if __name__ == "__main__":
    main()
