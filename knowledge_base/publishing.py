"""Publishing through the gate: a draft reaches customers when its questions passed, or a supervisor says why not to wait.

The verdict is of exactly the draft and the base that are published: should the base change in between, the gate is
run again. What a publish itself does is knowledge_base/editing.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing, gate_runs
from knowledge_base.errors import EditConflict, GateStopped, ReviewNeeded
from knowledge_base.gate_runs import GateRun
from knowledge_base.gatekeeping import Gatekeeper
from knowledge_base.items import Item, ItemKind
from knowledge_base.settings import KnowledgeBaseSettings

TRIES = 8
"""Publishes of others that may come between a verdict and its publish; each of them takes seconds of a person."""

Then = Callable[[AsyncConnection[Any], Item, GateRun], Awaitable[None]]
"""What else belongs into the transaction of a publish."""


@dataclass(frozen=True, kw_only=True)
class Override:
    """Somebody who may, publishes what the gate stopped, and says why."""

    by: UUID
    reason: str


class Publishing:
    """One per process."""

    def __init__(
        self,
        pool: AsyncConnectionPool,
        gatekeeper: Gatekeeper,
        index: editing.Index,
        settings: KnowledgeBaseSettings,
    ) -> None:
        self._pool = pool
        self._gatekeeper = gatekeeper
        self._index = index
        self._settings = settings

    async def publish(
        self,
        kind: ItemKind,
        id_: str,
        *,
        version: int,
        note: str,
        by: UUID | None,
        now: datetime,
        override: Override | None,
        then: Then,
    ) -> Item:
        """Give the draft to customers.

        Raises UnknownEntry, UnknownFigure, EditConflict, InvalidItem, ReviewNeeded; GateStopped with the run.
        """
        for _ in range(TRIES):
            run = await self._gatekeeper.run(kind, id_, version, by=by)
            if run.state == "failed":
                continue
            if override is None and self.is_held_up_by(run):
                raise GateStopped("This draft would take questions that are answered right now.", run)
            async with self._pool.connection() as conn:
                await editing.lock_base(conn)
                if await gate_runs.read_base(conn) != run.base:
                    continue
                item = await editing.read_item(conn, kind, id_)
                if self._settings.review == "required" and not item.is_approved:
                    raise ReviewNeeded("Somebody must approve this draft first.")
                item = await editing.publish(
                    conn,
                    kind,
                    id_,
                    version=version,
                    note=note,
                    by=by,
                    now=now,
                    index=self._index,
                    gate=_stored(run, override),
                )
                await then(conn, item, run)
                return item
        async with self._pool.connection() as conn:
            current = await editing.read_item(conn, kind, id_)
        raise EditConflict("Others publish all the time, or the gate does not work; try again.", current)

    def is_held_up_by(self, run: GateRun) -> bool:
        """Whether it takes a supervisor and a reason to publish what this run is of."""
        return run.state == "done" and not run.has_passed and self._settings.gate == "required"


def _stored(run: GateRun, override: Override | None) -> dict[str, Any]:
    """What the revision says of the gate."""
    assert run.result is not None
    stored: dict[str, Any] = {
        "run": str(run.id),
        "verdict": run.result["verdict"],
        "losses": run.result["lost"],
    }
    if override is not None and not run.has_passed:
        stored |= {"overridden_by": str(override.by), "reason": override.reason}
    return stored
