"""How the base stands: its languages side by side, and whether its probabilities hold."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from desk import audit
from knowledge_base import calibration
from knowledge_base.calibration import Wish
from knowledge_base.languages import read_languages
from service import keys
from service.http.calls import Call, json_answer
from service.http.knowledge_transfer_bodies import SwitchDirectAnswers


async def languages(call: Call) -> web.Response:
    """Which language is missing, or older than zh-Hans."""
    async with call.request.app[keys.POOL].connection() as conn:
        found = await read_languages(conn)
    return json_answer(
        {
            "entries": [
                {
                    "id": entry.id,
                    "title": entry.title,
                    "languages": {
                        name: {"state": one.state, "changed_at": one.changed_at}
                        for name, one in entry.languages.items()
                    },
                }
                for entry in found
            ]
        }
    )


async def read_calibration(call: Call) -> web.Response:
    """How far probabilities are off, and whether the bot answers directly."""
    return json_answer(await calibration_json(call))


async def switch_direct_answers(call: Call) -> web.Response:
    """Let the bot answer directly, or only ask back."""
    wish: Wish = call.body_as(SwitchDirectAnswers).direct_answers
    async with call.request.app[keys.POOL].connection() as conn:
        await calibration.switch(conn, call.request.app[keys.KNOWLEDGE].encoder, wish)
        await audit.record(
            conn,
            actor_kind="agent",
            actor_id=call.me.agent.id,
            action="knowledge.direct_answers",
            subject=wish,
            now=call.now,
        )
    return json_answer(await calibration_json(call))


async def calibration_json(call: Call) -> dict[str, Any]:
    """The calibration in force, with the reason for what the bot does."""
    encoder = call.request.app[keys.KNOWLEDGE].encoder
    async with call.request.app[keys.POOL].connection() as conn:
        found = await calibration.read_newest(conn, encoder)
        wish = await calibration.read_wish(conn)
        fitted_at = await calibration.read_fitted_at(conn, encoder)
    is_measured = found.questions > 0 or found.examples > 0
    return {
        "fitted_at": fitted_at,
        "error": found.error if is_measured else None,
        "interval": list(found.interval) if is_measured else None,
        "questions": found.questions or found.examples,
        "direct_answers": found.direct,
        "why": calibration.why(found, wish),
    }
