"""What a refit came to, the same for triage and intents, and how it is told: the before/after table and one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from service.training.comparing import ALL, Change, worse

State = Literal["unchanged", "installed", "refused", "measured"]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Figures before and after on one set of messages; timings by name, None where there was nothing before."""

    changes: Sequence[Change]
    timings: Mapping[str, tuple[float | None, float]]
    asked: str
    """Which messages: «1,012 messages of evaluation/triage_heldout.yml»."""


@dataclass(frozen=True, kw_only=True)
class Refit:
    """The end of one refit. `where` is the model in use, or the candidate that was refused."""

    what: str
    state: State
    where: Path
    measured: Measured | None = None
    notes: Sequence[str] = field(default_factory=tuple)

    def lines(self) -> Iterator[str]:
        """All of it for a terminal."""
        if self.measured is not None:
            yield from table(self.what, self.measured)
            yield ""
        for note in self.notes:
            yield f"{self.what}: {note}"
        yield f"{self.what}: {self._told()}"

    def _told(self) -> str:
        if self.state == "unchanged":
            return f"{self.where.name}, nothing changed"
        if self.state == "measured":
            return f"{self.where.name}, measured"
        if self.state == "installed":
            return f"{self.where.name}, installed"
        assert self.measured is not None
        fallen = ", ".join(
            f"{c.name} {c.before:.3f} → {c.after:.3f}"
            for c in worse(self.measured.changes)
            if c.before is not None
        )
        return f"worse and not installed: {fallen}. It lies in {self.where}; `anxin train --force` installs it all the same"


def table(what: str, measured: Measured) -> Iterator[str]:
    """Figures by language, before → after; «!» marks those because of which a model is not installed."""
    languages = [ALL, *sorted({c.language for c in measured.changes} - {ALL})]
    rows = dict.fromkeys(c.figure.name for c in measured.changes)
    cells = {(c.figure.name, c.language): _cell(c) for c in measured.changes}
    width = max(15, *(len(text) for text in cells.values()))
    first = max(len(row) for row in [*rows, what, *measured.timings])
    yield f"{what}: {measured.asked}" + (", before → after" if _has_before(measured) else "")
    yield f"{'':{first}}" + "".join(f"  {language:>{width}}" for language in languages)
    for row in rows:
        yield f"{row:{first}}" + "".join(f"  {cells[row, language]:>{width}}" for language in languages)
    for name, (before, after) in measured.timings.items():
        yield f"{name:{first}}  {_pair(before, after, '.2f'):>{width}}"


def _has_before(measured: Measured) -> bool:
    return any(change.before is not None for change in measured.changes)


def _cell(change: Change) -> str:
    return _pair(change.before, change.after, ".3f") + ("!" if change.is_worse else " ")


def _pair(before: float | None, after: float, form: str) -> str:
    return f"{after:{form}}" if before is None else f"{before:{form}} → {after:{form}}"
