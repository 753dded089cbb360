"""Telling every process what a commit changed: one NOTIFY, ids only.

The payload is a JSON array of short strings: `m:<conversation>` its messages or state changed, `t:<conversation>` the bot has begun a turn,
`d` a turn is or will be due, `q` the queue changed, `a` agents changed. Readers read the database; a lost NOTIFY costs them one sweep.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncConnection

CHANNEL = "anxin"
_MAX_PAYLOAD_IDS = 180
"""A payload holds at most 8,000 bytes; an id takes 41 with quotes and comma."""


@dataclass(frozen=True, kw_only=True)
class Wake:
    """What changed."""

    conversations: frozenset[UUID] = frozenset()
    turns_begun: frozenset[UUID] = frozenset()
    due: bool = False
    queue: bool = False
    agents: bool = False

    def parts(self) -> list[str]:
        """The strings of the payload."""
        parts = [f"m:{c}" for c in self.conversations] + [f"t:{c}" for c in self.turns_begun]
        return parts + [
            sign for sign, is_set in (("d", self.due), ("q", self.queue), ("a", self.agents)) if is_set
        ]


def parse(payload: str) -> Wake:
    """The Wake of a payload; unknown parts (of a newer program) are passed over."""
    parts = [part for part in orjson.loads(payload) if isinstance(part, str)]
    return Wake(
        conversations=frozenset(UUID(p[2:]) for p in parts if p.startswith("m:")),
        turns_begun=frozenset(UUID(p[2:]) for p in parts if p.startswith("t:")),
        due="d" in parts,
        queue="q" in parts,
        agents="a" in parts,
    )


async def notify(conn: AsyncConnection[Any], wake: Wake) -> None:
    """Send the wake when the open transaction commits (more than one NOTIFY only for very large batches)."""
    parts = wake.parts()
    for chunk in _chunks(parts):
        await conn.execute("select pg_notify(%s, %s)", (CHANNEL, orjson.dumps(chunk).decode()))


def _chunks(parts: list[str]) -> Iterable[list[str]]:
    return (parts[i : i + _MAX_PAYLOAD_IDS] for i in range(0, len(parts), _MAX_PAYLOAD_IDS))
