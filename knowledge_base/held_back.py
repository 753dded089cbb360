"""A base that does not know one phrasing of one entry: what the search would say, had nobody written it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from psycopg import AsyncConnection

from knowledge_base.calibration import Calibration
from knowledge_base.entry_index import EntryIndex
from knowledge_base.policy import Policy
from knowledge_base.retrieval import Found, Query


class Searchable(Protocol):
    """The `Base` of live.py that may leave phrasings out when it finds."""

    @property
    def version(self) -> int: ...

    @property
    def policy(self) -> Policy: ...

    @property
    def calibration(self) -> Calibration: ...

    async def find(
        self, conn: AsyncConnection[Any], query: Query, *, without: Sequence[int] = ()
    ) -> Found: ...

    async def refresh(self, conn: AsyncConnection[Any]) -> None: ...

    async def entries(self, conn: AsyncConnection[Any], ids: Iterable[str]) -> Mapping[str, EntryIndex]: ...


class HeldBack:
    """A `Base` of live.py without the phrasings of `entry` whose matching form is `form`, in whatever languages."""

    def __init__(self, base: Searchable, entry: str, form: str) -> None:
        self._base = base
        self._entry = entry
        self._form = form
        self._last: tuple[EntryIndex, EntryIndex | None] | None = None

    @property
    def version(self) -> int:
        """The base's."""
        return self._base.version

    @property
    def policy(self) -> Policy:
        """The base's."""
        return self._base.policy

    @property
    def calibration(self) -> Calibration:
        """The base's."""
        return self._base.calibration

    async def find(self, conn: AsyncConnection[Any], query: Query) -> Found:
        """As live.py's Base says; words that only the phrasing has taught the entry are not known of it."""
        owner = (await self._base.entries(conn, [self._entry])).get(self._entry)
        if owner is None:
            return await self._base.find(conn, query)
        own = owner.phrasings
        stored = [id_ for id_, form in zip(own.ids, own.forms, strict=True) if form == self._form and id_ > 0]
        found = await self._base.find(conn, query, without=stored)
        kept = self._kept(owner)
        gone = owner.lexemes - (kept.lexemes if kept is not None else frozenset())
        rarity = {x: n - (x in gone) for x, n in found.rarity.items() if n > (x in gone)}
        return replace(found, rarity=rarity)

    async def refresh(self, conn: AsyncConnection[Any]) -> None:
        """As live.py's Base says."""
        await self._base.refresh(conn)

    async def entries(self, conn: AsyncConnection[Any], ids: Iterable[str]) -> Mapping[str, EntryIndex]:
        """As live.py's Base says."""
        found = dict(await self._base.entries(conn, ids))
        if (owner := found.pop(self._entry, None)) is not None:
            kept = self._kept(owner)
            if kept is not None:
                found[self._entry] = kept
        return found

    def _kept(self, owner: EntryIndex) -> EntryIndex | None:
        """The same for finding and for comparing, made once."""
        if self._last is None or self._last[0] is not owner:
            self._last = owner, owner.without(self._form)
        return self._last[1]
