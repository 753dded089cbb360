"""JSON and YAML: our own export with whole entries, or any list of questions with answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from knowledge_base.exchange.tables import CellFault, Format, Table, TableRow, UnreadableFile, keepable
from knowledge_base.exchange.text_files import decoded

DEEPEST = 20
_WANTED = 'Write a list: [{"question": "…", "answer": "…"}].'


def read(format_: Format, content: bytes, *, encoding: str | None) -> Table:
    """A table from JSON or YAML. Raises UnreadableFile."""
    text, found = decoded(content, encoding)
    written = _from_json(text) if format_ == "json" else _from_yaml(text)
    if isinstance(written, dict) and isinstance(written.get("entries"), dict) and "format" in written:
        return _own(format_, written, found)
    rows = [_row(number, part) for number, part in enumerate(_list_of(written), start=1)]
    columns = tuple(dict.fromkeys(name for row in rows for name in row.cells))
    return Table(format=format_, columns=columns, rows=tuple(rows), encoding=found)


def _from_json(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"The JSON breaks off at line {error.lineno}, column {error.colno}: {error.msg}."
        fix, values = (
            "Look there for a comma, bracket or quotation mark.",
            {"line": str(error.lineno), "column": str(error.colno)},
        )
        raise UnreadableFile("broken_json", message, fix, **values) from None
    except RecursionError:
        raise UnreadableFile("nested_too_deeply", "The JSON is nested too deeply.", _WANTED) from None


def _from_yaml(text: str) -> object:
    """Without aliases, which unfold a few lines into gigabytes."""
    try:
        for event in yaml.parse(text, _Loader):
            if isinstance(event, yaml.AliasEvent):
                raise UnreadableFile("yaml_aliases", "The YAML holds aliases (*…).", "Write each text out.")
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        message = (
            f"The YAML cannot be read{place}: {getattr(error, 'problem', None) or type(error).__name__}."
        )
        fix, reason = (
            "Look there for a colon or an indentation.",
            "broken_yaml" if mark else "unreadable_yaml",
        )
        raise UnreadableFile(reason, message, fix, **({"line": str(mark.line + 1)} if mark else {})) from None
    except (RecursionError, ValueError):
        raise UnreadableFile("unreadable_yaml", "The YAML cannot be read.", _WANTED) from None


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _own(format_: Format, written: Mapping[str, Any], encoding: str) -> Table:
    rows = []
    for number, (id_, content) in enumerate(written["entries"].items(), start=1):
        if isinstance(content, dict):
            rows.append(TableRow(number=number, entry=(keepable(str(id_)), content)))
        else:
            message, fix = f"{id_} is no entry.", "Write title and answer."
            fault = CellFault(
                column="", code="bad_value", message=message, fix=fix, values={"wanted": "entry"}
            )
            rows.append(TableRow(number=number, faults=(fault,)))
    figures = written.get("figures") or {}
    if not isinstance(figures, dict) or not all(isinstance(f, dict) for f in figures.values()):
        raise UnreadableFile("bad_figures", "«figures» is no table.", "Take it out, or export it anew.")
    return Table(format=format_, columns=(), rows=tuple(rows), figures=figures, encoding=encoding)


def _list_of(written: object) -> list[object]:
    """The rows, wherever the file keeps them: a list, a list under one name, or question → answer."""
    if isinstance(written, list):
        return written
    if isinstance(written, dict):
        lists = [
            part
            for part in written.values()
            if isinstance(part, list) and any(isinstance(r, dict) for r in part)
        ]
        if len(lists) == 1:
            return lists[0]
        if written and all(isinstance(part, str) for part in written.values()):
            return [{"question": str(name), "answer": part} for name, part in written.items()]
        if written and all(isinstance(part, dict) for part in written.values()):
            return [{"id": str(name), **part} for name, part in written.items()]
    raise UnreadableFile("no_list", "The file holds no list of questions.", _WANTED)


def _row(number: int, part: object) -> TableRow:
    if not isinstance(part, dict):
        values = {"wanted": "object"}
        fault = CellFault(column="", code="bad_value", message="is no object.", fix=_WANTED, values=values)
        return TableRow(number=number, faults=(fault,))
    cells, faults = {}, []
    for path, value in _flat("", part):
        name = keepable(path)
        if isinstance(value, str):
            cells[name] = value
        else:
            cells[name] = ""
            message, fix = "is neither a text nor a list of texts.", "Write a text."
            values = {"wanted": "text"}
            faults.append(CellFault(column=name, code="bad_value", message=message, fix=fix, values=values))
    return TableRow(number=number, cells=cells, faults=tuple(faults))


def _flat(name: str, value: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    """{"question": {"en": "…"}} as «question.en»; a list of texts as its lines."""
    if isinstance(value, dict) and depth < DEEPEST:
        for key, part in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), part, depth + 1)
    elif value is None:
        yield name, ""
    elif isinstance(value, bool):
        yield name, str(value).lower()
    elif isinstance(value, str | int | float):
        yield name, str(value)
    elif isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        yield name, json.dumps([str(part) for part in value], ensure_ascii=False)
    else:
        yield name, value
