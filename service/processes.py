"""The service processes at work on one database, as the admin page shows them.

Each names its connections after itself, so the database's own list of connections is the list of processes: nothing
is written, and a process that was killed leaves it at once. Memory is known for processes of this machine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from psycopg_pool import AsyncConnectionPool

CONNECTED = """
select distinct application_name, pg_database_size(current_database()) from pg_stat_activity
where datname = current_database() and application_name like 'anxin %%'
"""
_NAME = re.compile(r"anxin (\d+) (\d+) (\S+)")
_LONGEST_HOST = 34
"""PostgreSQL cuts a name at 63 characters."""


@dataclass(frozen=True, kw_only=True, order=True)
class ServiceProcess:
    """One process; `since` is when it was built."""

    host: str
    pid: int
    since: datetime

    @property
    def connection_name(self) -> str:
        """The application_name of its connections."""
        return f"anxin {self.pid} {round(self.since.timestamp())} {self.host}"

    def as_json(self, this: ServiceProcess) -> dict[str, object]:
        """A line of `processes`; memory only where it can be read."""
        return {
            "name": "service",
            "state": "ok",
            "pid": self.pid,
            "host": self.host,
            "since": self.since.isoformat(),
            "memory_bytes": memory_bytes(self.pid) if self.host == this.host else None,
            "is_this": self == this,
        }


def this_process(now: datetime) -> ServiceProcess:
    """The process that asks."""
    host = re.sub(r"[^!-~]", "-", os.uname().nodename)[:_LONGEST_HOST] or "-"
    return ServiceProcess(host=host, pid=os.getpid(), since=now.replace(microsecond=0))


def named(names: Iterable[str]) -> list[ServiceProcess]:
    """The processes of these connection names; names of others are passed over."""
    found = {_NAME.fullmatch(name) for name in names}
    return sorted(
        ServiceProcess(host=m[3], pid=int(m[1]), since=datetime.fromtimestamp(int(m[2]), UTC))
        for m in found
        if m is not None
    )


async def read_processes(pool: AsyncConnectionPool, this: ServiceProcess) -> tuple[list[ServiceProcess], int]:
    """All processes on this database, `this` among them, and the database's size in bytes."""
    async with pool.connection() as conn:
        cursor = await conn.execute(CONNECTED)
        rows = await cursor.fetchall()
    found = named(str(row[0]) for row in rows)
    return sorted({this, *found}), int(rows[0][1]) if rows else 0


def memory_bytes(pid: int) -> int | None:
    """Resident memory of a process of this machine; None where the system does not tell."""
    try:
        resident_pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return resident_pages * os.sysconf("SC_PAGE_SIZE")
