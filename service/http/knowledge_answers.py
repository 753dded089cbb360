"""What the knowledge base's routes answer, for the description and its tests."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from service.http.answers import AgentRef, Answer, ContentProblem

State = Literal["published", "changed", "draft", "archived"]


class Review(Answer):
    """What was asked of a reviewer, and what came of it."""

    state: Literal["asked", "approved", "changes_wanted"]
    asked_by: AgentRef | None
    asked_at: AwareDatetime
    note: str
    by: AgentRef | None = None
    at: AwareDatetime | None = None
    comment: str | None = None


class ScheduleProblem(Answer):
    """Why what was planned did not happen: gate_stopped (with the run), review_needed, invalid_content."""

    code: str
    run: str | None = None


class Schedule(Answer):
    """Planned times; with a problem nothing happens by itself any more."""

    publish_at: AwareDatetime | None
    expires_at: AwareDatetime | None
    by: AgentRef | None
    note: str
    problem: ScheduleProblem | None = None


class Archived(Answer):
    """`by` is null where its time was over."""

    at: AwareDatetime
    by: AgentRef | None
    note: str


class RevisionGate(Answer):
    """What the gate said before a publish; the last two where a supervisor did not heed it."""

    run: str
    verdict: Literal["passed", "stopped"]
    losses: int
    overridden_by: AgentRef | None = None
    reason: str | None = None


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


class TitlesFound(Answer):
    """Id → titles by language; of a search in the order of the list."""

    titles: dict[str, dict[str, str]]


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
    review: Review | None
    schedule: Schedule | None
    archived: Archived | None


class EntryAnswer(Answer):
    """An entry and what keeps its draft from being published."""

    entry: EntryItem
    problems: list[ContentProblem]


class EntryOnly(Answer):
    """An entry as it is now."""

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
    gate: RevisionGate | None
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
    review: Review | None
    schedule: Schedule | None
    archived: Archived | None
    used_by: list[str]


class FigureInTable(FigureRow):
    """A figure with what keeps its draft from being published."""

    problems: list[ContentProblem]


class Figures(Answer):
    """The policy table in its order."""

    figures: list[FigureInTable]
    base_version: int


class FigureAnswer(Answer):
    """A figure and what keeps its draft from being published."""

    figure: FigureRow
    problems: list[ContentProblem]


class FigureOnly(Answer):
    """A figure as it is now."""

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
    gate: RevisionGate | None
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


class GateStarted(Answer):
    """The run to be asked for."""

    run: UUID


class ToldByBase(Answer):
    """What one of the two bases says to a question."""

    outcome: Literal["answer", "ask", "decline"]
    probability: float


class GateLoss(Answer):
    """A question that was right and is not any more, or not any more at once; `to` is what takes it."""

    question: str
    language: str
    from_: str | None = Field(alias="from")
    to: str | None
    kind: Literal["phrasing", "pinned", "outside"]
    before: ToldByBase
    after: ToldByBase


class GateRunAnswer(Answer):
    """A run of the gate; from `verdict` on only when it is done. `cost` is that of all losses, `allowed` what passes.
    `holds_up`: publishing takes a supervisor and a reason."""

    run: UUID
    kind: Literal["entry", "figure"]
    id: str
    version: int
    state: Literal["running", "done", "failed"]
    done: int
    total: int
    losses: list[GateLoss]
    thieves: list[str]
    gains: int
    holds_up: bool
    verdict: Literal["passed", "stopped"] | None = None
    lost: int | None = None
    cost: float | None = None
    allowed: float | None = None
    asked: int | None = None
    took_ms: int | None = None


class PinnedAnswer(Answer):
    """A pinned question; `expected` null: it must not be answered."""

    id: UUID
    question: str
    language: str
    context: str | None
    expected: str | None
    note: str
    by: AgentRef | None
    at: AwareDatetime


class OnePinned(Answer):
    """What was pinned."""

    pinned: PinnedAnswer


class AllPinned(Answer):
    """The oldest first."""

    pinned: list[PinnedAnswer]


class SaidCandidate(FoundEntry):
    """A candidate with its score: 0 to about 1, how near it is by words and meaning."""

    score: float


class Said(Answer):
    """What the bot would do, and why."""

    outcome: Literal["answer", "ask", "decline"]
    probability: float
    language: str
    is_question: bool
    reason: Literal["word_for_word", "sure", "unsure", "too_unsure", "nothing_found", "not_a_question"]
    answered: list[str]
    answers: list[SaidAnswer]
    candidates: list[SaidCandidate]


class WouldSayAnswer(Answer):
    """`draft` is null where there is no draft; `left_out` are drafts that cannot be said as they are."""

    published: Said
    draft: Said | None
    left_out: list[str]
