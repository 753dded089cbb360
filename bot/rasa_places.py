"""Where Rasa lives: its environment, its files, and the token between it and the service. Not how it is run."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Protocol

from bot.settings import BotSettings

PROGRAM = Path(__file__).resolve().parent.parent
PYTHON = PROGRAM / ".venv-rasa" / "bin" / "python"
TOKEN_VARIABLE = "ANXIN_RASA_TOKEN"


class HasBot(Protocol):
    """The sections of the settings that matter here."""

    @property
    def bot(self) -> BotSettings: ...


class RasaSettings(Protocol):
    """What is needed of the effective settings (`service.settings.Settings` is one)."""

    @property
    def sections(self) -> HasBot: ...
    @property
    def home(self) -> Path: ...
    @property
    def data(self) -> Path: ...
    @property
    def config_file(self) -> Path: ...

    def secret(self, variable: str) -> str | None:
        """The secret's value, or None where the environment has none."""
        ...


def rasa_url(settings: RasaSettings) -> str:
    """Address of the Rasa server that the service calls."""
    bot = settings.sections.bot
    return bot.rasa_url or f"http://127.0.0.1:{bot.rasa_port}"


def rasa_token(settings: RasaSettings) -> str:
    """The token between service and Rasa: from the environment, else generated once into the data folder (0600)."""
    if given := settings.secret(TOKEN_VARIABLE):
        return given
    path = settings.data / "rasa" / "token"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_token(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32))
    return _read_token(path)


def _read_token(path: Path) -> str:
    token = path.read_text(encoding="ascii").strip()
    if len(token) < 16:
        path.unlink()
        raise RuntimeError(f"{path} holds no token; it was removed. Start again.")
    return token
