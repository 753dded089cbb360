"""The knowledge base's part of the route table."""

from __future__ import annotations

from service.http import knowledge, knowledge_search
from service.http import knowledge_answers as answers
from service.http import knowledge_bodies as bodies
from service.http.access import KNOWLEDGE, KNOWLEDGE_READS
from service.http.knowledge_step_routes import STEP_ROUTES
from service.http.knowledge_transfer_routes import TRANSFER_ROUTES
from service.http.route import Route

ENTRIES = "/api/knowledge/entries"
ENTRY = f"{ENTRIES}/{{entry}}"
POLICY = "/api/knowledge/policy"
FIGURE = f"{POLICY}/{{figure}}"
PUBLISH_ERRORS = ("conflict", "gate_stopped", "review_needed", "invalid_content")

KNOWLEDGE_ROUTES = (
    Route(
        method="GET",
        path=ENTRIES,
        handler=knowledge.list_entries,
        access=KNOWLEDGE_READS,
        summary="Entries by filter",
        query=bodies.EntriesQuery,
        answer=answers.Entries,
    ),
    Route(
        method="GET",
        path="/api/knowledge/titles",
        handler=knowledge.read_titles,
        access=KNOWLEDGE_READS,
        summary="What entries are called",
        query=bodies.TitlesQuery,
        answer=answers.TitlesFound,
    ),
    Route(
        method="POST",
        path=ENTRIES,
        handler=knowledge.create_entry,
        access=KNOWLEDGE,
        summary="Begin an entry",
        body=bodies.NewEntry,
        answer=answers.EntryAnswer,
        status=201,
        errors=("conflict",),
    ),
    Route(
        method="GET",
        path=ENTRY,
        handler=knowledge.read_entry,
        access=KNOWLEDGE_READS,
        summary="An entry with its draft",
        answer=answers.EntryAnswer,
    ),
    Route(
        method="PUT",
        path=f"{ENTRY}/draft",
        handler=knowledge.save_entry,
        access=KNOWLEDGE,
        summary="Save what was typed",
        body=bodies.EntryDraft,
        answer=answers.EntryAnswer,
        errors=("conflict",),
    ),
    Route(
        method="DELETE",
        path=f"{ENTRY}/draft",
        handler=knowledge.discard_entry,
        access=KNOWLEDGE,
        summary="Throw the draft away",
        body=bodies.AtVersion,
        answer=answers.EntryOnly,
        errors=("conflict",),
    ),
    Route(
        method="POST",
        path=f"{ENTRY}/publish",
        handler=knowledge.publish_entry,
        access=KNOWLEDGE,
        summary="Give the draft to customers",
        body=bodies.PublishDraft,
        answer=answers.PublishedEntry,
        errors=PUBLISH_ERRORS,
    ),
    Route(
        method="GET",
        path=f"{ENTRY}/revisions",
        handler=knowledge.entry_revisions,
        access=KNOWLEDGE_READS,
        summary="What was published",
        answer=answers.EntryRevisions,
    ),
    Route(
        method="POST",
        path=f"{ENTRY}/restore",
        handler=knowledge.restore_entry,
        access=KNOWLEDGE,
        summary="Make an earlier revision the draft",
        body=bodies.RestoreRevision,
        answer=answers.EntryAnswer,
        errors=("conflict",),
    ),
    Route(
        method="POST",
        path="/api/knowledge/preview",
        handler=knowledge.preview,
        access=KNOWLEDGE,
        summary="As the customer would read it",
        body=bodies.PreviewContent,
        answer=answers.Preview,
    ),
    Route(
        method="GET",
        path=POLICY,
        handler=knowledge.read_policy_table,
        access=KNOWLEDGE_READS,
        summary="The policy table",
        answer=answers.Figures,
    ),
    Route(
        method="PUT",
        path=f"{FIGURE}/draft",
        handler=knowledge.save_figure,
        access=KNOWLEDGE,
        summary="Save another value",
        body=bodies.FigureDraft,
        answer=answers.FigureAnswer,
        errors=("conflict",),
    ),
    Route(
        method="DELETE",
        path=f"{FIGURE}/draft",
        handler=knowledge.discard_figure,
        access=KNOWLEDGE,
        summary="Throw the new value away",
        body=bodies.AtVersion,
        answer=answers.FigureOnly,
        errors=("conflict",),
    ),
    Route(
        method="POST",
        path=f"{FIGURE}/publish",
        handler=knowledge.publish_figure,
        access=KNOWLEDGE,
        summary="Let the new value hold",
        body=bodies.PublishDraft,
        answer=answers.PublishedFigure,
        errors=PUBLISH_ERRORS,
    ),
    Route(
        method="GET",
        path=f"{FIGURE}/revisions",
        handler=knowledge.figure_revisions,
        access=KNOWLEDGE_READS,
        summary="Which values held",
        answer=answers.FigureRevisions,
    ),
    Route(
        method="POST",
        path=f"{FIGURE}/restore",
        handler=knowledge.restore_figure,
        access=KNOWLEDGE,
        summary="Make an earlier value the draft",
        body=bodies.RestoreRevision,
        answer=answers.FigureAnswer,
        errors=("conflict",),
    ),
    Route(
        method="POST",
        path="/api/knowledge/search",
        handler=knowledge_search.search,
        access=KNOWLEDGE_READS,
        summary="What the bot would say",
        body=bodies.Question,
        answer=answers.Searched,
    ),
    *STEP_ROUTES,
    *TRANSFER_ROUTES,
)
