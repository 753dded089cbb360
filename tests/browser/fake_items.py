"""Rows of the fake knowledge base: entries and figures with their drafts, revisions and what stands over them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from knowledge_base.policy import LANGUAGES
from tests.browser.console_story import Json, stamp


@dataclass
class Item:
    """One entry's or figure's row; content is JSON, of a figure its value."""

    id: str
    published: Any = None
    draft: Any = None
    revision: int = 0
    version: int = 1
    published_at: str | None = None
    published_by: Json | None = None
    draft_at: str | None = None
    draft_by: Json | None = None
    revisions: list[Json] = field(default_factory=list)
    review: Json | None = None
    schedule: Json | None = None
    archived: Json | None = None

    @property
    def state(self) -> str:
        if self.archived is not None:
            return "archived"
        if self.published is None:
            return "draft"
        return "published" if self.draft is None else "changed"

    @property
    def newest(self) -> Any:
        return self.draft if self.draft is not None else self.published or {}

    @property
    def is_listed(self) -> bool:
        """An entry that never was published and has no draft stands in no list."""
        return self.published is not None or self.draft is not None

    def write(self, content: Any, by: Json) -> None:
        """Another draft."""
        self.draft, self.draft_by, self.draft_at = deepcopy(content), by, stamp(datetime.now(UTC))
        self.review = None
        self.version += 1

    def drop(self) -> None:
        """No draft any more."""
        self.draft = self.draft_by = self.draft_at = self.review = None
        self.version += 1

    def publish(self, note: str, by: Json | None, at: datetime, *, key: str) -> None:
        """The draft becomes what customers get."""
        self.published, self.published_by, self.published_at = self.newest, by, stamp(at)
        self.revision += 1
        self.revisions.insert(
            0,
            {
                "revision": self.revision,
                "at": stamp(at),
                "by": by,
                "note": note,
                key: deepcopy(self.published),
            },
        )
        self.drop()

    def shown(self) -> Json:
        keys = ("id", "version", "revision", "state", "published", "draft", "published_at", "published_by")
        more = ("draft_at", "draft_by", "review", "schedule", "archived")
        return {name: getattr(self, name) for name in (*keys, *more)}


def row_of(item: Item) -> Json:
    """A line of the list."""
    content = item.newest
    return {
        "id": item.id,
        "group": content["group"],
        "title": content["title"],
        "state": item.state,
        "languages": [language for language in LANGUAGES if content.get("answer", {}).get(language)],
        "phrasings": sum(len(texts) for texts in content.get("phrasings", {}).values()),
        "revision": item.revision,
        "version": item.version,
        "published_at": item.published_at,
        "draft_at": item.draft_at,
        "draft_by": item.draft_by,
    }


def is_listed_for(item: Item, asked: dict[str, str]) -> bool:
    """Whether the list's filters let it through; archived ones are shown on demand."""
    row = row_of(item)
    if item.archived is not None and asked.get("state") != "archived":
        return False
    if asked.get("group") and row["group"] != asked["group"]:
        return False
    if asked.get("state") and row["state"] != asked["state"]:
        return False
    if asked.get("language") and asked["language"] not in row["languages"]:
        return False
    text = asked.get("text", "").lower()
    return not text or text in f"{item.id} {item.newest}".lower()
