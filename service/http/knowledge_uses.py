"""What came of the knowledge base with customers: gaps, figures per entry, entries that resemble each other or lie idle."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from desk import audit
from desk.knowledge_gaps import Period
from knowledge_base import editing, entry_figures
from knowledge_base.gaps import Gap
from service import keys
from service.http.calls import Call, json_answer, no_content
from service.http.knowledge_json import Json
from service.http.knowledge_uses_bodies import DaysQuery, GapsQuery, UnusedQuery

SHOWN_QUESTIONS = 50
"""Questions of a gap that are listed, the most typical first; `count` counts all."""


async def list_gaps(call: Call) -> web.Response:
    """What customers asked in vain, the dearest first."""
    query = call.query_as(GapsQuery)
    period = Period(days=query.days, until=call.now)
    desk = call.request.app[keys.KNOWLEDGE_GAPS]
    found = await desk.find(period, language=query.language)
    shown = found[: query.limit]
    titles = await desk.titles([gap.nearest for gap in shown if gap.nearest])
    return json_answer(
        {
            "gaps": [gap_json(gap, titles) for gap in shown],
            "titles": titles,
            "from": period.since.isoformat(),
            "to": period.until.isoformat(),
            "more": len(found) > len(shown),
        }
    )


async def dismiss_gap(call: Call) -> web.Response:
    """Hide it until it has grown by half."""
    query = call.query_as(DaysQuery)
    gap = call.text_ids["gap"]
    desk = call.request.app[keys.KNOWLEDGE_GAPS]
    await desk.dismiss(gap, Period(days=query.days, until=call.now), by=call.me.agent.id)
    async with call.request.app[keys.POOL].connection() as conn:
        await audit.record(
            conn,
            actor_kind="agent",
            actor_id=call.me.agent.id,
            action="knowledge.gap_dismissed",
            subject=gap,
            details={"days": query.days},
            now=call.now,
        )
    return no_content()


async def draft_of_gap(call: Call) -> web.Response:
    """The content of a new entry, to be begun with it."""
    query = call.query_as(DaysQuery)
    desk = call.request.app[keys.KNOWLEDGE_GAPS]
    content = await desk.draft(call.text_ids["gap"], Period(days=query.days, until=call.now))
    return json_answer({"content": content})


async def entry_uses(call: Call) -> web.Response:
    """Figures of one entry by day of the shop."""
    query = call.query_as(DaysQuery)
    zone = call.request.app[keys.SETTINGS].sections.shop.time_zone
    async with call.request.app[keys.POOL].connection() as conn:
        item = await editing.read_item(conn, "entry", call.text_ids["entry"])
        days = await entry_figures.figures_of(
            conn, item.id, since=call.now - timedelta(days=query.days - 1), until=call.now, zone=zone
        )
    return json_answer({"days": [day.as_json() for day in days], "totals": entry_figures.totals(days)})


async def similar_entries(call: Call) -> web.Response:
    """Pairs of entries that stand in each other's way."""
    found = await call.request.app[keys.SIMILAR_ENTRIES].find()
    entries = {id_ for pair in found.pairs for id_ in (pair.a, pair.b)}
    titles = await call.request.app[keys.KNOWLEDGE_GAPS].titles(sorted(entries))
    pairs: list[Json] = [
        {
            "a": pair.a,
            "b": pair.b,
            "similarity": pair.similarity,
            "phrasings": list(pair.phrasings),
            "a_to_b": pair.a_to_b,
            "b_to_a": pair.b_to_a,
        }
        for pair in found.pairs
    ]
    return json_answer({"pairs": pairs, "titles": titles, "compared": found.compared, "of": found.of})


async def unused_entries(call: Call) -> web.Response:
    """Published entries whose answer nobody was given in the period."""
    query = call.query_as(UnusedQuery)
    async with call.request.app[keys.POOL].connection() as conn:
        found = await entry_figures.unused_since(conn, call.now - timedelta(days=query.days))
    return json_answer(
        {
            "entries": [
                {
                    "id": entry.id,
                    "title": entry.title or {},
                    "last_used": entry.last_used.isoformat() if entry.last_used else None,
                    "first_published_at": entry.first_published_at.isoformat()
                    if entry.first_published_at
                    else None,
                }
                for entry in found
            ]
        }
    )


def gap_json(gap: Gap, titles: Json | dict[str, dict[str, str]]) -> Json:
    """A gap; `nearest` only where that entry is still there."""
    return {
        "id": gap.id,
        "name": gap.name,
        "language": gap.language,
        "questions": [
            {
                "text": question.text,
                "language": question.language,
                "at": question.at.isoformat(),
                "conversation": str(question.conversation_id),
                "seq": question.seq,
                "why": question.why,
            }
            for question in gap.questions[:SHOWN_QUESTIONS]
        ],
        "count": len(gap.questions),
        "cost": gap.cost,
        "agents_answers": list(gap.agents_answers),
        "nearest": gap.nearest if gap.nearest in titles else None,
    }
