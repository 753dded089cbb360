"""Tags of customers' messages as agents corrected them: whose word counts, what readers see, what trainings learn from.

Each agent has one correction a message, the newest. In force is that of the highest level, the newest among equals.
Texts are never copied: erasing a conversation erases its corrections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from desk import audit
from desk.conversations import Pool, json_time
from desk.errors import NotFound
from desk.masking import mask
from desk.people import Agent
from desk.wake import Retagged, Wake, notify
from routing.tags import Tags

RANKS: Final[Mapping[str, int]] = {"agent": 1, "senior": 2, "supervisor": 3}


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What a person says of a message: one label of each of routing.tags' three scales."""

    sentiment: str
    urgency: str
    level: str

    def as_row(self) -> dict[str, str]:
        """By scale."""
        return {"sentiment": self.sentiment, "urgency": self.urgency, "level": self.level}


@dataclass(frozen=True, kw_only=True)
class Retag:
    """A message's tags after somebody corrected them; `counts` is false where a higher level's word stands."""

    tags: Mapping[str, Any]
    counts: bool


@dataclass(frozen=True, kw_only=True)
class Correction:
    """The correction in force of one message, as an example; its text is masked."""

    conversation_id: UUID
    seq: int
    agent_id: UUID
    rank: int
    labels: Labels
    said: Labels
    text: str
    language: str
    corrected_at: datetime

    def as_json(self) -> dict[str, Any]:
        """A line of `anxin triage corrections`."""
        return {
            "text": self.text,
            **self.labels.as_row(),
            "said": self.said.as_row(),
            "language": self.language,
            "by": str(self.agent_id),
            "level_of_agent": next(name for name, rank in RANKS.items() if rank == self.rank),
            "at": json_time(self.corrected_at),
            "conversation": str(self.conversation_id),
            "seq": self.seq,
        }


def rank_of(agent: Agent) -> int:
    """How much an agent's word counts: by level; supervisors and admins by role."""
    return RANKS["supervisor"] if agent.role in ("supervisor", "admin") else RANKS[agent.level]


_LOCK = """
select coalesce(m.tags, '{}') as tags from messages m
 where m.conversation_id = %(conversation)s and m.seq = %(seq)s and m.sender = 'customer' and m.text <> ''
   for update
"""
_SAID = "select said from tag_corrections where conversation_id = %(conversation)s and seq = %(seq)s limit 1"
_PUT = """
insert into tag_corrections (conversation_id, seq, agent_id, rank, sentiment, urgency, level, said, corrected_at)
values (%(conversation)s, %(seq)s, %(agent)s, %(rank)s, %(sentiment)s, %(urgency)s, %(level)s, %(said)s, %(now)s)
on conflict (conversation_id, seq, agent_id) do update
   set rank = excluded.rank, sentiment = excluded.sentiment, urgency = excluded.urgency, level = excluded.level,
       corrected_at = excluded.corrected_at
"""
_DELETE = """
delete from tag_corrections where conversation_id = %(conversation)s and seq = %(seq)s and agent_id = %(agent)s
"""
_IN_FORCE = """
select agent_id, sentiment, urgency, level, corrected_at from tag_corrections
 where conversation_id = %(conversation)s and seq = %(seq)s
 order by rank desc, corrected_at desc, agent_id limit 1
"""
_RETAG = "update messages set tags = %(tags)s where conversation_id = %(conversation)s and seq = %(seq)s"


async def correct(
    pool: Pool, conversation_id: UUID, seq: int, agent: Agent, labels: Labels, *, now: datetime
) -> Retag:
    """Keep what this agent says of a customer's message. NotFound where it is not one with words."""
    key = {"conversation": conversation_id, "seq": seq, "agent": agent.id}
    async with pool.connection() as conn, conn.transaction():
        shown = await _locked(conn, key)
        said = await _said(conn, key) or shown
        row = {**key, **labels.as_row(), "rank": rank_of(agent), "said": Jsonb(dict(said)), "now": now}
        await conn.execute(_PUT, row)
        return await _settle(conn, key, said, shown, now=now)


async def withdraw(pool: Pool, conversation_id: UUID, seq: int, agent: Agent, *, now: datetime) -> Retag:
    """Take back this agent's correction; what others said, or else the classifier, stands again."""
    key = {"conversation": conversation_id, "seq": seq, "agent": agent.id}
    async with pool.connection() as conn, conn.transaction():
        shown = await _locked(conn, key)
        said = await _said(conn, key) or shown
        await conn.execute(_DELETE, key)
        return await _settle(conn, key, said, shown, now=now)


async def _locked(conn: AsyncConnection[Any], key: Mapping[str, Any]) -> Mapping[str, Any]:
    row = await (await conn.execute(_LOCK, key)).fetchone()
    if row is None:
        raise NotFound("There is no such message of the customer.", field="seq")
    tags = Tags.from_json({k: v for k, v in row[0].items() if k != "corrected"}).as_json()
    return {**tags, **({"corrected": row[0]["corrected"]} if "corrected" in row[0] else {})}


async def _said(conn: AsyncConnection[Any], key: Mapping[str, Any]) -> Mapping[str, Any] | None:
    row = await (await conn.execute(_SAID, key)).fetchone()
    return row[0] if row else None


async def _settle(
    conn: AsyncConnection[Any],
    key: Mapping[str, Any],
    said: Mapping[str, Any],
    shown: Mapping[str, Any],
    *,
    now: datetime,
) -> Retag:
    """Write what is in force to the message, record it, and wake the consoles that look at it."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        winner = await (await cursor.execute(_IN_FORCE, key)).fetchone()
    tags = dict(said) if winner is None else _corrected(said, winner)
    await conn.execute(_RETAG, {**key, "tags": Jsonb(tags)})
    await audit.record(
        conn,
        actor_kind="agent",
        actor_id=key["agent"],
        action="message.retagged",
        subject=f"conversation:{key['conversation']}",
        details={"seq": key["seq"], "from": _words(shown), "to": _words(tags)},
        now=now,
    )
    told = Retagged(conversation_id=key["conversation"], seq=key["seq"])
    await notify(conn, Wake(retagged=(told,), conversations=frozenset({key["conversation"]})))
    return Retag(tags=tags, counts=winner is None or winner["agent_id"] == key["agent"])


def _corrected(said: Mapping[str, Any], winner: Mapping[str, Any]) -> dict[str, Any]:
    """A person's word has probability 1; the words that led the classifier astray stay to be seen."""
    labels = {
        scale: {"label": winner[scale], "probability": 1.0} for scale in ("sentiment", "urgency", "level")
    }
    by = {"agent_id": str(winner["agent_id"]), "at": json_time(winner["corrected_at"])}
    return {**said, **labels, "corrected": by}


def _words(tags: Mapping[str, Any]) -> list[str]:
    return [str(tags[scale]["label"]) for scale in ("sentiment", "urgency", "level")]


_EXAMPLES = """
select distinct on (t.conversation_id, t.seq)
       t.conversation_id, t.seq, t.agent_id, t.rank, t.sentiment, t.urgency, t.level, t.said, t.corrected_at,
       m.text, c.language, array_remove(array[k.name, k.phone, k.email], null) as personal
  from tag_corrections t
  join messages m using (conversation_id, seq)
  join conversations c on c.id = t.conversation_id
  left join customers k on k.id = c.customer_id
 where m.text <> ''
 order by t.conversation_id, t.seq, t.rank desc, t.corrected_at desc, t.agent_id
"""


@dataclass(frozen=True, kw_only=True)
class _Row:
    conversation_id: UUID
    seq: int
    agent_id: UUID
    rank: int
    sentiment: str
    urgency: str
    level: str
    said: Mapping[str, Any]
    corrected_at: datetime
    text: str
    language: str
    personal: Sequence[str]


async def read_corrections(conn: AsyncConnection[Any]) -> list[Correction]:
    """Those in force, the oldest first, with masked texts."""
    async with conn.cursor(row_factory=class_row(_Row)) as cursor:
        rows = await (await cursor.execute(_EXAMPLES)).fetchall()
    return [
        _correction(row)
        for row in sorted(rows, key=lambda r: (r.corrected_at, str(r.conversation_id), r.seq))
    ]


def _correction(row: _Row) -> Correction:
    sentiment, urgency, level = _words(Tags.from_json(row.said).as_json())
    return Correction(
        conversation_id=row.conversation_id,
        seq=row.seq,
        agent_id=row.agent_id,
        rank=row.rank,
        labels=Labels(sentiment=row.sentiment, urgency=row.urgency, level=row.level),
        said=Labels(sentiment=sentiment, urgency=urgency, level=level),
        text=mask(row.text, row.personal),
        language=row.language,
        corrected_at=row.corrected_at,
    )
