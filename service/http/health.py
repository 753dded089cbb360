"""For operators: does the process live, are its parts well, what did it count."""

from __future__ import annotations

from aiohttp import web

from service import keys
from service.http.calls import Call, json_answer


async def alive(call: Call) -> web.Response:
    """The process answers; nothing else is asked."""
    return json_answer({"status": "ok"})


async def ready(call: Call) -> web.Response:
    """200 while conversations can be taken in (Rasa down is degraded), else 503 with the parts."""
    status, parts = await call.request.app[keys.HEALTH].ready()
    return json_answer({"status": status, "parts": parts}, 503 if status == "down" else 200)


async def metrics(call: Call) -> web.Response:
    """Prometheus' text format."""
    text = call.request.app[keys.METRICS].text()
    return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
