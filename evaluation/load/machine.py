"""What a run ran on: machine, disk, versions, and how durable the database is."""

from __future__ import annotations

import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil
import psycopg

from evaluation.load.figures import spread

SYNCS = 40


def describe() -> dict[str, object]:
    """Cores, memory, load, versions of what is measured and of what measures."""
    return {
        "cores": psutil.cpu_count(),
        "ram_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "cpu": _cpu_name(),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {
            "anxin": version("anxin"),
            "python": platform.python_version(),
            **{name: version(name) for name in ("aiohttp", "uvloop", "psycopg", "orjson")},
        },
    }


def disk_sync_ms(folder: Path) -> dict[str, float | int]:
    """How long the disk takes for 8 KB and fdatasync: no durable commit can be faster."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(SYNCS):
            began = perf_counter()
            os.write(file.fileno(), bytes(8192))
            os.fdatasync(file.fileno())
            took.append(perf_counter() - began)
    return spread(took)


def durability(database_url: str) -> dict[str, str]:
    """The settings on which «on disk before it is acknowledged» rests, and the server's version."""
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method")
    with psycopg.connect(database_url, connect_timeout=5) as conn:
        return {name: _one(conn, f"select current_setting('{name}')") for name in names}


def counters(database_url: str) -> dict[str, int]:
    """Commits of this database and syncs of the journal, since the server keeps count."""
    with psycopg.connect(database_url, connect_timeout=5) as conn:
        commits = "select xact_commit from pg_stat_database where datname = current_database()"
        syncs = "select coalesce(sum(fsyncs), 0) from pg_stat_io where object = 'wal'"
        return {"commits": int(_one(conn, commits)), "journal_syncs": int(_one(conn, syncs))}


def turns_through_rasa(database_url: str, chats: list[str]) -> dict[str, int]:
    """How many of the committed turns of these conversations asked Rasa."""
    query = """
        select count(*) filter (where called_rasa), count(*) from turns
         where state = 'committed' and conversation_id = any(%s::uuid[])
    """
    with psycopg.connect(database_url, connect_timeout=5) as conn:
        row = conn.execute(query, (chats,)).fetchone() or (0, 0)
    return {"through_rasa": row[0], "of": row[1]}


def _one(conn: psycopg.Connection[Any], query: str) -> str:
    row = conn.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
