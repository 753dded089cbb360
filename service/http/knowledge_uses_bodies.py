"""Which period is asked for, and what the routes on uses and gaps answer."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from service.http.answers import Answer
from service.http.bodies import Language, Query
from service.http.knowledge_bodies import EntryContent

MOST_DAYS = 366
Titles = dict[str, dict[str, str]]


class DaysQuery(Query):
    """The last so many days."""

    days: int = Field(30, ge=1, le=MOST_DAYS)


class UnusedQuery(Query):
    """The last so many days."""

    days: int = Field(90, ge=1, le=MOST_DAYS)


class GapsQuery(DaysQuery):
    """Gaps of a period; with a language only what was asked in it."""

    language: Language | None = None
    limit: int = Field(100, ge=1, le=500)


class GapQuestion(Answer):
    """A customer's question without personal data, and why it counts; `seq` is the last of its messages."""

    text: str
    language: Language
    at: AwareDatetime
    conversation: UUID
    seq: int
    why: Literal["unhelpful", "handed_over", "declined", "asked_back"]


class KnowledgeGap(Answer):
    """Questions of one meaning, the most typical first (at most 50; `count` counts all); `nearest` is an entry's id."""

    id: str
    name: str
    language: Language
    questions: list[GapQuestion]
    count: int
    cost: float
    agents_answers: list[str]
    nearest: str | None


class Gaps(Answer):
    """The dearest first; `titles` has those of the entries that are named."""

    gaps: list[KnowledgeGap]
    titles: Titles
    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime
    more: bool


class GapDraft(Answer):
    """The content of a new entry, to be sent to POST /api/knowledge/entries with an id."""

    content: EntryContent


class UseCounts(Answer):
    """`shown` = answered + asked back; `taken` of the options were tapped."""

    shown: int
    answered: int
    asked_back: int
    taken: int
    helpful: int
    unhelpful: int
    handed_over: int


class UsesOfDay(UseCounts):
    """One day in the shop's zone."""

    day: date


class EntryUses(Answer):
    """Every day of the period, and their sums."""

    days: list[UsesOfDay]
    totals: UseCounts


class SimilarPair(Answer):
    """`a_to_b`: phrasings of `a` that are nearest to one of `b`."""

    a: str
    b: str
    similarity: float
    phrasings: list[str]
    a_to_b: int
    b_to_a: int


class Similar(Answer):
    """The most similar first; a big base is compared in part: `compared` phrasings `of` all."""

    pairs: list[SimilarPair]
    titles: Titles
    compared: int
    of: int


class UnusedEntry(Answer):
    """`last_used` is null where nobody was ever given its answer."""

    id: str
    title: dict[str, str]
    last_used: AwareDatetime | None
    first_published_at: AwareDatetime | None


class Unused(Answer):
    """Those never used first."""

    entries: list[UnusedEntry]
