"""An agent at a real console: accepts what is offered, answers, hands back or closes; now and then takes over from the bot."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp

from evaluation.promises import ClientLog
from tests.chaos.line import Answer, Line, Lost, Refused


@dataclass
class Console:
    """One agent. `bot_conversations` names conversations with their epochs that the bot owns just now."""

    address: str
    session: aiohttp.ClientSession
    rng: random.Random
    bot_conversations: Callable[[], Iterable[tuple[str, int]]]
    acknowledged: defaultdict[UUID, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    accepted: int = 0
    taken_over: int = 0
    takes_over: bool = True
    me: str = ""
    _line: Line | None = None
    _loops: list[asyncio.Task[None]] = field(default_factory=list)
    _serving: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _is_ending: bool = False
    _numbers: int = 0

    async def sign_in(self, login: str, password: str) -> None:
        """Get the session cookie, open the socket, begin to work."""
        body = {"login": login, "password": password}
        async with self.session.post(f"{self.address}/api/session", json=body) as response:
            assert response.status == 200, await response.text()
        self._line = Line(self.session, f"{self.address}/api/desk/ws", greet=self._say_hello, hear=self._hear)
        self._loops = [
            asyncio.create_task(work) for work in (self._line.run(), self._keep_alive(), self._take_over())
        ]

    async def claim(self, conversation_id: str, epoch: int) -> None:
        """Take this one from the bot. Raises Refused."""
        assert self._line is not None
        await self._line.insist("claim", conversation_id=conversation_id, epoch=epoch)

    async def finish(self) -> None:
        """Take nothing more, end what was begun."""
        self._is_ending = True
        assert self._line is not None
        await self._loops[-1]  # it may be claiming
        await self._line.insist("presence", state="away")
        while (await self._line.insist("hello", take=self._take_up))["mine"]:
            await asyncio.gather(*self._serving.values())

    async def close(self) -> None:
        """Close the console."""
        for task in (*self._loops, *self._serving.values()):
            task.cancel()
        await asyncio.gather(*self._loops, *self._serving.values(), return_exceptions=True)

    def logs(self) -> list[ClientLog]:
        """The acknowledgements that the agent got."""
        return [
            ClientLog(conversation_id=conversation, acknowledged=acknowledged, is_complete=False)
            for conversation, acknowledged in self.acknowledged.items()
        ]

    async def _say_hello(self) -> None:
        assert self._line is not None
        await self._line.say_hello(take=self._take_up)
        if not self._is_ending and not (await self._line.request("presence", state="online"))["ok"]:
            raise Lost

    def _take_up(self, answer: Answer) -> None:
        self.me = answer["me"]["id"]
        for summary in answer["mine"]:
            self._serve(summary)
        for offer in answer["offers"]:
            self._consider(offer["summary"])

    def _hear(self, event: Answer) -> None:
        if event["type"] == "offer":
            self._consider(event["summary"])
        elif event["type"] == "conversation" and (event["summary"]["agent"] or {}).get("id") == self.me:
            self._serve(event["summary"])

    def _consider(self, summary: Answer) -> None:
        if not self._is_ending:
            self._start(summary["id"], self._accept(summary))

    def _serve(self, summary: Answer) -> None:
        if summary["owner"] == "agent":
            self._start(summary["id"], self._talk(summary))

    def _start(self, conversation_id: str, work: Any) -> None:
        """One thing at a time with each customer."""
        running = self._serving.get(conversation_id)
        if running is not None and not running.done():
            work.close()
            return
        self._serving[conversation_id] = asyncio.create_task(self._calmly(work))

    async def _calmly(self, work: Any) -> None:
        # Somebody was faster, or the conversation is not ours any more; the desk says what is true.
        with suppress(Refused):
            await work

    async def _accept(self, summary: Answer) -> None:
        assert self._line is not None
        answer = await self._line.insist("accept", conversation_id=summary["id"], epoch=summary["epoch"])
        self.accepted += 1
        await self._talk(answer["summary"])

    async def _talk(self, summary: Answer) -> None:
        assert self._line is not None
        conversation_id, epoch = summary["id"], summary["epoch"]
        await self._line.insist("open", conversation_id=conversation_id, since=0)
        for _ in range(self.rng.randint(1, 2)):
            self._numbers += 1
            client_id = f"agent-{self._numbers}"
            answer = await self._line.insist(
                "reply", conversation_id=conversation_id, client_id=client_id, text="您好，我来看一下"
            )
            self.acknowledged[UUID(conversation_id)][client_id] = answer["seq"]
            await asyncio.sleep(self.rng.uniform(0.1, 0.6))
        if self.rng.random() < 0.25:
            await self._line.insist(
                "close", conversation_id=conversation_id, epoch=epoch, resolution="solved"
            )
        else:
            await self._line.insist(
                "hand_back", conversation_id=conversation_id, epoch=epoch, summary="已说明"
            )

    async def _take_over(self) -> None:
        while not self._is_ending:
            await asyncio.sleep(self.rng.uniform(0.3, 1.2))
            owned = list(self.bot_conversations())
            if not owned or self._is_ending or not self.takes_over:
                continue
            conversation_id, epoch = self.rng.choice(owned)
            with suppress(Refused):
                await self.claim(conversation_id, epoch)
                self.taken_over += 1
                self._serve({"id": conversation_id, "owner": "agent", "epoch": epoch + 1})

    async def _keep_alive(self) -> None:
        assert self._line is not None
        while True:
            await asyncio.sleep(8)
            with suppress(Lost):
                await self._line.request("ping")
