"""The knowledge base's one family of errors.

A ContentError names file, entry, field and the fix; several problems come together, not only the first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge_base.gate_runs import GateRun
    from knowledge_base.items import Item


class KnowledgeBaseError(Exception):
    """Base of all errors of this package; `code` is stable."""

    code = "knowledge_base_error"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in the content: where, what, and how to mend it.

    `code` is stable and `values` are its parameters, for pages that translate it (docs/api/errors.md); `entry` is the
    id of the item, of a figure too.
    """

    file: str
    entry: str
    field: str
    message: str
    fix: str
    code: str
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.file, self.entry, self.field) if part)
        return f"{place}: {self.message} {self.fix}"


class ContentError(KnowledgeBaseError):
    """The content or the policy table cannot be used; `problems` says all that is wrong."""

    code = "invalid_content"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class InvalidItem(ContentError):
    """A draft that cannot be published; `problems` says all that is wrong."""


class EditConflict(KnowledgeBaseError):
    """Somebody else changed the item meanwhile; `current` is how it is now. Nothing was changed."""

    code = "conflict"

    def __init__(self, message: str, current: Item) -> None:
        super().__init__(message)
        self.current = current


class GateStopped(KnowledgeBaseError):
    """The publish gate found that customers would lose answers; `run` names the questions. Nothing was changed."""

    code = "gate_stopped"

    def __init__(self, message: str, run: GateRun) -> None:
        super().__init__(message)
        self.run = run


class ReviewNeeded(KnowledgeBaseError):
    """A draft that nobody has approved, where somebody must."""

    code = "review_needed"


class OwnDraft(KnowledgeBaseError):
    """One's own draft, where somebody else must look at it."""

    code = "forbidden"


class UnusableSchedule(KnowledgeBaseError):
    """Times that cannot be meant; `field` names the one."""

    code = "invalid_input"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownRun(KnowledgeBaseError):
    """The gate has no such run."""

    code = "unknown_run"


class UnknownPinned(KnowledgeBaseError):
    """There is no such pinned question."""

    code = "unknown_pinned"


class TooManyPinned(KnowledgeBaseError):
    """As many questions as the gate can ask in seconds are pinned already."""

    code = "conflict"


class IdTaken(KnowledgeBaseError):
    """There is an entry with this id already."""

    code = "conflict"


class UnusableContent(KnowledgeBaseError):
    """Content that cannot even be kept as a draft; `field` names what is wrong with it."""

    code = "invalid_input"

    def __init__(self, message: str, *, field: str | None) -> None:
        super().__init__(message)
        self.field = field


class UnknownRevision(KnowledgeBaseError):
    """The item was never published with this revision."""

    code = "unknown_revision"


class UnknownEntry(KnowledgeBaseError, KeyError):
    """There is no entry with this id."""

    code = "unknown_entry"

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownLanguage(KnowledgeBaseError, ValueError):
    """Not one of the base's languages."""

    code = "unknown_language"
