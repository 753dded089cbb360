"""Why a conversation goes to a person: the fifteen reasons that the interfaces promise.

Names are stable; pages translate them, reports count them. The rules that lead there are in routing.handoff.
"""

from __future__ import annotations

from enum import StrEnum


class HandoffReason(StrEnum):
    """One reason; a handoff has one or more, the gravest first (the order below)."""

    SAFETY = "safety"
    COMPLAINT_MAJOR = "complaint_major"
    FRAUD = "fraud"
    URGENT = "urgent"
    COMPLAINT_SERIOUS = "complaint_serious"
    ANGRY = "angry"
    ESCALATING = "escalating"
    VIP_UNHAPPY = "vip_unhappy"
    HIGH_VALUE = "high_value"
    ASKED = "asked"
    SEVERAL_PROBLEMS = "several_problems"
    BOT_FAILED = "bot_failed"
    FORM_ABANDONED = "form_abandoned"
    NOT_IN_KNOWLEDGE_BASE = "not_in_knowledge_base"
    SYSTEM_TROUBLE = "system_trouble"
