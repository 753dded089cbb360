"""What the program counts, for Prometheus; every name has a row in docs/operations/metrics.md.

Figures of one process. Ids, texts and people never become labels.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

ACK_BUCKETS_S = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """All metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "anxin_messages", "Messages written, by sender.", ["sender"], registry=self.registry
        )
        self.turns = Counter("anxin_turns", "Bot turns, by outcome.", ["outcome"], registry=self.registry)
        self.dropped_turns = Counter(
            "anxin_dropped_turns", "Bot turns thrown away, by reason.", ["reason"], registry=self.registry
        )
        self.ack_s = Histogram(
            "anxin_ack_seconds",
            "From a customer's message to its acknowledgement.",
            buckets=ACK_BUCKETS_S,
            registry=self.registry,
        )
        self.queue_size = Gauge(
            "anxin_queue_size", "Conversations that wait for a person.", registry=self.registry
        )
        self.sockets = Gauge("anxin_sockets", "Open sockets, by side.", ["side"], registry=self.registry)
        self.rasa_up = Gauge("anxin_rasa_up", "1 when Rasa answered the last check.", registry=self.registry)
        self.database_up = Gauge(
            "anxin_database_up", "1 when the database answered the last check.", registry=self.registry
        )
        self.requests = Counter(
            "anxin_requests",
            "HTTP requests, by route and status.",
            ["route", "status"],
            registry=self.registry,
        )

    def count_messages(self, sender: str, n: int) -> None:
        """So many messages of this sender were committed."""
        self.messages.labels(sender=sender).inc(n)

    def count_turn(self, outcome: str) -> None:
        """`committed`, or why the turn was dropped."""
        is_committed = outcome == "committed"
        self.turns.labels(outcome="committed" if is_committed else "dropped").inc()
        if not is_committed:
            self.dropped_turns.labels(reason=outcome).inc()

    def names(self) -> list[str]:
        """The names as Prometheus sees them (counters end in _total)."""
        return sorted(
            f"{family.name}_total" if family.type == "counter" else family.name
            for family in self.registry.collect()
        )

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
