"""Durations as they are reported, and the record that one phase of a run fills."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

Spread = dict[str, float | int]
"""`{n, min, p50, p95, p99, max}`; durations in milliseconds. Only `n` where nothing was measured."""


def spread(durations_s: Sequence[float]) -> Spread:
    """Percentiles by nearest rank, so every figure is one that was measured."""
    if not durations_s:
        return {"n": 0}
    ordered = sorted(durations_s)
    shown: Spread = {"n": len(ordered), "min": _ms(ordered[0])}
    for percent in (50, 95, 99):
        shown[f"p{percent}"] = _ms(ordered[ceil(len(ordered) * percent / 100) - 1])
    return shown | {"max": _ms(ordered[-1])}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


@dataclass(kw_only=True)
class Crossing:
    """Messages on their way to the other side: when they were sent, by client_id, and how long they took."""

    sent_at: dict[str, float] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    _arrival: asyncio.Event = field(default_factory=asyncio.Event)

    def arrive(self, client_id: str, at: float) -> bool:
        """Note an arrival; False for messages of nobody here, and for those that came already."""
        began = self.sent_at.pop(client_id, None)
        if began is not None:
            self.took_s.append(at - began)
            self._arrival.set()
        return began is not None

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self.sent_at:
            self._arrival.clear()
            await self._arrival.wait()


@dataclass(kw_only=True)
class Record:
    """What one phase saw. Times are of the monotonic clock."""

    sent: int = 0
    acks_s: list[float] = field(default_factory=list)
    agent_acks_s: list[float] = field(default_factory=list)
    to_agent: Crossing = field(default_factory=Crossing)
    to_customer: Crossing = field(default_factory=Crossing)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def acknowledged(self) -> int:
        """Messages of both sides that are on disk."""
        return len(self.acks_s) + len(self.agent_acks_s)

    def as_json(self, seconds: float) -> dict[str, object]:
        """The figures; what was sent and never arrived counts as undelivered."""
        return {
            "seconds": round(seconds, 2),
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "customer_messages": len(self.acks_s),
            "agent_messages": len(self.agent_acks_s),
            "messages_per_s": round(self.acknowledged / seconds, 1),
            "customer_messages_per_s": round(len(self.acks_s) / seconds, 1),
            "errors": dict(self.errors),
            "error_share": round(sum(self.errors.values()) / max(1, self.sent), 5),
            "undelivered": len(self.to_agent.sent_at) + len(self.to_customer.sent_at),
            "ack_ms": spread(self.acks_s),
            "agent_ack_ms": spread(self.agent_acks_s),
            "customer_to_agent_ms": spread(self.to_agent.took_s),
            "agent_to_customer_ms": spread(self.to_customer.took_s),
        }
