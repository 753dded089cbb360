"""Counting what was committed: a use case notes what it wrote on its connection, the commit makes it count.

A connection of another class counts nothing; who the figures go to is the composition root's matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

CountMessages = Callable[[str, int], None]
"""Called with a sender and how many messages of it are on disk now."""


class CountingConnection(AsyncConnection[TupleRow]):
    """A connection that remembers until its commit who wrote how many messages.

    A pool commits when its block ends well and rolls back when it does not, also around `transaction()`.
    """

    count_messages: CountMessages | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._noted: Counter[str] = Counter()

    def note(self, senders: Iterable[str]) -> None:
        """These senders' messages are written, and not yet committed."""
        self._noted.update(senders)

    async def commit(self) -> None:
        """Commit, then count."""
        await super().commit()
        noted, self._noted = self._noted, Counter()
        if self.count_messages is not None:
            for sender, n in noted.items():
                self.count_messages(sender, n)

    async def rollback(self) -> None:
        """Forget what was noted."""
        self._noted.clear()
        await super().rollback()


def note_messages(conn: AsyncConnection[Any], senders: Iterable[str]) -> None:
    """Count these when `conn` commits, if it is one that counts."""
    if isinstance(conn, CountingConnection):
        conn.note(senders)
