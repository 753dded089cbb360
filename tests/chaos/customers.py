"""Customers on real sockets: fragments in bursts, each sent again until it is acknowledged, and a log of all that came."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp

from evaluation.promises import ClientLog
from tests.chaos.line import AGAIN_S, Answer, Line

SENTENCES = (
    "你好",
    "在吗",
    "谢谢",
    "我的快递到哪了",
    "查一下 AX2026110100001",
    "8812",
    "你是机器人吗",
    "你好呀",
    "催一下发货",
    "hello, where is my order",
    "早晨",
    "转人工",
)


@dataclass
class Customer:
    """One customer with one conversation."""

    name: str
    address: str
    session: aiohttp.ClientSession
    rng: random.Random
    acknowledged: dict[str, int] = field(default_factory=dict)
    received: list[list[int]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    senders: dict[int, str] = field(default_factory=dict)
    conversation_id: UUID | None = None
    _token: str = ""
    _numbers: int = 0
    _line: Line | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def beside(self, name: str) -> Customer:
        """Somebody else, with a conversation of their own."""
        return Customer(name=name, address=self.address, session=self.session, rng=self.rng)

    async def open(self) -> None:
        """Open the conversation, and the socket."""
        async with self.session.post(f"{self.address}/api/chat/conversations", json={}) as response:
            opened = await response.json()
            assert response.status == 201, opened
        self.conversation_id, self._token = UUID(opened["conversation_id"]), opened["token"]
        self._line = Line(self.session, f"{self.address}/api/chat/ws", greet=self._say_hello, hear=self._hear)
        self._tasks.append(asyncio.create_task(self._line.run()))

    async def close(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def say(self, text: str) -> int:
        """Send a fragment until it is acknowledged; its seq."""
        assert self._line is not None
        self._numbers += 1
        client_id = f"{self.name}-{self._numbers}"
        answer = await self._line.insist("send", client_id=client_id, text=text)
        self.acknowledged[client_id] = answer["seq"]
        return int(answer["seq"])

    async def chat(self, until: asyncio.Event) -> None:
        """Bursts of one to three fragments with pauses between, now and then a broken network."""
        assert self._line is not None
        while not until.is_set():
            for _ in range(self.rng.randint(1, 3)):
                await self.say(self.rng.choice(SENTENCES))
                await asyncio.sleep(self.rng.uniform(0.02, 0.3))
            if self.rng.random() < 0.15:
                await self._line.cut()
            await asyncio.sleep(self.rng.uniform(0.5, 1.6))

    @property
    def since(self) -> int:
        """The newest seq that came."""
        return max((seq for seqs in self.received for seq in seqs), default=0)

    async def until_seen(self, seq: int, *, within_s: float) -> bool:
        """Whether everything up to there has come by then."""
        return await _comes_true(lambda: self.since >= seq, within_s)

    async def until_heard(self, sender: str, *, within_s: float) -> bool:
        """Whether this sender has said something by then."""
        return await _comes_true(lambda: sender in self.senders.values(), within_s)

    def log(self) -> ClientLog:
        """What this customer saw."""
        assert self.conversation_id is not None
        return ClientLog(
            conversation_id=self.conversation_id, acknowledged=self.acknowledged, received=self.received
        )

    async def _say_hello(self) -> None:
        assert self._line is not None
        await self._line.say_hello(take=self._catch_up, token=self._token, since=self.since)

    def _catch_up(self, answer: Answer) -> None:
        self.state = answer["state"]
        self.received.append([])
        for message in answer["messages"]:
            self._take(message)

    def _hear(self, event: Answer) -> None:
        if event["type"] == "message":
            self._take(event["message"])
        elif event["type"] == "state":
            self.state = event["state"]

    def _take(self, message: Answer) -> None:
        self.received[-1].append(message["seq"])
        self.senders[message["seq"]] = message["sender"]


async def _comes_true(is_so: Callable[[], bool], within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            while not is_so():  # noqa: ASYNC110
                await asyncio.sleep(AGAIN_S)
    except TimeoutError:
        return False
    return True
