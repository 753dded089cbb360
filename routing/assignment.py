"""Which agent gets a waiting conversation, and why. Pure: the desk does the transaction.

Hard: room left, level at least the required one, language where anybody on duty has it, not passed by unless
nobody else can. Then in this order: the preferred agent, language, skill, least relative load, longest idle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

LEVEL_RANKS: Final = {"agent": 0, "senior": 1, "supervisor": 2}
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A conversation in the queue. `skill` is empty where none is needed."""

    conversation_id: UUID
    language: str
    required_level: str = "agent"
    skill: str = ""
    preferred_agent_id: UUID | None = None
    passed_by: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An agent on duty. `load` counts conversations owned and offered; no skills = every skill."""

    agent_id: UUID
    name: str
    level: str
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"zh-Hans"})
    capacity: int = 5
    load: int = 0
    last_assigned_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The agent, or None; `explanation` is JSON: rule, all candidates' figures, who was left out and why."""

    agent_id: UUID | None
    explanation: dict[str, Any]


def choose(waiting: Waiting, candidates: Sequence[Candidate]) -> Choice:
    """The best agent for this conversation; the same input always gives the same answer."""
    spoken = max((_language_fit(waiting.language, c) for c in candidates), default=0)
    left_out = {c.agent_id: _obstacle(waiting, c, spoken) for c in candidates}
    able = [c for c in candidates if left_out[c.agent_id] is None]
    fresh = [c for c in able if c.agent_id not in waiting.passed_by]
    for passed in able if fresh else ():
        if passed.agent_id in waiting.passed_by:
            left_out[passed.agent_id] = "passed_before"
    ranked = sorted(fresh or able, key=lambda c: _rank(waiting, c))
    chosen = ranked[0] if ranked else None
    return Choice(
        agent_id=chosen.agent_id if chosen else None,
        explanation={
            "rule": _rule(waiting, ranked),
            "chosen": str(chosen.agent_id) if chosen else None,
            "candidates": [_figures(waiting, c) for c in ranked],
            "left_out": [
                {"agent_id": str(c.agent_id), "name": c.name, "why": left_out[c.agent_id]}
                for c in sorted(candidates, key=lambda c: str(c.agent_id))
                if left_out[c.agent_id]
            ],
        },
    )


def _obstacle(waiting: Waiting, candidate: Candidate, spoken: int) -> str | None:
    if candidate.load >= candidate.capacity:
        return "no_room"
    if LEVEL_RANKS[candidate.level] < LEVEL_RANKS[waiting.required_level]:
        return "level_too_low"
    # Waiting for somebody who speaks it beats an answer that nobody can read, unless nobody on duty does.
    if spoken > 0 and _language_fit(waiting.language, candidate) == 0:
        return "language"
    return None


def _language_fit(language: str, candidate: Candidate) -> int:
    """2 speaks it, 1 reads it (the other Chinese script), 0 does not."""
    if language in candidate.languages:
        return 2
    return int(language.startswith("zh") and any(known.startswith("zh") for known in candidate.languages))


def _has_skill(waiting: Waiting, candidate: Candidate) -> bool:
    return not waiting.skill or not candidate.skills or waiting.skill in candidate.skills


def _relative_load(candidate: Candidate) -> float:
    return candidate.load / candidate.capacity


def _rank(waiting: Waiting, candidate: Candidate) -> tuple[bool, int, bool, float, datetime, str]:
    return (
        candidate.agent_id != waiting.preferred_agent_id,
        -_language_fit(waiting.language, candidate),
        not _has_skill(waiting, candidate),
        _relative_load(candidate),
        candidate.last_assigned_at or _NEVER,
        str(candidate.agent_id),
    )


_RULES: Final = ("preferred", "language", "skill", "least_load", "longest_idle", "only_order")


def _rule(waiting: Waiting, ranked: Sequence[Candidate]) -> str:
    """What put the first before the second."""
    if not ranked:
        return "nobody"
    if ranked[0].agent_id == waiting.preferred_agent_id:
        return "preferred"
    if len(ranked) == 1:
        return "only_one"
    first, second = _rank(waiting, ranked[0]), _rank(waiting, ranked[1])
    return next(rule for rule, a, b in zip(_RULES, first, second, strict=True) if a != b)


def _figures(waiting: Waiting, candidate: Candidate) -> dict[str, Any]:
    assigned = candidate.last_assigned_at
    return {
        "agent_id": str(candidate.agent_id),
        "name": candidate.name,
        "preferred": candidate.agent_id == waiting.preferred_agent_id,
        "language_fit": _language_fit(waiting.language, candidate),
        "has_skill": _has_skill(waiting, candidate),
        "load": candidate.load,
        "capacity": candidate.capacity,
        "relative_load": round(_relative_load(candidate), 4),
        "last_assigned_at": assigned.isoformat() if assigned else None,
        "passed_before": candidate.agent_id in waiting.passed_by,
    }
