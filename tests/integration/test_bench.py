"""`anxin bench chat` in a process of its own against a running service: the shape of its report, and figures that can be."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from click.testing import CliRunner
from psycopg_pool import AsyncConnectionPool

from desk import people
from desk.passwords import Passwords
from desk.people import NewAgent
from evaluation.load.figures import Crossing, Record, spread
from evaluation.load.report import KEPT_FROM, warnings, write_figures
from service import keys
from service.app import Outside, build_app
from service.cli.bench import command
from service.settings import load
from service.tagging import NeutralTagger

PASSWORD = "right-horse-battery"
SMALL = ("--warm-up", "0.3", "--rest", "1", "--bot", "1", "--load", "2", "--customers", "3")
ENVIRONMENT = {
    "ANXIN_BOT__RASA_PORT": "1",
    "ANXIN_CONVERSATIONS__FRAGMENT_WINDOW_S": "0.2",
    "ANXIN_LIMITS__MESSAGES_PER_MINUTE": "100000",
    "ANXIN_LIMITS__MESSAGE_BURST": "10000",
}


@pytest.fixture
def database_url(knowledge_database_url: str) -> str:
    """With the knowledge base: the bot's answers are what is measured."""
    return knowledge_database_url


@pytest.fixture
async def url(database_url: str, pool: AsyncConnectionPool, tmp_path: Path) -> AsyncIterator[str]:
    """A service without Rasa, with an admin."""
    settings = load({**ENVIRONMENT, "ANXIN_DATA": str(tmp_path)})
    app = build_app(settings, database_url=database_url, outside=Outside(tagger=NeutralTagger()))
    app[keys.PASSWORDS] = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    admin = NewAgent(login="admin", name="Admin", role="admin")
    now = datetime.now(UTC)
    await people.create(
        pool, admin, hasher=app[keys.PASSWORDS], by=None, now=now, password=PASSWORD, must_change=False
    )
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}"


async def bench(url: str, folder: Path, database_url: str, *options: str) -> dict[str, Any]:
    """The report that the command wrote."""
    argv = ("-c", "from service.cli import main; main()", "bench", "chat", "--url", url, *options)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *argv,
        "--json",
        str(folder / "report.json"),
        env={
            **os.environ,
            **ENVIRONMENT,
            "ANXIN_ADMIN_PASSWORD": PASSWORD,
            "ANXIN_DATABASE_URL": database_url,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, out.decode()
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


async def test_a_short_run_reports_every_phase_with_figures_that_can_be(
    url: str, database_url: str, pool: AsyncConnectionPool, tmp_path: Path
) -> None:
    report = await bench(url, tmp_path, database_url, *SMALL, "--saturation", "1", "--step", "5")

    assert report["durability"]["fsync"] in ("on", "off")
    assert report["memory_at_rest"]["service"]["rss_mb"] > 30
    for phase in (report["rest"], report["load"], *report["saturation"]):
        assert (phase["errors"], phase["undelivered"]) == ({}, 0)
        assert phase["acknowledged"] == phase["sent"] > 0
        assert phase["customer_to_agent_ms"]["n"] == phase["customer_messages"]
        assert phase["ack_ms"]["n"] + phase["agent_ack_ms"]["n"] == phase["acknowledged"]
        assert 0 < phase["ack_ms"]["min"] <= phase["customer_to_agent_ms"]["max"]
        assert phase["database"]["commits"] > 0
        assert set(phase["generator"]) == {"late_ms", "cpu_share"}
    assert report["rest"]["agent_to_customer_ms"]["n"] == report["rest"]["agent_messages"] > 0
    assert report["load"]["customer_messages"] == 3 * 2
    assert report["saturation"][0]["messages_per_s"] > report["load"]["messages_per_s"]
    known = report["bot"]["knowledge_base"]
    assert (known["errors"], known["through_rasa"]) == ({}, 0)
    assert 0 < known["turn_ms"]["p50"] < 5000
    assert await left_behind(pool) == (0, 0)
    check_page(report, tmp_path)


def check_page(report: dict[str, Any], folder: Path) -> None:
    """A database that does not sync is called out, and what people wrote on the page stays."""
    report = report | {"durability": report["durability"] | {"fsync": "off"}}
    assert any("does not sync" in line for line in warnings(report))
    write_figures(report, folder)
    page = folder / "chat.md"
    page.write_text(page.read_text().replace("Nothing yet.", "Batches."))
    write_figures(report, folder)
    assert page.read_text().endswith(f"{KEPT_FROM}\n\nBatches.\n")
    assert "measured elsewhere" in page.read_text()


async def left_behind(pool: AsyncConnectionPool) -> tuple[int, int]:
    """Accounts of the run that are still on, and chats that are still open."""
    async with pool.connection() as conn:
        accounts = await conn.execute("select count(*) from agents where is_active and login like 'bench-%'")
        chats = await conn.execute("select count(*) from conversations where owner <> 'none'")
        first, second = await accounts.fetchone(), await chats.fetchone()
    assert first is not None and second is not None
    return first[0], second[0]


def test_without_a_password_nothing_is_measured_and_the_fix_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANXIN_ADMIN_PASSWORD", raising=False)
    result = CliRunner().invoke(command, ["chat", "--url", "http://127.0.0.1:9"])
    assert result.exit_code == 1
    assert "ANXIN_ADMIN_PASSWORD" in result.output


def test_a_desk_that_is_not_there_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANXIN_ADMIN_PASSWORD", PASSWORD)
    monkeypatch.setenv("ANXIN_DATA", str(tmp_path))
    result = CliRunner().invoke(command, ["chat", "--url", "http://127.0.0.1:9"])
    assert result.exit_code == 1
    assert "does not answer" in result.output


def test_percentiles_are_values_that_were_measured() -> None:
    shown = spread([n / 1000 for n in range(100, 0, -1)])
    assert shown == {"n": 100, "min": 1.0, "p50": 50.0, "p95": 95.0, "p99": 99.0, "max": 100.0}
    ordered = [float(shown[key]) for key in ("min", "p50", "p95", "p99", "max")]
    assert all(a <= b for a, b in pairwise(ordered))
    assert spread([]) == {"n": 0}


def test_what_never_arrived_counts_as_undelivered_and_what_came_twice_counts_once() -> None:
    crossing = Crossing(sent_at={"a": 1.0, "b": 1.0})
    assert [crossing.arrive(c, 1.5) for c in ("a", "a", "x")] == [True, False, False]
    assert Record(to_agent=crossing).as_json(1.0)["undelivered"] == 1
    assert crossing.took_s == [0.5]
