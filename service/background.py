"""Work beside the requests: loops that sleep, do their round, and survive a database that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import psycopg
import structlog

from desk.ending import end

log = structlog.get_logger(__name__)


async def every(seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Do the work, for ever, with a pause after each round; what goes wrong is logged and tried again."""
    while True:
        try:
            await work()
        except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
            log.debug("background_work_waits", work=name, kind=type(error).__name__)
        except Exception as error:
            log.error("background_work_failed", work=name, exc_info=error)
        await asyncio.sleep(seconds)


class Background:
    """Tasks of one process, started together and ended together."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Start one; its handle is kept."""
        self._tasks.append(asyncio.create_task(work, name=name))

    async def stop(self) -> None:
        """Cancel all and wait for their end."""
        await end(self._tasks)


class Nudge:
    """Wakes a loop before its time; nudges that come while it works are not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def give(self) -> None:
        """There is something to do."""
        self._event.set()

    async def wait(self, at_most_s: float) -> None:
        """Until a nudge, or that long."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event.clear()
