"""Every process killed at every named point of a turn, under traffic: each promise holds, as the checker sees it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from itertools import product
from typing import get_args

import pytest

from desk.fault_points import Point
from evaluation import promises
from tests.chaos.stack import Process, Stack, running_stack
from tests.chaos.traffic import traffic_on

PROCESSES: tuple[Process, ...] = ("service", "database", "rasa")
CASES = [(process, point) for point, process in product(get_args(Point), PROCESSES)]
GOES_ON_S = 2.0
"""Customers go on this long after everything is back."""


@pytest.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    async with running_stack(with_rasa=True) as running:
        yield running


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("process", "point"), CASES)
async def test_promises_hold_when_a_process_is_killed(stack: Stack, process: Process, point: Point) -> None:
    await stack.until_well()
    rng = random.Random(f"{process} at {point}")
    async with traffic_on(stack, rng) as traffic:
        await traffic.begin()
        await asyncio.sleep(1.0)
        pid = stack.arm(process, point, after=rng.randint(1, 4))
        await stack.until_struck()
        await stack.until_well(without_pid=pid)
        await asyncio.sleep(GOES_ON_S)
        await traffic.rest()
        assert await traffic.greet_anew()
        logs = await traffic.logs()
    assert promises.check(stack.database_url, logs) == []
