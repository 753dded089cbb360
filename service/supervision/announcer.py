"""What the person at the terminal sees while things start, run and stop.

A spinner with the seconds on a terminal; plain lines with a sign of life now and then everywhere else.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.status import Status

BEAT_S = 10.0


class Announcer:
    """Writes to one stream; `step` brackets something that takes time."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        """One line, with the time since the start where there is no terminal."""
        if self._console.is_terminal:
            self._console.print(escape(text))
        else:
            self._plain(text)

    def error(self, text: str) -> None:
        """Why it does not go on."""
        self._console.print(f"[bold red]✗[/] {escape(text)}")

    @asynccontextmanager
    async def step(self, text: str) -> AsyncIterator[None]:
        """Show that `text` is going on, and how long it took."""
        began = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(escape(text)) as status:
                await_beats = asyncio.create_task(self._tick(status, text, began))
                try:
                    yield
                finally:
                    await_beats.cancel()
            self._console.print(f"[green]✓[/] {escape(text)} · {time.monotonic() - began:.1f} s")
            return
        self._plain(f"{text} …")
        beats = asyncio.create_task(self._beat(text, began))
        try:
            yield
        finally:
            beats.cancel()
        self._plain(f"{text}: done in {time.monotonic() - began:.1f} s")

    async def _tick(self, status: Status, text: str, began: float) -> None:
        while True:
            await asyncio.sleep(1)
            status.update(f"{escape(text)} · {time.monotonic() - began:.0f} s")

    async def _beat(self, text: str, began: float) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self._plain(f"{text} … {time.monotonic() - began:.0f} s so far")

    def _plain(self, text: str) -> None:
        self._console.print(f"[{time.monotonic() - self._start:4.0f} s] {text}", markup=False)
