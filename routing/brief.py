"""The brief 交接单: what the next person must know, each fact from a field, what is missing said as unknown.

The shape is «Brief» in docs/api/websocket.md. Nothing is made up here: no field, no fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from routing.asking import asks_for_person
from routing.handoff import Decision
from routing.tags import LEVELS, URGENCIES, Tags
from routing.text import fold

LONGEST_WANT: Final = 200
MOODS_SHOWN: Final = 12
MIN_LETTERS: Final = 4


@dataclass(frozen=True, kw_only=True)
class BriefCustomer:
    """Who it is, where the customer is known."""

    name: str
    vip: bool
    spent_cents: int
    since: datetime


@dataclass(frozen=True, kw_only=True)
class SaidMessage:
    """One message of the customer, oldest first in BriefFacts."""

    seq: int
    text: str
    tags: Tags


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What the bot did and what came of it, e.g. ("track_order", "answered")."""

    what: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class BriefFacts:
    """Everything a brief may tell. `order` is that of an order_card; `want` overrides the guess."""

    decision: Decision
    at_seq: int | None = None
    messages: Sequence[SaidMessage] = ()
    customer: BriefCustomer | None = None
    order: Mapping[str, Any] | None = None
    tried: Sequence[Tried] = ()
    want: str | None = None


def write_brief(facts: BriefFacts) -> dict[str, Any]:
    """The brief as JSON; fields without a fact are null and named in `unknown`."""
    brief: dict[str, Any] = {
        "why": [_why(finding.reason.value, finding.words, facts) for finding in facts.decision.findings]
        or None,
        "customer": _customer(facts.customer),
        "order": dict(facts.order) if facts.order else None,
        "want": facts.want or _want(facts.messages),
        "tried": [{"what": t.what, "outcome": t.outcome} for t in facts.tried] or None,
        "mood": [_mood(said) for said in facts.messages[-MOODS_SHOWN:]] or None,
        "level": _gravest([said.tags.level.label for said in facts.messages], LEVELS),
        "urgency": _gravest([said.tags.urgency.label for said in facts.messages], URGENCIES),
    }
    return {**brief, "unknown": [name for name, value in brief.items() if value is None]}


def _why(reason: str, words: tuple[str, ...], facts: BriefFacts) -> dict[str, Any]:
    said_at = next((s.seq for s in reversed(facts.messages) if words and _says(s.text, words)), facts.at_seq)
    return {"reason": reason, "words": list(words), "at_seq": said_at}


def _says(text: str, words: tuple[str, ...]) -> bool:
    return all(word.lower() in text.lower() for word in words)


def _customer(customer: BriefCustomer | None) -> dict[str, Any] | None:
    if customer is None:
        return None
    return {
        "name": customer.name,
        "vip": customer.vip,
        "spent_cents": customer.spent_cents,
        "since": customer.since.isoformat(),
    }


def _want(messages: Sequence[SaidMessage]) -> str | None:
    """The customer's own words: the newest message that says more than «a person, please»."""
    for said in reversed(messages):
        letters = sum(c.isalpha() for c in said.text)
        if letters >= MIN_LETTERS and not (asks_for_person(said.text) and len(fold(said.text)) <= 12):
            return said.text.strip()[:LONGEST_WANT]
    return None


def _mood(said: SaidMessage) -> dict[str, Any]:
    tag = said.tags.sentiment
    return {"seq": said.seq, "sentiment": tag.label, "probability": round(tag.probability, 4)}


def _gravest(labels: Sequence[str], scale: Sequence[str]) -> str | None:
    return max(labels, key=scale.index) if labels else None
