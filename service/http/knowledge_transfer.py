"""Import and export of files over REST. A file is kept as an upload, looked at, and imported in a process of its own.

The process is started by every service that finds an import waiting (service/app.py), so a kill loses nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any
from uuid import uuid4

from aiohttp import BodyPartReader, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from desk import audit
from desk.errors import InvalidInput
from knowledge_base.exchange import imports, running, writing
from knowledge_base.exchange.columns import FIELDS, guess, missing
from knowledge_base.exchange.imports import Import, Options, Told
from knowledge_base.exchange.preparing import Preparation, Wishes, prepare
from knowledge_base.exchange.tables import MOST_BYTES, Table, read_table
from knowledge_base.exporting import export_file
from knowledge_base.surroundings import read_surroundings
from service import keys
from service.http.calls import Call, json_answer
from service.http.errors import Forbidden, TooLarge
from service.http.knowledge_transfer_bodies import ExportQuery, PreviewQuery, StartImport

SAMPLE = 5
SHORTENED = 300
"""Characters of a cell in the sample."""
MAY_PUBLISH = frozenset({"supervisor", "admin"})
Json = dict[str, Any]


async def preview_import(call: Call) -> web.Response:
    """Keep the file, and say how it was understood."""
    query = call.query_as(PreviewQuery)
    name, content = await _file(call.request, query.name)
    named = {"encoding": query.encoding, "delimiter": query.delimiter, "sheet": query.sheet}
    reading = {key: value for key, value in named.items() if value}
    table = await asyncio.to_thread(read_table, name, content, **reading)
    async with call.request.app[keys.POOL].connection() as conn:
        kept = await imports.keep_upload(
            conn, uuid4(), name, content, reading=reading, by=call.me.agent.id, now=call.now
        )
    mapping = guess(table.columns)
    return json_answer(
        {
            "upload": str(kept.id),
            "format": table.format,
            "encoding": table.encoding,
            "columns": table.columns,
            "rows": len(table.rows),
            "mapping": mapping,
            "sample": [_sample(row.cells) for row in table.rows[:SAMPLE]],
            "needs": [] if table.holds_entries else missing(mapping),
            "fields": FIELDS,
            "notes": [
                {"code": note.code, "values": dict(note.values), "message": note.message}
                for note in table.notes
            ],
        }
    )


async def start_import(call: Call) -> web.Response:
    """Import an upload; how far it is tells GET."""
    body, app = call.body_as(StartImport), call.request.app
    if body.publish and not body.dry_run and call.me.agent.role not in MAY_PUBLISH:
        raise Forbidden("A file is published past the gate: ask a supervisor, or import it as drafts.")
    if unknown := [field for field in body.mapping.values() if field and field not in FIELDS]:
        raise InvalidInput(f"mapping: {unknown[0]!r} is not a field.", field="mapping")
    rows = None if body.rows == "all" else frozenset(body.rows)
    wishes = Wishes(mapping=body.mapping, rows=rows, language=body.language, figures=body.figures)
    options = Options(wishes=wishes, publish=body.publish, overwrite=body.overwrite)
    if body.dry_run:
        return json_answer(await _tried(call, options))
    async with app[keys.POOL].connection() as conn:
        found = await imports.start(conn, body.upload, options, by=call.me.agent.id, now=call.now)
        await audit.record(
            conn,
            actor_kind="agent",
            actor_id=call.me.agent.id,
            action="knowledge.import_started",
            subject=found.name,
            details={"import": str(found.id), "publish": int(body.publish)},
            now=call.now,
        )
    return json_answer(_state_json(found, {}, ()), 202)


async def read_import(call: Call) -> web.Response:
    """How far it has come, and what became of the rows."""
    async with call.request.app[keys.POOL].connection() as conn:
        found = await imports.read_state(conn, call.ids["import_id"])
        counted, told = await imports.read_told(conn, found.id)
    return json_answer(_state_json(found, counted, told))


async def export(call: Call) -> web.Response:
    """The file, to be saved."""
    query = call.query_as(ExportQuery)
    async with call.request.app[keys.POOL].connection() as conn:
        content = await export_file(conn, query.format, group=query.group, with_drafts=query.drafts)
    day = call.now.date().isoformat()
    ending = "yml" if query.format == "yaml" else query.format
    media_type = next(kind for name, kind in writing.MEDIA_TYPES.items() if name == query.format)
    headers = {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="knowledge-{day}.{ending}"',
    }
    return web.Response(body=content, headers=headers)


async def _tried(call: Call, options: Options) -> Json:
    """What would become of each row; nothing is written."""
    body = call.body_as(StartImport)
    async with call.request.app[keys.POOL].connection() as conn:
        found = await imports.read(conn, body.upload)
        if found.content is None:
            raise imports.UnknownImport("The file is gone; upload it again.")
        existing = await imports.read_existing(conn)
        around = await read_surroundings(conn)
    content, reading = found.content, found.reading

    def look() -> tuple[Table, Preparation]:
        table = read_table(found.name, content, **reading)
        return table, prepare(table, options.wishes, around, existing)

    table, prepared = await asyncio.to_thread(look)
    async with call.request.app[keys.POOL].connection() as conn:
        outcomes = await running.foretold(conn, prepared.entries, options)
    refused: list[Json] = [{"row": problem.row, **problem.as_json()} for problem in prepared.refused]
    refused += [{"row": row, **why} for row, _, why in outcomes if why is not None]
    notes = [{"row": note.row, **note.as_json()} for note in prepared.notes]
    counted = Counter(outcome for _, outcome, _ in outcomes)
    result = {
        **{name: counted[name] for name in ("created", "changed", "unchanged")},
        "refused": sorted(refused, key=itemgetter("row"))[: imports.MOST_TOLD],
        "notes": notes[: imports.MOST_TOLD],
    }
    rows = len(table.rows)
    over = {"state": "done", "done": rows, "total": rows, "problem": None, "problem_code": None}
    return {"id": None, **over, "result": result}


def _state_json(found: Import, counted: Mapping[str, int], told: Sequence[Told]) -> Json:
    return {
        "id": str(found.id),
        "state": found.state,
        "done": found.done,
        "total": found.total,
        "problem": found.problem,
        "problem_code": _problem_code(found),
        "result": {
            **{name: counted.get(name, 0) for name in ("created", "changed", "unchanged")},
            "refused": [{"row": row.row, **(row.told or {})} for row in told if row.outcome == "refused"],
            "notes": [{"row": row.row, **(row.told or {})} for row in told if row.outcome == "noted"],
        },
    }


def _problem_code(found: Import) -> str | None:
    if found.problem is None:
        return None
    return "broke_off" if found.problem == imports.BROKE_OFF else "unreadable_file"


def _sample(cells: Any) -> dict[str, str]:
    return {name: text if len(text) <= SHORTENED else f"{text[:SHORTENED]}…" for name, text in cells.items()}


async def _file(request: web.Request, name: str | None) -> tuple[str, bytes]:
    """Name and content: the part `file` of a form, or the body itself. Raises InvalidInput, TooLarge."""
    if not request.content_type.startswith("multipart/"):
        return name or "file", await _read(request.content)
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader) and part.name == "file":
                return part.filename or name or "file", await _read(part)
    except (ValueError, HttpProcessingError):  # headers of a part that are none are the second
        raise InvalidInput("file: the form is broken.", field="file") from None
    raise InvalidInput("file: the form has no part of this name.", field="file")


async def _read(source: StreamReader | BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await (source.read_chunk() if isinstance(source, BodyPartReader) else source.readany()):
        content += chunk
        if len(content) > MOST_BYTES:
            raise TooLarge(f"The file is larger than {MOST_BYTES} bytes; split it.")
    return bytes(content)
