"""The command line and environment of our Rasa server. It listens on loopback, with one channel: ours.

Its trackers lie in a schema of their own in our PostgreSQL. Secrets go through the environment; the files
written here hold none.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bot.rasa_places import PYTHON, TOKEN_VARIABLE, RasaSettings, rasa_token
from bot.rasa_trackers import SCHEMA
from bot.rasa_training import environment

_TRACKER_VARIABLE = "ANXIN_RASA_TRACKER_URL"
_CREDENTIALS = "bot.components.turn_channel.TurnChannel: {}\n"


def command(
    settings: RasaSettings,
    model: Path,
    database_url: str,
    *,
    token: str | None = None,
    action_url: str | None = None,
    port: int | None = None,
) -> tuple[list[str], dict[str, str]]:
    """argv and environment of the server; prepares its files and its schema.

    `database_url` as libpq reads it, unix socket (`?host=`) or TCP. Raises psycopg.Error without the database.
    """
    bot = settings.sections.bot
    folder = settings.data / "rasa"
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"create schema if not exists {SCHEMA}")
    endpoints = _write(folder / "endpoints.yml", _endpoints(action_url or action_address(settings)))
    credentials = _write(folder / "credentials.yml", _CREDENTIALS)
    argv = [str(PYTHON), "-m", "rasa", "run", "--model", str(model)]
    argv += ["--endpoints", str(endpoints), "--credentials", str(credentials)]
    argv += ["--interface", "127.0.0.1", "--port", str(port or bot.rasa_port)]
    own = {
        TOKEN_VARIABLE: token or rasa_token(settings),
        _TRACKER_VARIABLE: urlsplit(database_url)._replace(scheme="postgresql").geturl(),
        "ANXIN_ACTION_TIMEOUT_S": str(bot.action_timeout_s),
        "POSTGRESQL_SCHEMA": SCHEMA,
        "SQL_POOL_SIZE": "4",
        "SQL_MAX_OVERFLOW": "4",
        "SANIC_WORKERS": "1",
    }
    return argv, environment() | own


def action_address(settings: RasaSettings) -> str:
    """Where Rasa finds the service's actions."""
    bot = settings.sections.bot
    return f"http://{bot.action_host}:{bot.action_port}/webhook"


def _endpoints(action_url: str) -> str:
    """Values in ${} are filled in from the environment by Rasa, which does so for unquoted scalars only."""
    return f"""\
action_endpoint:
  url: {action_url}
  headers:
    Authorization: Bearer ${{{TOKEN_VARIABLE}}}
tracker_store:
  type: SQL
  dialect: postgresql
  url: ${{{_TRACKER_VARIABLE}}}
"""


def _write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path
