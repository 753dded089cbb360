"""Items of the knowledge base as the database keeps them: entries and policy figures, published and as drafts.

The JSON of both is defined here. A draft may be incomplete or wrong; what is published never is (checking.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from knowledge_base.checking import is_empty
from knowledge_base.entries import Entry, Variant
from knowledge_base.policy import LANGUAGES, Figure, Language

ItemKind = Literal["entry", "figure"]
ItemState = Literal["published", "changed", "draft", "archived"]
"""Published without a draft; published with one; not published; taken away from customers until it is wanted again."""
ReviewState = Literal["asked", "approved", "changes_wanted"]
Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Item:
    """A row of knowledge_items; the columns are explained in the migration."""

    kind: ItemKind
    id: str
    position: int
    published: dict[str, Any] | None
    revision: int
    base_version: int
    published_at: datetime | None
    published_by: UUID | None
    draft: dict[str, Any] | None
    draft_at: datetime | None
    draft_by: UUID | None
    version: int
    review: Json | None = None
    publish_at: datetime | None = None
    expires_at: datetime | None = None
    schedule: Json | None = None
    archived: Json | None = None

    @property
    def state(self) -> ItemState:
        """Whether customers get it, and whether something waits to be published."""
        if self.archived is not None:
            return "archived"
        if self.published is None:
            return "draft"
        return "published" if self.draft is None else "changed"

    @property
    def is_approved(self) -> bool:
        """Whether somebody has looked at the draft and let it through."""
        return self.review is not None and self.review["state"] == "approved"

    @property
    def newest(self) -> dict[str, Any]:
        """The draft where there is one, else what is published."""
        return self.draft if self.draft is not None else self.published or {}


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One publication of an item; `by` is None for an import."""

    revision: int
    at: datetime
    by: UUID | None
    note: str
    content: dict[str, Any]
    gate: dict[str, Any] | None = None
    """What the publish gate said: {run, verdict, losses, overridden_by, reason}; None for an import."""


def entry_from_json(id_: str, content: Json) -> Entry:
    """An entry from checked JSON; spaces around texts are taken off, and languages in which nothing is written."""
    written = content.get("phrasings") or {}
    return Entry(
        id=id_,
        group=content["group"],
        title=_stripped(content["title"]),
        answer=_stripped(content["answer"]),
        phrasings={k: tuple(str(t).strip() for t in written.get(k) or ()) for k in LANGUAGES},
        variants=tuple(
            Variant(when=dict(variant["when"]), answer=_stripped(variant["answer"]))
            for variant in content.get("variants") or ()
        ),
        related=tuple(content.get("related") or ()),
        start_form=content.get("start_form"),
        own_figures=bool(content.get("own_figures")),
    )


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """The JSON of an entry; entry_from_json reads it back without loss."""
    written: dict[str, Any] = {
        "group": entry.group,
        "title": _in_order(entry.title),
        "answer": _in_order(entry.answer),
        "phrasings": {k: list(entry.phrasings.get(k, ())) for k in LANGUAGES},
        "variants": [{"when": dict(v.when), "answer": _in_order(v.answer)} for v in entry.variants],
        "related": list(entry.related),
        "start_form": entry.start_form,
    }
    return written | {"own_figures": True} if entry.own_figures else written


def figure_from_json(name: str, content: Json) -> Figure:
    """A figure from published JSON: {value, unit, description}; a range is a list there."""
    value = content["value"]
    return Figure(
        name=name,
        value=(value[0], value[1]) if isinstance(value, list) else value,
        unit=content["unit"],
        description=content["description"],
    )


def figure_as_json(figure: Figure) -> dict[str, Any]:
    """The JSON of a figure."""
    value = list(figure.value) if isinstance(figure.value, tuple) else figure.value
    return {"value": value, "unit": figure.unit, "description": figure.description}


def published_form(kind: ItemKind, id_: str, content: Json) -> dict[str, Any]:
    """Checked content as it is published: every field there, in one order, without spaces around texts."""
    if kind == "entry":
        return entry_as_json(entry_from_json(id_, content))
    return figure_as_json(figure_from_json(id_, content))


def _stripped(texts: Mapping[Language, str]) -> dict[Language, str]:
    return {language: texts[language].strip() for language in LANGUAGES if not is_empty(texts.get(language))}


def _in_order(texts: Mapping[Language, str]) -> dict[str, str]:
    return {language: texts[language] for language in LANGUAGES if language in texts}
