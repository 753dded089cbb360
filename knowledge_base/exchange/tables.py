"""A file that somebody brings, as columns and numbered rows of texts; which format it is, and what is too large.

Knows nothing of entries: what a column means is columns.py, what becomes of a row preparing.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from knowledge_base.errors import KnowledgeBaseError

Format = Literal["csv", "xlsx", "json", "yaml"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "json", "yaml")

MOST_BYTES = 20_000_000
"""Of a file as it comes: 10,000 entries in three languages are five."""
MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_CELL = 1_000_000
"""Characters. Far more than an answer may have, so that a long one is told by its row and not by the file."""
_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")
"""What the database keeps in no text: NUL, and halves of characters."""


class UnreadableFile(KnowledgeBaseError):
    """The file as a whole cannot be used; `fix` says what to do. `reason` is stable and `values` are its parameters, for
    pages that translate it (docs/api/errors.md)."""

    code = "unreadable_file"
    field = "file"

    def __init__(self, reason: str, message: str, fix: str, **values: str) -> None:
        super().__init__(f"{message} {fix}")
        self.reason = reason
        self.what = message
        self.fix = fix
        self.values: Mapping[str, str] = values


@dataclass(frozen=True, kw_only=True)
class CellFault:
    """What cannot be taken from a cell, or from a whole row (`column` ''). It matters only where the column is used."""

    column: str
    code: str
    message: str
    fix: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FileNote:
    """What was passed over or guessed: hidden sheets, the encoding."""

    code: str
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """`number` is what the spreadsheet shows, the header being 1; in JSON and YAML the place in the list, from 1.

    `entry` is there instead of cells where the file holds whole entries in our own JSON.
    """

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[CellFault, ...] = ()
    entry: tuple[str, Mapping[str, object]] | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file as rows under columns; `figures` only from a file of our own."""

    format: Format
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    figures: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[FileNote, ...] = ()

    @property
    def holds_entries(self) -> bool:
        """Whole entries, so that there is nothing to map."""
        return any(row.entry is not None for row in self.rows)


def format_of(name: str, content: bytes) -> Format:
    """By the first bytes, then by the name. Raises UnreadableFile."""
    ending = name.lower().rpartition(".")[2]
    if content.startswith(b"PK\x03\x04"):
        return "xlsx"
    if ending in ("xlsx", "xlsm") or content.startswith(b"\xd0\xcf\x11\xe0"):
        message = "This is no .xlsx workbook, though it is named like one or is an old .xls."
        raise UnreadableFile(
            "not_a_workbook", message, "Open it in Excel and save it as «Excel Workbook (.xlsx)»."
        )
    if ending in ("yml", "yaml"):
        return "yaml"
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if ending == "json" or (ending not in ("csv", "tsv", "txt") and start in (b"[", b"{")):
        return "json"
    return "csv"


def read_table(
    name: str,
    content: bytes,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Table:
    """Any of the four formats. Takes seconds for 10,000 rows: not for an event loop. Raises UnreadableFile."""
    from knowledge_base.exchange import structured, text_files, workbooks

    if len(content) > MOST_BYTES:
        message = f"The file has {len(content):,} bytes, more than {MOST_BYTES:,}."
        raise UnreadableFile("too_large", message, "Split it into several files.", most=str(MOST_BYTES))
    if not content.strip():
        raise UnreadableFile("empty", "The file is empty.", "Choose a file with a header and rows.")
    found = format_of(name, content)
    if found == "xlsx":
        table = workbooks.read(content, sheet=sheet)
    elif found == "csv":
        table = text_files.read(content, encoding=encoding, delimiter=delimiter)
    else:
        table = structured.read(found, content, encoding=encoding)
    if not table.rows and not table.figures:
        raise UnreadableFile(
            "no_rows", "There is a header and no row below it.", "Add a row for each question."
        )
    if len(table.rows) > MOST_ROWS:
        message = f"There are {len(table.rows):,} rows, more than {MOST_ROWS:,}."
        raise UnreadableFile("too_many_rows", message, "Split it into several files.", most=str(MOST_ROWS))
    return replace(table, rows=tuple(_keepable_row(row) for row in table.rows))


def keepable(text: str) -> str:
    """The text without what the database cannot keep."""
    return _UNKEEPABLE.sub("", text)


def _keepable_row(row: TableRow) -> TableRow:
    """A cell that cannot be kept is that row's fault."""
    broken = [name for name, text in row.cells.items() if _UNKEEPABLE.search(text)]
    if not broken:
        return row
    message, fix = (
        "holds NUL characters or halves of characters.",
        "Type the text anew, or copy it as plain text.",
    )
    faults = [CellFault(column=name, code="broken_text", message=message, fix=fix) for name in broken]
    cells = {name: keepable(text) for name, text in row.cells.items()}
    return replace(row, cells=cells, faults=(*row.faults, *faults))


def header(names: list[str]) -> tuple[str, ...]:
    """Column names without spaces around them; empty ones and twins get a name. Raises UnreadableFile."""
    if len(names) > MOST_COLUMNS:
        message = f"There are {len(names)} columns, more than {MOST_COLUMNS}."
        fix, most = "Delete the columns that hold no entries.", str(MOST_COLUMNS)
        raise UnreadableFile("too_many_columns", message, fix, columns=str(len(names)), most=most)
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        name = keepable(name).replace("\ufeff", "").strip() or f"column {number}"
        found.append(name if name not in found else f"{name} ({number})")
    return tuple(found)
