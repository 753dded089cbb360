"""What the bot would say to a question: the same search that customers get, for editors and agents."""

from __future__ import annotations

from aiohttp import web

from routing.language import detect
from service import keys
from service.http.calls import Call, json_answer
from service.http.knowledge_bodies import Question


async def search(call: Call) -> web.Response:
    """Outcome, candidates and answers for one question."""
    asked = call.body_as(Question)
    language = asked.language or detect(asked.text, None)
    facts = asked.customer.model_dump(exclude_none=True) if asked.customer else {}
    found = await call.request.app[keys.KNOWLEDGE].search(
        asked.text, language=language, context=asked.context, customer=facts
    )
    return json_answer(
        {
            "outcome": found.outcome,
            "probability": round(found.probability, 4),
            "language": language,
            "is_question": found.is_question,
            "candidates": [
                {"entry": c.entry, "title": c.title, "probability": c.probability, "phrasing": c.phrasing}
                for c in found.candidates
            ],
            "answers": [
                {"entry": entry, "text": text, "language": written}
                for entry, text, written in zip(found.answered, found.answers, found.languages, strict=True)
            ],
        }
    )
