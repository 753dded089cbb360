"""The routes of the knowledge editor: lists, drafts, publishing and history of entries and policy figures.

What may be published is the knowledge base's to say; here it gets a transaction, a row in the audit log, and names.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from aiohttp import web
from psycopg import AsyncConnection

from desk import audit
from desk.errors import InvalidInput
from knowledge_base import editing, listing
from knowledge_base.checking import text_problems
from knowledge_base.conditions import CONDITIONS
from knowledge_base.errors import EditConflict, GateStopped
from knowledge_base.gate_runs import GateRun
from knowledge_base.items import Item, ItemKind
from knowledge_base.preview import preview as customer_preview
from knowledge_base.publishing import Override
from knowledge_base.surroundings import read_policy
from service import keys
from service.http.calls import Call, json_answer
from service.http.errors import Forbidden
from service.http.knowledge_bodies import (
    MOST_TITLES,
    AtVersion,
    EntriesQuery,
    EntryDraft,
    FigureDraft,
    NewEntry,
    PreviewContent,
    PublishDraft,
    RestoreRevision,
    TitlesQuery,
)
from service.http.knowledge_json import (
    Json,
    edited_meanwhile,
    figure_json,
    item_json,
    problems_json,
    read_names,
    revision_json,
    revision_names,
    row_json,
)

Connection = AsyncConnection[Any]
OVERRIDERS = frozenset({"supervisor", "admin"})
"""Who may publish what the gate stopped."""


async def list_entries(call: Call) -> web.Response:
    """A page of entries."""
    query = call.query_as(EntriesQuery)
    shown = listing.Filter(
        text=query.text, group=query.group, state=query.state, language=query.language, after=query.after
    )
    async with call.request.app[keys.POOL].connection() as conn:
        found = await listing.list_entries(conn, shown, limit=query.limit)
        names = await read_names(conn, found.items)
    return json_answer(
        {
            "entries": [row_json(item, names) for item in found.items],
            "groups": found.groups,
            "base_version": found.base_version,
            "more": found.more,
        }
    )


async def read_titles(call: Call) -> web.Response:
    """What entries are called."""
    query = call.query_as(TitlesQuery)
    ids = None if query.ids is None else [id_ for id_ in query.ids.split(",") if id_]
    limit = query.limit if ids is None else MOST_TITLES
    async with call.request.app[keys.POOL].connection() as conn:
        titles = await listing.read_titles(conn, ids=ids, text=query.text, limit=limit)
    return json_answer({"titles": titles})


async def create_entry(call: Call) -> web.Response:
    """A new entry, as a draft."""
    body = call.body_as(NewEntry)

    async def create(conn: Connection) -> Item:
        content = body.content.as_written()
        return await editing.create_entry(conn, body.id, content, by=call.me.agent.id, now=call.now)

    return json_answer(await changed(call, "entry", create), 201)


async def read_entry(call: Call) -> web.Response:
    """What customers get, what waits, and what is wrong with it."""

    async def read(conn: Connection) -> Item:
        return await editing.read_item(conn, "entry", call.text_ids["entry"])

    return json_answer(await changed(call, "entry", read))


async def save_entry(call: Call) -> web.Response:
    """Keep what was typed, right or wrong."""
    body = call.body_as(EntryDraft)
    return json_answer(await _save(call, "entry", body.version, lambda _: body.content.as_written()))


async def save_figure(call: Call) -> web.Response:
    """Keep another value, right or wrong; unit and description stay."""
    body = call.body_as(FigureDraft)
    return json_answer(
        await _save(call, "figure", body.version, lambda item: {**item.newest, "value": body.value})
    )


async def discard_entry(call: Call) -> web.Response:
    """Back to what customers get."""
    return json_answer(await _discard(call, "entry"))


async def discard_figure(call: Call) -> web.Response:
    """Back to what holds."""
    return json_answer(await _discard(call, "figure"))


async def publish_entry(call: Call) -> web.Response:
    """Give the draft to customers."""
    return json_answer(await _publish(call, "entry"))


async def publish_figure(call: Call) -> web.Response:
    """Let the new value hold, in answers and in rules."""
    return json_answer(await _publish(call, "figure"))


async def restore_entry(call: Call) -> web.Response:
    """An earlier revision becomes the draft."""
    return json_answer(await _restore(call, "entry"))


async def restore_figure(call: Call) -> web.Response:
    """An earlier value becomes the draft."""
    return json_answer(await _restore(call, "figure"))


async def entry_revisions(call: Call) -> web.Response:
    """What was published, newest first."""
    return json_answer(await _revisions(call, "entry", lambda content: {"content": content}))


async def figure_revisions(call: Call) -> web.Response:
    """Which values held, newest first."""
    return json_answer(await _revisions(call, "figure", lambda content: {"value": content["value"]}))


async def preview(call: Call) -> web.Response:
    """What is being written, as the customer would read it."""
    body = call.body_as(PreviewContent)
    for name, value in body.facts.items():
        if name not in CONDITIONS or value not in CONDITIONS[name]:
            known = ", ".join(CONDITIONS)
            raise InvalidInput(f"facts: {name} is not known with this value; known: {known}.", field="facts")
    content = body.content.as_written()
    async with call.request.app[keys.POOL].connection() as conn:
        policy = await read_policy(conn)
    text = customer_preview(content, body.language, body.facts, policy)
    return json_answer({"text": text, "problems": problems_json(text_problems(content, policy))})


async def read_policy_table(call: Call) -> web.Response:
    """Every figure, and where it is used."""
    async with call.request.app[keys.POOL].connection() as conn:
        found = await listing.list_figures(conn)
        names = await read_names(conn, found.items)
        problems = {item.id: await editing.draft_problems(conn, item) for item in found.items}
    rows = [
        {
            **figure_json(item, found.used_by.get(item.id, ()), names),
            "problems": problems_json(problems[item.id]),
        }
        for item in found.items
    ]
    return json_answer({"figures": rows, "base_version": found.base_version})


async def _save(
    call: Call, kind: ItemKind, version: int, content: Callable[[Item], Mapping[str, Any]]
) -> Json:
    async def save(conn: Connection) -> Item:
        item = await editing.read_item(conn, kind, call.text_ids[kind])
        return await editing.save_draft(
            conn, kind, item.id, content(item), version=version, by=call.me.agent.id, now=call.now
        )

    return await changed(call, kind, save)


async def _discard(call: Call, kind: ItemKind) -> Json:
    version = call.body_as(AtVersion).version

    async def discard(conn: Connection) -> Item:
        item = await editing.discard_draft(conn, kind, call.text_ids[kind], version=version)
        await _record(conn, call, "knowledge.discarded", item)
        return item

    return await changed(call, kind, discard, beside="nothing")


async def _publish(call: Call, kind: ItemKind) -> Json:
    """Through the gate, which is run here where no run of this draft and this base is there."""
    body, app = call.body_as(PublishDraft), call.request.app

    async def record(conn: Connection, item: Item, run: GateRun) -> None:
        await _record(conn, call, "knowledge.published", item)
        if override is not None and not run.has_passed:
            details = {"kind": kind, "revision": item.revision, "run": str(run.id), "why": override.reason}
            await _audit(conn, call, "knowledge.gate_overridden", item, details)

    override = _override(call, body)
    try:
        published = await app[keys.PUBLISHING].publish(
            kind,
            call.text_ids[kind],
            version=body.version,
            note=body.note,
            by=call.me.agent.id,
            now=call.now,
            override=override,
            then=record,
        )
    except EditConflict as conflict:
        async with app[keys.POOL].connection() as conn:
            raise await edited_meanwhile(conn, conflict) from None
    except GateStopped as stopped:
        if body.override_reason is not None and body.override_reason.strip():
            raise Forbidden("Only a supervisor may publish what the gate stopped.") from stopped
        raise
    async with app[keys.POOL].connection() as conn:
        return {kind: await item_json(conn, published), "base_version": published.base_version}


def _override(call: Call, body: PublishDraft) -> Override | None:
    """Of somebody who may, with a reason."""
    reason = (body.override_reason or "").strip()
    if not reason or call.me.agent.role not in OVERRIDERS:
        return None
    return Override(by=call.me.agent.id, reason=reason)


async def _restore(call: Call, kind: ItemKind) -> Json:
    body = call.body_as(RestoreRevision)

    async def restore(conn: Connection) -> Item:
        item = await editing.restore(
            conn,
            kind,
            call.text_ids[kind],
            body.revision,
            version=body.version,
            by=call.me.agent.id,
            now=call.now,
        )
        await _record(conn, call, "knowledge.restored", item, revision=body.revision)
        return item

    return await changed(call, kind, restore)


async def changed(
    call: Call,
    kind: ItemKind,
    change: Callable[[Connection], Awaitable[Item]],
    *,
    beside: Literal["problems", "nothing"] = "problems",
) -> Json:
    """Change it in one transaction; the item afterwards, or EditedMeanwhile with how it is now."""
    async with call.request.app[keys.POOL].connection() as conn:
        try:
            item = await change(conn)
        except EditConflict as conflict:
            raise await edited_meanwhile(conn, conflict) from None
        shown: Json = {kind: await item_json(conn, item)}
        if beside == "problems":
            shown["problems"] = problems_json(await editing.item_problems(conn, item))
        return shown


async def _revisions(call: Call, kind: ItemKind, content: Callable[[Mapping[str, Any]], Json]) -> Json:
    async with call.request.app[keys.POOL].connection() as conn:
        found = await editing.revisions(conn, kind, call.text_ids[kind])
        names = await revision_names(conn, found)
    return {"revisions": [revision_json(one, names) | content(one.content) for one in found]}


async def _record(
    conn: Connection, call: Call, action: str, item: Item, *, revision: int | None = None
) -> None:
    details = {"kind": item.kind, "revision": item.revision if revision is None else revision}
    await _audit(conn, call, action, item, details)


async def _audit(
    conn: Connection, call: Call, action: str, item: Item, details: Mapping[str, audit.Detail]
) -> None:
    await audit.record(
        conn,
        actor_kind="agent",
        actor_id=call.me.agent.id,
        action=action,
        subject=item.id,
        details=details,
        now=call.now,
    )
