"""A desk over HTTP, as its customers reach it: conversations, pictures, and the routes of demo mode.

Whoever is told `too_fast` waits as long as told and tries again; every other refusal is DeskRefused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

CALL_TIMEOUT_S = 30.0
MOST_TRIES = 5


class DeskUnreachable(Exception):
    """No desk answers at the address; the message names it."""


class DeskRefused(Exception):
    """The desk's own error (docs/api/errors.md)."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.code = str(error.get("code", "internal"))
        self.message = str(error.get("message", ""))
        self.retry_after_s: float | None = error.get("retry_after_s")
        super().__init__(f"{self.code}: {self.message}")

    def as_json(self) -> dict[str, str]:
        """Code and message."""
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A conversation that was begun, and the token that opens it."""

    conversation_id: str
    token: str


class DeskClient:
    """Calls one desk; an async context manager."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT_S),
            connector=aiohttp.TCPConnector(limit=0),
        )

    async def __aenter__(self) -> DeskClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: object = None,
        content: bytes | None = None,
        media_type: str = "application/json",
    ) -> dict[str, Any]:
        """One call's answer. Raises DeskRefused, DeskUnreachable."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if content is not None:
            headers["Content-Type"] = media_type
        for _ in range(MOST_TRIES):
            try:
                return await self._once(method, path, headers, json, content)
            except DeskRefused as refused:
                if refused.retry_after_s is None:
                    raise
                error = refused
                await asyncio.sleep(refused.retry_after_s)
        raise error

    async def _once(
        self, method: str, path: str, headers: Mapping[str, str], json: object, content: bytes | None
    ) -> dict[str, Any]:
        try:
            async with self.session.request(
                method, self.url + path, headers=headers, json=json, data=content
            ) as response:
                answer = await response.json(content_type=None) if response.status != 204 else {}
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeskUnreachable(
                f"No desk answers at {self.url} ({type(error).__name__}); start it with `anxin serve`."
            ) from None
        except ValueError:
            raise DeskUnreachable(f"What answers at {self.url} is not an Anxin desk.") from None
        if not isinstance(answer, dict):
            raise DeskUnreachable(f"What answers at {self.url} is not an Anxin desk.")
        if response.status >= 400:
            raise DeskRefused(answer.get("error") or {"code": "internal", "message": str(response.status)})
        return answer

    async def open_conversation(self, *, identity: str | None = None, language: str | None = None) -> Opened:
        """Begin a conversation, signed in when there is an identity."""
        given = {"identity": identity, "language": language}
        body = {name: value for name, value in given.items() if value is not None}
        answer = await self.call("POST", "/api/chat/conversations", json=body)
        return Opened(conversation_id=answer["conversation_id"], token=answer["token"])

    async def upload_picture(self, opened: Opened, content: bytes, media_type: str) -> str:
        """Store a picture; its attachment id."""
        path = f"/api/chat/conversations/{opened.conversation_id}/attachments"
        answer = await self.call("POST", path, token=opened.token, content=content, media_type=media_type)
        return str(answer["attachment_id"])

    async def is_demo(self) -> bool:
        """Whether the desk runs in demo mode."""
        try:
            await self.call("GET", "/api/demo/customers")
        except DeskRefused as error:
            if error.code == "not_found":
                return False
            raise
        return True
