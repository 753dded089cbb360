"""The desk's section of config.yml: conversations, messages, silence, assignment.

Values only; service/settings.py reads files and the environment.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ConversationSettings(BaseModel):
    """How messages are taken in and when a silent conversation ends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_message_characters: int = Field(5000, ge=1, le=20000, description="Longest message, in characters.")
    max_image_bytes: int = Field(
        2_000_000, ge=1000, description="Largest picture a customer may send, in bytes."
    )
    fragment_window_s: float = Field(
        1.2, ge=0, description="The bot waits this long after a message for the next fragment."
    )
    fragment_bound_s: float = Field(
        4.0, ge=0, description="…but never longer than this after the first fragment."
    )
    turn_lease_s: float = Field(4.0, gt=0, description="A claimed turn belongs to its worker this long.")
    silence_reminder_s: float = Field(600, gt=0, description="Remind a silent customer after this.")
    silence_close_s: float = Field(1800, gt=0, description="Close the bot's silent conversation after this.")
    return_window_s: float = Field(
        259_200, gt=0, description="A customer who writes again within this (72 h) continues the old matter."
    )


class AssignmentSettings(BaseModel):
    """How waiting conversations find an agent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    offer_s: float = Field(15, gt=0, description="An agent has this long to accept an offered conversation.")
    agent_seen_s: float = Field(
        45, gt=0, description="An agent whose consoles were silent for this is not available."
    )
    agent_gone_s: float = Field(
        180, gt=0, description="Waiting conversations of an agent gone for this return to the queue."
    )
    first_response_s: float = Field(
        30, gt=0, description="First answer by a person, minor and ordinary matters (SLA)."
    )
    first_response_serious_s: float = Field(900, gt=0, description="The same for serious complaints: 15 min.")
    first_response_major_s: float = Field(120, gt=0, description="The same for major complaints: minutes.")
    handling_minutes: float = Field(
        6, gt=0, description="Average handling time, for the expected wait shown to customers."
    )
