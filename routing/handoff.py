"""When a conversation goes to a person, who may take it, and how fast: one pure function.

`decide` runs twice in a turn: on receipt with what is known then, and after the bot's turn with all of it.
Sources: DOMAIN «What makes a conversation go to a person», DESIGN «Rules that several parts share».
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from routing import queue_order
from routing.asking import asks_for_person
from routing.dangers import charged_twice_words, fraud_words, safety_words
from routing.mood import CALM, Mood
from routing.reasons import HandoffReason
from routing.settings import RoutingSettings
from routing.tags import NEUTRAL, Tags

__all__ = ["Decision", "Facts", "Finding", "RequiredLevel", "asks_for_person", "decide"]

RequiredLevel = Literal["agent", "senior", "supervisor"]
Stage = Literal["receipt", "after_turn"]
Outcome = Literal["answered", "asked_back", "declined", "none"]
Detail = dict[str, str | float | int]

SUPERVISOR_REASONS: Final = frozenset(
    {HandoffReason.COMPLAINT_MAJOR, HandoffReason.SAFETY, HandoffReason.FRAUD}
)
OUTSIDE_THE_TRADE: Final = frozenset({"chitchat", "out_of_scope"})
"""Intents that are declined kindly and never handed over."""
NEEDS_PERSON: Final = frozenset({"complain", "complaint"})
"""Problems that no skill of the bot can finish."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that the policy may know. `declined_before` counts earlier turns declined inside the trade."""

    stage: Stage
    text: str = ""
    tags: Tags = NEUTRAL
    mood: Mood = CALM
    vip: bool = False
    order_value_cents: int | None = None
    has_problem: bool = False
    bot_failures: int = 0
    outcome: Outcome = "none"
    declined_before: int = 0
    wants_person_after_decline: bool = False
    intent: str | None = None
    problems: frozenset[str] = frozenset()
    forms_abandoned: int = 0
    charged_twice: bool = False
    system_trouble: bool = False


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One reason, the customer's words that show it, and the figures behind it."""

    reason: HandoffReason
    words: tuple[str, ...] = ()
    detail: Detail = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As stored in explanations."""
        return {"reason": self.reason.value, "words": list(self.words), "detail": dict(self.detail)}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was found (the gravest first; nothing = the bot keeps it), who may take it, and its priority."""

    findings: tuple[Finding, ...]
    required_level: RequiredLevel
    priority: int

    @property
    def handoff(self) -> bool:
        """Whether the conversation goes to a person."""
        return bool(self.findings)

    @property
    def reasons(self) -> tuple[HandoffReason, ...]:
        """The reasons alone, the gravest first."""
        return tuple(finding.reason for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """As stored in turns.decision."""
        return {
            "handoff": self.handoff,
            "findings": [finding.as_json() for finding in self.findings],
            "required_level": self.required_level,
            "priority": self.priority,
        }


Rule = Callable[[Facts, RoutingSettings], Finding | None]


def decide(facts: Facts, settings: RoutingSettings) -> Decision:
    """Every reason that holds, the level that the agent needs, and the place in the queue."""
    findings = tuple(_findings(facts, settings))
    reasons = [finding.reason for finding in findings]
    return Decision(
        findings=findings,
        required_level=_required_level(reasons),
        priority=queue_order.priority(reasons, vip=facts.vip, urgency=_urgency(facts, settings)),
    )


def _findings(facts: Facts, settings: RoutingSettings) -> Iterator[Finding]:
    found = {f.reason: f for rule in _RULES if (f := rule(facts, settings)) is not None}
    yield from (found[reason] for reason in HandoffReason if reason in found)


def _required_level(reasons: list[HandoffReason]) -> RequiredLevel:
    if SUPERVISOR_REASONS.intersection(reasons):
        return "supervisor"
    return "senior" if HandoffReason.COMPLAINT_SERIOUS in reasons else "agent"


def _urgency(facts: Facts, settings: RoutingSettings) -> str:
    tag = facts.tags.urgency
    return tag.label if tag.probability >= settings.high_urgency_probability else "normal"


def _is_unhappy(facts: Facts, settings: RoutingSettings) -> bool:
    return facts.tags.is_unhappy(settings.negative_probability) or facts.mood.value >= settings.unhappy_mood


def _asked(facts: Facts, settings: RoutingSettings) -> Finding | None:
    if asks_for_person(facts.text):
        return Finding(reason=HandoffReason.ASKED, words=(facts.text.strip()[:40],))
    if facts.intent == "ask_human":
        return Finding(reason=HandoffReason.ASKED, detail={"intent": "ask_human"})
    return None


def _angry(facts: Facts, settings: RoutingSettings) -> Finding | None:
    tag = facts.tags.sentiment
    if tag.label != "angry" or tag.probability < settings.angry_probability:
        return None
    return Finding(
        reason=HandoffReason.ANGRY, words=facts.tags.words, detail={"probability": round(tag.probability, 3)}
    )


def _escalating(facts: Facts, settings: RoutingSettings) -> Finding | None:
    """A mood that has built up; a calm or grateful message in between does not hand off."""
    said_again = facts.mood.said_times >= settings.said_times
    if facts.mood.value < settings.escalating_mood or facts.tags.sentiment.label == "positive":
        return None
    if not (facts.tags.is_unhappy(0.0) or said_again):
        return None
    return Finding(
        reason=HandoffReason.ESCALATING,
        words=facts.tags.words,
        detail={"mood": round(facts.mood.value, 3), "said_times": facts.mood.said_times},
    )


def _urgent(facts: Facts, settings: RoutingSettings) -> Finding | None:
    tag = facts.tags.urgency
    detail: Detail = {"urgency": tag.label, "probability": round(tag.probability, 3)}
    if tag.label == "critical" and tag.probability >= settings.critical_probability:
        return Finding(reason=HandoffReason.URGENT, words=facts.tags.words, detail=detail)
    twice = charged_twice_words(facts.text)
    is_high = _urgency(facts, settings) != "normal"
    if facts.charged_twice or (twice and is_high):
        return Finding(reason=HandoffReason.URGENT, words=twice, detail={**detail, "with": "charged_twice"})
    if is_high and _is_unhappy(facts, settings):
        return Finding(reason=HandoffReason.URGENT, words=facts.tags.words, detail={**detail, "with": "mood"})
    return None


def _complaint(facts: Facts, settings: RoutingSettings) -> Finding | None:
    """Levels 3 and 2. Threats may be made calmly; a serious complaint without any displeasure is a misreading."""
    tag = facts.tags.level
    detail: Detail = {"probability": round(tag.probability, 3)}
    if tag.label == "major" and tag.probability >= settings.major_probability:
        return Finding(reason=HandoffReason.COMPLAINT_MAJOR, words=facts.tags.words, detail=detail)
    displeased = facts.tags.is_unhappy(settings.negative_probability)
    if displeased and tag.label in ("serious", "major") and tag.probability >= settings.serious_probability:
        return Finding(reason=HandoffReason.COMPLAINT_SERIOUS, words=facts.tags.words, detail=detail)
    return None


def _bot_failed(facts: Facts, settings: RoutingSettings) -> Finding | None:
    if facts.bot_failures < settings.bot_failures:
        return None
    return Finding(reason=HandoffReason.BOT_FAILED, detail={"failures": facts.bot_failures})


def _not_in_knowledge_base(facts: Facts, settings: RoutingSettings) -> Finding | None:
    """Within the trade a person is offered first, and comes on yes or at the second time."""
    again = (
        facts.outcome == "declined" and facts.declined_before >= 1 and facts.intent not in OUTSIDE_THE_TRADE
    )
    if not (facts.wants_person_after_decline or again):
        return None
    return Finding(
        reason=HandoffReason.NOT_IN_KNOWLEDGE_BASE, detail={"declined": facts.declined_before + again}
    )


def _high_value(facts: Facts, settings: RoutingSettings) -> Finding | None:
    value = facts.order_value_cents
    if value is None or value < settings.high_value_cents:
        return None
    if not (facts.has_problem or _is_unhappy(facts, settings)):
        return None
    return Finding(reason=HandoffReason.HIGH_VALUE, detail={"order_value_cents": value})


def _vip_unhappy(facts: Facts, settings: RoutingSettings) -> Finding | None:
    if not (facts.vip and _is_unhappy(facts, settings)):
        return None
    return Finding(
        reason=HandoffReason.VIP_UNHAPPY, words=facts.tags.words, detail={"mood": round(facts.mood.value, 3)}
    )


def _several_problems(facts: Facts, settings: RoutingSettings) -> Finding | None:
    """Two that the bot can finish are taken one after the other; three, or one for a person, go over."""
    beyond_bot = len(facts.problems) >= 2 and facts.problems & NEEDS_PERSON
    if len(facts.problems) < settings.several_problems and not beyond_bot:
        return None
    named = ", ".join(sorted(facts.problems))
    return Finding(reason=HandoffReason.SEVERAL_PROBLEMS, detail={"problems": named})


def _form_abandoned(facts: Facts, settings: RoutingSettings) -> Finding | None:
    if facts.forms_abandoned < settings.forms_abandoned:
        return None
    return Finding(reason=HandoffReason.FORM_ABANDONED, detail={"times": facts.forms_abandoned})


def _fraud(facts: Facts, settings: RoutingSettings) -> Finding | None:
    words = fraud_words(facts.text)
    return Finding(reason=HandoffReason.FRAUD, words=words) if words else None


def _safety(facts: Facts, settings: RoutingSettings) -> Finding | None:
    words = safety_words(facts.text)
    return Finding(reason=HandoffReason.SAFETY, words=words) if words else None


def _system_trouble(facts: Facts, settings: RoutingSettings) -> Finding | None:
    return Finding(reason=HandoffReason.SYSTEM_TROUBLE) if facts.system_trouble else None


_RULES: Final[tuple[Rule, ...]] = (
    _asked,
    _angry,
    _escalating,
    _urgent,
    _complaint,
    _bot_failed,
    _not_in_knowledge_base,
    _high_value,
    _vip_unhappy,
    _several_problems,
    _form_abandoned,
    _fraud,
    _safety,
    _system_trouble,
)
