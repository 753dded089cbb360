"""The audit log: who did what to whom, with ids and field names.

Never message text, names or other personal data. Rows are only ever added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

Detail = str | int | bool | Sequence[str] | None
ActorKind = Literal["customer", "bot", "agent", "system"]

INSERT = """
insert into audit_log (at, actor_kind, actor_id, action, subject, details)
values (%(at)s, %(actor_kind)s, %(actor_id)s, %(action)s, %(subject)s, %(details)s)
"""

SELECT = """
select l.id, l.at, l.actor_kind, l.actor_id, a.login as actor_login, l.action, l.subject, l.details
from audit_log l left join agents a on a.id = l.actor_id
where %(before)s::bigint is null or l.id < %(before)s::bigint
order by l.id desc limit %(limit)s
"""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the audit log."""

    id: int
    at: datetime
    actor_kind: ActorKind
    actor_id: UUID | None
    actor_login: str | None
    action: str
    subject: str
    details: dict[str, Detail]

    def as_json(self) -> dict[str, object]:
        """The entry as the API shows it."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "actor_kind": self.actor_kind,
            "actor_id": str(self.actor_id) if self.actor_id else None,
            "actor_login": self.actor_login,
            "action": self.action,
            "subject": self.subject,
            "details": self.details,
        }


async def record(
    conn: AsyncConnection,
    *,
    actor_kind: ActorKind,
    actor_id: UUID | None,
    action: str,
    subject: str = "",
    details: Mapping[str, Detail] | None = None,
    now: datetime,
) -> None:
    """Add a row in the caller's transaction, so that what is not done is not recorded either."""
    row = {
        "at": now,
        "actor_kind": actor_kind,
        "actor_id": actor_id,
        "action": action,
        "subject": subject,
        "details": Jsonb(dict(details or {})),
    }
    await conn.execute(INSERT, row)


async def read(
    pool: AsyncConnectionPool, *, before: int | None = None, limit: int = 100
) -> tuple[list[Entry], bool]:
    """The newest entries with an id below `before`, and whether there are more."""
    async with pool.connection() as conn, conn.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(SELECT, {"before": before, "limit": limit + 1})
        entries = await cursor.fetchall()
    return entries[:limit], len(entries) > limit
