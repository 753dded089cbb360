"""Every open socket of one process: those of people end when their sign-in does, all of them when the process stops.

A sign-in ends by signing out, in time, by a new password, or when its person is switched off; a new role ends the
sockets too, because what they may do was decided when they opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from aiohttp import WSCloseCode
from psycopg_pool import AsyncConnectionPool

from desk import sign_ins
from desk.ending import end
from desk.sign_ins import SignedIn
from service.sockets.connection import CLOSE_NOT_SIGNED_IN, Connection

CHECK_EVERY_S = 1.0
CLOSE_WITHIN_S = 2.0
"""A client that does not answer the close is left behind after this."""


class OpenSockets:
    """Sockets by what opened them."""

    def __init__(self, pool: AsyncConnectionPool, clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._clock = clock
        self._of_people: dict[Connection, SignedIn] = {}
        self._others: set[Connection] = set()
        self._closing: set[asyncio.Task[None]] = set()

    @contextmanager
    def entered(self, connection: Connection, signed_in: SignedIn | None = None) -> Iterator[None]:
        """The socket is open while the block runs."""
        if signed_in is None:
            self._others.add(connection)
        else:
            self._of_people[connection] = signed_in
        try:
            yield
        finally:
            self._others.discard(connection)
            self._of_people.pop(connection, None)

    async def close_ended(self) -> None:
        """Close the sockets of sign-ins that are over, or whose person has another role now."""
        opened = dict(self._of_people)
        if not opened:
            return
        hashes = {signed_in.token_hash for signed_in in opened.values()}
        roles = await sign_ins.read_roles(self._pool, hashes, now=self._clock())
        ended = [c for c, s in opened.items() if roles.get(s.token_hash) != s.agent.role]
        self._close(ended, CLOSE_NOT_SIGNED_IN, "signed out")

    async def close_all(self) -> None:
        """The process stops; clients reconnect and meet another one."""
        self._close([*self._of_people, *self._others], WSCloseCode.GOING_AWAY, "restart")
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSE_WITHIN_S)
        await end(list(self._closing))

    def _close(self, connections: Iterable[Connection], code: int, reason: str) -> None:
        for connection in connections:
            # No longer ours, so that the next check does not close it again.
            self._others.discard(connection)
            self._of_people.pop(connection, None)
            task = asyncio.create_task(connection.close(code, reason), name=f"close-{connection.name}")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
