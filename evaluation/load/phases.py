"""The phases between customers and agents: at rest, a message a second each, and as fast as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter

from evaluation.load.figures import Record
from evaluation.load.floor import Customer, Floor

PAUSE_S = 0.01
"""At rest, between an arrival and the next message: the database has settled."""
ARRIVAL_WITHIN_S = 5.0
REPLY_EVERY = 5
"""The agent answers every fifth message."""


async def at_rest(floor: Floor, customer: Customer, *, seconds: float) -> tuple[Record, float]:
    """One message at a time, by turns from the customer and from the agent."""
    record, began = floor.begin(), perf_counter()
    while perf_counter() - began < seconds:
        await floor.say(customer)
        await settled(record)
        await asyncio.sleep(PAUSE_S)
        await floor.reply(customer)
        await settled(record)
        await asyncio.sleep(PAUSE_S)
    return record, perf_counter() - began


async def steadily(
    floor: Floor, customers: Sequence[Customer], *, seconds: float, per_s: float = 1.0
) -> tuple[Record, float]:
    """Every customer sends at a fixed pace, whatever becomes of the message before (open loop)."""
    record, began = floor.begin(), perf_counter()

    async def talk(group: asyncio.TaskGroup, customer: Customer, offset: float) -> None:
        for n in range(max(1, round(seconds * per_s))):
            await asyncio.sleep(max(0.0, began + (n + offset) / per_s - perf_counter()))
            group.create_task(floor.say(customer))
            if n % REPLY_EVERY == REPLY_EVERY - 1:
                group.create_task(floor.reply(customer))

    async with asyncio.TaskGroup() as group:
        for index, customer in enumerate(customers):
            group.create_task(talk(group, customer, index / len(customers)))
    took_s = perf_counter() - began
    await settled(record)
    return record, took_s


async def saturated(
    floor: Floor, customers: Sequence[Customer], *, seconds: float, in_flight: int
) -> tuple[Record, float]:
    """Every customer has `in_flight` messages under way and sends the next when one is acknowledged (closed loop)."""
    record, began = floor.begin(), perf_counter()

    async def talk(customer: Customer) -> None:
        while perf_counter() - began < seconds:
            await floor.say(customer)

    async with asyncio.TaskGroup() as group:
        for customer in customers:
            for _ in range(in_flight):
                group.create_task(talk(customer))
    took_s = perf_counter() - began
    await settled(record)
    return record, took_s


async def settled(record: Record) -> None:
    """Wait until everything that was sent has arrived, or for ARRIVAL_WITHIN_S."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ARRIVAL_WITHIN_S):
            await record.to_agent.settle()
            await record.to_customer.settle()
