"""The knowledge base as the bot uses it: PostgreSQL finds candidates, they are compared and ranked here, and the learned
probability decides: answer, ask back, decline.

Each search and each reading of the policy learns the base's versions from the database in passing, so the next turn
after a publish uses it, in every process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from copy import copy
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from knowledge_base.calibration import Calibration
from knowledge_base.changed_base import ChangedBase, Changes, changed_base
from knowledge_base.encoder import Encoder
from knowledge_base.entries import Entry, Facts
from knowledge_base.entry_index import EntryIndex, Similarity, Weighed, weigh
from knowledge_base.errors import UnknownEntry
from knowledge_base.policy import Language, Policy
from knowledge_base.published import PublishedBase
from knowledge_base.questions import asks_or_needs, is_statement, leans_on_context
from knowledge_base.ranking import Ranked, features_of, rank, shares, similarities
from knowledge_base.retrieval import Found, Query, make_query
from knowledge_base.search import (
    NOT_A_QUESTION,
    NOTHING_FOUND,
    Candidate,
    Outcome,
    SearchOutcome,
    interpolated,
    known_language,
    query_form,
)

CANDIDATES = 3
"""Candidates of an outcome: as many as buttons of an ask-back."""
FOLLOW_UP_BONUS = 0.12
"""Added to the score of entries related to the previous one when a short text follows it («那运费呢»)."""
FOLLOW_UP_LENGTH = 10
"""Characters of the matching form up to which a text leans on what was said before."""
SPEAKS_OF_THE_BASE = 0.3
"""A sentence without words of asking is still a question when the words of a phrasing are at least this near."""
VERBATIM_PROBABILITY = 0.97
"""At least this where the message is a phrasing word for word: no phrasing stands in two entries."""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From which probability on to answer, and to ask back."""

    answer: float = 0.8
    ask: float = 0.25

    def outcome(self, probability: float) -> Outcome:
        """What to do with a question of this probability."""
        if probability >= self.answer:
            return "answer"
        return "ask" if probability >= self.ask else "decline"


class Base(Protocol):
    """Where candidates come from: what is published, or that with changes in place (knowledge_base/changed_base.py)."""

    @property
    def version(self) -> int: ...

    @property
    def policy(self) -> Policy: ...

    @property
    def calibration(self) -> Calibration: ...

    async def find(self, conn: AsyncConnection[Any], query: Query) -> Found:
        """Candidates for a query."""
        ...

    async def refresh(self, conn: AsyncConnection[Any]) -> None:
        """Forget what is older than the database."""
        ...

    async def entries(self, conn: AsyncConnection[Any], ids: Iterable[str]) -> Mapping[str, EntryIndex]:
        """Entries by id; unknown ids are missing."""
        ...


class LiveKnowledgeBase:
    """One per process. Writes nothing."""

    def __init__(self, pool: AsyncConnectionPool, encoder: Encoder, thresholds: Thresholds) -> None:
        self._pool = pool
        self._encoder = encoder
        self._thresholds = thresholds
        self._published = PublishedBase(encoder.hash, encoder.dimensions)
        self._base: Base = self._published

    async def search(
        self, text: str, *, language: str, context: str | None = None, customer: Facts | None = None
    ) -> SearchOutcome:
        """Candidates and outcome for one message; any text is allowed.

        `context` is the entry answered last, `customer` what is known of customer and order (entries.CONDITIONS).
        Raises UnknownLanguage.
        """
        language = known_language(language)
        form = query_form(text)
        if not form or is_statement(text):
            return NOT_A_QUESTION
        query = make_query(form, self._encoder)
        async with self._pool.connection() as conn:
            found = await self._base.find(conn, query)
            followed = await self._followed(conn, form, context)
            indexes = await self._base.entries(conn, (*found.candidates, *followed))
        weighed = weigh(query, found)
        compared = similarities(indexes.values(), weighed)
        ranked, probability = self._ranked(compared, weighed, followed, leans=leans_on_context(text, form))
        if not ranked or ranked[0].score <= 0:
            return NOTHING_FOUND if asks_or_needs(text) else NOT_A_QUESTION
        is_near = max(s.words for s in compared) >= SPEAKS_OF_THE_BASE
        is_known = probability >= self._thresholds.ask and self._base.calibration.source != "nothing"
        if not is_near and not is_known and not asks_or_needs(text):
            return NOT_A_QUESTION
        return self._outcome(ranked, probability, indexes, language, customer or {})

    async def render(self, entry_id: str, language: str, facts: Facts) -> str:
        """The entry's answer for these facts, figures filled in. Raises UnknownEntry."""
        return self._rendered(await self._entry(entry_id), known_language(language), facts)

    async def title(self, entry_id: str, language: str) -> str:
        """The entry's title, as shown on a button. Raises UnknownEntry."""
        return (await self._entry(entry_id)).title_for(known_language(language))

    async def policy(self) -> Policy:
        """The published policy table; its revision is the base's version."""
        async with self._pool.connection() as conn:
            await self._base.refresh(conn)
        return self._base.policy

    def over(self, base: Base) -> LiveKnowledgeBase:
        """The same search over another base."""
        other = copy(self)
        other._base = base
        return other

    async def with_changes(self, conn: AsyncConnection[Any], changes: Changes) -> LiveKnowledgeBase:
        """The same search over the base as it would be with these changes, for an editor's questions; writes nothing.
        It holds for the base of this moment."""
        return self.over(await self.changed_base(conn, changes))

    async def changed_base(self, conn: AsyncConnection[Any], changes: Changes) -> ChangedBase:
        """The base as it would be with these changes."""
        return await changed_base(conn, self._published, self._encoder, changes)

    @property
    def published(self) -> PublishedBase:
        """What customers get."""
        return self._published

    @property
    def sentence_encoder(self) -> Encoder:
        """The encoder itself."""
        return self._encoder

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        """One of the pool."""
        return self._pool.connection()

    @property
    def known_version(self) -> int:
        """The base's version when it was last looked at; −1 before."""
        return self._base.version

    @property
    def encoder(self) -> str:
        """The hash of the encoder."""
        return self._encoder.hash

    async def calibration(self) -> Calibration:
        """The one in force."""
        async with self._pool.connection() as conn:
            await self._base.refresh(conn)
        return self._base.calibration

    async def _entry(self, entry_id: str) -> Entry:
        async with self._pool.connection() as conn:
            await self._base.refresh(conn)
            found = await self._base.entries(conn, [entry_id])
        if entry_id not in found:
            raise UnknownEntry(f"There is no entry {entry_id!r} in the knowledge base.")
        return found[entry_id].entry

    async def _followed(self, conn: AsyncConnection[Any], form: str, previous: str | None) -> frozenset[str]:
        """Entries that a short text after `previous` may mean."""
        if previous is None or len(form) > FOLLOW_UP_LENGTH:
            return frozenset()
        found = await self._base.entries(conn, [previous])
        return frozenset(found[previous].entry.related) if previous in found else frozenset()

    def _ranked(
        self, compared: Sequence[Similarity], weighed: Weighed, followed: frozenset[str], *, leans: bool
    ) -> tuple[list[Ranked], float]:
        """Best first, with the probability of the first. A message that is clear by itself and does not lean on what was
        said before is taken by itself."""
        fitted = self._base.calibration
        ranked = rank(compared, fitted.ranking_array)
        probability = _probability(fitted, ranked, weighed)
        if not followed or (not leans and self._thresholds.outcome(probability) == "answer"):
            return ranked, probability
        leaning = rank(compared, fitted.ranking_array, followed=followed, bonus=FOLLOW_UP_BONUS)
        return leaning, _probability(fitted, leaning, weighed)

    def _outcome(
        self,
        ranked: list[Ranked],
        probability: float,
        indexes: Mapping[str, EntryIndex],
        language: Language,
        facts: Facts,
    ) -> SearchOutcome:
        outcome = self._thresholds.outcome(probability)
        if outcome == "answer" and not self._may_answer(ranked[0]):
            outcome = "ask"
        best = ranked[:CANDIDATES]
        answered = (best[0].similarity.entry,) if outcome == "answer" else ()
        return SearchOutcome(
            outcome=outcome,
            probability=probability,
            candidates=tuple(
                Candidate(
                    entry=r.similarity.entry,
                    probability=round(p, 4),
                    phrasing=r.similarity.phrasing,
                    score=r.score,
                    title=indexes[r.similarity.entry].entry.title_for(language),
                )
                for r, p in zip(
                    best,
                    shares(ranked, probability, self._base.calibration.sharpness)[:CANDIDATES],
                    strict=True,
                )
            ),
            answers=tuple(self._rendered(indexes[id_].entry, language, facts) for id_ in answered),
            answered=answered,
            languages=tuple(indexes[id_].entry.language_for(language) for id_ in answered),
        )

    def _may_answer(self, best: Ranked) -> bool:
        direct = self._base.calibration.direct
        return direct == "on" or (direct == "waiting" and best.similarity.is_verbatim)

    def _rendered(self, entry: Entry, language: Language, facts: Facts) -> str:
        return interpolated(entry.template(language, facts), self._base.policy, entry.language_for(language))


def _probability(fitted: Calibration, ranked: Sequence[Ranked], weighed: Weighed) -> float:
    """That the first candidate answers; 0 where there is none."""
    if not ranked:
        return 0.0
    probability = fitted.probability(features_of(ranked, weighed, fitted.sharpness))
    return max(probability, VERBATIM_PROBABILITY) if ranked[0].similarity.is_verbatim else probability
