"""The routes of the publish gate and of the questions that editors pin to it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from aiohttp import web
from psycopg import AsyncConnection

from desk import audit, people
from desk.errors import InvalidInput
from knowledge_base import pinned
from knowledge_base.editing import read_item
from knowledge_base.errors import EditConflict, UnknownEntry
from knowledge_base.pinned import Pinned, PinnedText
from service import keys
from service.http.calls import Call, json_answer, no_content
from service.http.gate_json import Json, run_json
from service.http.knowledge_bodies import GateFor, PinnedQuestion
from service.http.knowledge_json import edited_meanwhile, person_json


async def start_gate(call: Call) -> web.Response:
    """Begin to ask; a run of the same draft and base that is there already is told instead."""
    asked = call.body_as(GateFor)
    gatekeeper = call.request.app[keys.GATEKEEPER]
    try:
        run = await gatekeeper.start(asked.kind, asked.id, asked.version, by=call.me.agent.id)
    except EditConflict as conflict:
        async with call.request.app[keys.POOL].connection() as conn:
            raise await edited_meanwhile(conn, conflict) from None
    return json_answer({"run": str(run.id)}, 202)


async def read_gate(call: Call) -> web.Response:
    """How far a run is, of whichever process."""
    run = await call.request.app[keys.GATEKEEPER].read(call.ids["run_id"])
    return json_answer(run_json(run, holds_up=call.request.app[keys.PUBLISHING].is_held_up_by(run)))


async def list_pinned(call: Call) -> web.Response:
    """All of them, the oldest first."""
    async with call.request.app[keys.POOL].connection() as conn:
        found = await pinned.list_pinned(conn)
        names = await people.read_names(conn, {one.by for one in found if one.by})
    return json_answer({"pinned": [_json(one, person_json(one.by, names)) for one in found]})


async def pin(call: Call) -> web.Response:
    """From now on the gate asks it."""
    async with call.request.app[keys.POOL].connection() as conn:
        text = await _checked(conn, call.body_as(PinnedQuestion))
        written = await pinned.pin(conn, uuid4(), text, by=call.me.agent.id, now=call.now)
        await _record(conn, call, "knowledge.pinned", written)
    return json_answer({"pinned": _json(written, _me(call))}, 201)


async def change_pinned(call: Call) -> web.Response:
    """Another text, or another answer to it."""
    id_ = call.ids["pinned_id"]
    async with call.request.app[keys.POOL].connection() as conn:
        text = await _checked(conn, call.body_as(PinnedQuestion))
        written = await pinned.change_pinned(conn, id_, text, by=call.me.agent.id, now=call.now)
        await _record(conn, call, "knowledge.pinned", written)
    return json_answer({"pinned": _json(written, _me(call))})


async def unpin(call: Call) -> web.Response:
    """The gate does not ask it any more."""
    id_ = call.ids["pinned_id"]
    async with call.request.app[keys.POOL].connection() as conn:
        await pinned.unpin(conn, id_)
        await audit.record(
            conn,
            actor_kind="agent",
            actor_id=call.me.agent.id,
            action="knowledge.unpinned",
            subject=str(id_),
            details={},
            now=call.now,
        )
    return no_content()


async def _checked(conn: AsyncConnection[Any], given: PinnedQuestion) -> PinnedText:
    """InvalidInput where it names an entry that is not there."""
    for field, entry in (("expected", given.expected), ("context", given.context)):
        try:
            if entry is not None:
                await read_item(conn, "entry", entry)
        except UnknownEntry as error:
            raise InvalidInput(f"{field}: {error}", field=field) from None
    return PinnedText(**given.model_dump())


def _json(one: Pinned, by: Json | None) -> Json:
    return {
        "id": str(one.id),
        "question": one.question,
        "language": one.language,
        "context": one.context,
        "expected": one.expected,
        "note": one.note,
        "by": by,
        "at": one.at.isoformat(),
    }


def _me(call: Call) -> Json:
    return {"id": str(call.me.agent.id), "name": call.me.agent.name}


async def _record(conn: AsyncConnection[Any], call: Call, action: str, one: Pinned) -> None:
    await audit.record(
        conn,
        actor_kind="agent",
        actor_id=call.me.agent.id,
        action=action,
        subject=str(one.id),
        details={"expected": one.expected},
        now=call.now,
    )
