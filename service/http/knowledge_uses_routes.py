"""The route table's part on what came of the knowledge base with customers."""

from __future__ import annotations

from service.http import knowledge_uses
from service.http import knowledge_uses_bodies as bodies
from service.http.access import KNOWLEDGE, KNOWLEDGE_READS
from service.http.route import Route

GAPS = "/api/knowledge/gaps"

KNOWLEDGE_USES_ROUTES = (
    Route(
        method="GET",
        path=GAPS,
        handler=knowledge_uses.list_gaps,
        access=KNOWLEDGE_READS,
        summary="What customers asked in vain",
        query=bodies.GapsQuery,
        answer=bodies.Gaps,
    ),
    Route(
        method="POST",
        path=f"{GAPS}/{{gap}}/dismiss",
        handler=knowledge_uses.dismiss_gap,
        access=KNOWLEDGE,
        summary="Hide a gap until it has grown by half",
        query=bodies.DaysQuery,
        status=204,
    ),
    Route(
        method="POST",
        path=f"{GAPS}/{{gap}}/draft",
        handler=knowledge_uses.draft_of_gap,
        access=KNOWLEDGE,
        summary="An entry to begin with",
        query=bodies.DaysQuery,
        answer=bodies.GapDraft,
    ),
    Route(
        method="GET",
        path="/api/knowledge/entries/{entry}/uses",
        handler=knowledge_uses.entry_uses,
        access=KNOWLEDGE_READS,
        summary="What became of an entry, by day",
        query=bodies.DaysQuery,
        answer=bodies.EntryUses,
    ),
    Route(
        method="GET",
        path="/api/knowledge/similar",
        handler=knowledge_uses.similar_entries,
        access=KNOWLEDGE_READS,
        summary="Entries that stand in each other's way",
        answer=bodies.Similar,
    ),
    Route(
        method="GET",
        path="/api/knowledge/unused",
        handler=knowledge_uses.unused_entries,
        access=KNOWLEDGE_READS,
        summary="Entries that nobody was given",
        query=bodies.UnusedQuery,
        answer=bodies.Unused,
    ),
)
