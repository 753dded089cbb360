"""What the knowledge base's routes answer, for the description and its tests."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime

from service.http.answers import AgentRef, Answer, ContentProblem

State = Literal["published", "changed", "draft"]


class EntryRow(Answer):
    """An entry in the list, by its newest content."""

    id: str
    group: str
    title: dict[str, str]
    state: State
    languages: list[str]
    phrasings: int
    revision: int
    version: int
    published_at: AwareDatetime | None
    draft_at: AwareDatetime | None
    draft_by: AgentRef | None


class Entries(Answer):
    """A page of the list; `groups` are those of all entries."""

    entries: list[EntryRow]
    groups: list[str]
    base_version: int
    more: bool


class EntryItem(Answer):
    """An entry with what customers get and what waits to be published."""

    id: str
    version: int
    revision: int
    state: State
    published: dict[str, Any] | None
    draft: dict[str, Any] | None
    published_at: AwareDatetime | None
    published_by: AgentRef | None
    draft_at: AwareDatetime | None
    draft_by: AgentRef | None


class EntryAnswer(Answer):
    """An entry and what keeps its draft from being published."""

    entry: EntryItem
    problems: list[ContentProblem]


class DiscardedEntry(Answer):
    """An entry without its draft."""

    entry: EntryItem


class PublishedEntry(Answer):
    """An entry that customers get from now on."""

    entry: EntryItem
    base_version: int


class EntryRevision(Answer):
    """One publication; `by` is null for an import."""

    revision: int
    at: AwareDatetime
    by: AgentRef | None
    note: str
    content: dict[str, Any]


class EntryRevisions(Answer):
    """Newest first."""

    revisions: list[EntryRevision]


class Preview(Answer):
    """The text as the customer would read it."""

    text: str
    problems: list[ContentProblem]


class FigureRow(Answer):
    """A row of the policy table; `draft` is null where there is none."""

    name: str
    unit: str
    description: str
    value: Any
    revision: int
    version: int
    draft: Any
    draft_by: AgentRef | None
    draft_at: AwareDatetime | None
    published_at: AwareDatetime | None
    published_by: AgentRef | None
    used_by: list[str]


class Figures(Answer):
    """The policy table in its order."""

    figures: list[FigureRow]
    base_version: int


class FigureAnswer(Answer):
    """A figure and what keeps its draft from being published."""

    figure: FigureRow
    problems: list[ContentProblem]


class DiscardedFigure(Answer):
    """A figure without its draft."""

    figure: FigureRow


class PublishedFigure(Answer):
    """A figure that holds from now on."""

    figure: FigureRow
    base_version: int


class FigureRevision(Answer):
    """One publication; `by` is null for an import."""

    revision: int
    at: AwareDatetime
    by: AgentRef | None
    note: str
    value: Any


class FigureRevisions(Answer):
    """Newest first."""

    revisions: list[FigureRevision]


class FoundEntry(Answer):
    """A candidate, best first."""

    entry: str
    title: str
    probability: float
    phrasing: str


class SaidAnswer(Answer):
    """An entry's answer in the language asked for."""

    entry: str
    text: str
    language: str


class Searched(Answer):
    """What the bot would do. `is_question` is false for thanks, confirmations and facts given."""

    outcome: Literal["answer", "ask", "decline"]
    probability: float
    language: str
    is_question: bool
    candidates: list[FoundEntry]
    answers: list[SaidAnswer]
