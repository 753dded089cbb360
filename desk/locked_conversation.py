"""One conversation under its row lock: every rule about messages and owners is kept here.

Lock, change in memory, `flush`: a use case is these three steps in one transaction. Nothing outside this module changes an owner, so the
promises «no double talk» and «never two owners» have one place to be right or wrong in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from desk.counting import note_messages
from desk.notices import notice_text
from desk.wake import CHANNEL, Wake
from knowledge_base import uses
from routing.handoff import Decision

Owner = Literal["bot", "queue", "agent", "none"]
Sender = Literal["customer", "bot", "agent", "system"]
ClosedBy = Literal["bot", "agent", "customer", "silence"]


SWEEP = timedelta(seconds=1)
"""Turn workers look for due turns at least this often without being woken."""


@dataclass(frozen=True, kw_only=True)
class Appended:
    """A message that the flush will write."""

    seq: int
    epoch: int
    sender: Sender
    sent_at: datetime
    kind: str = "text"
    text: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)
    agent_id: UUID | None = None
    client_id: str | None = None
    turn_id: UUID | None = None
    tags: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """A place in the queue, with all that an agent needs to begin."""

    reasons: tuple[str, ...]
    priority: int
    required_level: str
    brief: Mapping[str, Any]
    first_response_due_at: datetime
    skill: str = ""
    preferred_agent_id: UUID | None = None
    explanation: Mapping[str, Any] = field(default_factory=dict)
    decision: Decision | None = None
    """What the brief is written from; only `explanation` is stored."""


@dataclass(kw_only=True)
class LockedConversation:
    """The row, and what the use case adds to it until `flush`.

    Mutable on purpose: it lives from lock to flush inside one transaction and is seen by nobody else.
    """

    id: UUID
    customer_id: UUID | None
    sandbox: str
    clock_shift_s: int
    language: str
    owner: Owner
    epoch: int
    agent_id: UUID | None
    next_seq: int
    generation: int
    generation_at: datetime
    rasa_turn_id: UUID | None
    dialogue: dict[str, Any]
    refs: dict[str, Any]
    bot_failures: int
    last_customer_seq: int
    answered_seq: int
    fragments_since: datetime | None
    due_at: datetime | None
    turn_id: UUID | None
    lease_until: datetime | None
    mood: dict[str, Any]
    last_customer_at: datetime | None
    last_reply_at: datetime | None
    silence_at: datetime | None
    silence_step: str
    closed_at: datetime | None
    closed_by: ClosedBy | None
    closed_agent_id: UUID | None
    resolution: str | None
    created_at: datetime
    vip: bool
    appended: list[Appended] = field(default_factory=list)
    ownerships: list[dict[str, Any]] = field(default_factory=list)
    queue_entry: QueueEntry | None = None
    leaves_queue: bool = False
    concerns_agents: bool = False
    is_due_soon: bool = False
    """Due before the workers' next sweep would find it, so they must be woken."""
    cut_turns: list[tuple[UUID, datetime]] = field(default_factory=list)
    """Turns under way whose conversation went to somebody else, and when."""
    left_bot: tuple[int, str] | None = None
    """The bot's epoch in which people came in, and why."""
    language_at_lock: str = ""

    def __post_init__(self) -> None:
        self.language_at_lock = self.language

    @property
    def state_changed(self) -> bool:
        """Whether what the customer sees around the messages changed: owner or language."""
        return bool(self.ownerships) or self.language != self.language_at_lock

    def shop_now(self, now: datetime) -> datetime:
        """The time in the shop for this conversation (shifted in demo plays)."""
        return now + timedelta(seconds=self.clock_shift_s)

    def append(self, sender: Sender, now: datetime, **values: Any) -> Appended:
        """Add a message with the next seq; `values` are the other fields of Appended."""
        if buttons := values.get("private", {}).get("buttons"):
            # What customers get are ids; what these mean stays with us.
            replies = [{"id": f"{self.next_seq}.{n}", "label": b["title"]} for n, b in enumerate(buttons)]
            values["payload"] = {**values.get("payload", {}), "quick_replies": replies}
        message = Appended(seq=self.next_seq, epoch=self.epoch, sender=sender, sent_at=now, **values)
        self.next_seq += 1
        self.appended.append(message)
        if sender == "customer":
            self.last_customer_seq = message.seq
            self.last_customer_at = now
            self.silence_at, self.silence_step = None, "none"
        elif sender in ("bot", "agent") and message.kind != "note":
            self.last_reply_at = now
        return message

    def append_notice(self, code: str, now: datetime, **values: str) -> Appended:
        """Add a system notice in the conversation's language."""
        text = notice_text(code, self.language, **values)
        return self.append("system", now, kind="notice", text=text, payload={"code": code, **values})

    def wait_for_bot(self, now: datetime, *, window_s: float, bound_s: float) -> None:
        """A customer's fragment waits for the bot: due after the window, at the latest at the bound."""
        self.fragments_since = self.fragments_since or now
        bound = self.fragments_since + timedelta(seconds=bound_s)
        self.due_at = min(now + timedelta(seconds=window_s), bound)
        self.is_due_soon = self.due_at - now < SWEEP

    def wait_for_customer(self, now: datetime, *, reminder_s: float) -> None:
        """The bot has nothing more to say: a customer who stays silent is reminded after this."""
        self.silence_at = now + timedelta(seconds=reminder_s)
        self.silence_step = "remind"

    def release_turn(self) -> None:
        """The claimed turn is over, however it ended; fragments that still wait stay due."""
        self.turn_id = self.lease_until = None

    def mark_answered(self, up_to_seq: int) -> None:
        """Customer messages up to there are covered by a reply; nothing is due for the bot any more."""
        self.answered_seq = max(self.answered_seq, up_to_seq)
        self.due_at = self.fragments_since = None

    def begin_generation(self, now: datetime) -> None:
        """A new Rasa tracker from here on; it is seeded from `dialogue`."""
        self.generation += 1
        self.generation_at = now
        self.rasa_turn_id = None

    def to_queue(self, entry: QueueEntry, now: datetime, reason: str) -> None:
        """Hand over to people: the next epoch begins, the conversation waits for an agent."""
        self._change_owner("queue", None, now, reason, entry.explanation)
        self.queue_entry = entry

    def to_agent(self, agent_id: UUID, now: datetime, reason: str, explanation: Mapping[str, Any]) -> None:
        """This agent, and nobody else, speaks from here on."""
        self._change_owner("agent", agent_id, now, reason, explanation)

    def to_bot(self, now: datetime, reason: str) -> None:
        """The bot speaks from here on; its failures are forgotten."""
        self._change_owner("bot", None, now, reason, {})
        self.bot_failures = 0

    def close(self, closed_by: ClosedBy, now: datetime, resolution: str | None) -> None:
        """End it; the next message of the customer reopens it."""
        agent_id = self.agent_id
        self._change_owner("none", None, now, f"closed_by_{closed_by}", {})
        self.closed_at, self.closed_by, self.closed_agent_id = now, closed_by, agent_id
        self.resolution = resolution
        self.answered_seq = self.last_customer_seq

    def _change_owner(
        self, owner: Owner, agent_id: UUID | None, now: datetime, reason: str, explanation: Mapping[str, Any]
    ) -> None:
        self.leaves_queue = self.leaves_queue or self.owner == "queue"
        self.concerns_agents = self.concerns_agents or "agent" in (self.owner, owner)
        if (self.owner, owner) == ("bot", "queue"):
            self.left_bot = (self.epoch, reason)
        self.owner, self.agent_id = owner, agent_id
        self.epoch += 1
        self.closed_at = self.closed_by = self.closed_agent_id = self.resolution = None
        self.due_at = self.fragments_since = self.silence_at = None
        self.silence_step = "none"
        if self.turn_id is not None:
            self.cut_turns.append((self.turn_id, now))
        self.release_turn()
        self.begin_generation(now)
        self.ownerships.append(
            {
                "conversation_id": str(self.id),
                "epoch": self.epoch,
                "owner": owner,
                "agent_id": str(agent_id) if agent_id else None,
                "from_seq": self.next_seq,
                "reason": reason,
                "explanation": dict(explanation),
                "at": now.isoformat(),
            }
        )


_COLUMNS = (
    "language",
    "owner",
    "epoch",
    "agent_id",
    "next_seq",
    "generation",
    "generation_at",
    "rasa_turn_id",
    "dialogue",
    "refs",
    "bot_failures",
    "last_customer_seq",
    "answered_seq",
    "fragments_since",
    "due_at",
    "turn_id",
    "lease_until",
    "mood",
    "last_customer_at",
    "last_reply_at",
    "silence_at",
    "silence_step",
    "closed_at",
    "closed_by",
    "closed_agent_id",
    "resolution",
)

LOCKED_COLUMNS = ", ".join(
    f"c.{column}" for column in ("id", "customer_id", "sandbox", "clock_shift_s", "created_at", *_COLUMNS)
)
"""What a query `for update of c` selects, besides `vip`, to become a LockedConversation."""

LOCK = f"""
select {LOCKED_COLUMNS}, coalesce(k.vip, false) as vip
  from conversations c left join customers k on k.id = c.customer_id
 where c.id = any(%s)
 order by c.id
   for update of c
"""
# Rows are locked in the order of their ids, so that two batches cannot wait for each other.

_WRITE = f"""
with updated as (
    update conversations c
       set {", ".join(f"{column} = r.{column}" for column in _COLUMNS)}
      from jsonb_populate_recordset(null::conversations, %s::jsonb) r
     where c.id = r.id),
inserted as (
    insert into messages (conversation_id, seq, epoch, sender, agent_id, client_id, turn_id, kind, text, payload, private, tags, sent_at)
    select conversation_id, seq, epoch, sender, agent_id, client_id, turn_id, kind, text, payload, private, tags, sent_at
      from jsonb_populate_recordset(null::messages, %s::jsonb))
select pg_notify('{CHANNEL}', payload) from unnest(%s::text[]) payload
"""
# One statement for what every flush does: each further one would cost the event loop another wake-up.

_INSERT_OWNERSHIPS = """
insert into ownerships select * from jsonb_populate_recordset(null::ownerships, %s::jsonb)
"""

_CUT_TURNS = """
update turns t set state = 'dropped', drop_reason = 'owner_changed', finished_at = w.at
  from unnest(%s::uuid[], %s::timestamptz[]) as w (id, at) where t.id = w.id and t.state = 'claimed'
"""

_INSERT_QUEUE_ENTRIES = """
insert into queue_entries (conversation_id, epoch, reasons, priority, required_level, skill, language, preferred_agent_id, brief,
                           explanation, enqueued_at, first_response_due_at)
select conversation_id, epoch, reasons, priority, required_level, skill, language, preferred_agent_id, brief,
       explanation, enqueued_at, first_response_due_at
  from jsonb_populate_recordset(null::queue_entries, %s::jsonb)
"""


async def lock(conn: AsyncConnection[Any], ids: Iterable[UUID]) -> dict[UUID, LockedConversation]:
    """Lock these conversations until the transaction ends; ids that do not exist are missing in the answer."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(LOCK, (list(ids),))
        return from_rows(await cursor.fetchall())


def from_rows(rows: Sequence[Mapping[str, Any]]) -> dict[UUID, LockedConversation]:
    """The locked conversations of rows that `LOCK` brought."""
    return {row["id"]: LockedConversation(**row) for row in rows}


async def flush(
    conn: AsyncConnection[Any],
    changed: Iterable[LockedConversation],
    *,
    due: bool = False,
    queue: bool = False,
) -> None:
    """Write what changed and wake the other processes at commit; the caller's transaction goes on.

    `due` and `queue` add to what the changes themselves say.
    """
    conversations = list(changed)
    if not conversations:
        return
    messages = [_message_row(c.id, m) for c in conversations for m in c.appended]
    ownerships = [row for c in conversations for row in c.ownerships]
    left = [c.id for c in conversations if c.leaves_queue]
    entries = [_queue_row(c, c.queue_entry) for c in conversations if c.queue_entry and c.owner == "queue"]
    wake = Wake(
        conversations=frozenset(c.id for c in conversations if not c.state_changed),
        states=frozenset(c.id for c in conversations if c.state_changed),
        due=due or any(c.is_due_soon for c in conversations),
        queue=queue or bool(left or entries),
        agents=any(c.concerns_agents for c in conversations),
    )
    rows = _json([_conversation_row(c) for c in conversations])
    await conn.execute(_WRITE, (rows, _json(messages), wake.payloads()))
    note_messages(conn, (m.sender for c in conversations for m in c.appended))
    if ownerships:
        await conn.execute(_INSERT_OWNERSHIPS, (_json(ownerships),))
    if cut := [turn for c in conversations for turn in c.cut_turns]:
        await conn.execute(_CUT_TURNS, ([turn_id for turn_id, _ in cut], [at for _, at in cut]))
    if left:
        await conn.execute("delete from queue_entries where conversation_id = any(%s)", (left,))
    if handed_over := {c.id: c.left_bot for c in conversations if c.left_bot}:
        await uses.note_handed_over(conn, handed_over)
    if entries:
        await conn.execute(_INSERT_QUEUE_ENTRIES, (_json(entries),))


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def _conversation_row(conversation: LockedConversation) -> dict[str, Any]:
    return {"id": conversation.id} | {column: getattr(conversation, column) for column in _COLUMNS}


def _message_row(conversation_id: UUID, message: Appended) -> dict[str, Any]:
    return {"conversation_id": conversation_id} | {
        name: getattr(message, name) for name in Appended.__dataclass_fields__
    }


def _queue_row(conversation: LockedConversation, entry: QueueEntry) -> dict[str, Any]:
    return {
        "conversation_id": conversation.id,
        "epoch": conversation.epoch,
        "reasons": list(entry.reasons),
        "priority": entry.priority,
        "required_level": entry.required_level,
        "skill": entry.skill,
        "language": conversation.language,
        "preferred_agent_id": entry.preferred_agent_id,
        "brief": dict(entry.brief),
        "explanation": dict(entry.explanation),
        "enqueued_at": conversation.generation_at,
        "first_response_due_at": entry.first_response_due_at,
    }
