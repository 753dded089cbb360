"""Plays one conversation against a running desk in demo mode, in a private copy of the demo shop.

The next turn goes out when the desk says that nothing waits for the bot any more, or when people own the
conversation, or when patience ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.extraction import extract
from service.playing.chat_socket import ChatSocket
from service.playing.desk_client import DeskClient, DeskRefused, Opened
from service.playing.lines import IMAGE, TAP, PlayLine, Turn, fragments_of
from service.playing.picture import MEDIA_TYPE, small_picture

PATIENCE_S = 30.0
LOOK_EVERY_S = 1.0
ARRIVAL_S = 5.0
"""Messages that the desk has written reach the socket within this, or the socket is opened anew."""


@dataclass
class _PlayedTurn:
    customer: Turn
    first_seq: int
    replies: list[str] = field(default_factory=list)
    owner: str = "bot"
    error: Mapping[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"customer": self.customer, "replies": self.replies, "owner": self.owner}
        return told if self.error is None else told | {"error": dict(self.error)}


class Player:
    """Plays lines on one desk; may be called for many lines at once."""

    def __init__(self, client: DeskClient, *, patience_s: float = PATIENCE_S) -> None:
        self._client = client
        self._patience_s = patience_s
        self._kinds: Mapping[str, str] | None = None

    async def play(self, line: PlayLine) -> dict[str, Any]:
        """`{turns, handoff, cases, answered}` of docs/api/rest.md and the command's help.

        Raises DeskRefused, DeskUnreachable.
        """
        opened = await self._open(line)
        socket = ChatSocket(self._client, opened)
        await socket.connect()
        try:
            return await _Conversation(self._client, socket, opened, self._patience_s).play(line)
        finally:
            await socket.close()

    async def _open(self, line: PlayLine) -> Opened:
        setup = line.setup.model_dump(exclude_none=True) if line.setup else {}
        setup = {name: value for name, value in setup.items() if not name.startswith("gap_")}
        body: dict[str, Any] = {"setup": setup, "mentioned": _order_numbers(line.texts)}
        if line.as_ is not None:
            body["customer"] = await self._customer(line.as_)
        play = await self._client.call("POST", "/api/demo/plays", json=body)
        return await self._client.open_conversation(identity=play["identity"])

    async def _customer(self, named: str) -> str:
        if self._kinds is None:
            listed = (await self._client.call("GET", "/api/demo/orders"))["orders"]
            self._kinds = {order["kind"]: order["customer"] for order in reversed(listed)}
        return self._kinds.get(named, named)


class _Conversation:
    def __init__(self, client: DeskClient, socket: ChatSocket, opened: Opened, patience_s: float) -> None:
        self._client = client
        self._socket = socket
        self._opened = opened
        self._patience_s = patience_s
        self._turns: list[_PlayedTurn] = []

    async def play(self, line: PlayLine) -> dict[str, Any]:
        for number, customer in enumerate(line.customer):
            if line.setup and line.setup.gap_before_turn == number and line.setup.gap_hours:
                await self._pass_hours(line.setup.gap_hours)
            await self._play_turn(customer)
        record = await self._record()
        return {
            "turns": [turn.as_json() for turn in self._turns],
            "handoff": self._handoff(record["handoffs"]),
            "cases": record["cases"],
            "answered": [answered["entry"] for answered in record["answered"]],
        }

    async def _play_turn(self, customer: Turn) -> None:
        since = self._socket.last_seq
        turn = _PlayedTurn(customer=customer, first_seq=since + 1)
        self._turns.append(turn)
        try:
            sent = await self._send_burst(fragments_of(customer))
            turn.first_seq = min(sent)
        except DeskRefused as refused:
            turn.error = refused.as_json()
        record = await self._until_answered()
        turn.owner = record["owner"]
        turn.replies = self._said_since(since)

    async def _send_burst(self, fragments: Sequence[str]) -> list[int]:
        pictures = [
            await self._client.upload_picture(self._opened, small_picture(), MEDIA_TYPE)
            for fragment in fragments
            if fragment == IMAGE
        ]
        seqs = []
        for fragment in fragments:
            if fragment == IMAGE:
                content = {"attachment_id": pictures.pop(0)}
            elif tapped := TAP.fullmatch(fragment):
                content = {"button": self._button(tapped[1])}
            else:
                content = {"text": fragment}
            seqs.append(await self._socket.send(**content))
        return seqs

    def _button(self, label: str) -> str:
        """The id of a live button, by its label or its number from 1. Raises DeskRefused where there is none."""
        told = [m for m in self._socket.messages if m["sender"] != "customer"]
        buttons = told[-1]["payload"].get("quick_replies", []) if told else []
        for number, button in enumerate(buttons, start=1):
            if label in (button["label"], str(number)):
                return str(button["id"])
        raise DeskRefused({"code": "not_found", "message": f"The newest message has no button {label}."})

    async def _until_answered(self) -> dict[str, Any]:
        """The desk's record once nothing waits for the bot, or when patience is over."""
        give_up_at = time.monotonic() + self._patience_s
        while True:
            self._socket.heard.clear()
            record = await self._record()
            if not record["awaits_bot"]:
                await self._until_arrived(record["last_seq"])
                return record
            rest_s = give_up_at - time.monotonic()
            if rest_s <= 0:
                return record
            await _wait(self._socket.heard, min(LOOK_EVERY_S, rest_s))

    async def _until_arrived(self, seq: int) -> None:
        give_up_at = time.monotonic() + ARRIVAL_S
        while self._socket.last_seq < seq:
            self._socket.heard.clear()
            if not self._socket.is_open or time.monotonic() > give_up_at:
                await self._socket.close()
                await self._socket.connect()
                return
            await _wait(self._socket.heard, 0.2)

    async def _pass_hours(self, hours: float) -> None:
        """What the desk says in these hours (a reminder, the close) counts to the turn before."""
        since = self._socket.last_seq
        path = f"/api/demo/plays/{self._opened.conversation_id}/time"
        record = await self._client.call("POST", path, token=self._opened.token, json={"hours": hours})
        await self._until_arrived(record["last_seq"])
        if self._turns:
            self._turns[-1].replies += self._said_since(since)

    async def _record(self) -> dict[str, Any]:
        path = f"/api/demo/plays/{self._opened.conversation_id}"
        return await self._client.call("GET", path, token=self._opened.token)

    def _said_since(self, seq: int) -> list[str]:
        return [_shown(m) for m in self._socket.messages if m["seq"] > seq and m["sender"] != "customer"]

    def _handoff(self, handoffs: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
        if not handoffs:
            return None
        first = handoffs[0]
        begun = [n for n, turn in enumerate(self._turns) if turn.first_seq <= first["after_seq"]]
        return {"turn": begun[-1] if begun else 0, "reasons": first["reasons"]}


def _shown(message: Mapping[str, Any]) -> str:
    """A message as a line of text: a card by what it shows."""
    payload = message["payload"]
    if message["kind"] == "order_card":
        order = payload["order"]
        return f"[order_card] {order['number']} {order['state_label']}"
    if message["kind"] == "case_card":
        case = payload["case"]
        return f"[case_card] {case['type']} {case['number']}"
    return str(message["text"])


def _order_numbers(texts: Sequence[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        references = extract(text, {}).references.values()
        found += [reference.value for reference in references if reference.kind == "order"]
    return list(dict.fromkeys(found))[:100]


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), timeout_s)
    except TimeoutError:
        return
