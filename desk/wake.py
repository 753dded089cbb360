"""Telling every process what a commit changed: one NOTIFY, ids only.

The payload is a JSON array of short strings, a sign and an id each; see `Wake` for what they mean. Readers read the
database; a NOTIFY that is lost costs them one sweep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson
from psycopg import AsyncConnection

CHANNEL = "anxin"
_MAX_PARTS = 180
"""A payload holds at most 8,000 bytes; a part takes up to 44."""


@dataclass(frozen=True, kw_only=True)
class Typing:
    """Somebody types, or has stopped to; never stored."""

    conversation_id: UUID
    sender: Literal["customer", "agent"]
    active: bool


@dataclass(frozen=True, kw_only=True)
class Read:
    """An agent has read up to `seq`."""

    conversation_id: UUID
    seq: int


@dataclass(frozen=True, kw_only=True)
class Retagged:
    """An agent corrected the tags of a message."""

    conversation_id: UUID
    seq: int


@dataclass(frozen=True, kw_only=True)
class Wake:
    """What changed. `states` have new messages or not, but a new owner or language for certain."""

    conversations: frozenset[UUID] = frozenset()
    states: frozenset[UUID] = frozenset()
    turns_begun: frozenset[UUID] = frozenset()
    due: bool = False
    queue: bool = False
    agents: bool = False
    typing: tuple[Typing, ...] = ()
    read: tuple[Read, ...] = ()
    retagged: tuple[Retagged, ...] = ()

    def parts(self) -> list[str]:
        """The strings of the payload."""
        parts = [f"m:{c}" for c in self.conversations]
        parts += [f"s:{c}" for c in self.states]
        parts += [f"t:{c}" for c in self.turns_begun]
        parts += [
            f"{'c' if t.sender == 'customer' else 'g'}{int(t.active)}:{t.conversation_id}"
            for t in self.typing
        ]
        parts += [f"r{r.seq}:{r.conversation_id}" for r in self.read]
        parts += [f"k{r.seq}:{r.conversation_id}" for r in self.retagged]
        return parts + [
            sign for sign, is_set in (("d", self.due), ("q", self.queue), ("a", self.agents)) if is_set
        ]

    def payloads(self) -> list[str]:
        """What to notify with: one payload, more only for very large batches."""
        parts = self.parts()
        return [orjson.dumps(parts[i : i + _MAX_PARTS]).decode() for i in range(0, len(parts), _MAX_PARTS)]


EVERYTHING = Wake(due=True, queue=True, agents=True)
"""What a reader assumes that has missed something."""


def parse(payload: str) -> Wake:
    """The Wake of a payload; unknown parts (of a newer program) are passed over."""
    parts = [part for part in orjson.loads(payload) if isinstance(part, str)]
    pairs = [(sign, UUID(found)) for sign, colon, found in (p.partition(":") for p in parts) if colon]
    return Wake(
        conversations=frozenset(found for sign, found in pairs if sign == "m"),
        states=frozenset(found for sign, found in pairs if sign == "s"),
        turns_begun=frozenset(found for sign, found in pairs if sign == "t"),
        due="d" in parts,
        queue="q" in parts,
        agents="a" in parts,
        typing=tuple(
            Typing(
                conversation_id=found, sender="customer" if sign[0] == "c" else "agent", active=sign[1] == "1"
            )
            for sign, found in pairs
            if sign in ("c0", "c1", "g0", "g1")
        ),
        read=tuple(
            Read(conversation_id=found, seq=int(sign[1:]))
            for sign, found in pairs
            if sign[0] == "r" and sign[1:].isdigit()
        ),
        retagged=tuple(
            Retagged(conversation_id=found, seq=int(sign[1:]))
            for sign, found in pairs
            if sign[0] == "k" and sign[1:].isdigit()
        ),
    )


async def notify(conn: AsyncConnection[Any], wake: Wake) -> None:
    """Send the wake when the open transaction commits (more than one NOTIFY only for very large batches)."""
    for payload in wake.payloads():
        await conn.execute("select pg_notify(%s, %s)", (CHANNEL, payload))
