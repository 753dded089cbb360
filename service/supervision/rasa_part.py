"""Our own Rasa server as a part: its command line, its log, its readiness.

How Rasa is trained and called is the bot's business (bot/rasa_training.py, bot/rasa_server.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from bot import rasa_server
from service.settings import Settings
from service.supervision.parts import ProcessPart

READY_S = 300.0
"""Rasa loads TensorFlow and its model before it listens: 25 s on two quiet cores."""


def rasa_part(
    settings: Settings,
    model: Path,
    url: str,
    *,
    token: str,
    log_file: Path | None,
    is_ready: Callable[[], Awaitable[bool]],
) -> ProcessPart:
    """The Rasa server, ready when it answers."""
    argv, environment = rasa_server.command(settings, model, url, token=token)
    return ProcessPart(
        "rasa",
        argv,
        environment=environment,
        log_file=log_file,
        is_ready=is_ready,
        ready_timeout_s=READY_S,
        folder=settings.data,  # nothing there that Rasa would read or rewrite
    )
