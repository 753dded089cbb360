"""One `anxin serve` of a part and data folder at a time; the operating system lets go when the holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path


class AlreadyServed(Exception):
    """Another `anxin serve` holds this data folder."""


@contextmanager
def held(data: Path, parts: Sequence[str]) -> Iterator[None]:
    """Hold the locks of these parts; raises AlreadyServed, naming the process that does."""
    folder = data / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for part in parts:
            stack.enter_context(_one(folder / f"{part}.lock", part))
        yield


@contextmanager
def _one(path: Path, part: str) -> Iterator[None]:
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise AlreadyServed(
                f"The {part} of {path.parent.parent} is already served by process {file.read().strip() or '?'}. "
                "Stop that one, or set ANXIN_DATA to another folder."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
