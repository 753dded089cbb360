"""Our own Rasa server as a part: its model, its command line, its readiness.

How Rasa is trained and called is the bot's business (bot/rasa_training.py, bot/rasa_server.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from service.settings import Settings
from service.supervision.parts import ProcessPart

READY_S = 300.0
"""Rasa loads TensorFlow and its model before it listens: 25 s on two quiet cores."""


class TrainingFailed(Exception):
    """Rasa did not train; the message says why and where the log is."""


def train_if_changed(settings: Settings) -> Path:
    """The model for the present examples and rules, trained only when there is none yet."""
    from bot import rasa_training

    return rasa_training.train_if_changed(settings)


def part(
    settings: Settings,
    model: Path,
    url: str,
    environment: Mapping[str, str],
    log_file: Path | None,
    is_ready: Callable[[], Awaitable[bool]],
) -> ProcessPart:
    """The Rasa server, ready when it answers."""
    from bot import rasa_server

    argv, own_environment = rasa_server.command(settings, model, url)
    return ProcessPart(
        "rasa",
        argv,
        environment={**environment, **own_environment},
        log_file=log_file,
        is_ready=is_ready,
        ready_timeout_s=READY_S,
        folder=settings.home,
    )
