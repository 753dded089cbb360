"""XLSX workbooks: the first sheet that can be seen, cell by cell, without formulas, macros or anything outside it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.exchange.tables import (
    MOST_COLUMNS,
    MOST_ROWS,
    CellFault,
    FileNote,
    Table,
    TableRow,
    UnreadableFile,
    header,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_UNPACKED = 100_000_000
MOST_RATIO = 200
"""XML packs to a tenth or a twentieth; what packs to a five-hundredth is a bomb."""
MOST_PARTS = 2_000
MOST_MERGED = 10_000
"""Merged ranges over several rows, and rows that they cover."""
MOST_CHARACTERS_OF_A_CELL = 32_767
"""Excel's own limit."""
FIGURES_SHEET = "figures"
_FIX = "Open it in Excel and save it anew as «Excel Workbook (.xlsx)», without a password."
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|(?<=_)x(?=[0-9A-Fa-f]{4}_)|x(?=005F_)")
"""What XML may not hold, and an x that would be read as the beginning of such an escape (openpyxl drops x005F_)."""


class CellTooLong(KnowledgeBaseError):
    """More text than a cell of a workbook may hold."""

    code = "cannot_export"


def read(content: bytes, *, sheet: str | None = None) -> Table:
    """The named sheet, or the first one that is not hidden. Raises UnreadableFile."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _refuse_bombs(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            chosen, notes = _sheet(book.worksheets, sheet)
            merged = _merged_rows(content, chosen)
            rows = list(_values(chosen))
            figures = _figures(book.worksheets)
        finally:
            book.close()
    except UnreadableFile:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        OSError,
        SyntaxError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as e:
        message = f"The workbook is broken ({type(e).__name__})."
        raise UnreadableFile("broken_workbook", message, _FIX) from None
    return _table(rows, merged, figures, notes)


def write(columns: Sequence[str], rows: Iterable[Mapping[str, str]], figures: Mapping[str, Any]) -> bytes:
    """A workbook with a sheet of entries and one of figures; every cell is text, whatever it begins with.

    Raises CellTooLong.
    """
    from openpyxl import Workbook
    from openpyxl.cell.cell import WriteOnlyCell

    book = Workbook(write_only=True)

    def cell(sheet: Any, text: str) -> Any:
        if len(text) > MOST_CHARACTERS_OF_A_CELL:
            raise CellTooLong(
                f"{text[:40]!r}… has {len(text)} characters, more than a cell may hold; export JSON."
            )
        made = WriteOnlyCell(sheet, value="")
        made.value, made.data_type = _escaped(text), "s"  # never a formula
        return made

    entries = book.create_sheet("entries")
    entries.freeze_panes = "B2"
    entries.append([cell(entries, name) for name in columns])
    for row in rows:
        entries.append([cell(entries, row.get(name, "")) for name in columns])
    if figures:
        import json

        sheet = book.create_sheet(FIGURES_SHEET)
        sheet.append([cell(sheet, name) for name in ("name", "value", "unit", "description")])
        for name, figure in figures.items():
            value = json.dumps(figure["value"], ensure_ascii=False)
            sheet.append([cell(sheet, t) for t in (name, value, figure["unit"], figure["description"])])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _refuse_bombs(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        message = f"The workbook is broken ({type(error).__name__})."
        raise UnreadableFile("broken_workbook", message, _FIX) from None
    unpacked = sum(part.file_size for part in parts)
    packs_too_well = any(
        p.file_size > 1_000_000 and p.file_size > MOST_RATIO * max(1, p.compress_size) for p in parts
    )
    if unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS or packs_too_well:
        message = f"Unpacked the workbook has {unpacked:,} bytes in {len(parts)} parts, far more than rows of text need."
        raise UnreadableFile(
            "workbook_too_large", message, "Copy the rows into a new workbook, or save them as «CSV UTF-8»."
        )


def _sheet(sheets: Sequence[Any], wanted: str | None) -> tuple[Any, tuple[FileNote, ...]]:
    names = [sheet.title for sheet in sheets]
    if wanted is not None:
        found = next((sheet for sheet in sheets if sheet.title == wanted), None)
        if found is None:
            message = f"There is no sheet {wanted!r}."
            known = ", ".join(names)
            raise UnreadableFile("no_sheet", message, f"Sheets: {known}.", sheet=wanted, known=known)
        return found, ()
    seen = [sheet for sheet in sheets if sheet.sheet_state == "visible" and sheet.title != FIGURES_SHEET]
    if not seen:
        message = "Every sheet of the workbook is hidden."
        raise UnreadableFile("hidden_sheets", message, "Show the sheet with the questions, or name it.")
    others = [name for name in names if name not in (seen[0].title, FIGURES_SHEET)]
    values = {"sheet": seen[0].title, "others": ", ".join(others)}
    message = "Only the sheet «{sheet}» is read; passed over: {others}.".format_map(values)
    return seen[0], (FileNote(code="other_sheets", message=message, values=values),) if others else ()


def _values(sheet: Worksheet) -> Iterator[list[tuple[str, str]]]:
    """Rows of (text, kind); kind is «formula», «error» or «» for what can be taken. Empty rows at the end are dropped."""
    sheet.reset_dimensions()  # type: ignore[attr-defined] # what the file says of its size may be wrong
    empty: list[list[tuple[str, str]]] = []
    # One column more than may be there: a lone cell at the far right would be 16,384 cells a row.
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        if number > 2 * MOST_ROWS:
            message, fix = f"There are more than {MOST_ROWS:,} rows.", "Split it into several files."
            raise UnreadableFile("too_many_rows", message, fix, most=str(MOST_ROWS))
        cells = [(_text(cell.value), _kind(cell.data_type)) for cell in row]
        while cells and not cells[-1][0]:
            cells.pop()
        empty.append(cells)
        if any(text for text, _ in cells):
            yield from empty
            empty.clear()


def _kind(data_type: str) -> str:
    return {"f": "formula", "e": "error"}.get(data_type, "")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), str(value))


def _escaped(text: str) -> str:
    """As the format writes characters that XML may not hold (ECMA-376, ST_Xstring)."""
    return _UNWRITABLE.sub(lambda m: f"_x{ord(m[0]):04X}_", text)


def _merged_rows(content: bytes, sheet: Any) -> dict[int, str]:
    """Row → the merged range that it lies in, of ranges over several rows; the reader itself does not tell."""
    path = sheet._worksheet_path.lstrip("/")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        found = _MERGED.findall(packed.read(path))
    ranges = [
        (a + first + b":" + b + last, int(first), int(last)) for a, first, b, last in found if first != last
    ]
    covered = sum(1 + min(last - first, MOST_ROWS) for _, first, last in ranges)
    if len(ranges) > MOST_MERGED or covered > MOST_MERGED + MOST_ROWS:
        message = f"{len(ranges):,} ranges of cells are merged over {covered:,} rows."
        raise UnreadableFile("too_many_merged", message, "Unmerge them, or save the sheet as «CSV UTF-8».")
    return {
        row: name.decode()
        for name, first, last in ranges
        for row in range(first, min(last, first + MOST_ROWS) + 1)
    }


def _table(
    rows: list[list[tuple[str, str]]],
    merged: Mapping[int, str],
    figures: Mapping[str, Any],
    notes: tuple[FileNote, ...],
) -> Table:
    start = next(
        (n for n, cells in enumerate(rows) if sum(bool(text.strip()) for text, _ in cells) > 1), None
    )
    if start is None:
        raise UnreadableFile("no_table", "The sheet holds no table.", "Write a header: question, answer.")
    cells = rows[start]
    while cells and not cells[-1][0].strip():
        cells = cells[:-1]
    names = header([text for text, _ in cells])
    found = [
        _row(number, names, row, merged.get(number))
        for number, row in enumerate(rows[start + 1 :], start=start + 2)
        if any(text.strip() for text, _ in row)
    ]
    return Table(format="xlsx", columns=names, rows=tuple(found), figures=figures, notes=notes)


def _row(number: int, names: tuple[str, ...], row: list[tuple[str, str]], merged: str | None) -> TableRow:
    faults = [
        CellFault(column=name, code=f"{kind}_cell", message=_MESSAGES[kind], fix=_FIXES[kind])
        for name, (_, kind) in zip(names, row, strict=False)
        if kind
    ]
    if merged:
        message = f"lies in the merged cells {merged}, so that its own cells are empty."
        fix, values = "Unmerge them and fill each row.", {"cells": merged}
        faults.append(CellFault(column="", code="merged_cells", message=message, fix=fix, values=values))
    cells = {name: text for name, (text, _) in zip(names, row, strict=False)}
    return TableRow(number=number, cells=cells, faults=tuple(faults))


_MESSAGES = {"formula": "holds a formula.", "error": "holds an error of a formula."}
_FIXES = dict.fromkeys(_MESSAGES, "Copy the column and paste it as values.")


def _figures(sheets: Sequence[Any]) -> dict[str, Any]:
    """Of the second sheet of our own exports."""
    import json

    sheet = next((s for s in sheets if s.title == FIGURES_SHEET), None)
    if sheet is None:
        return {}
    rows = [[text for text, _ in cells] for cells in _values(sheet)]
    if not rows or rows[0][:4] != ["name", "value", "unit", "description"]:
        return {}
    return {
        name: {"value": json.loads(value), "unit": unit, "description": description}
        for name, value, unit, description in (row[:4] for row in rows[1:] if len(row) >= 4)
    }
