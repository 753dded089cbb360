"""How well the generator itself keeps up: late wake-ups of its event loop and its share of a core.

A late generator adds its own delay to everything it measures; these figures tell when it is the bottleneck.
"""

from __future__ import annotations

import asyncio
from time import perf_counter, process_time

from evaluation.load.figures import spread

TICK_S = 0.005


class Lag:
    """Sleeps in short ticks and notes how late it wakes."""

    def __init__(self) -> None:
        self._late_s: list[float] = []
        self._began = perf_counter()
        self._cpu_began = process_time()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> dict[str, object]:
        """`{late_ms, cpu_share}` since the start; 1.0 is one whole core."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        share = (process_time() - self._cpu_began) / max(1e-9, perf_counter() - self._began)
        return {"late_ms": spread(self._late_s), "cpu_share": round(share, 2)}

    async def _run(self) -> None:
        while True:
            began = perf_counter()
            await asyncio.sleep(TICK_S)
            self._late_s.append(max(0.0, perf_counter() - began - TICK_S))
