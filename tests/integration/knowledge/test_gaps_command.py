"""`anxin kb gaps`: a line for each gap of the database, the dearest first."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result

from service.cli.kb import command

ASKED = (
    ("礼品卡能开发票吗", "zh-Hans", "declined", 0),
    ("礼品卡可以开发票不", "zh-Hans", "declined", 1),
    ("do you take the old fridge away", "en", "declined", 2),
    ("能不能帮我把旧冰箱搬走", "zh-Hans", "declined", 50),
)


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {"ANXIN_DATABASE_URL": database_url, "ANXIN_DATA": str(tmp_path / "data")}


@pytest.fixture
def asked(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        for text, language, outcome, days_ago in ASKED:
            id_, at = uuid4(), datetime.now(UTC) - timedelta(days=days_ago)
            conn.execute("insert into conversations (id) values (%s)", (id_,))
            conn.execute(
                "insert into messages (conversation_id, seq, epoch, sender, text) values (%s, 1, 1, 'customer', %s)",
                (id_, text),
            )
            conn.execute(
                "insert into knowledge_uses (conversation_id, seq, first_seq, epoch, language, outcome, base_version, at)"
                " values (%s, 1, 1, 1, %s, %s, 1, %s)",
                (id_, language, outcome, at),
            )


def run(environment: dict[str, str], *options: str) -> tuple[Result, list[dict[str, Any]]]:
    done = CliRunner().invoke(command, ["gaps", *options], env=environment)
    return done, [json.loads(line) for line in done.stdout.splitlines()] if done.exit_code == 0 else []


def test_each_line_is_a_gap_of_the_period(environment: dict[str, str], asked: None) -> None:
    done, [first, second] = run(environment)
    assert done.exit_code == 0
    assert (first["count"], second["count"]) == (2, 1) and first["cost"] > second["cost"]
    assert set(first) == {
        "id",
        "name",
        "language",
        "count",
        "cost",
        "questions",
        "agents_answers",
        "nearest",
    }
    assert [gap["count"] for gap in run(environment, "--days", "1")[1]] == [1]
    assert len(run(environment, "--days", "90")[1]) >= 2
    [english] = run(environment, "--language", "en")[1]
    assert english["name"] == "do you take the old fridge away"
    assert len(run(environment, "--limit", "1")[1]) == 1


def test_nothing_asked_is_no_line_and_no_error(environment: dict[str, str]) -> None:
    done, lines = run(environment)
    assert (done.exit_code, lines) == (0, [])


@pytest.mark.parametrize(
    "options", [("--days", "0"), ("--days", "x"), ("--language", "fr"), ("--limit", "0")]
)
def test_a_wrong_option_is_a_usage_error(environment: dict[str, str], options: tuple[str, str]) -> None:
    assert run(environment, *options)[0].exit_code == 2
