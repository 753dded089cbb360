"""A service process in which a named point of a turn can strike: `python -m tests.chaos.armed_service FOLDER [--without-epoch-check]`.

It obeys one order at a time, written into FOLDER by the test: kill a process, or pause, when a point is reached for the n-th
time. Otherwise it is `python -m service.run`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from desk import fault_points, turns
from desk.fault_points import Point
from service import run

PAUSE_S = 20.0
"""A pause ends after this, whether the test says so or not."""
DEATH_S = 0.2
"""What was killed is gone after this, so that the turn goes on without it."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Strike at `point` when it is reached for the `after`-th time: kill `pid`, or pause where there is none."""

    point: Point
    after: int
    pid: int | None = None


class Orders:
    """The folder through which test and service talk."""

    def __init__(self, folder: Path) -> None:
        self._order = folder / "order.json"
        self._struck = folder / "struck.json"
        self._go_on = folder / "go-on"

    def give(self, order: Order) -> None:
        """Arm; in one rename, so that nobody reads half an order."""
        self._struck.unlink(missing_ok=True)
        self._go_on.unlink(missing_ok=True)
        new = self._order.with_suffix(".new")
        new.write_bytes(orjson.dumps(asdict(order)))
        new.replace(self._order)

    def read(self) -> Order | None:
        """The order that waits, if there is one."""
        try:
            given: Mapping[str, object] = orjson.loads(self._order.read_bytes())
        except FileNotFoundError:
            return None
        return Order(**given)  # type: ignore[arg-type]

    def take(self) -> bool:
        """Whether the order is ours to carry out: it is carried out once."""
        with suppress(FileNotFoundError):
            self._order.replace(self._struck)
            return True
        return False

    @property
    def is_struck(self) -> bool:
        """Whether the order was carried out."""
        return self._struck.exists()

    def let_go_on(self) -> None:
        """End the pause."""
        self._go_on.touch()

    @property
    def may_go_on(self) -> bool:
        """Whether the pause is over."""
        return self._go_on.exists()


class Striker:
    """Carries the order out."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._reached = 0

    async def strike(self, point: Point) -> None:
        """Called at every point."""
        order = self._orders.read()
        if order is None or order.point != point:
            return
        self._reached += 1
        if self._reached < order.after or not self._orders.take():
            return
        self._reached = 0
        if order.pid is None:
            await self._pause()
            return
        os.kill(order.pid, signal.SIGKILL)
        await asyncio.sleep(DEATH_S)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_S):
                while not self._orders.may_go_on:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)


def main(arguments: list[str]) -> int:
    """Arm, and break what is to be broken; then the service as it always runs."""
    folder, *flags = arguments
    fault_points.arm(Striker(Orders(Path(folder))).strike)
    if "--without-epoch-check" in flags:
        turns.why_stale = lambda conversation, turn: None
    return run.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
