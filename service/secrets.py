"""Secrets that need no person to choose them: generated once, kept in files that only the owner can read.

A secret in the environment always wins. This is not where secrets are used.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from service.settings import Settings

GENERATED: Mapping[str, str] = {
    "ANXIN_SECRET_KEY": "secrets/secret-key",
    "ANXIN_RASA_TOKEN": "rasa/token",
    "ANXIN_IDENTITY_SECRET": "secrets/identity-secret",
}
"""Variable and file below the data folder; the last one in demo mode only."""


def ensure(settings: Settings) -> dict[str, str]:
    """All secrets that the program's processes need, by variable; generates those that are missing."""
    found = {variable: secret.value for variable, secret in settings.secrets.items()}
    for variable, name in GENERATED.items():
        if variable in found or (variable == "ANXIN_IDENTITY_SECRET" and not settings.sections.demo.enabled):
            continue
        found[variable] = _read_or_create(settings.data / name)
    return found


def read(settings: Settings, variable: str) -> str | None:
    """A secret from the environment, else the one that was generated; None if there is neither."""
    if from_environment := settings.secret(variable):
        return from_environment
    path = settings.data / GENERATED[variable]
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def _read_or_create(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if kept := path.read_text(encoding="ascii").strip():
            return kept
        path.unlink()  # an earlier start was interrupted between creating and writing it
    value = secrets.token_urlsafe(36)
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(value + "\n")
    return path.read_text(encoding="ascii").strip()
