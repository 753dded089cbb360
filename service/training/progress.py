"""How far a training is: a bar on a terminal, plain lines everywhere else. Goes to standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import Progress as RichProgress
from rich.progress import ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.progress_bar import ProgressBar

ALMOST = 0.97
"""Where a bar waits that took longer than last time."""


class Progress:
    """`step` brackets what takes time; `say` tells one line in between."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """One line."""
        if self._console.is_terminal:
            self._console.print(escape(text))
        else:
            self._console.print(f"[{time.monotonic() - self._began:4.0f} s] {text}", markup=False)

    @contextmanager
    def step(self, text: str, expected_s: float | None = None) -> Iterator[None]:
        """Show that `text` goes on; `expected_s` is how long it took last time."""
        if not self._console.is_terminal:
            self.say(f"{text} …")
            yield
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), _Bar(expected_s), TimeElapsedColumn())
        with RichProgress(*columns, console=self._console, transient=True) as shown:
            shown.add_task(escape(text), total=None)
            yield


class _Bar(ProgressColumn):
    """Filled by time against the last time; pulses where there was none."""

    def __init__(self, expected_s: float | None) -> None:
        super().__init__()
        self._expected_s = expected_s

    def render(self, task: Task) -> RenderableType:
        if not self._expected_s:
            return ProgressBar(total=None, width=24, pulse=True)
        share = min(ALMOST, (task.elapsed or 0.0) / self._expected_s)
        return ProgressBar(total=1.0, completed=share, width=24)
