"""Entries and figures as the API shows them; who drafted or published them is shown by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from desk import people
from knowledge_base import listing
from knowledge_base.errors import EditConflict, Problem
from knowledge_base.items import Item, Revision
from service.http.errors import EditedMeanwhile, problem_json

Json = dict[str, object]


async def item_json(conn: AsyncConnection[Any], item: Item) -> Json:
    """All of an entry or a figure."""
    names = await read_names(conn, [item])
    if item.kind == "figure":
        return figure_json(item, (await listing.read_used_by(conn)).get(item.id, ()), names)
    return {
        "id": item.id,
        "version": item.version,
        "revision": item.revision,
        "state": item.state,
        "published": item.published,
        "draft": item.draft,
        **_when_and_who(item, names),
        "published_by": person_json(item.published_by, names),
        **_steps(item, names),
    }


def row_json(item: Item, names: Mapping[UUID, str]) -> Json:
    """An entry in the list."""
    content = item.newest
    title = content.get("title")
    return {
        "id": item.id,
        "group": str(content.get("group") or ""),
        "title": title if isinstance(title, dict) else {},
        "state": item.state,
        "languages": listing.languages_of(content),
        "phrasings": listing.phrasings_in(content),
        "revision": item.revision,
        "version": item.version,
        **_when_and_who(item, names),
    }


def figure_json(item: Item, used_by: Sequence[str], names: Mapping[UUID, str]) -> Json:
    """A row of the policy table."""
    published = item.published or {}
    return {
        "name": item.id,
        "unit": published.get("unit", ""),
        "description": published.get("description", ""),
        "value": published.get("value"),
        "revision": item.revision,
        "version": item.version,
        "draft": item.draft.get("value") if item.draft is not None else None,
        **_when_and_who(item, names),
        "published_by": person_json(item.published_by, names),
        **_steps(item, names),
        "used_by": list(used_by),
    }


def revision_json(revision: Revision, names: Mapping[UUID, str]) -> Json:
    """One publication, without what was published."""
    return {
        "revision": revision.revision,
        "at": _time(revision.at),
        "by": person_json(revision.by, names),
        "note": revision.note,
        "gate": _gate(revision.gate, names) if revision.gate is not None else None,
    }


def _gate(gate: Mapping[str, Any], names: Mapping[UUID, str]) -> Json:
    """What the gate said before it was published, and who did not heed it."""
    overridden = {"overridden_by": _person_of(gate, "overridden_by", names)} if "reason" in gate else {}
    return {**gate, **overridden}


def _steps(item: Item, names: Mapping[UUID, str]) -> Json:
    """Review, planned times, archive; null where there is none."""
    review, planned, archived = item.review, item.schedule, item.archived
    return {
        "review": review
        and {
            **review,
            "asked_by": _person_of(review, "asked_by", names),
            "by": _person_of(review, "by", names),
        },
        "schedule": planned
        and {
            **planned,
            "by": _person_of(planned, "by", names),
            "publish_at": _time(item.publish_at),
            "expires_at": _time(item.expires_at),
        },
        "archived": archived and {**archived, "by": _person_of(archived, "by", names)},
    }


def _when_and_who(item: Item, names: Mapping[UUID, str]) -> Json:
    return {
        "published_at": _time(item.published_at),
        "draft_at": _time(item.draft_at),
        "draft_by": person_json(item.draft_by, names),
    }


async def read_names(conn: AsyncConnection[Any], items: Sequence[Item]) -> Mapping[UUID, str]:
    """Of all who drafted or published these items."""
    asked = {by for item in items for by in (item.draft_by, item.published_by) if by is not None}
    stored = [part for item in items for part in (item.review, item.schedule, item.archived) if part]
    asked |= {UUID(part[key]) for part in stored for key in ("by", "asked_by") if part.get(key)}
    return await people.read_names(conn, asked)


async def revision_names(conn: AsyncConnection[Any], found: Sequence[Revision]) -> Mapping[UUID, str]:
    """Of all who published these, or did not heed the gate."""
    asked = {one.by for one in found if one.by is not None}
    gates = [one.gate for one in found if one.gate is not None]
    asked |= {UUID(gate["overridden_by"]) for gate in gates if gate.get("overridden_by")}
    return await people.read_names(conn, asked)


async def edited_meanwhile(conn: AsyncConnection[Any], conflict: EditConflict) -> EditedMeanwhile:
    """The conflict with the item as it is now."""
    current: Json = {conflict.current.kind: await item_json(conn, conflict.current)}
    return EditedMeanwhile(str(conflict), current=current)


def _person_of(stored: Mapping[str, Any], key: str, names: Mapping[UUID, str]) -> Json | None:
    return person_json(UUID(stored[key]), names) if stored.get(key) else None


def person_json(id_: UUID | None, names: Mapping[UUID, str]) -> Json | None:
    """Somebody by name; None for nobody, and for who is not there any more."""
    return {"id": str(id_), "name": names[id_]} if id_ is not None and id_ in names else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def problems_json(found: Sequence[Problem]) -> list[Json]:
    """What keeps a draft from being published."""
    return [problem_json(problem) for problem in found]
