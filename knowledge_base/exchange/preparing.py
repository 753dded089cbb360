"""Rows of a table become entries: every row either an entry that may be published, or a problem with its fix.

Pure: the base around is passed in. Figures written out are taken as the entry's own where a foreign file is read.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from knowledge_base.checking import MOST_CHARACTERS, Surroundings, entry_problems, is_id
from knowledge_base.editing import refuse_unkeepable
from knowledge_base.errors import UnusableContent
from knowledge_base.exchange.columns import language_named
from knowledge_base.exchange.naming import id_of, second_id_of, slug, written_language
from knowledge_base.exchange.plain_text import without_formatting
from knowledge_base.exchange.tables import Table, TableRow
from knowledge_base.exchange.writing import unguarded
from knowledge_base.items import Json, published_form
from knowledge_base.literal_figures import literal_figures
from knowledge_base.policy import LANGUAGES, Language
from knowledge_base.text_normalisation import matching_form

DEFAULT_GROUP = "faq"
Figures = Literal["own", "policy"]
_SPLIT = re.compile(r"[\n\r]+|(?<=\S)\s*[|｜;；]\s*(?=\S)")


@dataclass(frozen=True, kw_only=True)
class RowProblem:
    """Why a row is not taken; `field` is the column's name where one is at fault. `code` is stable and `values` are its
    parameters (docs/api/errors.md)."""

    row: int
    field: str
    code: str
    message: str
    fix: str
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is told, the row aside."""
        told = {"field": self.field, "code": self.code, "values": dict(self.values)}
        return {**told, "message": self.message, "fix": self.fix}


@dataclass(frozen=True, kw_only=True)
class RowNote:
    """What was done to a row that is taken."""

    row: int
    field: str
    code: str
    message: str
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is told, the row aside."""
        told = {"field": self.field, "code": self.code, "values": dict(self.values)}
        return {**told, "message": self.message}


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An entry from one row, or from several that hold its languages."""

    rows: tuple[int, ...]
    id: str
    content: dict[str, Any]
    columns: Mapping[str, str] = field(default_factory=dict)
    """Path in the content → the column that it came from."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How a file is to be read. `rows`: None for all. `language`: of texts whose column and row name none."""

    mapping: Mapping[str, str | None]
    rows: Collection[int] | None = None
    language: Language | None = None
    figures: Figures = "own"


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What a table comes to, in the order of its rows."""

    entries: tuple[Prepared, ...]
    refused: tuple[RowProblem, ...]
    notes: tuple[RowNote, ...]


def prepare(table: Table, wishes: Wishes, around: Surroundings, existing: Mapping[str, Json]) -> Preparation:
    """Every chosen row of the table. `existing`: the newest content of every entry that there is, by id.

    Takes about a millisecond a row.
    """
    work = _Work(table=table, wishes=wishes, around=around, existing=existing)
    for row in table.rows:
        if wishes.rows is None or row.number in wishes.rows:
            work.take(row)
    return work.finish()


@dataclass
class _Draft:
    """An entry while its rows are gathered."""

    rows: list[int]
    id: str
    content: dict[str, Any]
    columns: dict[str, str]


@dataclass
class _Work:
    table: Table
    wishes: Wishes
    around: Surroundings
    existing: Mapping[str, Json]
    drafts: dict[str, _Draft] = field(default_factory=dict)
    refused: list[RowProblem] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)

    def take(self, row: TableRow) -> None:
        """A row into its entry, or among the refused."""
        used = {column for column, name in self.wishes.mapping.items() if name} | {""}
        faults = [fault for fault in row.faults if fault.column in used]
        if faults:
            self.refused += [
                RowProblem(
                    row=row.number,
                    field=f.column,
                    code=f.code,
                    message=f.message,
                    fix=f.fix,
                    values=f.values,
                )
                for f in faults
            ]
            return
        draft = self._whole(row) if row.entry is not None else self._from_cells(row)
        if draft is not None:
            self._gather(row, draft)

    def _whole(self, row: TableRow) -> _Draft | None:
        assert row.entry is not None
        id_, content = row.entry
        try:
            refuse_unkeepable(content)
        except (UnusableContent, RecursionError):
            message = (
                "cannot be kept: it is too long or too deep, or holds NUL characters or endless numbers."
            )
            self._refuse(row, "", "broken_text", message, "Type its texts anew.")
            return None
        return _Draft(rows=[row.number], id=id_, content={"group": DEFAULT_GROUP, **content}, columns={})

    def _from_cells(self, row: TableRow) -> _Draft | None:
        cells = _Cells(
            row=row,
            mapping=self.wishes.mapping,
            is_ours=is_ours(self.table.columns),
            may_be_guarded=self.table.format == "csv",
        )
        language = self._language(row, cells)
        if language is None:
            return None
        content = cells.content(language)
        question = cells.question or next(iter(content["title"].values()), "")
        if not question or not content["answer"]:
            name = "answer" if question else "question"
            self._refuse(
                row, cells.column(name), f"empty_{name}", "is empty.", "Write it, or leave the row out."
            )
            return None
        id_ = self._id(row, cells, question)
        if id_ is None:
            return None
        return _Draft(rows=[row.number], id=id_, content=content, columns=cells.columns)

    def _language(self, row: TableRow, cells: _Cells) -> Language | None:
        named = cells.text("language").strip()
        if not named:
            return self.wishes.language or written_language(
                f"{cells.any_text('answer')} {cells.any_text('question')}"
            )
        found = language_named(named)
        if found is None:
            fix = f"Known: {', '.join(LANGUAGES)}; zh-CN, 繁體中文, English and the like."
            column, message = cells.column("language"), f"{named!r} is not a language."
            self._refuse(row, column, "unknown_language", message, fix, language=named)
        return found

    def _id(self, row: TableRow, cells: _Cells, question: str) -> str | None:
        given = cells.text("id").strip()
        if given:
            id_ = given if is_id(given) else slug(given)
            id_ = id_ if is_id(id_) else f"{DEFAULT_GROUP}_{id_.removeprefix('q_')}"
            if not is_id(id_):
                fix = "Use lower-case words joined by _, or leave the cell empty."
                self._refuse(row, cells.column("id"), "bad_id", f"{given!r} is not an id.", fix, id=given)
                return None
            return id_
        form = matching_form(question)
        if form in self.asked:
            message = f"asks the same as row {self.asked[form]}."
            column, first_row = cells.column("question"), str(self.asked[form])
            self._refuse(row, column, "same_question", message, "Merge the two rows.", row=first_row)
            return None
        self.asked[form] = row.number
        first = id_of(question)
        return first if self._is_same(first, form) else second_id_of(question)

    def _is_same(self, id_: str, form: str) -> bool:
        """Whether the id is free, or that of an entry with this very question."""
        known = [content for content in (self.existing.get(id_),) if content is not None]
        known += [self.drafts[id_].content] if id_ in self.drafts else []
        return all(form in _forms(content) for content in known)

    def _gather(self, row: TableRow, draft: _Draft) -> None:
        known = self.drafts.get(draft.id)
        if known is None:
            self.drafts[draft.id] = draft
        elif set(known.content.get("answer", ())) & set(draft.content.get("answer", ())):
            message = f"has the id {draft.id!r} and the language of row {known.rows[0]}."
            fix, values = "Give each entry an id of its own.", {"id": draft.id, "row": str(known.rows[0])}
            self._refuse(row, "id", "same_id", message, fix, **values)
        else:
            known.rows += draft.rows
            known.columns |= draft.columns
            for name in ("title", "answer", "phrasings"):
                known.content[name] = {**known.content.get(name, {}), **draft.content.get(name, {})}

    def finish(self) -> Preparation:
        """What is wrong with each entry beside the base and beside the others of the file."""
        ids = {*self.around.entries, *self.drafts}
        owners = {form: owner for form, owner in self.around.phrasings.items() if owner[0] not in self.drafts}
        taken: list[_Draft] = []
        for draft in self.drafts.values():
            if self._problems(draft, replace(self.around, entries=ids, phrasings=owners)):
                ids = ids - {draft.id} if draft.id not in self.around.entries else ids
                continue
            taken.append(draft)
            for text in _texts(draft.content):
                owners.setdefault(matching_form(text), (draft.id, text))
        taken = self._with_known_relations(taken, ids)
        return Preparation(
            entries=tuple(
                Prepared(
                    rows=tuple(d.rows),
                    id=d.id,
                    content=published_form("entry", d.id, d.content),
                    columns=d.columns,
                )
                for d in taken
            ),
            refused=tuple(sorted(self.refused, key=lambda p: p.row)),
            notes=tuple(self.notes),
        )

    def _problems(self, draft: _Draft, around: Surroundings) -> bool:
        content = draft.content
        if self.wishes.figures == "own" and not is_ours(self.table.columns) and not self.table.holds_entries:
            self._take_figures_as_its_own(draft, around)
        found = entry_problems(draft.id, content, around)
        for problem in found:
            place = _column_of(draft, problem.field)
            self.refused.append(
                RowProblem(
                    row=draft.rows[0],
                    field=place,
                    code=problem.code,
                    message=problem.message,
                    fix=problem.fix,
                    values=problem.values,
                )
            )
        return bool(found)

    def _take_figures_as_its_own(self, draft: _Draft, around: Surroundings) -> None:
        for language, text in draft.content["answer"].items():
            for literal in literal_figures(text, around.policy)[:1] if isinstance(text, str) else ():
                draft.content["own_figures"] = True
                message = f"«{literal.literal}» is taken as the entry's own figure, not the policy table's."
                column = _column_of(draft, f"answer.{language}")
                values = {"literal": literal.literal}
                note = RowNote(
                    row=draft.rows[0], field=column, code="own_figure", message=message, values=values
                )
                self.notes.append(note)

    def _with_known_relations(self, taken: list[_Draft], ids: Collection[str]) -> list[_Draft]:
        """Without entries that are related to one that was refused; leaving one out may unsettle others."""
        while True:
            lost = [d for d in taken if not _named(d) <= set(ids)]
            if not lost:
                return taken
            for draft in lost:
                name = sorted(_named(draft) - set(ids))[0]
                message, fix = (
                    f"{name!r} is no entry, or its row was refused.",
                    "Mend that row, or take the id out.",
                )
                self.refused.append(
                    RowProblem(
                        row=draft.rows[0],
                        field="related",
                        code="unknown_entry",
                        message=message,
                        fix=fix,
                        values={"entry": name},
                    )
                )
            gone = {d.id for d in lost} - set(self.around.entries)
            ids = set(ids) - gone
            taken = [d for d in taken if d not in lost]

    def _refuse(
        self, row: TableRow, column: str, code: str, message: str, fix: str, /, **values: str
    ) -> None:
        problem = RowProblem(row=row.number, field=column, code=code, message=message, fix=fix, values=values)
        self.refused.append(problem)


@dataclass
class _Cells:
    """A row by fields instead of columns."""

    row: TableRow
    mapping: Mapping[str, str | None]
    is_ours: bool
    may_be_guarded: bool
    columns: dict[str, str] = field(default_factory=dict)
    question: str = ""

    def text(self, name: str) -> str:
        """Of the one column that is this field."""
        return self._cell(self.column(name))

    def any_text(self, name: str) -> str:
        """Of the first column of this field in any language."""
        columns = [c for c, f in self.mapping.items() if f and f.partition(".")[0] == name]
        return next((self._cell(c) for c in columns if self._cell(c).strip()), "")

    def column(self, name: str) -> str:
        """The column's name; the field's where there is none."""
        found = [c for c, f in self.mapping.items() if f and (f == name or f.partition(".")[0] == name)]
        return found[0] if found else name

    def content(self, language: Language) -> dict[str, Any]:
        """The entry's JSON; `language` is that of columns which name none."""
        content: dict[str, Any] = {
            "group": _group(self.text("group")),
            "title": {},
            "answer": {},
            "phrasings": {},
        }
        questions: dict[str, str] = {}
        for column, field_ in self.mapping.items():
            name, _, of = (field_ or "").partition(".")
            text, of = self._cell(column), of or language
            if name not in ("title", "question", "answer", "phrasings") or not text.strip():
                continue
            self.columns[f"{name}.{of}"] = column
            if name == "question":
                questions[of] = without_formatting(text).strip()
            elif name == "phrasings":
                content["phrasings"].setdefault(of, []).extend(_list(text, is_ours=self.is_ours))
            else:
                content[name][of] = text if self.is_ours else without_formatting(text).strip()
        self._ask(content, questions)
        self._add_rest(content)
        return content

    def _ask(self, content: dict[str, Any], questions: Mapping[str, str]) -> None:
        """A question is the title, and where it does not fit on a button, a phrasing too."""
        self.question = next(iter(questions.values()), "")
        for of, question in questions.items():
            self.columns.setdefault(f"title.{of}", self.columns[f"question.{of}"])
            if of not in content["title"] and of in content["answer"]:
                content["title"][of] = shortened(question)
            written = content["phrasings"].setdefault(of, [])
            if question not in (content["title"].get(of), *written):
                written.insert(0, question)
        for of, texts in content["phrasings"].items() if not self.is_ours else ():
            seen: dict[str, str] = {}
            for text in texts:
                seen.setdefault(matching_form(text), text)
            title = matching_form(content["title"].get(of, ""))
            content["phrasings"][of] = [
                t for form, t in seen.items() if self.is_ours or (form and form != title)
            ]

    def _add_rest(self, content: dict[str, Any]) -> None:
        if variants := self.text("variants").strip():
            content["variants"] = _json_or_text(variants)
            self.columns["variants"] = self.column("variants")
        if related := self.text("related").strip():
            content["related"] = _ids(related)
        if form := self.text("start_form").strip():
            content["start_form"] = form
        if self.text("own_figures").strip().lower() in ("true", "1", "yes"):
            content["own_figures"] = True

    def _cell(self, column: str) -> str:
        cell = self.row.cells.get(column, "")
        return unguarded(cell, is_ours=self.is_ours) if self.may_be_guarded else cell


def is_ours(columns: Sequence[str]) -> bool:
    """Whether the header is that of our own export, whose cells are taken to the letter."""
    return tuple(columns[:2]) == ("id", "group") and "answer.zh-Hans" in columns


def shortened(question: str) -> str:
    """A question as it fits on a button."""
    most, line = MOST_CHARACTERS["title"], " ".join(question.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _list(text: str, *, is_ours: bool) -> list[str]:
    """Lines, or a JSON list; in a foreign file | and ; part phrasings too."""
    found = _json_or_text(text) if text.lstrip().startswith("[") else text
    if isinstance(found, list) and all(isinstance(part, str) for part in found):
        return found
    parts = text.split("\n") if is_ours else _SPLIT.split(text)
    return [part.strip() for part in parts if part.strip()]


def _ids(text: str) -> list[str]:
    """Parted by spaces, commas or semicolons, or a JSON list, as lists in JSON and YAML arrive."""
    found = _json_or_text(text) if text.startswith("[") else text
    if isinstance(found, list) and all(isinstance(part, str) for part in found):
        return found
    return [part for part in re.split(r"[\s,，;；]+", text) if part]


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text


def _group(text: str) -> str:
    name = slug(text)
    return name[:40].rstrip("_") if name else DEFAULT_GROUP


def _column_of(draft: _Draft, path: str) -> str:
    """The column that a problem's field came from: answer.en, phrasings.en.3, variants.0.answer.en."""
    parts = path.split(".")
    for n in range(len(parts), 0, -1):
        if found := draft.columns.get(".".join(parts[:n])):
            return found
    return path


def _forms(content: Json) -> set[str]:
    return {matching_form(text) for text in (*_texts(content), *_titles(content))}


def _texts(content: Json) -> Iterable[str]:
    phrasings = content.get("phrasings")
    lists = phrasings.values() if isinstance(phrasings, Mapping) else ()
    return [text for texts in lists if isinstance(texts, list) for text in texts if isinstance(text, str)]


def _titles(content: Json) -> Iterable[str]:
    title = content.get("title")
    return [text for text in title.values() if isinstance(text, str)] if isinstance(title, Mapping) else ()


def _named(draft: _Draft) -> set[str]:
    """Ids that the entry relies on."""
    parent, dot, _ = draft.id.partition(".")
    return {*(draft.content.get("related") or ()), *((parent,) if dot else ())}
