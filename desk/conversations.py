"""Conversations as they are read: State for the customer, Summary and detail for agents, Messages for both.

Reading only, plus `start`; what changes a conversation goes through locked_conversation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from psycopg.rows import class_row, dict_row
from psycopg_pool import AsyncConnectionPool

from routing.queue_order import expected_minutes

Pool = AsyncConnectionPool[Any]
View = Literal["mine", "queue", "all", "closed"]


@dataclass(frozen=True, kw_only=True)
class NewConversation:
    """What is known when a customer opens the chat."""

    customer_id: UUID | None = None
    language: str = "zh-Hans"
    channel: str = "web"
    sandbox: str = ""
    clock_shift_s: int = 0


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as its readers see it; `private` parts never come here."""

    conversation_id: UUID
    seq: int
    client_id: str | None
    sender: str
    agent_name: str | None
    kind: str
    text: str
    payload: Mapping[str, Any]
    sent_at: datetime
    tags: Mapping[str, Any] | None = None
    corrected_by: str | None = None

    def for_agents(self) -> dict[str, Any]:
        """«Message» with what only agents see: the tags of what the customer wrote."""
        return {**self.as_json(), "tags": self.shown_tags()}

    def shown_tags(self) -> dict[str, Any] | None:
        """«Tags» of docs/api/websocket.md; None where there is nothing to tag."""
        if self.sender != "customer" or not self.text or not self.tags:
            return None
        corrected = self.tags.get("corrected")
        by = {"by": {"name": self.corrected_by or ""}, "at": corrected["at"]} if corrected else None
        shown = {key: self.tags.get(key) for key in ("sentiment", "urgency", "level")}
        return {**shown, "words": self.tags.get("words", []), "corrected": by}

    def as_json(self) -> dict[str, Any]:
        """«Message» of docs/api/websocket.md, as customers see it."""
        return {
            "conversation_id": str(self.conversation_id),
            "seq": self.seq,
            "client_id": self.client_id,
            "sender": self.sender,
            "agent": {"name": self.agent_name} if self.agent_name else None,
            "kind": self.kind,
            "text": self.text,
            "payload": dict(self.payload),
            "sent_at": json_time(self.sent_at),
        }


@dataclass(frozen=True, kw_only=True)
class State:
    """A conversation as its customer sees it."""

    id: UUID
    owner: str
    epoch: int
    language: str
    last_seq: int
    agent_name: str | None
    agent_id: UUID | None
    queue_position: int | None
    agents_online: int
    resolution: str | None

    def as_json(self, *, handling_minutes: float) -> dict[str, Any]:
        """«State» of docs/api/websocket.md; the wait is what routing.queue_order expects of the agents online."""
        queue = None
        if self.queue_position is not None:
            minutes = expected_minutes(
                self.queue_position, agents=self.agents_online, handling_minutes=handling_minutes
            )
            queue = {"position": self.queue_position, "expected_minutes": minutes}
        return {
            "id": str(self.id),
            "owner": self.owner,
            "epoch": self.epoch,
            "language": self.language,
            "last_seq": self.last_seq,
            "agent": {"name": self.agent_name} if self.agent_name else None,
            "queue": queue,
            "resolution": self.resolution,
        }


def json_time(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds, or None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def start(pool: Pool, new: NewConversation, *, now: datetime) -> UUID:
    """Open a conversation with the bot; returns its id."""
    conversation_id = uuid4()
    async with pool.connection() as conn:
        await conn.execute(
            """
            with opened as (
                insert into conversations (id, channel, customer_id, sandbox, clock_shift_s, language, generation_at, created_at)
                values (%(id)s, %(channel)s, %(customer)s, %(sandbox)s, %(shift)s, %(language)s, %(now)s, %(now)s) returning id, epoch)
            insert into ownerships (conversation_id, epoch, owner, from_seq, reason, at)
            select id, epoch, 'bot', 1, 'created', %(now)s from opened
            """,
            {
                "id": conversation_id,
                "channel": new.channel,
                "customer": new.customer_id,
                "sandbox": new.sandbox,
                "shift": new.clock_shift_s,
                "language": new.language,
                "now": now,
            },
        )
    return conversation_id


_STATES = """
select c.id, c.owner, c.epoch, c.language, c.next_seq - 1 as last_seq, a.name as agent_name, c.agent_id, c.resolution,
       case when c.owner = 'queue' then (
           select count(*) from queue_entries other
            where (other.priority, q.enqueued_at, q.conversation_id) >= (q.priority, other.enqueued_at, other.conversation_id)
       ) end as queue_position,
       (select count(*) from agents online where online.is_active and online.presence = 'online') as agents_online
  from conversations c
  left join agents a on a.id = c.agent_id
  left join queue_entries q on q.conversation_id = c.id
 where c.id = any(%s)
"""


async def read_states(pool: Pool, ids: Iterable[UUID]) -> dict[UUID, State]:
    """The states of those that exist."""
    async with pool.connection() as conn, conn.cursor(row_factory=class_row(State)) as cursor:
        await cursor.execute(_STATES, (list(ids),))
        return {state.id: state for state in await cursor.fetchall()}


async def read_state(pool: Pool, conversation_id: UUID) -> State | None:
    """The state of one conversation, or None when there is no such one."""
    return (await read_states(pool, [conversation_id])).get(conversation_id)


async def read_owned(pool: Pool, agent_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The agent of every conversation that one of these agents owns."""
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "select id, agent_id from conversations where agent_id = any(%s)", (list(agent_ids),)
        )
        return {row[0]: row[1] for row in await cursor.fetchall()}


_MESSAGE_COLUMNS = (
    "m.conversation_id, m.seq, m.client_id, m.sender, a.name as agent_name, m.kind, m.text, m.payload, m.sent_at, "
    "m.tags, k.name as corrected_by"
)
_MESSAGE_PEOPLE = """left join agents a on a.id = m.agent_id
  left join agents k on k.id = (m.tags -> 'corrected' ->> 'agent_id')::uuid"""

_MESSAGES = f"""
select {_MESSAGE_COLUMNS}
  from messages m {_MESSAGE_PEOPLE}
 where m.conversation_id = %(id)s and m.seq > %(since)s and (%(with_notes)s or m.kind <> 'note')
 order by m.seq limit %(limit)s
"""

_NEWER_MESSAGES = f"""
select {_MESSAGE_COLUMNS}
  from unnest(%s::uuid[], %s::bigint[]) as w (id, since)
  join messages m on m.conversation_id = w.id and m.seq > w.since
  {_MESSAGE_PEOPLE}
 order by m.conversation_id, m.seq
"""


async def read_messages(
    pool: Pool, conversation_id: UUID, *, since: int, limit: int, with_notes: bool
) -> list[Message]:
    """Messages with seq > since, in order, at most `limit`; notes only for agents."""
    async with pool.connection() as conn, conn.cursor(row_factory=class_row(Message)) as cursor:
        await cursor.execute(
            _MESSAGES, {"id": conversation_id, "since": since, "limit": limit, "with_notes": with_notes}
        )
        messages: list[Message] = await cursor.fetchall()
        return messages


async def read_newer(pool: Pool, since: Mapping[UUID, int]) -> list[Message]:
    """All messages newer than each conversation's seq, in one query; notes included."""
    async with pool.connection() as conn, conn.cursor(row_factory=class_row(Message)) as cursor:
        await cursor.execute(_NEWER_MESSAGES, (list(since), list(since.values())))
        messages: list[Message] = await cursor.fetchall()
        return messages


_THESE_MESSAGES = f"""
select {_MESSAGE_COLUMNS}
  from unnest(%s::uuid[], %s::bigint[]) as w (id, seq)
  join messages m on m.conversation_id = w.id and m.seq = w.seq
  {_MESSAGE_PEOPLE}
"""


async def read_these(pool: Pool, which: Sequence[tuple[UUID, int]]) -> list[Message]:
    """Single messages by conversation and seq, those that are there."""
    async with pool.connection() as conn, conn.cursor(row_factory=class_row(Message)) as cursor:
        await cursor.execute(_THESE_MESSAGES, ([c for c, _ in which], [seq for _, seq in which]))
        messages: list[Message] = await cursor.fetchall()
        return messages


_SUMMARIES = """
select c.id, c.owner, c.epoch, c.language, c.next_seq - 1 as last_seq, c.created_at, c.agent_id, a.name as agent_name,
       k.name as customer_name, k.vip as customer_vip,
       (select count(*) from (select 1 from messages u where u.conversation_id = c.id and u.sender = 'customer'
                                 and u.seq > c.agent_read_seq limit 100) newest) as unread,
       (select o.explanation -> 'reasons' from ownerships o
         where o.conversation_id = c.id and o.owner = 'queue' order by o.epoch desc limit 1) as last_reasons,
       c.mood, q.enqueued_at, q.first_response_due_at, q.priority, q.offered_to,
       case when c.last_customer_seq > c.answered_seq then c.last_customer_at end as waiting_since,
       m.sender as last_sender, m.text as last_text, m.kind as last_kind, m.sent_at as last_sent_at,
       t.tags -> 'sentiment' ->> 'label' as sentiment
  from conversations c
  left join agents a on a.id = c.agent_id
  left join customers k on k.id = c.customer_id
  left join queue_entries q on q.conversation_id = c.id
  left join lateral (select sender, text, kind, sent_at from messages
                      where conversation_id = c.id and kind not in ('notice', 'note') order by seq desc limit 1) m on true
  left join lateral (select tags from messages
                      where conversation_id = c.id and sender = 'customer' order by seq desc limit 1) t on true
"""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A conversation as one line of an agent's list."""

    id: UUID
    owner: str
    agent_id: UUID | None
    offered_to: UUID | None
    line: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """«Summary» of docs/api/websocket.md."""
        return dict(self.line)


async def read_summaries(pool: Pool, ids: Sequence[UUID]) -> list[Summary]:
    """The summaries of those that exist, in no particular order."""
    return await _summaries(pool, "where c.id = any(%(ids)s)", {"ids": list(ids)})


_VIEWS: Mapping[str, str] = {
    "mine": "where c.agent_id = %(agent)s order by c.last_customer_at desc nulls last limit %(limit)s",
    "queue": "where c.owner = 'queue' order by q.priority desc, q.enqueued_at limit %(limit)s",
    "all": "where (%(before)s::timestamptz is null or c.created_at < %(before)s) order by c.created_at desc limit %(limit)s",
    "closed": "where c.owner = 'none' and (%(before)s::timestamptz is null or c.created_at < %(before)s) "
    "and (%(agent)s::uuid is null or c.closed_agent_id = %(agent)s) order by c.created_at desc limit %(limit)s",
}


async def list_summaries(
    pool: Pool, *, view: View, agent_id: UUID | None = None, before: datetime | None = None, limit: int = 50
) -> list[Summary]:
    """One list of the console; `before` pages through `all` and `closed` by creation time."""
    return await _summaries(pool, _VIEWS[view], {"agent": agent_id, "before": before, "limit": limit})


async def _summaries(pool: Pool, condition: str, values: Mapping[str, Any]) -> list[Summary]:
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_SUMMARIES + condition, values)
        return [_summary(row) for row in await cursor.fetchall()]


def _summary(row: Mapping[str, Any]) -> Summary:
    last = None
    if row["last_sender"]:
        last = {
            "sender": row["last_sender"],
            "kind": row["last_kind"],
            "text": row["last_text"],
            "sent_at": json_time(row["last_sent_at"]),
        }
    line = {
        "id": str(row["id"]),
        "owner": row["owner"],
        "epoch": row["epoch"],
        "language": row["language"],
        "customer": {"name": row["customer_name"], "vip": row["customer_vip"]}
        if row["customer_name"]
        else None,
        "last_seq": row["last_seq"],
        "last_message": last,
        "unread": row["unread"],
        "reasons": row["last_reasons"] or [],
        "sentiment": row["sentiment"],
        "waiting_since": json_time(row["waiting_since"] or row["enqueued_at"]),
        "first_response_due_at": json_time(row["first_response_due_at"]),
        "agent": {"id": str(row["agent_id"]), "name": row["agent_name"]} if row["agent_id"] else None,
        "created_at": json_time(row["created_at"]),
    }
    return Summary(
        id=row["id"], owner=row["owner"], agent_id=row["agent_id"], offered_to=row["offered_to"], line=line
    )
