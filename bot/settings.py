"""The bot's section of config.yml: its turn workers and the Rasa server they call."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class BotSettings(BaseModel):
    """Turn workers, and the limits that nest: action < Rasa call < lease."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workers: int = Field(8, ge=1, le=64, description="Turns that one service process works on at a time.")
    rasa_url: str = Field(
        "", description="Address of a Rasa server run elsewhere; empty = `anxin serve` starts one."
    )
    rasa_port: int = Field(5105, ge=0, le=65535, description="Port of our own Rasa server, on loopback.")
    action_host: str = Field(
        "127.0.0.1", description="Address on which the service answers Rasa's action calls."
    )
    action_port: int = Field(
        5106, ge=0, le=65535, description="Port on which the service answers Rasa's action calls."
    )
    action_timeout_s: float = Field(2.0, gt=0, description="Time limit of one action.")
    rasa_timeout_s: float = Field(3.0, gt=0, description="Time limit of one call to Rasa.")
    generation_kept_s: float = Field(
        259_200, gt=0, description="A tracker lives this long (72 h), then a new generation begins."
    )
    lookup_tries: int = Field(5, ge=1, description="Wrong tries at an order's phone digits before a lock.")
    lookup_lock_s: float = Field(1800, gt=0, description="How long that lock lasts (30 min).")
