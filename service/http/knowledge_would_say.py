"""What the bot would say, published and with the drafts in place, beside each other."""

from __future__ import annotations

from aiohttp import web

from knowledge_base import would_say as saying
from routing.language import detect
from service import keys
from service.http.calls import Call, json_answer
from service.http.knowledge_bodies import WouldSay

Json = dict[str, object]


async def would_say(call: Call) -> web.Response:
    """Both outcomes, with scores and reasons."""
    asked = call.body_as(WouldSay)
    language = asked.language or detect(asked.text, None)
    found = await saying.would_say(
        call.request.app[keys.KNOWLEDGE],
        asked.text,
        language=language,
        context=asked.context,
        customer=asked.customer.model_dump(exclude_none=True) if asked.customer else {},
        at=asked.at,
        with_drafts=asked.drafts,
    )
    return json_answer(
        {
            "published": _said(found.published, language),
            "draft": _said(found.draft, language) if found.draft is not None else None,
            "left_out": list(found.left_out),
        }
    )


def _said(said: saying.Said, language: str) -> Json:
    found = said.found
    languages = found.languages or (language,) * len(found.answered)
    return {
        "outcome": found.outcome,
        "probability": round(found.probability, 4),
        "language": language,
        "is_question": found.is_question,
        "reason": said.reason,
        "answered": list(found.answered),
        "answers": [
            {"entry": entry, "text": text, "language": written}
            for entry, text, written in zip(found.answered, found.answers, languages, strict=True)
        ],
        "candidates": [
            {
                "entry": c.entry,
                "title": c.title,
                "probability": c.probability,
                "phrasing": c.phrasing,
                "score": round(c.score, 4),
            }
            for c in found.candidates
        ],
    }
