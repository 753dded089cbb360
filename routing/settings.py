"""Routing's section of config.yml: when a conversation goes to a person."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RoutingSettings(BaseModel):
    """Thresholds of the handoff policy; routing.handoff turns them into decisions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    angry_probability: float = Field(
        0.5, ge=0, le=1, description="A message this surely angry hands off at once."
    )
    critical_probability: float = Field(
        0.4, ge=0, le=1, description="A message this surely critical in urgency hands off at once."
    )
    major_probability: float = Field(
        0.35, ge=0, le=1, description="A message this surely a major complaint hands off at once."
    )
    serious_probability: float = Field(
        0.6, ge=0, le=1, description="A message this surely a serious complaint hands off."
    )
    escalating_mood: float = Field(
        0.65, ge=0, le=1, description="Mood of the conversation (0 calm, 1 furious) that hands off."
    )
    high_value_cents: int = Field(
        500_000, ge=0, description="An order from this value on (in cents) is of high value."
    )
    several_problems: int = Field(
        3, ge=2, description="This many different problems in one conversation go to a person."
    )
    negative_probability: float = Field(
        0.5, ge=0, le=1, description="A message this surely negative (or angry) counts as an unhappy one."
    )
    unhappy_mood: float = Field(
        0.4, ge=0, le=1, description="Mood of the conversation from which the customer counts as unhappy."
    )
    high_urgency_probability: float = Field(
        0.5, ge=0, le=1, description="A message this surely of high urgency goes first among its equals."
    )
    said_times: int = Field(
        3, ge=2, description="The same thing said this many times is a sign of anger, however polite."
    )
    bot_failures: int = Field(2, ge=1, description="This many failures of the bot hand over.")
    forms_abandoned: int = Field(2, ge=1, description="This many abandoned forms hand over.")
