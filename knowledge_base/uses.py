"""What the knowledge base was asked, what it said, and what came of it: a row per searched question.

Written in the transaction of the bot's turn, so a turn that is dropped leaves none. The words of the question are not
kept here: they stay in the conversation, and a conversation that is deleted takes its rows along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

Outcome = Literal["answered", "asked_back", "declined", "option", "left"]
"""`option`: tapped after an ask-back. `left`: to a skill, or to people while the bot could not ask back."""

# An option belongs to the newest ask-back that offered it.
RECORD = """
with taken as (
    update knowledge_uses u set taken = %(option)s
     where u.conversation_id = %(conversation)s and u.seq = (
           select max(seq) from knowledge_uses
            where conversation_id = %(conversation)s and outcome = 'asked_back' and %(option)s = any(shown)))
insert into knowledge_uses (conversation_id, seq, n, first_seq, epoch, language, outcome, shown, candidates, probability,
                            base_version, reply_seq, at)
select %(conversation)s, %(seq)s, n, %(first_seq)s, %(epoch)s, %(language)s, %(outcome)s, shown, %(candidates)s,
       %(probability)s, %(base_version)s, reply_seq, %(at)s
  from jsonb_to_recordset(%(rows)s) as r (n smallint, shown text[], reply_seq bigint)
on conflict do nothing
"""
HANDED_OVER = """
update knowledge_uses u set handed_over = w.reason
  from unnest(%s::uuid[], %s::int[], %s::text[]) as w (id, epoch, reason)
 where u.conversation_id = w.id and u.epoch = w.epoch and u.handed_over is null
"""


@dataclass(frozen=True, kw_only=True)
class Use:
    """What came of one searched text. `shown` are entries: answers said, one for each question in it, or options.

    `candidates` are entries with their probabilities, best first; `probability` is that of the first, None for a tap.
    """

    outcome: Outcome
    shown: tuple[str, ...] = ()
    candidates: tuple[tuple[str, float], ...] = ()
    probability: float | None = None
    base_version: int = 0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Where and when it was asked: the customer's messages from `first_seq` to `seq`; `reply_seqs` said the answers."""

    conversation_id: UUID
    first_seq: int
    seq: int
    epoch: int
    language: str
    reply_seqs: tuple[int, ...]
    at: datetime


async def record(conn: AsyncConnection[Any], asked: Asked, use: Use) -> None:
    """Write the rows into the open transaction; nothing is read back, so in a pipeline it costs no round trip."""
    await conn.execute(
        RECORD,
        {
            "conversation": asked.conversation_id,
            "seq": asked.seq,
            "first_seq": asked.first_seq,
            "epoch": asked.epoch,
            "language": asked.language,
            "outcome": use.outcome,
            "rows": Jsonb(_rows(asked, use)),
            "candidates": Jsonb([{"entry": entry, "probability": p} for entry, p in use.candidates]),
            "probability": use.probability,
            "base_version": use.base_version,
            "option": use.shown[0] if use.outcome == "option" else None,
            "at": asked.at,
        },
    )


def _rows(asked: Asked, use: Use) -> list[dict[str, Any]]:
    """One for each answer, so that each is judged by itself; else one."""
    if use.outcome not in ("answered", "option"):
        return [{"n": 0, "shown": use.shown, "reply_seq": None}]
    said = zip_longest(use.shown, asked.reply_seqs[: len(use.shown)])
    return [{"n": n, "shown": [entry], "reply_seq": reply} for n, (entry, reply) in enumerate(said)]


async def note_handed_over(conn: AsyncConnection[Any], left: Mapping[UUID, tuple[int, str]]) -> None:
    """Conversations that the bot gave to people: id → the bot's epoch, and why."""
    await conn.execute(
        HANDED_OVER, (list(left), [epoch for epoch, _ in left.values()], [why for _, why in left.values()])
    )
