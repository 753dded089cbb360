"""What requests for imports, exports, languages and the calibration carry, and what they are answered."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from service.http.answers import Answer
from service.http.bodies import Body, Language, Query

ColumnName = Annotated[str, Field(max_length=500)]
FieldName = Annotated[str, Field(max_length=40)]
RowNumber = Annotated[int, Field(ge=1, le=10_000_000)]
Option = Annotated[str, Field(max_length=100)]


class PreviewQuery(Query):
    """How the file is to be read, where it is not found out rightly. `name`: of the file, where the body is the file itself."""

    name: str | None = Field(None, max_length=300)
    encoding: Option | None = Field(None, description="utf-8, gb18030 or big5, for a CSV.")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    sheet: Option | None = Field(None, description="Of a workbook; else the first that is not hidden.")


class StartImport(Body):
    """What is to be imported of an upload. `rows` as the spreadsheet counts them, the header being 1."""

    upload: UUID
    mapping: dict[ColumnName, FieldName | None] = Field(
        description="Column → field; see `fields` of the preview."
    )
    rows: Literal["all"] | Annotated[list[RowNumber], Field(max_length=50_000)] = "all"
    publish: bool = Field(
        False, description="Publish at the end, past the gate: supervisors. Else they stay drafts."
    )
    language: Language | None = Field(
        None, description="Of texts whose column and row name none; else as written."
    )
    figures: Literal["own", "policy"] = Field(
        "own", description="Figures written out: the entry's own, or refused."
    )
    overwrite: bool = Field(
        False, description="Also entries that a person has published since they were imported."
    )
    dry_run: bool = Field(False, description="Only say what would become of each row.")


class FileNoted(Answer):
    """What was passed over or guessed; codes in docs/api/errors.md."""

    code: str
    values: dict[str, str]
    message: str


class ImportPreview(Answer):
    """A file as it was understood. `needs`: fields that no column is, and that every row needs."""

    upload: str
    format: Literal["csv", "xlsx", "json", "yaml"]
    encoding: str
    columns: list[str]
    rows: int
    mapping: dict[str, str | None]
    sample: list[dict[str, str]]
    needs: list[str]
    fields: list[str]
    notes: list[FileNoted]


class RowRefused(Answer):
    """A row that was not taken; `field` is the column at fault, empty for the whole row."""

    row: int
    field: str
    code: str
    values: dict[str, str]
    message: str
    fix: str


class RowNoted(Answer):
    """A row that was taken with a change."""

    row: int
    field: str
    code: str
    values: dict[str, str]
    message: str


class ImportResult(Answer):
    """Rows counted by what became of them."""

    created: int
    changed: int
    unchanged: int
    refused: list[RowRefused]
    notes: list[RowNoted]


class ImportState(Answer):
    """How far it has come; `result` holds what is known so far."""

    id: str | None
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int
    problem: str | None
    problem_code: Literal["broke_off", "unreadable_file"] | None
    result: ImportResult


class ExportQuery(Query):
    """Which entries, in which format; CSV holds no policy figures."""

    format: Literal["csv", "xlsx", "json", "yaml"]
    group: str | None = Field(None, max_length=200)
    drafts: bool = Field(False, description="Drafts instead of what is published, where there are any.")


class LanguageOfEntry(Answer):
    """`older`: than zh-Hans, by when its texts were last published as others."""

    state: Literal["ok", "missing", "older"]
    changed_at: AwareDatetime | None


class EntryLanguages(Answer):
    """An entry side by side in its languages."""

    id: str
    title: dict[str, str]
    languages: dict[str, LanguageOfEntry]


class Languages(Answer):
    """Every entry that is not archived, in the order of the list."""

    entries: list[EntryLanguages]


class CalibrationState(Answer):
    """How far probabilities are off, and whether the bot answers directly. `error` and `interval` are null before the
    first fit. `why`: switched_on, switched_off, calibrated, no_phrasings, error_too_high, not_fitted."""

    fitted_at: AwareDatetime | None
    error: float | None
    interval: list[float] | None
    questions: int
    direct_answers: Literal["on", "off", "waiting"]
    why: str


class SwitchDirectAnswers(Body):
    """auto: on once the base's own phrasings show that its probabilities hold."""

    direct_answers: Literal["on", "off", "auto"]
