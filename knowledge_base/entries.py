"""Entries of the knowledge base: their types, and loading a whole base from content/<group>.yml.

An entry is one question; what depends on facts (VIP, region, …) is a variant inside it. What makes entries valid is
checking.py; nothing here searches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge_base.checking import Surroundings, entry_problems
from knowledge_base.conditions import CONDITIONS, Facts
from knowledge_base.errors import ContentError, Problem
from knowledge_base.policy import FALLBACK, LANGUAGES, PLACEHOLDER, Language, Policy, load_policy, read_yaml
from knowledge_base.policy_checking import contradictions
from knowledge_base.text_normalisation import matching_form

__all__ = [
    "CONDITIONS",
    "PLACEHOLDER",
    "Content",
    "Entry",
    "Facts",
    "Variant",
    "load_content",
    "read_outside",
]

FORMAT = 1
NOT_ENTRIES = frozenset({"policy.yml", "outside.yml"})
"""Files of the content folder that hold no entries."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Another answer where all conditions of `when` hold."""

    when: Facts
    answer: Mapping[Language, str]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One question with its answers; answers hold {figures} of the policy table.

    It may lack languages (docs/decisions/0013-entries-may-lack-languages.md): title and answers stand in the same
    ones, at least one, and `language_for` says which of them somebody gets.
    """

    id: str
    group: str
    title: Mapping[Language, str]
    answer: Mapping[Language, str]
    phrasings: Mapping[Language, tuple[str, ...]]
    variants: tuple[Variant, ...] = ()
    related: tuple[str, ...] = ()
    start_form: str | None = None
    own_figures: bool = False
    """Whether figures written out in the answers are the entry's own, none of the policy table's."""

    def language_for(self, language: Language) -> Language:
        """`language` where the entry has it, else the nearest that it has."""
        return next(known for known in FALLBACK[language] if known in self.answer)

    def title_for(self, language: Language) -> str:
        """The title, in the nearest language that the entry has."""
        return self.title[self.language_for(language)]

    def template(self, language: Language, facts: Facts) -> str:
        """The first variant whose conditions all hold, else the plain answer; in the nearest language there is."""
        language = self.language_for(language)
        for variant in self.variants:
            if all(facts.get(name) == value for name, value in variant.when.items()):
                return variant.answer[language]
        return self.answer[language]


@dataclass(frozen=True, kw_only=True)
class Content:
    """A whole base: entries by id, the policy they speak of, questions known to be outside."""

    entries: Mapping[str, Entry]
    policy: Policy
    outside: Mapping[Language, tuple[str, ...]]


def load_content(folder: Path) -> Content:
    """Read and check a content folder. Raises ContentError with every problem found."""
    policy = load_policy(folder / "policy.yml")
    problems = [replace(p, file="policy.yml") for p in contradictions(policy)]
    rows: list[_Row] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name not in NOT_ENTRIES:
            found, unreadable = _read_rows(path)
            rows += found
            problems += unreadable
    if not rows and not problems:
        fix = "Add <group>.yml files."
        problems.append(_unreadable(folder.name, "", "", "holds no entries.", fix))
    problems += _row_problems(rows, policy)
    if problems:
        raise ContentError(problems)
    entries = {row.id: _entry(row) for row in rows}
    outside = read_outside(folder / "outside.yml")
    return Content(entries=entries, policy=policy, outside=outside)


@dataclass(frozen=True, kw_only=True)
class _Row:
    """An entry as a file holds it, in the JSON form of items.py."""

    id: str
    file: str
    content: Mapping[str, Any]


def _read_rows(path: Path) -> tuple[list[_Row], list[Problem]]:
    written = read_yaml(path)
    entries = written.get("entries") if isinstance(written, dict) else None
    if not isinstance(written, dict) or written.get("format") != FORMAT or not isinstance(entries, dict):
        fix = f"Write `format: {FORMAT}` and `entries:` with an entry under each id."
        return [], [_unreadable(path.name, "", "entries", "cannot be read.", fix)]
    rows, problems = [], []
    for id_, row in entries.items():
        if isinstance(row, dict):
            content = {**row, "group": path.stem, "phrasings": _as_texts(row.get("phrasings", {}))}
            rows.append(_Row(id=str(id_), file=path.name, content=content))
        else:
            fix = "Write title, answer and phrasings."
            problems.append(_unreadable(path.name, str(id_), "", "is empty.", fix))
    return rows, problems


def _as_texts(phrasings: object) -> object:
    """A phrasing that YAML reads as a number is a text all the same."""
    if not isinstance(phrasings, dict):
        return phrasings
    return {
        language: [str(t) if isinstance(t, int) else t for t in texts] if isinstance(texts, list) else texts
        for language, texts in phrasings.items()
    }


def _row_problems(rows: Sequence[_Row], policy: Policy) -> Iterator[Problem]:
    """Each row in the surroundings of all the others; of two that share a phrasing or an id, the later is told."""
    phrasings: dict[str, tuple[str, str]] = {}
    files: dict[str, str] = {}
    around = Surroundings(policy=policy, entries={row.id for row in rows}, phrasings=phrasings)
    for row in rows:
        if row.id in files:
            message, fix = f"stands in {files[row.id]} already.", "Merge the two or rename one."
            yield _unreadable(row.file, row.id, "id", message, fix)
            continue
        files[row.id] = row.file
        found = entry_problems(row.id, row.content, around)
        yield from (replace(problem, file=row.file) for problem in found)
        if not found:
            for text in (text for texts in row.content["phrasings"].values() for text in texts):
                phrasings.setdefault(matching_form(text), (row.id, text))


def _entry(row: _Row) -> Entry:
    content = row.content
    return Entry(
        id=row.id,
        group=content["group"],
        title=content["title"],
        answer={k: v.strip() for k, v in content["answer"].items()},
        phrasings={k: tuple(v) for k, v in (content.get("phrasings") or {}).items()},
        variants=tuple(Variant(when=v["when"], answer=v["answer"]) for v in content.get("variants") or ()),
        related=tuple(content.get("related") or ()),
        start_form=content.get("start_form"),
        own_figures=bool(content.get("own_figures")),
    )


def _unreadable(file: str, entry: str, field: str, message: str, fix: str) -> Problem:
    return Problem(file=file, entry=entry, field=field, message=message, fix=fix, code="unreadable")


def read_outside(path: Path) -> Mapping[Language, tuple[str, ...]]:
    """Questions known to lie outside any base, by language; none where there is no such file. Raises ContentError."""
    if not path.exists():
        return {}
    written = read_yaml(path)
    if not isinstance(written, dict) or not all(
        k in LANGUAGES and isinstance(v, list) for k, v in written.items()
    ):
        fix = f"Write a list under each of {', '.join(LANGUAGES)}."
        raise ContentError([_unreadable(path.name, "", "", "cannot be read.", fix)])
    return {language: tuple(str(t) for t in texts) for language, texts in written.items()}
