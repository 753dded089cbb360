"""The routes of the knowledge editor: lists, drafts, publishing and history of entries and policy figures.

What may be published is the knowledge base's to say; here it gets a transaction, a row in the audit log, and names.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from aiohttp import web
from psycopg import AsyncConnection

from desk import audit, people
from desk.errors import InvalidInput
from knowledge_base import editing, listing
from knowledge_base.checking import text_problems
from knowledge_base.conditions import CONDITIONS
from knowledge_base.errors import EditConflict
from knowledge_base.items import Item, ItemKind
from knowledge_base.preview import preview as customer_preview
from knowledge_base.surroundings import read_policy
from service import keys
from service.http.calls import Call, json_answer
from service.http.errors import EditedMeanwhile
from service.http.knowledge_bodies import (
    AtVersion,
    EntriesQuery,
    EntryDraft,
    FigureDraft,
    NewEntry,
    PreviewContent,
    PublishDraft,
    RestoreRevision,
)
from service.http.knowledge_json import (
    Json,
    figure_json,
    item_json,
    problems_json,
    read_names,
    revision_json,
    row_json,
)

Connection = AsyncConnection[Any]


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


async def create_entry(call: Call) -> web.Response:
    """A new entry, as a draft."""
    body = call.body_as(NewEntry)

    async def create(conn: Connection) -> Item:
        content = body.content.as_written()
        return await editing.create_entry(conn, body.id, content, by=call.me.agent.id, now=call.now)

    return json_answer(await _changed(call, "entry", create), 201)


async def read_entry(call: Call) -> web.Response:
    """What customers get, what waits, and what is wrong with it."""

    async def read(conn: Connection) -> Item:
        return await editing.read_item(conn, "entry", call.text_ids["entry"])

    return json_answer(await _changed(call, "entry", read))


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
    rows = [figure_json(item, found.used_by.get(item.id, ()), names) for item in found.items]
    return json_answer({"figures": rows, "base_version": found.base_version})


async def _save(
    call: Call, kind: ItemKind, version: int, content: Callable[[Item], Mapping[str, Any]]
) -> Json:
    async def save(conn: Connection) -> Item:
        item = await editing.read_item(conn, kind, call.text_ids[kind])
        return await editing.save_draft(
            conn, kind, item.id, content(item), version=version, by=call.me.agent.id, now=call.now
        )

    return await _changed(call, kind, save)


async def _discard(call: Call, kind: ItemKind) -> Json:
    version = call.body_as(AtVersion).version

    async def discard(conn: Connection) -> Item:
        item = await editing.discard_draft(conn, kind, call.text_ids[kind], version=version)
        await _record(conn, call, "knowledge.discarded", item)
        return item

    return await _changed(call, kind, discard, beside="nothing")


async def _publish(call: Call, kind: ItemKind) -> Json:
    body, app = call.body_as(PublishDraft), call.request.app

    async def publish(conn: Connection) -> Item:
        item = await editing.publish(
            conn,
            kind,
            call.text_ids[kind],
            version=body.version,
            note=body.note,
            by=call.me.agent.id,
            now=call.now,
            index=app[keys.KNOWLEDGE_INDEX],
        )
        await _record(conn, call, "knowledge.published", item)
        return item

    return await _changed(call, kind, publish, beside="base_version")


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

    return await _changed(call, kind, restore)


async def _changed(
    call: Call,
    kind: ItemKind,
    change: Callable[[Connection], Awaitable[Item]],
    *,
    beside: Literal["problems", "base_version", "nothing"] = "problems",
) -> Json:
    """Change it in one transaction; the item afterwards, or EditedMeanwhile with how it is now."""
    async with call.request.app[keys.POOL].connection() as conn:
        try:
            item = await change(conn)
        except EditConflict as conflict:
            current: Json = {kind: await item_json(conn, conflict.current)}
            raise EditedMeanwhile(str(conflict), current=current) from None
        shown: Json = {kind: await item_json(conn, item)}
        if beside == "base_version":
            shown["base_version"] = item.base_version
        if beside == "problems":
            shown["problems"] = problems_json(await editing.draft_problems(conn, item))
        return shown


async def _revisions(call: Call, kind: ItemKind, content: Callable[[Mapping[str, Any]], Json]) -> Json:
    async with call.request.app[keys.POOL].connection() as conn:
        found = await editing.revisions(conn, kind, call.text_ids[kind])
        names = await people.read_names(conn, {revision.by for revision in found if revision.by})
    return {"revisions": [revision_json(one, names) | content(one.content) for one in found]}


async def _record(
    conn: Connection, call: Call, action: str, item: Item, *, revision: int | None = None
) -> None:
    await audit.record(
        conn,
        actor_kind="agent",
        actor_id=call.me.agent.id,
        action=action,
        subject=item.id,
        details={"kind": item.kind, "revision": item.revision if revision is None else revision},
        now=call.now,
    )
