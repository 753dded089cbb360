"""Many lines at once, answers in the order of the lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def in_order(
    lines: Iterator[T], work: Callable[[T], Awaitable[R]], *, at_once: int
) -> AsyncIterator[R]:
    """The result of each line as soon as it and all before it are done; at most `at_once` are worked on.

    Lines are read in a thread, as room for them comes up. An error in reading comes after the results before it.
    """
    room = asyncio.Semaphore(at_once)
    begun: asyncio.Queue[asyncio.Task[R] | Exception | None] = asyncio.Queue()

    async def one(line: T) -> R:
        try:
            return await work(line)
        finally:
            room.release()

    async def read() -> None:
        ended = object()
        try:
            while True:
                await room.acquire()
                line = await asyncio.to_thread(next, lines, ended)
                if line is ended:
                    return begun.put_nowait(None)
                begun.put_nowait(asyncio.create_task(one(line)))  # type: ignore[arg-type]
        except Exception as error:
            begun.put_nowait(error)

    reader = asyncio.create_task(read())
    try:
        while (next_one := await begun.get()) is not None:
            if isinstance(next_one, Exception):
                raise next_one
            yield await next_one
    finally:
        reader.cancel()
        while not begun.empty():
            left = begun.get_nowait()
            if isinstance(left, asyncio.Task):
                left.cancel()
