"""The knowledge base's one family of errors.

A ContentError names file, entry, field and the fix; several problems come together, not only the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class KnowledgeBaseError(Exception):
    """Base of all errors of this package; `code` is stable."""

    code = "knowledge_base_error"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in the content: where, what, and how to mend it."""

    file: str
    entry: str
    field: str
    message: str
    fix: str

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.file, self.entry, self.field) if part)
        return f"{place}: {self.message} {self.fix}"


class ContentError(KnowledgeBaseError):
    """The content or the policy table cannot be used; `problems` says all that is wrong."""

    code = "invalid_content"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class UnknownEntry(KnowledgeBaseError, KeyError):
    """There is no entry with this id."""

    code = "unknown_entry"

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownLanguage(KnowledgeBaseError, ValueError):
    """Not one of the base's languages."""

    code = "unknown_language"
