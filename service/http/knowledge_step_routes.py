"""The part of the route table around a draft's way to customers: gate, pinned questions, review, times, archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from service.http import knowledge_answers as answers
from service.http import knowledge_bodies as bodies
from service.http import knowledge_gate, knowledge_steps, knowledge_would_say
from service.http.access import KNOWLEDGE, KNOWLEDGE_READS
from service.http.route import CallHandler, Route

BASE = "/api/knowledge"
ENTRY = f"{BASE}/entries/{{entry}}"
FIGURE = f"{BASE}/policy/{{figure}}"


def _step(
    method: Literal["POST", "DELETE"],
    path: str,
    handler: CallHandler,
    body: type[BaseModel],
    summary: str,
) -> Route:
    """One that answers with the entry or figure as it is then."""
    return Route(
        method=method,
        path=path,
        handler=handler,
        access=KNOWLEDGE,
        summary=summary,
        body=body,
        answer=answers.FigureOnly if path.startswith(FIGURE) else answers.EntryOnly,
        errors=("conflict",),
    )


def _steps(item: str, thing: str) -> Iterator[Route]:
    steps = knowledge_steps
    yield _step("POST", f"{item}/review", steps.ask_review, bodies.AskReview, f"Ask for a review of {thing}")
    verdict = f"Approve {thing} or say what to change"
    yield _step("POST", f"{item}/review/verdict", steps.give_verdict, bodies.GiveVerdict, verdict)
    yield _step("POST", f"{item}/schedule", steps.schedule, bodies.PlanTimes, f"Plan the times of {thing}")
    yield _step(
        "DELETE", f"{item}/schedule", steps.unschedule, bodies.AtVersion, f"Drop the times of {thing}"
    )


STEP_ROUTES = (
    *_steps(ENTRY, "an entry"),
    *_steps(FIGURE, "a figure"),
    _step(
        "POST", f"{ENTRY}/archive", knowledge_steps.archive, bodies.WithNote, "Take an entry from customers"
    ),
    _step("POST", f"{ENTRY}/unarchive", knowledge_steps.unarchive, bodies.AtVersion, "Back among the drafts"),
    Route(
        method="POST",
        path=f"{BASE}/gate",
        handler=knowledge_gate.start_gate,
        access=KNOWLEDGE,
        summary="Ask the base's questions of a draft",
        body=bodies.GateFor,
        answer=answers.GateStarted,
        status=202,
        errors=("not_found", "conflict", "invalid_content"),
    ),
    Route(
        method="GET",
        path=f"{BASE}/gate/{{run_id}}",
        handler=knowledge_gate.read_gate,
        access=KNOWLEDGE_READS,
        summary="How far a run of the gate is",
        answer=answers.GateRunAnswer,
    ),
    Route(
        method="GET",
        path=f"{BASE}/pinned",
        handler=knowledge_gate.list_pinned,
        access=KNOWLEDGE_READS,
        summary="Pinned questions",
        answer=answers.AllPinned,
    ),
    Route(
        method="POST",
        path=f"{BASE}/pinned",
        handler=knowledge_gate.pin,
        access=KNOWLEDGE,
        summary="Pin a question",
        body=bodies.PinnedQuestion,
        answer=answers.OnePinned,
        status=201,
        errors=("conflict",),
    ),
    Route(
        method="PUT",
        path=f"{BASE}/pinned/{{pinned_id}}",
        handler=knowledge_gate.change_pinned,
        access=KNOWLEDGE,
        summary="Change a pinned question",
        body=bodies.PinnedQuestion,
        answer=answers.OnePinned,
    ),
    Route(
        method="DELETE",
        path=f"{BASE}/pinned/{{pinned_id}}",
        handler=knowledge_gate.unpin,
        access=KNOWLEDGE,
        summary="Unpin a question",
        status=204,
    ),
    Route(
        method="POST",
        path=f"{BASE}/would-say",
        handler=knowledge_would_say.would_say,
        access=KNOWLEDGE_READS,
        summary="What the bot would say, published and drafted",
        body=bodies.WouldSay,
        answer=answers.WouldSayAnswer,
    ),
)
