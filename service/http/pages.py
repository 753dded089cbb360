"""The pages and their files from service/web, with ETags; /assets/<area>/… is service/web/<area>/….

Files are read when first asked for and again when they change on disk; there is no build step.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from desk.errors import NotFound
from service.http.calls import Call
from service.http.route import CallHandler

WEB = Path(__file__).resolve().parent.parent / "web"
MEDIA_TYPES: Mapping[str, str] = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
"""Files of other kinds are not served."""
TEXTS = frozenset({"text/html", "text/css", "text/javascript", "image/svg+xml"})


@dataclass(frozen=True, kw_only=True)
class _File:
    content: bytes
    media_type: str
    etag: str
    changed_ns: int


class Pages:
    """Serves files of one folder; nothing outside of it."""

    def __init__(self, folder: Path = WEB) -> None:
        self._folder = folder.resolve()
        self._files: dict[Path, _File] = {}

    def page(self, name: str) -> CallHandler:
        """A handler for one fixed file, e.g. desk/index.html."""

        async def handle(call: Call) -> web.StreamResponse:
            return await self._answer(call.request, name)

        return handle

    async def asset(self, call: Call) -> web.StreamResponse:
        """/assets/{path}."""
        name = call.request.match_info["path"]
        if name.endswith(".html"):
            raise NotFound("There is no such file.")
        return await self._answer(call.request, name)

    async def _answer(self, request: web.Request, name: str) -> web.StreamResponse:
        file = await asyncio.get_running_loop().run_in_executor(None, self._read, name)
        given = [etag.value for etag in request.if_none_match or ()]
        if file.etag in given or "*" in given:
            # The media type decides the Content-Security-Policy, and a browser keeps that of the 304 for the page.
            answer = web.Response(status=304, content_type=file.media_type)
        else:
            answer = web.Response(body=file.content, content_type=file.media_type)
            if file.media_type in TEXTS:
                answer.charset = "utf-8"
        answer.etag = file.etag
        answer.headers["Cache-Control"] = "no-cache"  # asked again each time, answered by 304
        return answer

    def _read(self, name: str) -> _File:
        path = self._folder / name
        media_type = MEDIA_TYPES.get(path.suffix)
        try:
            is_ours = path.resolve().is_relative_to(self._folder) and path.is_file()
            if media_type is None or not is_ours:
                raise NotFound("There is no such file.")
            changed_ns = path.stat().st_mtime_ns
            known = self._files.get(path)
            if known is None or known.changed_ns != changed_ns:
                content = path.read_bytes()
                etag = hashlib.sha256(content).hexdigest()[:24]
                known = _File(content=content, media_type=media_type, etag=etag, changed_ns=changed_ns)
                self._files[path] = known
        except (OSError, ValueError):  # ValueError: a NUL in the name
            raise NotFound("There is no such file.") from None
        return known
