"""Token buckets in the memory of one process: so much at once, refilled evenly.

With N processes a client that reaches all of them gets N times the limit; the limits protect the machine,
they are no accounting. Memory is bounded: the bucket that was quiet longest goes first.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from service.http.errors import TooFast
from service.settings import LimitSettings

Clock = Callable[[], float]

MOST_KEYS = 20_000
"""Buckets kept per limit; 20,000 of them are about 4 MB."""


ASIDES_PER_MESSAGE = 4
"""What a socket may ask beside each message that its limit allows: typing, read, hello, close."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """One limit for many keys (addresses, conversations)."""

    def __init__(
        self, *, what: str, burst: float, per_s: float, clock: Clock = time.monotonic, most: int = MOST_KEYS
    ) -> None:
        self.what = what
        self.burst = burst
        self.per_s = per_s
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str) -> None:
        """Spend one; raises TooFast with `retry_after_s` when nothing is left."""
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(self.burst, now)
            while len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.at) * self.per_s)
        bucket.at = now
        if bucket.tokens < 1:
            retry_after_s = math.ceil((1 - bucket.tokens) / self.per_s)
            raise TooFast(f"Too many {self.what}.", retry_after_s=retry_after_s)
        bucket.tokens -= 1


class OpenSockets:
    """How many sockets each address holds; a context manager per socket."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: dict[str, int] = {}

    def enter(self, address: str) -> bool:
        """Count one more; False (and nothing counted) when the address holds its most."""
        count = self._open.get(address, 0)
        if count >= self.most:
            return False
        self._open[address] = count + 1
        return True

    def leave(self, address: str) -> None:
        """Count one less."""
        count = self._open.get(address, 0) - 1
        if count > 0:
            self._open[address] = count
        else:
            self._open.pop(address, None)


class RateLimits:
    """All limits of one process; the sockets and the REST twins share them."""

    def __init__(self, limits: LimitSettings, *, clock: Clock = time.monotonic) -> None:
        self.requests = Buckets(
            what="requests from this address",
            burst=limits.requests_per_minute,
            per_s=limits.requests_per_minute / 60,
            clock=clock,
        )
        self.messages = Buckets(
            what="messages in this conversation",
            burst=limits.message_burst,
            per_s=limits.messages_per_minute / 60,
            clock=clock,
        )
        self.asides = Buckets(
            what="requests in this conversation",
            burst=limits.message_burst * ASIDES_PER_MESSAGE,
            per_s=limits.messages_per_minute * ASIDES_PER_MESSAGE / 60,
            clock=clock,
        )
        self.conversations = Buckets(
            what="new conversations from this address",
            burst=limits.conversations_per_hour,
            per_s=limits.conversations_per_hour / 3600,
            clock=clock,
        )
        self.sign_ins = Buckets(
            what="sign-in tries from this address",
            burst=limits.sign_ins_per_minute,
            per_s=limits.sign_ins_per_minute / 60,
            clock=clock,
        )
        self.sockets = OpenSockets(limits.sockets_per_address)
