"""What must hold before anything is started; each problem is one line that names its fix.

It looks and changes nothing. What only a running database can tell (its schema) the start itself checks next.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from desk import schema
from service.settings import Settings

PROGRAM = Path(__file__).resolve().parents[2]
RASA_ENVIRONMENT = PROGRAM / ".venv-rasa"
FREE_BYTES = 1_000_000_000
"""Room for the database's journal, logs and one more trained model."""
CONNECT_S = 5
OLDEST_POSTGRES = 18
OLDEST_PGVECTOR = (0, 8)


def problems(settings: Settings, parts: Set[str]) -> list[str]:
    """Everything that stands in the way of serving these parts (of database, rasa, service)."""
    found = [*_data_folder(settings.data)]
    if "rasa" in parts and not settings.sections.bot.rasa_url:
        found += rasa_problems()
    found += [problem for port in _ports(settings, parts) for problem in _port(*port)]
    if url := settings.secret("ANXIN_DATABASE_URL"):
        found += database_problems(url)
    return found


def _data_folder(data: Path) -> Iterator[str]:
    existing = next(folder for folder in (data, *data.parents) if folder.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        yield f"The data folder {data} cannot be written. Change its owner, or set ANXIN_DATA to another."
    elif (free := shutil.disk_usage(existing).free) < FREE_BYTES:
        yield (
            f"{existing} has {free / 1e9:.2f} GB free, {FREE_BYTES / 1e9:.0f} GB are needed. "
            "Make room, or set ANXIN_DATA to a folder on another disk."
        )


def rasa_problems(folder: Path = RASA_ENVIRONMENT) -> Iterator[str]:
    """What is wrong with the environment that Rasa runs in."""
    if not (folder / "bin" / "rasa").exists() or not (folder / "bin" / "python").exists():
        yield f"Rasa's environment {folder.name} is missing or incomplete. Run `make setup`."
    elif (version := _environment_version(folder))[:2] != ["3", "10"]:
        yield (
            f"Rasa's environment {folder.name} has Python {'.'.join(version) or '?'}, Rasa needs 3.10. "
            f"Delete {folder.name} and run `make setup` (ANXIN_PYTHON310 names an interpreter)."
        )


def _environment_version(folder: Path) -> list[str]:
    for line in (folder / "pyvenv.cfg").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "version":
            return value.strip().split(".")
    return []


def _ports(settings: Settings, parts: Set[str]) -> Iterator[tuple[str, int, str]]:
    bot, service = settings.sections.bot, settings.sections.service
    if "service" in parts:
        yield service.host, service.port, "service.port"
        yield bot.action_host, bot.action_port, "bot.action_port"
    if "rasa" in parts and not bot.rasa_url:
        yield "127.0.0.1", bot.rasa_port, "bot.rasa_port"


def _port(host: str, port: int, setting: str) -> Iterator[str]:
    section, key = setting.upper().split(".")
    elsewhere = f"Stop it, or choose another by {setting} in config.yml or ANXIN_{section}__{key}."
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            yield f"Port {port} of {host} may not be used by this user. {elsewhere.removeprefix('Stop it, or ')}"
        except OSError as error:
            holder = _holder(port)
            yield f"Port {port} of {host} is taken{holder} ({error.strerror}). {elsewhere}"


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                name = psutil.Process(connection.pid).name() if connection.pid else "another user's program"
                return f" by {name}" + (f" (process {connection.pid})" if connection.pid else "")
    except (psutil.Error, PermissionError):
        pass
    return ""


def database_problems(url: str) -> list[str]:
    """What is wrong with a database of the shop's own."""
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_S) as connection:
            found = [*server_problems(_server(connection))]
        return found or [*_schema(url)]
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        return [f"ANXIN_DATABASE_URL cannot be reached: {reason}. Start that server, or correct the URL."]


@dataclass(frozen=True, kw_only=True)
class Server:
    """What is known of a database server: its version as a number, and pgvector's, None where it is missing."""

    version: int
    encoding: str
    pgvector: str | None
    may_create_pgvector: bool


def server_problems(server: Server) -> Iterator[str]:
    """What a database server lacks."""
    if server.version < OLDEST_POSTGRES * 10_000:
        yield (
            f"ANXIN_DATABASE_URL is PostgreSQL {server.version // 10_000}, {OLDEST_POSTGRES} or newer is needed. "
            "Upgrade it, or unset the variable to use the embedded one."
        )
    if server.encoding != "UTF8":
        yield (
            f"ANXIN_DATABASE_URL: the database's encoding is {server.encoding}, it must be UTF8: "
            "create database … encoding 'UTF8'."
        )
    oldest = ".".join(map(str, OLDEST_PGVECTOR))
    if server.pgvector is None:
        yield f"ANXIN_DATABASE_URL: pgvector is not installed on that server; install {oldest} or newer."
    elif tuple(int(part) for part in server.pgvector.split(".")[:2]) < OLDEST_PGVECTOR:
        yield (
            f"ANXIN_DATABASE_URL: pgvector is {server.pgvector}, {oldest} or newer is needed. "
            "Install it, then: alter extension vector update."
        )
    elif not server.may_create_pgvector:
        yield "ANXIN_DATABASE_URL: let an administrator of that database run: create extension vector."


PGVECTOR = """
select coalesce(e.extversion, a.default_version), e.oid is not null or v.trusted or r.rolsuper
from pg_available_extensions a
join pg_available_extension_versions v on (v.name, v.version) = (a.name, a.default_version)
join pg_roles r on r.rolname = current_user
left join pg_extension e on e.extname = a.name
where a.name = 'vector'
"""


def _server(connection: psycopg.Connection) -> Server:
    pgvector, may_create = connection.execute(PGVECTOR).fetchone() or (None, False)
    return Server(
        version=connection.info.server_version,
        encoding=connection.info.parameter_status("server_encoding") or "?",
        pgvector=pgvector,
        may_create_pgvector=may_create,
    )


def _schema(url: str) -> Iterator[str]:
    if schema.is_newer(url):
        yield (
            f"The database has schema {schema.current(url)}, this program knows {schema.head()} at most: "
            "start the newer program, or restore a backup of this one."
        )
