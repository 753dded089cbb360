"""The routes around a draft's way to customers and back: review, planned times, the archive. Entries and figures alike."""

from __future__ import annotations

from aiohttp import web

from desk import audit
from desk.errors import Conflict
from knowledge_base import archiving, reviewing, scheduling
from knowledge_base.items import Item, ItemKind
from service import keys
from service.http.calls import Call, json_answer
from service.http.knowledge import Connection, changed
from service.http.knowledge_bodies import AskReview, AtVersion, GiveVerdict, PlanTimes, WithNote


async def ask_review(call: Call) -> web.Response:
    """Somebody is to look at the draft."""
    body, kind = call.body_as(AskReview), _kind(call)
    _refuse_without_reviews(call)

    async def ask(conn: Connection) -> Item:
        item = await reviewing.ask_for_review(
            conn,
            kind,
            call.text_ids[kind],
            version=body.version,
            note=body.note,
            by=call.me.agent.id,
            now=call.now,
        )
        await _record(conn, call, "knowledge.review_asked", item, body.note)
        return item

    return json_answer(await changed(call, kind, ask, beside="nothing"))


async def give_verdict(call: Call) -> web.Response:
    """The draft may go to customers, or what has to change first."""
    body, kind = call.body_as(GiveVerdict), _kind(call)
    _refuse_without_reviews(call)
    section = call.request.app[keys.SETTINGS].sections.knowledge_base

    async def give(conn: Connection) -> Item:
        item = await reviewing.give_verdict(
            conn,
            kind,
            call.text_ids[kind],
            version=body.version,
            verdict=body.verdict,
            comment=body.comment,
            by=call.me.agent.id,
            now=call.now,
            by_others_only=section.reviewer_other_than_author,
        )
        await _record(conn, call, f"knowledge.{body.verdict}", item, body.comment)
        return item

    return json_answer(await changed(call, kind, give, beside="nothing"))


async def schedule(call: Call) -> web.Response:
    """When the draft goes to customers, and when that ends."""
    body, kind = call.body_as(PlanTimes), _kind(call)

    async def plan(conn: Connection) -> Item:
        item = await scheduling.schedule(
            conn,
            kind,
            call.text_ids[kind],
            version=body.version,
            publish_at=body.publish_at,
            expires_at=body.expires_at,
            note=body.note,
            by=call.me.agent.id,
            now=call.now,
        )
        await _record(conn, call, "knowledge.scheduled", item, body.note)
        return item

    return json_answer(await changed(call, kind, plan, beside="nothing"))


async def unschedule(call: Call) -> web.Response:
    """Nothing happens by itself any more."""
    body, kind = call.body_as(AtVersion), _kind(call)

    async def drop(conn: Connection) -> Item:
        item = await scheduling.unschedule(conn, kind, call.text_ids[kind], version=body.version)
        await _record(conn, call, "knowledge.unscheduled", item, "")
        return item

    return json_answer(await changed(call, kind, drop, beside="nothing"))


async def archive(call: Call) -> web.Response:
    """Take the entry away from customers; it is kept with its history."""
    body, index = call.body_as(WithNote), call.request.app[keys.KNOWLEDGE_INDEX]

    async def put_away(conn: Connection) -> Item:
        item = await archiving.archive(
            conn,
            call.text_ids["entry"],
            version=body.version,
            note=body.note,
            by=call.me.agent.id,
            now=call.now,
            index=index,
        )
        await _record(conn, call, "knowledge.archived", item, body.note)
        return item

    return json_answer(await changed(call, "entry", put_away, beside="nothing"))


async def unarchive(call: Call) -> web.Response:
    """Back among the drafts; publishing it goes through the gate."""
    body = call.body_as(AtVersion)

    async def take_out(conn: Connection) -> Item:
        item = await archiving.unarchive(conn, call.text_ids["entry"], version=body.version)
        await _record(conn, call, "knowledge.unarchived", item, "")
        return item

    return json_answer(await changed(call, "entry", take_out, beside="nothing"))


def _kind(call: Call) -> ItemKind:
    return "entry" if "entry" in call.text_ids else "figure"


def _refuse_without_reviews(call: Call) -> None:
    if call.request.app[keys.SETTINGS].sections.knowledge_base.review == "off":
        raise Conflict("knowledge_base.review is off in this shop.")


async def _record(conn: Connection, call: Call, action: str, item: Item, why: str) -> None:
    await audit.record(
        conn,
        actor_kind="agent",
        actor_id=call.me.agent.id,
        action=action,
        subject=item.id,
        details={"kind": item.kind, "revision": item.revision, "why": why},
        now=call.now,
    )
