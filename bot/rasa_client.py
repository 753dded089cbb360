"""The service's client of the Rasa server: one turn, one call, one time limit.

Text never reaches Rasa with a leading slash. A call that ran out of time leaves the tracker unknown, so its
generation must end; this module only says so by raising RasaTimeout.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import orjson

from bot.effects import Effect, from_json

_OBEYED = "/／"


class RasaUnavailable(Exception):
    """Rasa is down, has no model, or did not answer as agreed; the tracker was not touched as far as is known."""


class RasaTimeout(RasaUnavailable):
    """Rasa did not answer in time; what its tracker holds is not known."""


@dataclass(frozen=True, kw_only=True)
class Button:
    """What a quick reply means to Rasa; the customer only ever names its id."""

    title: str = ""
    intent: str
    entities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Seed:
    """What a new generation starts with."""

    slots: Mapping[str, Any] = field(default_factory=dict)
    form: str | None = None
    summary: str = ""


@dataclass(frozen=True, kw_only=True)
class RasaTurn:
    """One turn of a conversation; `references` as Extracted.as_request() gives them."""

    sender: str
    turn_id: UUID
    expected_turn_id: UUID | None
    text: str
    button: Button | None = None
    language: str
    signed_in: bool
    references: Sequence[Mapping[str, str]] = ()
    seed: Seed = field(default_factory=Seed)

    def as_json(self) -> dict[str, Any]:
        """The request of POST /webhooks/anxin/turn."""
        button = self.button
        return {
            "sender": self.sender,
            "turn_id": str(self.turn_id),
            "expected_turn_id": str(self.expected_turn_id) if self.expected_turn_id else None,
            "text": without_leading_slash(self.text),
            "button": {"intent": button.intent, "entities": dict(button.entities)} if button else None,
            "language": self.language,
            "signed_in": self.signed_in,
            "references": [dict(r) for r in self.references],
            "seed": {"slots": dict(self.seed.slots), "form": self.seed.form, "summary": self.seed.summary},
        }


@dataclass(frozen=True, kw_only=True)
class RasaMessage:
    """One reply and its quick replies."""

    text: str
    buttons: tuple[Button, ...] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RasaReply:
    """What a turn led to; `repaired` counts turns that were taken back first, -1 = tracker seeded anew."""

    turn_id: UUID
    replies: tuple[RasaMessage, ...]
    effects: tuple[Effect, ...]
    intent: str | None
    confidence: float
    entities: tuple[Mapping[str, Any], ...]
    form: str | None
    slots: Mapping[str, Any]
    repaired: int


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """Intent and entities of one text."""

    intent: str | None
    confidence: float
    entities: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class RasaHealth:
    """Whether Rasa can take turns, and with which model."""

    ready: bool
    model: str | None


class RasaClient:
    """Calls one Rasa server; close it at shutdown."""

    def __init__(self, url: str, token: str, *, timeout_s: float) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def turn(self, turn: RasaTurn) -> RasaReply:
        """Take one turn. Raises RasaTimeout or RasaUnavailable."""
        return _read_reply(await self._call("POST", "turn", turn.as_json()))

    async def parse(self, text: str, *, references: Sequence[Mapping[str, str]] = ()) -> Parsed:
        """Intent and entities without touching a tracker. Raises RasaTimeout or RasaUnavailable."""
        answer = await self._call(
            "POST",
            "parse",
            {
                "sender": "nlu",
                "turn_id": "nlu",
                "text": without_leading_slash(text),
                "references": [dict(r) for r in references],
            },
        )
        intent = answer["intent"]
        return Parsed(
            intent=intent.get("name"),
            confidence=float(intent.get("confidence") or 0.0),
            entities=tuple(answer["entities"]),
        )

    async def health(self) -> RasaHealth:
        """Whether it is ready, and the model's file name; never raises."""
        try:
            answer = await self._call("GET", "health", None)
        except RasaUnavailable:
            return RasaHealth(ready=False, model=None)
        return RasaHealth(ready=bool(answer.get("ready")), model=answer.get("model"))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        content = orjson.dumps(body) if body is not None else None
        try:
            async with self._session.request(
                method, f"{self._url}/webhooks/anxin/{path}", data=content
            ) as response:
                answer = await response.read()
                status = response.status
        except TimeoutError:
            raise RasaTimeout(f"no answer within {self._timeout.total} s") from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise RasaUnavailable(f"{type(error).__name__}") from error
        return _read_object(status, answer)


def without_leading_slash(text: str) -> str:
    """`text` without leading slashes, full-width ones and white space between them included.

    Rasa obeys a leading slash from anyone: `/restart` resets, `/intent{…}` counts with confidence 1.
    """
    stripped = text.strip()
    while stripped[:1] and (stripped[0] in _OBEYED or not stripped[0].isprintable() or stripped[0].isspace()):
        stripped = stripped[1:].lstrip()
    return stripped


def _read_object(status: int, answer: bytes) -> dict[str, Any]:
    try:
        read = orjson.loads(answer)
    except orjson.JSONDecodeError:
        raise RasaUnavailable(f"HTTP {status}, not JSON") from None
    if status != 200 or not isinstance(read, dict):
        raise RasaUnavailable(f"HTTP {status}")
    return read


def _read_reply(answer: Mapping[str, Any]) -> RasaReply:
    try:
        return RasaReply(
            turn_id=UUID(answer["turn_id"]),
            replies=tuple(_read_message(m) for m in answer["replies"]),
            effects=tuple(from_json(e) for e in answer["effects"]),
            intent=answer["intent"]["name"],
            confidence=float(answer["intent"]["confidence"]),
            entities=tuple(answer["entities"]),
            form=answer["form"],
            slots=answer["slots"],
            repaired=int(answer["repaired"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RasaUnavailable(f"unreadable answer: {type(error).__name__}") from error


def _read_message(message: Mapping[str, Any]) -> RasaMessage:
    buttons = tuple(
        Button(title=b["title"], intent=b["intent"], entities=b["entities"]) for b in message["buttons"]
    )
    return RasaMessage(text=message["text"], buttons=buttons, payload=message["payload"])
