"""Turns of the bot, from the end of the fragment window to its message; one lane for each way an answer comes about.

A few customers take turns in each lane, so that turns do not overlap while the windows do.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import uuid4

from evaluation.load import texts
from evaluation.load.figures import spread
from evaluation.load.floor import Customer, Floor
from evaluation.load.sockets import Refused

CUSTOMERS = 4
ANSWER_WITHIN_S = 8.0


@dataclass(frozen=True, kw_only=True)
class Lane:
    """What is asked, and as whom; `chat_for_each`: every question opens a conversation of its own."""

    name: str
    questions: Sequence[str]
    identity: str | None = None
    chat_for_each: bool = False


@dataclass(kw_only=True)
class LaneRecord:
    """What came of one lane; `chats` are its conversations."""

    turns_s: list[float] = field(default_factory=list)
    acks_s: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    chats: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The figures."""
        asked = len(self.turns_s) + sum(self.errors.values())
        return {
            "turn_ms": spread(self.turns_s),
            "ack_ms": spread(self.acks_s),
            "errors": dict(self.errors),
            "error_share": round(sum(self.errors.values()) / max(1, asked), 5),
        }


async def lanes_of(floor: Floor) -> list[Lane]:
    """The fast lane, Rasa, and in demo mode Rasa with an action that looks an order up."""
    lanes = [
        Lane(name="knowledge_base", questions=texts.KNOWN_QUESTIONS),
        Lane(name="rasa", questions=texts.SMALL_TALK),
    ]
    if (identity := await floor.demo_identity()) is not None:
        lanes.append(
            Lane(
                name="rasa_with_order",
                questions=texts.ORDER_QUESTION,
                identity=identity,
                chat_for_each=True,
            )
        )
    return lanes


async def measure(floor: Floor, lane: Lane, *, seconds: float, window_s: float) -> LaneRecord:
    """Ask for so long; each customer asks again when the answer came."""
    record, began = LaneRecord(), perf_counter()

    async def chat(number: int) -> None:
        await asyncio.sleep(number * window_s / CUSTOMERS)
        asker = _Asker(floor, lane, record, window_s)
        asked = number
        while perf_counter() - began < seconds:
            await asker.ask(lane.questions[asked % len(lane.questions)])
            asked += 1

    async with asyncio.TaskGroup() as group:
        for number in range(CUSTOMERS):
            group.create_task(chat(number))
    return record


class _Asker:
    """One customer of a lane, and the first thing the bot says after each question."""

    def __init__(self, floor: Floor, lane: Lane, record: LaneRecord, window_s: float) -> None:
        self._floor = floor
        self._lane = lane
        self._record = record
        self._window_s = window_s
        self._chat: Customer | None = None
        self._answered: asyncio.Future[float] | None = None

    async def ask(self, question: str) -> None:
        try:
            if self._chat is None or self._lane.chat_for_each:
                await self._open()
            assert self._chat is not None
            self._answered = asyncio.get_running_loop().create_future()
            began = perf_counter()
            answer = await self._chat.socket.ask("send", client_id=uuid4().hex, text=question)
            self._record.acks_s.append(answer.answered_at - began)
            async with asyncio.timeout(ANSWER_WITHIN_S):
                said_at = await self._answered
        except Refused as error:
            self._record.errors[error.code] += 1
            self._chat = None
        except TimeoutError:
            self._record.errors["no_answer"] += 1
            self._chat = None
        else:
            self._record.turns_s.append(said_at - began - self._window_s)

    async def _open(self) -> None:
        self._chat = await self._floor.open_chat(self._hear, identity=self._lane.identity)
        self._record.chats.append(self._chat.conversation_id)

    def _hear(self, event: Mapping[str, Any], at: float) -> None:
        if self._answered is None or self._answered.done():
            return
        if event["type"] == "message" and event["message"]["sender"] == "bot":
            self._answered.set_result(at)
        elif event["type"] == "state" and event["state"]["owner"] == "queue":
            self._answered.set_exception(Refused("handed_over"))
