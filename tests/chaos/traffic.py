"""Traffic for one case: some customers and an agent, begun, let run, and brought to rest with their logs in hand."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from evaluation.promises import ClientLog
from tests.chaos.console import Console
from tests.chaos.customers import Customer
from tests.chaos.stack import LOGIN, PASSWORD, Stack

CUSTOMERS = 5
REST_S = 90.0
SEEN_WITHIN_S = 15.0
ANSWERED_WITHIN_S = 20.0
"""A turn under way when its worker died is taken up when its lease ends; a new one takes seconds."""


@dataclass
class Traffic:
    """Customers who chat and an agent who works, until `rest`."""

    stack: Stack
    customers: list[Customer]
    console: Console
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _chats: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self) -> None:
        """Everybody comes in and begins."""
        for customer in self.customers:
            await customer.open()
        await self.console.sign_in(LOGIN, PASSWORD)
        self._chats = [asyncio.create_task(c.chat(self._stop)) for c in self.customers]

    async def rest(self) -> None:
        """Customers say their last, the agent finishes."""
        self._stop.set()
        async with asyncio.timeout(REST_S):
            await asyncio.gather(*self._chats)
            await self.console.finish()

    async def greet_anew(self) -> bool:
        """Whether somebody new who says hello gets the bot's answer."""
        newcomer = self.customers[0].beside("newcomer")
        self.customers.append(newcomer)
        await newcomer.open()
        await newcomer.say("你好")
        return await newcomer.until_heard("bot", within_s=ANSWERED_WITHIN_S)

    async def logs(self) -> list[ClientLog]:
        """What everybody saw, once nothing waits for the bot and everything has arrived."""
        await self.stack.until_settled()
        for customer in self.customers:
            last = self.stack.last_seq(customer.conversation_id)
            await customer.until_seen(last, within_s=SEEN_WITHIN_S)  # the checker tells what is missing
        return [*(c.log() for c in self.customers), *self.console.logs()]

    async def close(self) -> None:
        """Everybody leaves."""
        for chat in self._chats:
            chat.cancel()
        await asyncio.gather(*self._chats, return_exceptions=True)
        await self.console.close()
        for customer in self.customers:
            await customer.close()


@asynccontextmanager
async def traffic_on(
    stack: Stack, rng: random.Random, *, customers: int = CUSTOMERS
) -> AsyncIterator[Traffic]:
    """People on this desk, not begun yet; `rng` decides what they do."""
    async with (
        aiohttp.ClientSession() as session,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as office,
    ):
        chatting = [
            Customer(name=f"c{n}", address=stack.address, session=session, rng=random.Random(rng.random()))
            for n in range(customers)
        ]
        console = Console(
            address=stack.address,
            session=office,
            rng=random.Random(rng.random()),
            bot_conversations=lambda: _owned_by_bot(chatting),
        )
        traffic = Traffic(stack=stack, customers=chatting, console=console)
        try:
            yield traffic
        except BaseException:
            print(stack.report())  # the folder with the logs is deleted with the desk
            raise
        finally:
            await traffic.close()


def _owned_by_bot(customers: list[Customer]) -> Iterator[tuple[str, int]]:
    for customer in customers:
        if customer.state.get("owner") == "bot":
            yield str(customer.conversation_id), customer.state["epoch"]
