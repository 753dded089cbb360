"""Runs the publish gate for drafts: one at a time in a process, as a task beside the requests, its progress in a row.

A process that is killed leaves a run without a sign of life, which counts as failed (knowledge_base/gate_runs.py).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing, gate_runs
from knowledge_base.changed_base import Changes
from knowledge_base.costs import AnswerCosts
from knowledge_base.errors import EditConflict, InvalidItem, UnknownRun
from knowledge_base.gate import GateResult
from knowledge_base.gate_asking import run_gate
from knowledge_base.gate_runs import GateRun
from knowledge_base.items import Item, ItemKind, entry_from_json, published_form
from knowledge_base.live import LiveKnowledgeBase

log = structlog.get_logger(__name__)

BEAT_S = 0.5
PASSED = GateResult(verdict="passed")
"""Of a draft that changes no title and no phrasing, so that no question can be lost to it."""


class Gatekeeper:
    """One per process."""

    def __init__(
        self,
        pool: AsyncConnectionPool,
        live: LiveKnowledgeBase,
        costs: AnswerCosts,
        now: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._live = live
        self._costs = costs
        self._now = now
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[GateRun]] = set()

    async def start(self, kind: ItemKind, id_: str, version: int, *, by: UUID | None) -> GateRun:
        """Begin a run, or find one of exactly this draft and base. Raises as `run` does."""
        run, item = await self._begun(kind, id_, version, by=by, is_shared=True)
        if run.state == "running" and item is not None:
            self._task(run, item)
        return run

    async def run(self, kind: ItemKind, id_: str, version: int, *, by: UUID | None) -> GateRun:
        """A run of this draft and base that has ended.

        Raises UnknownEntry, UnknownFigure; EditConflict where `version` is old or there is no draft; InvalidItem.
        """
        run, item = await self._begun(kind, id_, version, by=by, is_shared=False)
        return await self._task(run, item) if run.state == "running" and item is not None else run

    async def read(self, id_: UUID) -> GateRun:
        """A run of any process. Raises UnknownRun."""
        async with self._pool.connection() as conn:
            found = await gate_runs.read_run(conn, id_, now=self._now())
        if found is None:
            raise UnknownRun("There is no such run of the gate.")
        return found

    async def stop(self) -> None:
        """Abandon what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _begun(
        self, kind: ItemKind, id_: str, version: int, *, by: UUID | None, is_shared: bool
    ) -> tuple[GateRun, Item | None]:
        """A run that is done, or that this process is to do, with its item; or one that another process does."""
        async with self._pool.connection() as conn:
            item = await editing.read_item(conn, kind, id_)
            editing.refuse_unpublishable(item, version)
            if problems := await editing.draft_problems(conn, item):
                raise InvalidItem(problems)
            base, now = await gate_runs.read_base(conn), self._now()
            known = await gate_runs.read_newest(conn, kind, id_, version, base=base, now=now)
            if known is not None and (known.state == "done" or is_shared):
                return known, None
            run = await gate_runs.begin(conn, uuid4(), kind, id_, version, base=base, by=by, now=now)
            if not _is_searched(item):
                return await gate_runs.finish(conn, run.id, PASSED, now=now), None
        return run, item

    def _task(self, run: GateRun, item: Item) -> asyncio.Task[GateRun]:
        task = asyncio.create_task(self._run(run, item), name=f"gate {run.item}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, run: GateRun, item: Item) -> GateRun:
        assert item.draft is not None
        changes = Changes(entries={item.id: entry_from_json(item.id, item.draft)})
        beats = _Beats(self._pool, run, self._now)
        result: GateResult | None = None
        try:
            await self._wait_for_turn(beats)
            try:
                result = await run_gate(self._live, changes, self._costs, beats.tell)
            finally:
                self._turn.release()
        except Exception as error:
            log.error("gate_failed", run=str(run.id), item=item.id, exc_info=error)
        async with self._pool.connection() as conn:
            if await gate_runs.read_base(conn) != run.base:
                result = None  # asked partly of another base
            return await gate_runs.finish(conn, run.id, result, now=self._now())

    async def _wait_for_turn(self, beats: _Beats) -> None:
        """One gate at a time takes as long as several at once, and leaves the process to its customers."""
        while True:
            try:
                async with asyncio.timeout(BEAT_S):
                    await self._turn.acquire()
                return
            except TimeoutError:
                await beats.tell(0, 0)


class _Beats:
    """Writes progress, not more often than somebody looks."""

    def __init__(self, pool: AsyncConnectionPool, run: GateRun, now: Callable[[], datetime]) -> None:
        self._pool = pool
        self._run = run
        self._now = now
        self._last = float("-inf")

    async def tell(self, done: int, total: int) -> None:
        if done < total and time.monotonic() - self._last < BEAT_S:
            return
        self._last = time.monotonic()
        async with self._pool.connection() as conn:
            await gate_runs.beat(conn, self._run.id, done, total, now=self._now())


def _is_searched(item: Item) -> bool:
    if item.draft is None:
        raise EditConflict("There is no draft to publish.", item)
    content = published_form(item.kind, item.id, item.draft)
    return editing.changes_search(item.kind, item.published, content)
