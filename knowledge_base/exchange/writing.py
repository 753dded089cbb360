"""Entries and figures as CSV, XLSX, JSON or YAML; the import reads each back without loss. CSV holds no figures."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from knowledge_base import entries
from knowledge_base.exchange import workbooks
from knowledge_base.exchange.tables import Format
from knowledge_base.policy import LANGUAGES

Json = Mapping[str, Any]
COLUMNS: tuple[str, ...] = (
    "id",
    "group",
    *(f"{name}.{language}" for language in LANGUAGES for name in ("title", "answer", "phrasings")),
    "variants",
    "related",
    "start_form",
    "own_figures",
)
MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "yaml": "application/yaml",
}
_FORMULA = re.compile(r"['=+\-@\t\r\n＝＋－＠]")
"""Spreadsheets run a cell that begins so, Chinese ones at full width too (OWASP, CSV injection). ' is guarded so that
taking the guard off loses nothing."""
_PLAIN_LINE = re.compile(r"(?!\[)[^\n\r]+")
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def write(format_: Format, items: Sequence[tuple[str, Json]], figures: Mapping[str, Json]) -> bytes:
    """The whole file. Takes seconds for 10,000 entries. Raises CellTooLong for what no workbook holds."""
    if format_ == "csv":
        return _csv(items)
    if format_ == "xlsx":
        return workbooks.write(COLUMNS, [as_cells(id_, content) for id_, content in items], figures)
    whole = {"format": entries.FORMAT, "figures": dict(figures), "entries": dict(items)}
    if format_ == "json":
        return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()
    return str(yaml.dump(whole, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=140)).encode()


def as_cells(id_: str, content: Json) -> dict[str, str]:
    """An entry as a row."""
    cells = {"id": id_, "group": str(content.get("group") or "")}
    for language in LANGUAGES:
        cells[f"title.{language}"] = (content.get("title") or {}).get(language) or ""
        cells[f"answer.{language}"] = (content.get("answer") or {}).get(language) or ""
        cells[f"phrasings.{language}"] = _lines((content.get("phrasings") or {}).get(language) or [])
    variants = content.get("variants") or []
    return {
        **cells,
        "variants": json.dumps(variants, ensure_ascii=False) if variants else "",
        "related": " ".join(content.get("related") or []),
        "start_form": content.get("start_form") or "",
        "own_figures": "true" if content.get("own_figures") else "",
    }


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str, *, is_ours: bool) -> str:
    """The cell without the guard of `guarded`; in a foreign file only where it guards something."""
    if not cell.startswith("'"):
        return cell
    return cell[1:] if is_ours or (len(cell) > 1 and cell[1] in "=+-@") else cell


def _csv(items: Sequence[tuple[str, Json]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for id_, content in items:
        cells = as_cells(id_, content)
        writer.writerow([guarded(cells[name]) for name in COLUMNS])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _lines(texts: Sequence[str]) -> str:
    """One a line; where one holds a line end, or looks like a list itself, as JSON."""
    if all(_PLAIN_LINE.fullmatch(text) and text == text.strip() for text in texts):
        return "\n".join(texts)
    return json.dumps(list(texts), ensure_ascii=False)
