"""The bot's turns: claimed under a lease, thought about outside any transaction, committed or dropped whole.

The lease is the only lock: a conversation is never in two turns. A turn whose owner, epoch or newest fragment
changed meanwhile leaves no trace but its row in `turns`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import orjson
from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from desk import fault_points
from desk.cases import NewCase, open_cases
from desk.conversations import Pool
from desk.handoff import HandoffDesk, TurnFacts
from desk.helpful import HELPFUL
from desk.locked_conversation import LOCKED_COLUMNS, Appended, LockedConversation, flush, from_rows, lock
from desk.order_proof import ProofSettings
from desk.order_proof import record as record_proof
from desk.outbox import Outbox, ShopCall
from desk.settings import ConversationSettings
from desk.wake import Wake, notify
from knowledge_base import uses
from knowledge_base.uses import Asked, Use
from routing.tags import NEUTRAL

DropReason = Literal["owner_changed", "newer_fragment", "lease_lost", "failed"]

TRIES = 3
"""Turns about the same message that may fail unexpectedly before people are asked."""


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """One of the customer's messages that a turn answers."""

    seq: int
    kind: str
    text: str
    private: Mapping[str, Any]
    tags: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ClaimedTurn:
    """A turn to think about, with the conversation as it was at the claim."""

    turn_id: UUID
    conversation_id: UUID
    epoch: int
    generation: int
    rasa_turn_id: UUID | None
    language: str
    customer_shop_id: str | None
    customer_is_vip: bool = False
    sandbox: str
    shop_now: datetime
    dialogue: Mapping[str, Any]
    refs: Mapping[str, Any]
    fragments: tuple[Fragment, ...]

    @property
    def sender_id(self) -> str:
        """The Rasa tracker of this generation."""
        return f"{self.conversation_id}.{self.generation}"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One message that the bot wants to say; `private` holds what its buttons mean."""

    text: str
    kind: str = "text"
    payload: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)
    is_answer: bool = False
    """An entry's answer: the customer is asked whether it helped."""


@dataclass(frozen=True, kw_only=True)
class OrderProof:
    """A right or wrong try at proving that an order is one's own."""

    key: str
    is_right: bool


@dataclass(frozen=True, kw_only=True)
class AnsweredWith:
    """A knowledge entry that was the answer."""

    entry: str
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class TurnOutcome:
    """What a turn came to; nothing of it exists before `commit`."""

    facts: TurnFacts
    replies: tuple[Reply, ...] = ()
    cases: tuple[NewCase, ...] = ()
    shop_calls: tuple[ShopCall, ...] = ()
    proofs: tuple[OrderProof, ...] = ()
    answered_entries: tuple[AnsweredWith, ...] = ()
    use: Use | None = None
    """What came of the question, where the knowledge base was searched for one."""
    dialogue: Mapping[str, Any] | None = None
    called_rasa: bool = False
    ends_generation: bool = False
    """The call to Rasa ran out of time, so what its tracker holds is not known."""


@dataclass(frozen=True, kw_only=True)
class TurnContext:
    """What an action may know of the turn that called it."""

    conversation_id: UUID
    customer_shop_id: str | None
    customer_is_vip: bool = False
    sandbox: str
    language: str
    shop_now: datetime
    refs: Mapping[str, Any]


class TurnDesk:
    """Claims and commits turns."""

    def __init__(
        self,
        pool: Pool,
        *,
        settings: ConversationSettings,
        handoffs: HandoffDesk,
        outbox: Outbox,
        generation_kept_s: float,
        proofs: ProofSettings,
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._handoffs = handoffs
        self._outbox = outbox
        self._generation_kept = timedelta(seconds=generation_kept_s)
        self._proofs = proofs

    async def next_due(self) -> datetime | None:
        """When the next turn can be claimed: its due time, or the end of the lease that is on it."""
        async with self._pool.connection() as conn:
            cursor = await conn.execute(_NEXT_DUE)
            row = await cursor.fetchone()
        return row[0] if row else None

    async def claim(
        self, worker: str, *, limit: int, now: datetime, model: str | None = None
    ) -> list[ClaimedTurn]:
        """Take up to `limit` due conversations; each is ours until its lease ends.

        `model` is the loaded Rasa model; a conversation that talked to another one gets a new generation.
        """
        async with self._pool.connection() as conn, conn.pipeline(), conn.transaction():
            async with conn.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(_DUE, {"now": now, "limit": limit})
                rows = await cursor.fetchall()
            if not rows:
                return []
            shop_ids = {row["id"]: row.pop("customer_shop_id") for row in rows}
            conversations = list(from_rows(rows).values())
            fragments = await _read_fragments(conn, conversations)
            claimed = [c for c in conversations if fragments[c.id]]
            for conversation in conversations:
                self._take(conversation, bool(fragments[conversation.id]), now, model)
            turns = [_claimed(c, fragments[c.id], shop_ids[c.id], now) for c in claimed]
            await conn.execute(_DROP_LOST, (now, [c.id for c in conversations]))
            await conn.execute(_INSERT_TURNS, (_turn_rows(turns, worker, now),))
            await flush(conn, conversations)
            await notify(conn, Wake(turns_begun=frozenset(t.conversation_id for t in turns)))
        await fault_points.reach("after_claim")
        return turns

    def _take(
        self, conversation: LockedConversation, has_work: bool, now: datetime, model: str | None
    ) -> None:
        if not has_work:
            conversation.mark_answered(conversation.last_customer_seq)
            return
        is_old = now - conversation.generation_at > self._generation_kept
        is_other_model = model is not None and conversation.dialogue.get("model") not in (None, model)
        # A lease that ran out left a call to Rasa behind that may still be under way.
        has_lost_lease = conversation.turn_id is not None
        if is_old or is_other_model or has_lost_lease:
            conversation.begin_generation(now)
        conversation.turn_id = uuid4()
        conversation.lease_until = now + timedelta(seconds=self._settings.turn_lease_s)

    async def add_references(self, turn: ClaimedTurn, references: Mapping[str, Any]) -> None:
        """Keep what the fragments named (order numbers, …), so that actions can resolve their references."""
        async with self._pool.connection() as conn:
            await conn.execute(
                "update conversations set refs = refs || %s::jsonb where id = %s and turn_id = %s",
                (orjson.dumps(dict(references)).decode(), turn.conversation_id, turn.turn_id),
            )

    async def read_context(self, turn_id: UUID, *, now: datetime) -> TurnContext | None:
        """The conversation of a turn that is claimed now; None for any other turn id."""
        async with self._pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_CONTEXT, (turn_id, now))
            row = await cursor.fetchone()
        if row is None:
            return None
        shift = timedelta(seconds=row.pop("clock_shift_s"))
        return TurnContext(shop_now=now + shift, **row)

    async def commit(self, turn: ClaimedTurn, outcome: TurnOutcome, *, now: datetime) -> DropReason | None:
        """Write replies, effects and decision in one transaction, or nothing of it.

        Returns None when committed, else why the turn was dropped.
        """
        await fault_points.reach("before_commit")
        async with self._pool.connection() as conn, conn.pipeline(), conn.transaction():
            conversation = (await lock(conn, [turn.conversation_id]))[turn.conversation_id]
            stale = why_stale(conversation, turn)
            if stale is None and not await self._count_proofs(conn, turn, outcome, now):
                stale = "failed"
            if stale is not None:
                await self._drop(conn, conversation, turn, outcome, stale, now)
                return stale
            await self._apply(conn, conversation, turn, outcome, now)
        await fault_points.reach("after_commit")
        return None

    async def _count_proofs(
        self, conn: AsyncConnection[Any], turn: ClaimedTurn, outcome: TurnOutcome, now: datetime
    ) -> bool:
        """Count tries at an order's digits; False when a lock fell meanwhile and the turn must be thought again."""
        counted = [
            await record_proof(
                conn, turn.conversation_id, proof.key, ok=proof.is_right, settings=self._proofs, now=now
            )
            for proof in outcome.proofs
        ]
        return all(counted)

    async def drop(self, turn: ClaimedTurn, *, now: datetime, ends_generation: bool) -> None:
        """Give a turn up after an unexpected error; the conversation stays due and is claimed again.

        What fails every time would be tried for ever and answered never: after some tries people take over.
        """
        outcome = TurnOutcome(facts=_NO_FACTS, ends_generation=ends_generation)
        async with self._pool.connection() as conn, conn.transaction():
            conversation = (await lock(conn, [turn.conversation_id]))[turn.conversation_id]
            is_ours = conversation.turn_id == turn.turn_id
            await self._drop(conn, conversation, turn, outcome, "failed", now)
            if is_ours and await _count_failures(conn, turn) >= TRIES:
                await self._hand_over_after_failures(conn, conversation, turn, now)

    async def _hand_over_after_failures(
        self, conn: AsyncConnection[Any], conversation: LockedConversation, turn: ClaimedTurn, now: datetime
    ) -> None:
        text = "\n".join(fragment.text for fragment in turn.fragments)
        facts = TurnFacts(text=text, tags=NEUTRAL, system_trouble=True)
        decision = self._handoffs.decide_after_turn(conversation, facts)
        self._handoffs.hand_over(conversation, decision, now, notice="system_trouble")
        await self._handoffs.fill_briefs(conn, [conversation], now)
        await flush(conn, [conversation])

    async def _drop(
        self,
        conn: AsyncConnection[Any],
        conversation: LockedConversation,
        turn: ClaimedTurn,
        outcome: TurnOutcome,
        reason: DropReason,
        now: datetime,
    ) -> None:
        await conn.execute(
            _FINISH_TURN,
            ("dropped", reason, outcome.called_rasa, outcome.facts.intent, None, "[]", now, turn.turn_id),
        )
        if conversation.turn_id == turn.turn_id:
            conversation.release_turn()
            if outcome.ends_generation:
                conversation.begin_generation(now)
            await flush(conn, [conversation], due=conversation.due_at is not None)

    async def _apply(
        self,
        conn: AsyncConnection[Any],
        conversation: LockedConversation,
        turn: ClaimedTurn,
        outcome: TurnOutcome,
        now: datetime,
    ) -> None:
        decision = self._handoffs.decide_after_turn(conversation, outcome.facts)
        conversation.release_turn()
        is_said = not decision.handoff or outcome.facts.outcome == "answered"
        said = [_say(conversation, turn, reply, now) for reply in outcome.replies if is_said]
        conversation.mark_answered(turn.fragments[-1].seq)
        if outcome.use is not None:
            await uses.record(conn, _asked(conversation, turn, said, now), _as_it_went(outcome.use, is_said))
        self._remember(conversation, turn, outcome, now)
        if decision.handoff:
            notice = "system_trouble" if outcome.facts.system_trouble else "handoff_requested"
            self._handoffs.hand_over(conversation, decision, now, notice=notice)
        await open_cases(conn, conversation, turn.turn_id, outcome.cases, now)
        await self._outbox.request(conn, conversation.id, turn.turn_id, outcome.shop_calls, now)
        await conn.execute(
            _FINISH_TURN,
            (
                "committed",
                None,
                outcome.called_rasa,
                outcome.facts.intent,
                orjson.dumps(decision.as_json() | {"outcome": _result(outcome.facts)}).decode(),
                orjson.dumps(_effects(outcome)).decode(),
                now,
                turn.turn_id,
            ),
        )
        await self._handoffs.fill_briefs(conn, [conversation], now)
        await flush(conn, [conversation])

    def _remember(
        self, conversation: LockedConversation, turn: ClaimedTurn, outcome: TurnOutcome, now: datetime
    ) -> None:
        if outcome.dialogue is not None:
            conversation.dialogue = dict(outcome.dialogue)
        if outcome.called_rasa:
            conversation.rasa_turn_id = turn.turn_id
        if outcome.ends_generation:
            conversation.begin_generation(now)
        if outcome.facts.bot_failed:
            conversation.bot_failures += 1
        elif outcome.facts.outcome == "answered":
            conversation.bot_failures = 0
        conversation.wait_for_customer(now, reminder_s=self._settings.silence_reminder_s)


def _say(conversation: LockedConversation, turn: ClaimedTurn, reply: Reply, now: datetime) -> Appended:
    return conversation.append(
        "bot",
        now,
        text=reply.text,
        kind=reply.kind,
        payload={**reply.payload, HELPFUL: None} if reply.is_answer else reply.payload,
        private=reply.private,
        turn_id=turn.turn_id,
    )


def _asked(
    conversation: LockedConversation, turn: ClaimedTurn, said: Sequence[Appended], now: datetime
) -> Asked:
    return Asked(
        conversation_id=turn.conversation_id,
        first_seq=turn.fragments[0].seq,
        seq=turn.fragments[-1].seq,
        epoch=turn.epoch,
        language=conversation.language,
        reply_seqs=tuple(message.seq for message in said if HELPFUL in message.payload),
        at=now,
    )


def _as_it_went(use: Use, is_said: bool) -> Use:
    """An ask-back that people took over from was never read: the question had no answer."""
    return use if is_said or use.outcome != "asked_back" else replace(use, outcome="declined", shown=())


_NO_FACTS = TurnFacts(text="", tags=NEUTRAL)


def why_stale(conversation: LockedConversation, turn: ClaimedTurn) -> DropReason | None:
    """Why this turn must not speak any more; None when it may."""
    if conversation.owner != "bot" or conversation.epoch != turn.epoch:
        return "owner_changed"
    if conversation.turn_id != turn.turn_id:
        return "lease_lost"
    if conversation.last_customer_seq != turn.fragments[-1].seq:
        return "newer_fragment"
    return None


_NEXT_DUE = """
select min(greatest(due_at, coalesce(lease_until, due_at))) from conversations where due_at is not null
"""

_DUE = f"""
select {LOCKED_COLUMNS}, coalesce(k.vip, false) as vip, k.shop_id as customer_shop_id
  from conversations c left join customers k on k.id = c.customer_id
 where c.due_at <= %(now)s and (c.lease_until is null or c.lease_until <= %(now)s)
 order by c.due_at limit %(limit)s
   for update of c skip locked
"""

_FRAGMENTS = """
select m.conversation_id, m.seq, m.kind, m.text, m.private, coalesce(m.tags, '{}') as tags
  from unnest(%s::uuid[], %s::bigint[]) as w (id, since)
  join messages m on m.conversation_id = w.id and m.seq > w.since
 where m.sender = 'customer'
 order by m.conversation_id, m.seq
"""

_DROP_LOST = """
update turns set state = 'dropped', drop_reason = 'lease_lost', finished_at = %s
 where state = 'claimed' and conversation_id = any(%s)
"""

_INSERT_TURNS = """
insert into turns (id, conversation_id, epoch, generation, first_seq, last_seq, worker, claimed_at)
select id, conversation_id, epoch, generation, first_seq, last_seq, worker, claimed_at
  from jsonb_populate_recordset(null::turns, %s::jsonb)
"""

_FINISH_TURN = """
update turns set state = %s, drop_reason = %s, called_rasa = %s, intent = %s, decision = %s::jsonb, effects = %s::jsonb,
                 finished_at = %s
 where id = %s and state = 'claimed'
"""

_FAILURES = """
select count(*) from turns where conversation_id = %s and first_seq = %s and drop_reason = 'failed'
"""

_CONTEXT = """
select t.conversation_id, k.shop_id as customer_shop_id, coalesce(k.vip, false) as customer_is_vip, c.sandbox,
       c.language, c.clock_shift_s, c.refs
  from turns t join conversations c on c.id = t.conversation_id and c.turn_id = t.id
  left join customers k on k.id = c.customer_id
 where t.id = %s and t.state = 'claimed' and c.lease_until > %s
"""


@dataclass(frozen=True, kw_only=True)
class _FragmentRow(Fragment):
    conversation_id: UUID


async def _count_failures(conn: AsyncConnection[Any], turn: ClaimedTurn) -> int:
    cursor = await conn.execute(_FAILURES, (turn.conversation_id, turn.fragments[0].seq))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _read_fragments(
    conn: AsyncConnection[Any], conversations: Sequence[LockedConversation]
) -> dict[UUID, tuple[Fragment, ...]]:
    async with conn.cursor(row_factory=class_row(_FragmentRow)) as cursor:
        await cursor.execute(
            _FRAGMENTS, ([c.id for c in conversations], [c.answered_seq for c in conversations])
        )
        rows = await cursor.fetchall()
    return {c.id: tuple(row for row in rows if row.conversation_id == c.id) for c in conversations}


def _claimed(
    conversation: LockedConversation,
    fragments: tuple[Fragment, ...],
    customer_shop_id: str | None,
    now: datetime,
) -> ClaimedTurn:
    assert conversation.turn_id is not None
    return ClaimedTurn(
        turn_id=conversation.turn_id,
        conversation_id=conversation.id,
        epoch=conversation.epoch,
        generation=conversation.generation,
        rasa_turn_id=conversation.rasa_turn_id,
        language=conversation.language,
        customer_shop_id=customer_shop_id,
        customer_is_vip=conversation.vip,
        sandbox=conversation.sandbox,
        shop_now=conversation.shop_now(now),
        dialogue=conversation.dialogue,
        refs=conversation.refs,
        fragments=fragments,
    )


def _turn_rows(turns: Sequence[ClaimedTurn], worker: str, now: datetime) -> str:
    rows = [
        {
            "id": turn.turn_id,
            "conversation_id": turn.conversation_id,
            "epoch": turn.epoch,
            "generation": turn.generation,
            "first_seq": turn.fragments[0].seq,
            "last_seq": turn.fragments[-1].seq,
            "worker": worker,
            "claimed_at": now,
        }
        for turn in turns
    ]
    return orjson.dumps(rows).decode()


def _result(facts: TurnFacts) -> str:
    """How the turn went, in one word of the brief's «tried»."""
    return "failed" if facts.bot_failed else facts.outcome


def _effects(outcome: TurnOutcome) -> list[dict[str, Any]]:
    cases = [{"kind": "case", "type": case.type} for case in outcome.cases]
    calls = [{"kind": "shop_call", "call": call.call} for call in outcome.shop_calls]
    answered = [
        {"kind": "answered_entry", "entry": a.entry, "title": a.title} for a in outcome.answered_entries
    ]
    return cases + calls + answered
