"""The checker of promises 1 to 3: it reads the database and the clients' logs, and nothing of the program that wrote them.

It knows the rules, not the code: who owned which seq (ownerships), what was said (messages), which turn said it
(turns), what clients were told (their logs). `anxin verify` runs it against any desk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import dict_row


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A promise that was broken, and where."""

    promise: str
    conversation_id: UUID | None
    what: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.conversation_id or '-'}: {self.what}"


@dataclass(frozen=True, kw_only=True)
class ClientLog:
    """What one client saw: acknowledgements (client_id → seq) and, per connection, the seqs in the order they came."""

    conversation_id: UUID
    acknowledged: Mapping[str, int]
    received: Sequence[Sequence[int]] = field(default_factory=tuple)
    is_complete: bool = True
    """The client stayed until everything had settled, so nothing may be missing."""


@dataclass(frozen=True, kw_only=True)
class _Facts:
    ownerships: Mapping[UUID, Sequence[Mapping[str, Any]]]
    messages: Mapping[UUID, Sequence[Mapping[str, Any]]]
    turns: Mapping[UUID, Sequence[Mapping[str, Any]]]
    conversations: Mapping[UUID, Mapping[str, Any]]
    capacities: Mapping[UUID, int]


def check(database_url: str, logs: Iterable[ClientLog] = (), *, is_settled: bool = True) -> list[Violation]:
    """All violations that the database and the logs show.

    `is_settled`: nothing is under way any more, so every message to the bot must have been answered.
    """
    with psycopg.connect(database_url) as conn:
        return check_connection(conn, logs, is_settled=is_settled)


def check_connection(
    conn: psycopg.Connection[Any], logs: Iterable[ClientLog] = (), *, is_settled: bool = True
) -> list[Violation]:
    """The same over a connection that is open already; reads in a transaction of its own."""
    facts = _read(conn)
    violations = [
        v
        for conversation_id in facts.conversations
        for v in (
            *_seqs_without_gaps(conversation_id, facts),
            *_one_owner_per_epoch(conversation_id, facts),
            *_bot_speaks_only_as_owner(conversation_id, facts),
            *_agents_speak_only_as_owner(conversation_id, facts),
            *_one_reply_per_message(conversation_id, facts, is_settled=is_settled),
            *_turns_speak_or_hand_over(conversation_id, facts),
        )
    ]
    violations += _never_over_capacity(facts)
    violations += [v for log in logs for v in _nothing_lost(log, facts)]
    return violations


def _read(conn: psycopg.Connection[Any]) -> _Facts:
    with conn.transaction(), conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute("set transaction isolation level repeatable read read only")

        def rows(query: LiteralString) -> list[dict[str, Any]]:
            return cursor.execute(query).fetchall()

        return _Facts(
            ownerships=_grouped(rows("select * from ownerships order by conversation_id, epoch")),
            messages=_grouped(rows(_MESSAGES)),
            turns=_grouped(rows("select * from turns order by conversation_id, claimed_at")),
            conversations={
                row["id"]: row
                for row in rows("select id, owner, epoch, agent_id, next_seq from conversations")
            },
            capacities={row["id"]: row["capacity"] for row in rows("select id, capacity from agents")},
        )


_MESSAGES: LiteralString = """
select conversation_id, seq, sender, kind, agent_id, client_id, turn_id from messages order by conversation_id, seq
"""


def _grouped(rows: Iterable[Mapping[str, Any]]) -> dict[UUID, list[Mapping[str, Any]]]:
    groups: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["conversation_id"]].append(row)
    return groups


def _seqs_without_gaps(conversation_id: UUID, facts: _Facts) -> Iterable[Violation]:
    seqs = [m["seq"] for m in facts.messages.get(conversation_id, ())]
    expected = list(range(1, facts.conversations[conversation_id]["next_seq"]))
    if seqs != expected:
        yield _broken(
            "nothing lost", conversation_id, f"seqs are {seqs[-5:]}… of {len(seqs)}, not 1 to {len(expected)}"
        )


def _one_owner_per_epoch(conversation_id: UUID, facts: _Facts) -> Iterable[Violation]:
    rows = facts.ownerships.get(conversation_id, ())
    conversation = facts.conversations[conversation_id]
    if [r["epoch"] for r in rows] != list(range(1, conversation["epoch"] + 1)):
        yield _broken("never two owners", conversation_id, f"epochs are {[r['epoch'] for r in rows]}")
    if any(a["from_seq"] > b["from_seq"] for a, b in pairwise(rows)):
        yield _broken("never two owners", conversation_id, "an ownership begins before the one it follows")
    if rows and (rows[-1]["owner"], rows[-1]["agent_id"]) != (
        conversation["owner"],
        conversation["agent_id"],
    ):
        yield _broken(
            "never two owners", conversation_id, "the last ownership is not the conversation's owner"
        )


def _owner_at(rows: Sequence[Mapping[str, Any]], seq: int) -> Mapping[str, Any] | None:
    """The ownership under which the message with this seq was written: the last that begins at or before it."""
    before = [row for row in rows if row["from_seq"] <= seq]
    return before[-1] if before else None


def _bot_speaks_only_as_owner(conversation_id: UUID, facts: _Facts) -> Iterable[Violation]:
    rows = facts.ownerships.get(conversation_id, ())
    for message in facts.messages.get(conversation_id, ()):
        if message["sender"] != "bot":
            continue
        owner = _owner_at(rows, message["seq"])
        if owner is None or owner["owner"] != "bot":
            whose = owner["owner"] if owner else "nobody"
            yield _broken(
                "no double talk",
                conversation_id,
                f"the bot spoke at seq {message['seq']} while {whose} owned it",
            )


def _agents_speak_only_as_owner(conversation_id: UUID, facts: _Facts) -> Iterable[Violation]:
    rows = facts.ownerships.get(conversation_id, ())
    for message in facts.messages.get(conversation_id, ()):
        if message["sender"] != "agent" or message["kind"] == "note":
            continue
        owner = _owner_at(rows, message["seq"])
        if owner is None or owner["agent_id"] != message["agent_id"]:
            yield _broken(
                "never two owners",
                conversation_id,
                f"an agent who is not the owner spoke at seq {message['seq']}",
            )


def _one_reply_per_message(conversation_id: UUID, facts: _Facts, *, is_settled: bool) -> Iterable[Violation]:
    """Each customer message is covered by at most one committed turn, and by one where the bot kept the conversation."""
    committed = [t for t in facts.turns.get(conversation_id, ()) if t["state"] == "committed"]
    ids = {t["id"] for t in committed}
    messages = facts.messages.get(conversation_id, ())
    for message in messages:
        if message["sender"] == "bot" and message["turn_id"] not in ids:
            yield _broken(
                "exactly one reply", conversation_id, f"seq {message['seq']} is of no committed turn"
            )
    for message in messages:
        if message["sender"] != "customer":
            continue
        covering = [t for t in committed if t["first_seq"] <= message["seq"] <= t["last_seq"]]
        if len(covering) > 1:
            yield _broken(
                "exactly one reply", conversation_id, f"{len(covering)} turns answer seq {message['seq']}"
            )
        if is_settled and not covering and _bot_kept(conversation_id, facts, message["seq"]):
            yield _broken("exactly one reply", conversation_id, f"seq {message['seq']} was never answered")


def _turns_speak_or_hand_over(conversation_id: UUID, facts: _Facts) -> Iterable[Violation]:
    """A committed turn is an answer only if it said something, or ended the bot's ownership in the same instant."""
    spoke = {m["turn_id"] for m in facts.messages.get(conversation_id, ()) if m["sender"] == "bot"}
    changes = {(row["epoch"], row["at"]) for row in facts.ownerships.get(conversation_id, ())}
    for turn in facts.turns.get(conversation_id, ()):
        if turn["state"] != "committed" or turn["id"] in spoke:
            continue
        if (turn["epoch"] + 1, turn["finished_at"]) not in changes:
            yield _broken(
                "exactly one reply",
                conversation_id,
                f"the turn that answers seq {turn['last_seq']} said nothing",
            )


def _bot_kept(conversation_id: UUID, facts: _Facts, seq: int) -> bool:
    """Whether the bot owned the message and owns the conversation still, so that only the bot can have answered."""
    rows = facts.ownerships.get(conversation_id, ())
    owner = _owner_at(rows, seq)
    return owner is not None and owner["owner"] == "bot" and owner is rows[-1]


def _never_over_capacity(facts: _Facts) -> Iterable[Violation]:
    changes: dict[UUID, list[tuple[datetime, int]]] = defaultdict(list)
    for rows in facts.ownerships.values():
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            if row["agent_id"] is not None:
                changes[row["agent_id"]].append((row["at"], 1))
                if following is not None:
                    changes[row["agent_id"]].append((following["at"], -1))
    for agent_id, steps in changes.items():
        load = 0
        # At the same instant what ends is counted before what begins.
        for _, step in sorted(steps, key=lambda s: (s[0], s[1])):
            load += step
            if load > facts.capacities.get(agent_id, 0):
                yield _broken("never over capacity", None, f"agent {agent_id} had {load} conversations")
                break


def _nothing_lost(log: ClientLog, facts: _Facts) -> Iterable[Violation]:
    messages = facts.messages.get(log.conversation_id, ())
    by_client_id: dict[str, list[int]] = defaultdict(list)
    for message in messages:
        if message["client_id"] is not None:
            by_client_id[message["client_id"]].append(message["seq"])
    for client_id, seq in log.acknowledged.items():
        if by_client_id.get(client_id) != [seq]:
            found = by_client_id.get(client_id)
            yield _broken(
                "nothing lost",
                log.conversation_id,
                f"{client_id} was acknowledged as {seq}, stored as {found}",
            )
    for seqs in log.received:
        if any(a >= b for a, b in pairwise(seqs)):
            yield _broken(
                "nothing lost",
                log.conversation_id,
                f"a client got seqs out of order or twice: {list(seqs)[-8:]}",
            )
    if log.is_complete:
        seen = {seq for seqs in log.received for seq in seqs}
        missing = [m["seq"] for m in messages if m["kind"] != "note" and m["seq"] not in seen]
        if missing:
            yield _broken("nothing lost", log.conversation_id, f"the client never got seqs {missing[:8]}")


def _broken(promise: str, conversation_id: UUID | None, what: str) -> Violation:
    return Violation(promise=promise, conversation_id=conversation_id, what=what)
