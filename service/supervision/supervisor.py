"""Keeps parts running: starts them in order, starts again what ends, stops them in the opposite order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from service.supervision.back_off import BackOff
from service.supervision.parts import Part, PartFailed


class Supervisor:
    """Every part that was added is watched until `stop`. `say` gets a line for each thing that happens."""

    def __init__(self, say: Callable[[str], None], back_off: BackOff | None = None) -> None:
        self._say = say
        self._back_off = back_off or BackOff()
        self._parts: list[Part] = []
        self._watches: list[asyncio.Task[None]] = []

    async def add(self, part: Part) -> None:
        """Start a part, wait until it is ready, then watch it. Raises PartFailed; it is stopped by `stop`."""
        self._parts.append(part)
        await part.start()
        self._watches.append(asyncio.create_task(self._watch(part), name=f"watch {part.name}"))

    async def add_together(self, *parts: Part) -> None:
        """Start several parts side by side; the first that fails ends the others' starts."""
        try:
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(self.add(part))
        except* PartFailed as failures:
            first = failures.exceptions[0]
            assert isinstance(first, PartFailed)
            raised = first
        else:
            return
        raise raised

    @property
    def has_parts(self) -> bool:
        """Whether anything was started, or begun to."""
        return bool(self._parts)

    def pids(self) -> frozenset[int]:
        """The processes of the parts that run."""
        return frozenset(part.pid for part in self._parts if part.pid is not None)

    async def stop(self) -> None:
        """Stop all parts, the first one last."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches.clear()
        while self._parts:
            part = self._parts.pop()
            try:
                await part.stop()
            except Exception as failure:  # the others must stop all the same
                self._say(f"{part.name} could not be stopped: {failure}")

    async def _watch(self, part: Part) -> None:
        back_off = self._back_off
        ready_at: float | None = time.monotonic()
        while True:
            how = await part.ended() if ready_at is not None else "did not come up"
            back_off = back_off.after(time.monotonic() - ready_at if ready_at is not None else 0.0)
            self._say(f"{part.name} {how}; starting it again in {back_off.delay_s:g} s.")
            await asyncio.sleep(back_off.delay_s)
            try:
                await part.start()
            except Exception as failure:  # whatever it is, trying goes on and the other parts live
                ready_at = None
                self._say(str(failure) or type(failure).__name__)
                with suppress(Exception):
                    await part.stop()
            else:
                ready_at = time.monotonic()
                self._say(f"{part.name} is back.")
