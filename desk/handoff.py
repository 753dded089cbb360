"""From the bot to people: facts for routing.decide, the queue entry with its brief, and what the customer is told.

Routing decides, this writes. It changes conversations in memory only; the caller flushes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from desk.locked_conversation import LockedConversation, QueueEntry
from desk.settings import AssignmentSettings
from routing import queue_order
from routing.brief import BriefCustomer, BriefFacts, SaidMessage, Tried, write_brief
from routing.handoff import Decision, Facts, RequiredLevel, decide
from routing.hours import WEEKDAYS, Hours, is_open, next_opening
from routing.mood import Mood
from routing.settings import RoutingSettings
from routing.sla import ResponseTimes, first_response_due
from routing.tags import Tags

Outcome = Literal["answered", "asked_back", "declined", "none"]


@dataclass(frozen=True, kw_only=True)
class TurnFacts:
    """What a bot turn found out, for the second decision."""

    text: str
    tags: Tags
    outcome: Outcome = "none"
    intent: str | None = None
    bot_failed: bool = False
    wants_person_after_decline: bool = False
    problems: frozenset[str] = field(default_factory=frozenset)
    system_trouble: bool = False


class HandoffDesk:
    """Applies routing's policy to conversations."""

    def __init__(
        self,
        *,
        routing: RoutingSettings,
        assignment: AssignmentSettings,
        hours: Callable[[], Hours],
        zone: str,
    ) -> None:
        self._routing = routing
        self._assignment = assignment
        self._hours = hours
        self._zone = zone

    def decide_on_receipt(
        self, conversation: LockedConversation, *, text: str, tags: Tags, mood: Mood
    ) -> Decision:
        """What can be known before the bot has thought: asked for, anger, critical urgency, level 3."""
        return decide(
            _facts(conversation, TurnFacts(text=text, tags=tags), mood, stage="receipt"), self._routing
        )

    def decide_after_turn(self, conversation: LockedConversation, turn: TurnFacts) -> Decision:
        """The same policy, now with intent, outcome, failures and order value."""
        mood = Mood.from_json(conversation.mood)
        return decide(_facts(conversation, turn, mood, stage="after_turn"), self._routing)

    def hand_over(
        self,
        conversation: LockedConversation,
        decision: Decision,
        now: datetime,
        *,
        asks_topic: bool = False,
        notice: str = "handoff_requested",
    ) -> None:
        """Queue the conversation and tell the customer; `fill_briefs` completes the entry before the flush."""
        explanation = {
            "reasons": [str(reason) for reason in decision.reasons],
            "decision": decision.as_json(),
        }
        entry = QueueEntry(
            reasons=tuple(str(reason) for reason in decision.reasons),
            priority=decision.priority,
            required_level=decision.required_level,
            brief={},
            first_response_due_at=self._due(conversation, _level(decision), now),
            explanation=explanation,
            decision=decision,
        )
        self._enqueue(conversation, entry, now, str(decision.reasons[0]), notice)
        if asks_topic and self._is_open(conversation, now):
            conversation.append_notice("ask_topic", now)

    def return_to_people(
        self,
        conversation: LockedConversation,
        now: datetime,
        *,
        preferred_agent_id: UUID | None,
        reason: str = "returned",
        notice: str = "handoff_requested",
        required_level: RequiredLevel = "agent",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Queue a conversation that people had before: back within 72 h, transferred, or its agent is gone."""
        priority = queue_order.priority((), vip=conversation.vip)
        entry = QueueEntry(
            reasons=(reason,),
            priority=priority,
            required_level=required_level,
            brief={},
            first_response_due_at=self._due(conversation, "none", now),
            preferred_agent_id=preferred_agent_id,
            explanation={"reasons": [reason], **(details or {})},
            decision=Decision(findings=(), required_level=required_level, priority=priority),
        )
        self._enqueue(conversation, entry, now, reason, notice)

    async def fill_briefs(
        self, conn: AsyncConnection[Any], changed: Iterable[LockedConversation], now: datetime
    ) -> None:
        """Write the brief of every conversation that was just queued, from rows of the open transaction."""
        for conversation in changed:
            entry = conversation.queue_entry
            if entry is not None and entry.decision is not None and conversation.owner == "queue":
                facts = await _brief_facts(conn, conversation, entry.decision)
                brief = write_brief(facts)
                conversation.queue_entry = replace(entry, brief=brief)
                # The queue entry goes with the accept; the brief stays with the ownership that it began.
                conversation.ownerships[-1]["explanation"]["brief"] = brief

    async def write_brief(
        self, conn: AsyncConnection[Any], conversation: LockedConversation
    ) -> Mapping[str, Any]:
        """The brief of a conversation that somebody takes without its having been handed over."""
        nothing_found = Decision(findings=(), required_level="agent", priority=0)
        return write_brief(await _brief_facts(conn, conversation, nothing_found))

    def _enqueue(
        self, conversation: LockedConversation, entry: QueueEntry, now: datetime, reason: str, notice: str
    ) -> None:
        conversation.to_queue(entry, now, reason)
        if self._is_open(conversation, now):
            conversation.append_notice(notice, now)
            return
        day = WEEKDAYS[conversation.shop_now(now).astimezone(ZoneInfo(self._zone)).weekday()]
        spans = self._hours().days.get(day) or (("—", "—"),)
        conversation.append_notice("outside_hours", now, open_from=spans[0][0], open_until=spans[-1][1])

    def _is_open(self, conversation: LockedConversation, now: datetime) -> bool:
        return is_open(self._hours(), conversation.shop_now(now), self._zone)

    def _due(self, conversation: LockedConversation, level: str, now: datetime) -> datetime:
        times = ResponseTimes(
            ordinary_s=self._assignment.first_response_s,
            serious_s=self._assignment.first_response_serious_s,
            major_s=self._assignment.first_response_major_s,
        )
        shop_now = conversation.shop_now(now)
        opens_at = (
            None if self._is_open(conversation, now) else next_opening(self._hours(), shop_now, self._zone)
        )
        return first_response_due(level, shop_now, times=times, opens_at=opens_at) - (shop_now - now)


def _level(decision: Decision) -> str:
    return {"supervisor": "major", "senior": "serious"}.get(decision.required_level, "none")


_SAID = """
select seq, text, coalesce(tags, '{}') as tags from messages
 where conversation_id = %s and sender = 'customer' order by seq desc limit 30
"""

_TRIED = """
select coalesce(nullif(e ->> 'title', ''), e ->> 'entry', t.intent) as what, coalesce(t.decision ->> 'outcome', 'none') as outcome
  from turns t left join lateral jsonb_array_elements(t.effects) e on e ->> 'kind' = 'answered_entry'
 where t.conversation_id = %s and t.state = 'committed' and coalesce(e ->> 'entry', t.intent) is not null
   and coalesce(e ->> 'entry', t.intent) <> all(%s)
 order by t.claimed_at desc limit 8
"""

TRIES_NOTHING = frozenset(
    (
        "greet",
        "thanks",
        "goodbye",
        "affirm",
        "deny",
        "chitchat",
        "stop",
        "ask_human",
        "inform",
        "out_of_scope",
    )
)
"""Intents of turns in which nothing was tried."""


async def _brief_facts(
    conn: AsyncConnection[Any], conversation: LockedConversation, decision: Decision
) -> BriefFacts:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_SAID, (conversation.id,))
        said = [
            SaidMessage(seq=r["seq"], text=r["text"], tags=Tags.from_json(r["tags"]))
            for r in await cursor.fetchall()
        ]
        await cursor.execute(_TRIED, (conversation.id, sorted(TRIES_NOTHING)))
        tried = [Tried(what=r["what"], outcome=r["outcome"]) for r in await cursor.fetchall()]
        await cursor.execute(
            "select name, vip, spent_cents, created_at as since from customers where id = %s",
            (conversation.customer_id,),
        )
        customer = await cursor.fetchone()
    fresh = [
        SaidMessage(seq=m.seq, text=m.text, tags=Tags.from_json(m.tags or {}))
        for m in conversation.appended
        if m.sender == "customer"
    ]
    return BriefFacts(
        decision=decision,
        at_seq=conversation.last_customer_seq,
        messages=(*reversed(said), *fresh),
        customer=BriefCustomer(**customer) if customer else None,
        order=conversation.dialogue.get("order"),
        tried=tuple(reversed(tried)),
        want=conversation.dialogue.get("want"),
    )


def _facts(
    conversation: LockedConversation, turn: TurnFacts, mood: Mood, *, stage: Literal["receipt", "after_turn"]
) -> Facts:
    dialogue = conversation.dialogue
    problems = frozenset(dialogue.get("problems", ())) | turn.problems
    return Facts(
        stage=stage,
        text=turn.text,
        tags=turn.tags,
        mood=mood,
        vip=conversation.vip,
        order_value_cents=dialogue.get("order_value_cents"),
        has_problem=bool(problems),
        bot_failures=conversation.bot_failures + (1 if turn.bot_failed else 0),
        outcome=turn.outcome,
        declined_before=dialogue.get("declined", 0),
        wants_person_after_decline=turn.wants_person_after_decline,
        intent=turn.intent,
        problems=problems,
        forms_abandoned=dialogue.get("forms_abandoned", 0),
        charged_twice=bool(dialogue.get("charged_twice")),
        system_trouble=turn.system_trouble,
    )
