"""Entries of the knowledge base: their types, loading from content/<group>.yml, and what makes them valid.

An entry is one question; what depends on facts (VIP, region, …) is a variant inside it. Nothing here searches.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.errors import ContentError, Problem
from knowledge_base.literal_figures import literal_figures
from knowledge_base.policy import LANGUAGES, Language, Policy, load_policy, read_yaml
from knowledge_base.text_normalisation import matching_form
from knowledge_base.trade_words import words_hash

FORMAT = 1
NOT_ENTRIES = frozenset({"policy.yml", "outside.yml"})
"""Files of the content folder that hold no entries."""

CONDITIONS: Mapping[str, frozenset[str | bool]] = {
    "vip": frozenset({True, False}),
    "sale": frozenset({True, False}),
    "fresh_food": frozenset({True, False}),
    "electronics": frozenset({True, False}),
    "shop_at_fault": frozenset({True, False}),
    "region": frozenset({"mainland", "remote", "overseas"}),
    "order": frozenset({"unpaid", "unshipped", "shipped", "delivered", "closed"}),
}
"""What a variant may depend on, with its values; true of the customer and of the order in question."""

Facts = Mapping[str, str | bool]

_ID = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:_[a-z0-9]+)*)?")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Another answer where all conditions of `when` hold."""

    when: Facts
    answer: Mapping[Language, str]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One question with its answers; answers hold {figures} of the policy table."""

    id: str
    group: str
    title: Mapping[Language, str]
    answer: Mapping[Language, str]
    phrasings: Mapping[Language, tuple[str, ...]]
    variants: tuple[Variant, ...] = ()
    related: tuple[str, ...] = ()
    start_form: str | None = None

    def template(self, language: Language, facts: Facts) -> str:
        """The first variant whose conditions all hold, else the plain answer."""
        for variant in self.variants:
            if all(facts.get(name) == value for name, value in variant.when.items()):
                return variant.answer[language]
        return self.answer[language]


@dataclass(frozen=True, kw_only=True)
class Content:
    """A whole base: entries by id, the policy they speak of, questions known to be outside, and its hash."""

    entries: Mapping[str, Entry]
    policy: Policy
    outside: Mapping[Language, tuple[str, ...]]
    hash: str


def load_content(folder: Path) -> Content:
    """Read and check a content folder. Raises ContentError with every problem found."""
    policy = load_policy(folder / "policy.yml")
    entries: dict[str, Entry] = {}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name in NOT_ENTRIES:
            continue
        for entry, found in _read_entries(path):
            problems += found
            if entry is None:
                continue
            if entry.id in entries:
                problems.append(
                    Problem(
                        file=path.name,
                        entry=entry.id,
                        field="id",
                        message=f"stands in {files[entry.id]} already.",
                        fix="Merge the two or rename one.",
                    )
                )
                continue
            entries[entry.id], files[entry.id] = entry, path.name
    if not entries and not problems:
        problems.append(
            Problem(
                file=folder.name,
                entry="",
                field="",
                message="holds no entries.",
                fix="Add <group>.yml files.",
            )
        )
    problems += check_entries(entries, policy, files)
    if problems:
        raise ContentError(problems)
    outside = _read_outside(folder / "outside.yml")
    return Content(entries=entries, policy=policy, outside=outside, hash=content_hash(entries, outside))


def content_hash(entries: Mapping[str, Entry], outside: Mapping[Language, Sequence[str]]) -> str:
    """Hash of what search depends on: ids, titles, phrasings, questions known to be outside, trade words."""
    searched: list[list[object]] = [
        [e.id, dict(e.title.items()), {k: list(v) for k, v in e.phrasings.items()}] for e in entries.values()
    ]
    blob = json.dumps(
        [searched, {k: list(v) for k, v in outside.items()}, words_hash()], ensure_ascii=False, sort_keys=True
    )
    return hashlib.sha256(blob.encode()).hexdigest()[:16]


def check_entries(entries: Mapping[str, Entry], policy: Policy, files: Mapping[str, str]) -> list[Problem]:
    """Everything that needs the whole base: figures, relations, phrasings that stand in two entries."""
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for entry in entries.values():
        file = files.get(entry.id, "")
        problems += _text_problems(entry, policy, file)
        for other in entry.related:
            if other not in entries or other == entry.id:
                problems.append(
                    Problem(
                        file=file,
                        entry=entry.id,
                        field="related",
                        message=f"{other!r} is {'the entry itself' if other == entry.id else 'no entry'}.",
                        fix="Name another entry's id or take it out.",
                    )
                )
        if "." in entry.id and entry.id.split(".")[0] not in entries:
            problems.append(
                Problem(
                    file=file,
                    entry=entry.id,
                    field="id",
                    message="has no parent.",
                    fix=f"An id with a dot starts with an entry's id; there is no {entry.id.split('.')[0]!r}.",
                )
            )
        for phrasing in (p for texts in entry.phrasings.values() for p in texts):
            form = matching_form(phrasing)
            owner = owners.setdefault(form, entry.id)
            if owner != entry.id or not form:
                problems.append(
                    Problem(
                        file=file,
                        entry=entry.id,
                        field="phrasings",
                        message=f"{phrasing!r} {f'stands in {owner} too' if form else 'has no words'}.",
                        fix="Keep it where it belongs, or make it say the difference.",
                    )
                )
    return problems


def _read_entries(path: Path) -> list[tuple[Entry | None, list[Problem]]]:
    written = read_yaml(path)
    if (
        not isinstance(written, dict)
        or written.get("format") != FORMAT
        or not isinstance(written.get("entries"), dict)
    ):
        fix = f"Write `format: {FORMAT}` and `entries:` with an entry under each id."
        return [
            (None, [Problem(file=path.name, entry="", field="entries", message="cannot be read.", fix=fix)])
        ]
    return [_read_entry(str(id_), row, path) for id_, row in written["entries"].items()]


_FIELDS = frozenset({"title", "answer", "phrasings", "variants", "related", "start_form"})


def _read_entry(id_: str, row: object, path: Path) -> tuple[Entry | None, list[Problem]]:
    def problem(field: str, message: str, fix: str) -> Problem:
        return Problem(file=path.name, entry=id_, field=field, message=message, fix=fix)

    problems = []
    if not _ID.fullmatch(id_):
        problems.append(
            problem("id", "is not an id.", "Use lower-case words joined by _, a part after one dot.")
        )
    if not isinstance(row, dict):
        return None, [*problems, problem("", "is empty.", "Write title, answer and phrasings.")]
    for key in sorted(set(row) - _FIELDS):
        problems.append(problem(str(key), "is not known here.", f"Known: {', '.join(sorted(_FIELDS))}."))
    for field in ("title", "answer"):
        problems += [problem(f"{field}.{lang}", why, fix) for lang, why, fix in _text_gaps(row.get(field))]
    problems += [
        problem(f"phrasings.{lang}", why, fix) for lang, why, fix in _list_gaps(row.get("phrasings"))
    ]
    variants = row.get("variants") or []
    for n, variant in enumerate(variants if isinstance(variants, list) else [None]):
        problems += [problem(f"variants.{n}.{f}", why, fix) for f, why, fix in _variant_gaps(variant)]
    related = row.get("related") or []
    if not isinstance(related, list) or not all(isinstance(r, str) for r in related):
        problems.append(problem("related", "must be a list of ids.", "Write [id, id]."))
    if problems:
        return None, problems
    return (
        Entry(
            id=id_,
            group=path.stem,
            title=row["title"],
            answer={k: v.strip() for k, v in row["answer"].items()},
            phrasings={k: tuple(str(p) for p in v) for k, v in row["phrasings"].items()},
            variants=tuple(Variant(when=v["when"], answer=v["answer"]) for v in variants),
            related=tuple(related),
            start_form=row.get("start_form"),
        ),
        [],
    )


def _text_gaps(texts: object) -> list[tuple[str, str, str]]:
    if not isinstance(texts, dict):
        return [("*", "is missing.", f"Write one text for each of {', '.join(LANGUAGES)}.")]
    gaps = [
        (str(k), "is not a language.", f"Known: {', '.join(LANGUAGES)}.") for k in texts if k not in LANGUAGES
    ]
    for language in LANGUAGES:
        text = texts.get(language)
        if not isinstance(text, str) or not text.strip():
            gaps.append((language, "is missing or empty.", "Write it."))
    return gaps


def _list_gaps(phrasings: object) -> list[tuple[str, str, str]]:
    if not isinstance(phrasings, dict):
        return [("*", "is missing.", f"Write a list for each of {', '.join(LANGUAGES)}.")]
    gaps = [
        (str(k), "is not a language.", f"Known: {', '.join(LANGUAGES)}.")
        for k in phrasings
        if k not in LANGUAGES
    ]
    for language in LANGUAGES:
        texts = phrasings.get(language)
        if not isinstance(texts, list) or not texts or not all(isinstance(t, str | int) for t in texts):
            gaps.append((language, "is missing or not a list of texts.", "Write what customers type."))
    return gaps


def _variant_gaps(variant: object) -> list[tuple[str, str, str]]:
    if not isinstance(variant, dict) or not isinstance(variant.get("when"), dict) or not variant["when"]:
        return [
            ("when", "is missing.", f"Write {{when: {{…}}, answer: …}}; conditions: {', '.join(CONDITIONS)}.")
        ]
    gaps = [(f"answer.{lang}", why, fix) for lang, why, fix in _text_gaps(variant.get("answer"))]
    for name, value in variant["when"].items():
        if name not in CONDITIONS:
            gaps.append((f"when.{name}", "is not a condition.", f"Known: {', '.join(CONDITIONS)}."))
        elif value not in CONDITIONS[name]:
            known = ", ".join(sorted(str(v).lower() for v in CONDITIONS[name]))
            gaps.append((f"when.{name}", f"{value!r} is not a value of it.", f"Known: {known}."))
    return gaps


def _read_outside(path: Path) -> Mapping[Language, tuple[str, ...]]:
    if not path.exists():
        return {}
    written = read_yaml(path)
    if not isinstance(written, dict) or not all(
        k in LANGUAGES and isinstance(v, list) for k, v in written.items()
    ):
        fix = f"Write a list under each of {', '.join(LANGUAGES)}."
        raise ContentError([Problem(file=path.name, entry="", field="", message="cannot be read.", fix=fix)])
    return {language: tuple(str(t) for t in texts) for language, texts in written.items()}


def _text_problems(entry: Entry, policy: Policy, file: str) -> list[Problem]:
    texts = [(f"answer.{language}", text) for language, text in entry.answer.items()]
    for n, variant in enumerate(entry.variants):
        texts += [(f"variants.{n}.answer.{language}", text) for language, text in variant.answer.items()]
    problems = []
    for field, text in texts:
        for name in PLACEHOLDER.findall(text):
            if name.removesuffix(":number") not in policy.figures:
                near = _nearest_figure(name.removesuffix(":number"), policy)
                problems.append(
                    Problem(
                        file=file,
                        entry=entry.id,
                        field=field,
                        message=f"{{{name}}} is no figure of the policy table.",
                        fix=near,
                    )
                )
        for literal, fix in literal_figures(text, policy):
            problems.append(
                Problem(
                    file=file,
                    entry=entry.id,
                    field=field,
                    message=f"{literal!r} is a literal figure.",
                    fix=fix,
                )
            )
    return problems


def _nearest_figure(name: str, policy: Policy) -> str:
    near = difflib.get_close_matches(name, list(policy.figures), n=1, cutoff=0.4)
    return f"Did you mean {{{near[0]}}}?" if near else "Add it to policy.yml or name one that is there."
