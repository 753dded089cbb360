"""GET /api/openapi.json: the description, made once at start."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from aiohttp import web

from service.http.calls import Call
from service.http.openapi import describe
from service.http.route import CallHandler, Route


def description_handler(routes: Sequence[Route], *, version: str) -> CallHandler:
    """A handler for these routes."""
    content = orjson.dumps(describe(routes, version=version))

    async def handle(call: Call) -> web.StreamResponse:
        return web.Response(body=content, content_type="application/json")

    return handle
