"""Rasa's way to the service's actions: one kept connection pool, a time limit, and no silent failure.

Rasa 3.6 opens a connection for each call, waits up to 300 s, and goes on talking when an action has failed.
Here the first failure of a turn is remembered, so that the channel can give the turn up. Runs in Rasa's
environment (Python 3.10).
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import Any, List, Optional, Text

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

TIMEOUT_VARIABLE = "ANXIN_ACTION_TIMEOUT_S"

failures: ContextVar[Optional[List[Text]]] = ContextVar("failures", default=None)
"""What failed in the turn that runs in this context; the channel sets a list before each turn."""


class ActionEndpoint(EndpointConfig):
    """An action endpoint made from the one that Rasa read from endpoints.yml."""

    def __init__(self, read: EndpointConfig) -> None:
        super().__init__(url=read.url, headers=read.headers)
        self._limit = aiohttp.ClientTimeout(total=float(os.environ.get(TIMEOUT_VARIABLE, "2")))
        self._kept: Optional[aiohttp.ClientSession] = None

    async def request(
        self,
        method: Text = "post",
        subpath: Optional[Text] = None,
        content_type: Optional[Text] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Optional[Any]:
        """Call an action; 400 is an action's own refusal, anything else but 200 fails the turn."""
        try:
            return await self._call(kwargs.get("json"))
        except Exception as error:
            if not (isinstance(error, ClientResponseError) and error.status == 400):
                _remember(error)
            raise

    async def _call(self, body: Any) -> Any:
        if self._kept is None or self._kept.closed:
            self._kept = aiohttp.ClientSession(timeout=self._limit, headers=self.headers)
        async with self._kept.post(self.url, json=body) as response:
            if response.status >= 400:
                raise ClientResponseError(response.status, response.reason or "", await response.text())
            return await response.json()


def _remember(error: BaseException) -> None:
    found = failures.get()
    if found is not None:
        status = getattr(error, "status", None)
        found.append(type(error).__name__ + (f" {status}" if status else ""))
