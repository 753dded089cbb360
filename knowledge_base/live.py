"""The knowledge base as the bot uses it: PostgreSQL finds candidates, they are compared and ranked here, and the learned
probability decides: answer, ask back, decline.

Each search and each reading of the policy learns the base's versions from the database in passing, so the next turn
after a publish uses it, in every process.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool

from knowledge_base.calibration import Calibration
from knowledge_base.changed_base import ChangedBase, Changes, changed_base
from knowledge_base.clauses import is_one_question, questions_of, together
from knowledge_base.costs import DEFAULT_COSTS, AnswerCosts, Outcome
from knowledge_base.encoder import Encoder
from knowledge_base.entries import Entry, Facts
from knowledge_base.entry_index import EntryIndex
from knowledge_base.errors import UnknownEntry
from knowledge_base.outside import Nearness, shipped_outside
from knowledge_base.policy import Language, Policy
from knowledge_base.published import LEAST_NUMBER, READ_TOGETHER, PublishedBase
from knowledge_base.questions import asks_or_needs, is_statement, leans_on_context, may_lean_on_context
from knowledge_base.ranking import OPTIONS, Ranked, features_of, rank, rank_after, shares, similarities
from knowledge_base.retrieval import Found, Query, make_query
from knowledge_base.search import (
    NOT_A_QUESTION,
    NOTHING_FOUND,
    Candidate,
    SearchOutcome,
    interpolated,
    known_language,
    query_form,
)
from knowledge_base.text_normalisation import matching_form
from knowledge_base.weighing import Weighed, weigh

SPEAKS_OF_THE_BASE = 0.3
"""A sentence without words of asking is still a question when the words of a phrasing are at least this near."""
VERBATIM_PROBABILITY = 0.97
"""At least this where the message is a phrasing word for word: no phrasing stands in two entries."""


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

    def __init__(
        self, pool: AsyncConnectionPool, encoder: Encoder, costs: AnswerCosts = DEFAULT_COSTS
    ) -> None:
        self._pool = pool
        self._encoder = encoder
        self._costs = costs
        self._outside = shipped_outside(encoder)
        self._published = PublishedBase(encoder.hash, encoder.dimensions)
        self._base: Base = self._published
        self._ready_for = -1

    async def search(
        self, text: str, *, language: str, context: str | None = None, customer: Facts | None = None
    ) -> SearchOutcome:
        """Candidates and outcome for one message; any text is allowed. Several questions in it may get several answers.

        `context` is the entry answered last, `customer` what is known of customer and order (entries.CONDITIONS).
        Raises UnknownLanguage.
        """
        known, facts = known_language(language), customer or {}
        whole = await self._search(text, known, context, facts)
        parts = questions_of(text)
        if is_one_question(whole, parts):
            return whole
        found = []
        for part in parts:
            found.append(await self._search(part, known, context, facts))
            context = found[-1].answered[-1] if found[-1].answered else context
        return together(whole, parts, found)

    async def _search(
        self, text: str, language: Language, context: str | None, facts: Facts
    ) -> SearchOutcome:
        """Of a text that is one question, or none."""
        form = query_form(text)
        if not form or is_statement(text):
            return NOT_A_QUESTION
        query = make_query(form, self._encoder, said=matching_form(text))
        async with _each_by_itself(self._pool) as conn:
            found = await self._base.find(conn, query)
            indexes = await self._base.entries(conn, found.candidates)
            weighed = weigh(query, found)
            compared = similarities(indexes.values(), weighed)
            judged = self._judged(rank(compared, self._base.calibration.ranking_array), weighed)
            is_clear = self._outcome_of(judged) == "answer" and not leans_on_context(text, form)
            if context is not None and may_lean_on_context(form) and not is_clear:
                after = (await self._base.entries(conn, [context])).get(context)
                if after is not None:
                    judged, indexes = await self._judged_after(conn, after.entry, weighed, indexes)
        if not judged.ranked or judged.ranked[0].score <= 0:
            return NOTHING_FOUND if asks_or_needs(text) else NOT_A_QUESTION
        is_near = max((s.words for s in compared), default=0.0) >= SPEAKS_OF_THE_BASE
        is_known = self._outcome_of(judged) != "decline" and self._base.calibration.source != "nothing"
        if not is_near and not is_known and not asks_or_needs(text):
            return NOT_A_QUESTION
        return self._outcome(judged, indexes, language, facts, is_one_character=len(form) == 1)

    async def get_ready(self) -> None:
        """Read what searches will need, little by little, as far as it stays in memory: nobody waits for it then.

        How rare each piece is, and the entries of a base that is not large.
        """
        async with self._pool.connection() as conn:
            if self._ready_for == (await self._published.read_versions(conn)).version:
                return
            missing = await self._published.not_in_memory(conn)
            version = self._published.version
        after = None if self._published.has_all_rarities else LEAST_NUMBER
        while after is not None and self._published.version == version:
            async with self._pool.connection() as conn:
                after = await self._published.read_rarities(conn, after)
        for start in range(0, len(missing), READ_TOGETHER):
            async with self._pool.connection() as conn:
                await self._published.entries(conn, missing[start : start + READ_TOGETHER])
        self._ready_for = version

    async def render(self, entry_id: str, language: str, facts: Facts) -> str:
        """The entry's answer for these facts, figures filled in. Raises UnknownEntry."""
        return self._rendered(await self._entry(entry_id), known_language(language), facts)

    async def title(self, entry_id: str, language: str) -> str:
        """The entry's title, as shown on a button. Raises UnknownEntry."""
        return (await self._entry(entry_id)).title_for(known_language(language))

    async def start_form(self, entry_id: str) -> str | None:
        """The form that a button under the entry's answer starts. Raises UnknownEntry."""
        return (await self._entry(entry_id)).start_form

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

    async def _judged_after(
        self, conn: AsyncConnection[Any], previous: Entry, weighed: Weighed, indexes: Mapping[str, EntryIndex]
    ) -> tuple[Judged, Mapping[str, EntryIndex]]:
        """A message that may lean on the entry answered before, with the entries among which it was judged."""
        form = weighed.query.form
        topic = matching_form(previous.title_for("en" if form.isascii() else "zh-Hans"))
        query = make_query(f"{topic} {form}", self._encoder)
        found = await self._base.find(conn, query)
        wanted = (*found.candidates, *previous.related, previous.id)
        indexes = {**indexes, **await self._base.entries(conn, wanted)}
        ranked = rank_after(
            similarities(indexes.values(), weighed),
            similarities(indexes.values(), weigh(query, found)),
            frozenset(previous.related),
            self._base.calibration.ranking_array,
        )
        return self._judged(ranked, weighed), indexes

    def _judged(self, ranked: Sequence[Ranked], weighed: Weighed) -> Judged:
        return judge(self._base.calibration, ranked, weighed, self._outside.nearness(weighed))

    def _outcome_of(self, judged: Judged) -> Outcome:
        return self._costs.cheapest(judged.top, judged.among)

    def _outcome(
        self,
        judged: Judged,
        indexes: Mapping[str, EntryIndex],
        language: Language,
        facts: Facts,
        *,
        is_one_character: bool,
    ) -> SearchOutcome:
        outcome = self._outcome_of(judged)
        if outcome == "answer" and not self._may_answer(judged.ranked[0], is_one_character):
            outcome = "ask"
        best = judged.ranked[:OPTIONS]
        answered = (best[0].similarity.entry,) if outcome == "answer" else ()
        told = shares(judged.ranked, judged.top, judged.among, self._base.calibration.sharpness)
        return SearchOutcome(
            outcome=outcome,
            probability=judged.top,
            candidates=tuple(
                Candidate(
                    entry=r.similarity.entry,
                    probability=round(p, 4),
                    phrasing=r.similarity.phrasing,
                    score=r.score,
                    title=indexes[r.similarity.entry].entry.title_for(language),
                )
                for r, p in zip(best, told, strict=True)
            ),
            answers=tuple(self._rendered(indexes[id_].entry, language, facts) for id_ in answered),
            answered=answered,
            languages=tuple(indexes[id_].entry.language_for(language) for id_ in answered),
            is_verbatim=bool(best) and best[0].similarity.is_verbatim,
        )

    def _may_answer(self, best: Ranked, is_one_character: bool) -> bool:
        """«退» may mean a dozen entries, and no phrasing is so short that the calibration could have learnt it."""
        direct = self._base.calibration.direct
        if best.similarity.is_verbatim:
            return direct != "off"
        return direct == "on" and not is_one_character

    def _rendered(self, entry: Entry, language: Language, facts: Facts) -> str:
        return interpolated(entry.template(language, facts), self._base.policy, entry.language_for(language))


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Candidates best first, the probability that the first answers, and that one of the first OPTIONS does."""

    ranked: Sequence[Ranked]
    top: float
    among: float


def judge(fitted: Calibration, ranked: Sequence[Ranked], weighed: Weighed, outside: Nearness) -> Judged:
    """How sure the candidates are; without any, certainly none answers."""
    if not ranked:
        return Judged(ranked=(), top=0.0, among=0.0)
    top, among = fitted.probabilities(features_of(ranked, weighed, outside, fitted.sharpness))
    if ranked[0].similarity.is_verbatim:
        top, among = max(top, VERBATIM_PROBABILITY), max(among, VERBATIM_PROBABILITY)
    return Judged(ranked=ranked, top=top, among=among)


@asynccontextmanager
async def _each_by_itself(pool: AsyncConnectionPool) -> AsyncIterator[AsyncConnection[Any]]:
    """A connection on which each statement is a transaction: two messages to the server less for a search, which needs
    none, since versions tell whether what is kept still holds."""
    async with pool.connection() as conn:
        await conn.set_autocommit(True)
        try:
            yield conn
        finally:
            if conn.info.transaction_status == TransactionStatus.IDLE:
                await conn.set_autocommit(False)
            else:  # a statement was broken off; the pool opens another one
                await conn.close()
