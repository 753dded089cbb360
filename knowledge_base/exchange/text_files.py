"""CSV in the encodings and with the delimiters in which Chinese and English spreadsheets are saved."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from knowledge_base.exchange.tables import (
    MOST_CELL,
    MOST_ROWS,
    CellFault,
    FileNote,
    Table,
    TableRow,
    UnreadableFile,
    header,
)

ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5")
DELIMITERS = (",", ";", "\t", "|")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CODECS = {
    "big5": "big5hkscs",
    "utf8": "utf-8",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5-hkscs": "big5hkscs",
}
_READABLE = frozenset(
    {"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "big5hkscs", "cp950"}
    | {"ascii", "iso8859-1", "cp1252"}
)
_USUAL = frozenset(
    "的一是不了在有我您你他这個这为們们来來到时時要就会會可以对對说說也下能那得里后后自家多没沒起去么麼嗎吗如何什问問题題答请請"
    "怎样樣多少和及或上中小大天日月年分钟鐘电電话話开開门門时间間用户戶服务務费費退换換货貨"
)
"""Characters that stand in any Chinese text, simplified or traditional: a wrong encoding hardly ever yields them."""
_BROKEN = re.compile("\ufffd|锟斤拷|烫烫烫|Ã.|â€|ï»¿")
LEAST_DEBRIS = 3
DEBRIS_SHARE = 0.1
"""Of the characters beyond ASCII. One broken character in a long file is that row's matter."""
_FIX_ENCODING = "Save it as «CSV UTF-8», or name the encoding: utf-8, gb18030 or big5."


def read(content: bytes, *, encoding: str | None, delimiter: str | None) -> Table:
    """A table from CSV. Raises UnreadableFile."""
    text, found = decoded(content, encoding)
    delimiter = delimiter or _delimiter(text)
    if delimiter in ('"', "\r", "\n"):
        message, fix = f"{delimiter!r} parts no columns.", "Name , ; | or a tab."
        raise UnreadableFile("bad_delimiter", message, fix, delimiter=delimiter)
    rows = _rows(text, delimiter)
    names = header(next(rows, (0, []))[1])
    note = FileNote(code="read_as", message=f"Read as {found}.", values={"encoding": found})
    return Table(
        format="csv",
        columns=names,
        rows=tuple(_row(number, names, cells) for number, cells in rows if any(c.strip() for c in cells)),
        encoding=found,
        delimiter=delimiter,
        notes=() if found.startswith("utf-8") else (note,),
    )


def decoded(content: bytes, encoding: str | None) -> tuple[str, str]:
    """The text and its encoding: the one named, by its byte order mark, UTF-8, else the likelier of GB18030 and Big5."""
    mark = next((name for start, name in _BOMS if content.startswith(start)), None)
    if mark or encoding:
        found = mark or encoding or ""
        return _whole(_strictly(content, found)), found
    try:
        return _whole(content.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        pass
    texts = {name: _decodable(content, name) for name in ("gb18030", "big5")}
    likely = {name: _usual_share(text) for name, text in texts.items() if text is not None}
    best = max(likely, key=lambda name: likely[name], default=None)
    if best is None or likely[best] < 0.05:
        message = "The file is neither UTF-8, GB18030 nor Big5."
        raise UnreadableFile("wrong_encoding", message, _FIX_ENCODING)
    return _whole(texts[best] or ""), best


def _codec(encoding: str) -> str:
    """Python's name of it; its codecs that are no encodings of files (idna, unicode_escape) are not known here."""
    try:
        found = codecs.lookup(_CODECS.get(encoding.lower(), encoding)).name
    except (LookupError, ValueError):
        found = ""
    if found not in _READABLE:
        message = f"The encoding {encoding!r} is not known."
        known = ", ".join(ENCODINGS)
        raise UnreadableFile("unknown_encoding", message, f"Known: {known}.", encoding=encoding, known=known)
    return found


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(_codec(encoding))
    except UnicodeDecodeError as error:
        message = f"The file is not {encoding}: byte {error.start + 1} is none of it."
        raise UnreadableFile("not_this_encoding", message, _FIX_ENCODING, encoding=encoding) from None


def _decodable(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(_CODECS.get(encoding, encoding))
    except UnicodeDecodeError:
        return None


def _usual_share(text: str) -> float:
    """Of the characters beyond ASCII, those that stand in any Chinese text."""
    foreign = [c for c in text[:200_000] if c > "\x7f"]
    return sum(c in _USUAL for c in foreign) / max(1, len(foreign))


def _whole(text: str) -> str:
    """The text, unless so much of it is debris of a wrong encoding that no writer can have meant it."""
    found = list(_BROKEN.finditer(text))
    foreign = sum(c > "\x7f" for c in text) if len(found) >= LEAST_DEBRIS else 0
    if foreign and DEBRIS_SHARE * foreign < sum(len(m.group()) for m in found):
        line = text.count("\n", 0, found[0].start()) + 1
        message = f"Line {line} holds {found[0].group()!r}: the text was saved in a wrong encoding before."
        fix, values = "Save it again from where it came, as «CSV UTF-8».", {"line": str(line)}
        raise UnreadableFile("saved_in_wrong_encoding", message, fix, **values, found=found[0].group())
    return text


def _delimiter(text: str) -> str:
    """The one that cuts the first rows into the most columns of equal number."""
    sample = "\n".join(text[:50_000].splitlines()[:20])
    widths = {
        d: [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=d) if row]
        for d in DELIMITERS
    }
    return max(DELIMITERS, key=lambda d: (_regular(widths[d]), -DELIMITERS.index(d)))


def _regular(widths: list[int]) -> float:
    """Columns of the header where at least one more is there, by the share of rows that have as many."""
    if not widths or widths[0] < 2:
        return 0.0
    return widths[0] * sum(width == widths[0] for width in widths) / len(widths)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(MOST_CELL)
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1
        ):
            if number > MOST_ROWS + 1:
                message = f"There are more than {MOST_ROWS:,} rows."
                fix = "Split it into several files."
                raise UnreadableFile("too_many_rows", message, fix, most=str(MOST_ROWS))
            yield number, cells
    except csv.Error as error:
        message = f"The CSV cannot be read: {error}."
        fix = "Look for a quotation mark that is opened and never closed, and save it again from the spreadsheet."
        raise UnreadableFile("broken_csv", message, fix) from None


def _row(number: int, names: tuple[str, ...], cells: list[str]) -> TableRow:
    faults: tuple[CellFault, ...] = ()
    if any(cell.strip() for cell in cells[len(names) :]):
        message = f"has {len(cells)} cells under {len(names)} column names."
        fix = "Put quotation marks around the text that holds the delimiter."
        values = {"cells": str(len(cells)), "columns": str(len(names))}
        faults = (CellFault(column="", code="too_many_cells", message=message, fix=fix, values=values),)
    return TableRow(number=number, cells=dict(zip(names, cells, strict=False)), faults=faults)
