"""`anxin kb search`: JSON lines in and out, on the base that the database has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli.kb import command

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment(knowledge_database_url: str, tmp_path: Path) -> dict[str, str]:
    return {"ANXIN_DATABASE_URL": knowledge_database_url, "ANXIN_DATA": str(tmp_path / "data")}


def run(environment: dict[str, str], *lines: str) -> tuple[int, list[dict[str, Any]], str]:
    done = CliRunner().invoke(command, ["search"], input="\n".join(lines) + "\n", env=environment)
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_a_line_is_answered_with_a_line(environment: dict[str, str]) -> None:
    line = {"id": 7, "text": "七天无理由退货怎么算", "customer": {"vip": True}}
    code, answers, _ = run(environment, json.dumps(line), "how long does a refund take")
    assert code == 0
    assert answers[0]["id"] == 7 and answers[0]["outcome"] == "answer"
    assert list(answers[0]) == ["id", "outcome", "probability", "candidates", "answers"]
    [said] = answers[0]["answers"]
    assert said["entry"] == "return_window" and "15 天" in said["text"]
    assert set(answers[0]["candidates"][0]) == {"entry", "probability", "phrasing"}
    assert "id" not in answers[1]
    assert answers[1]["answers"][0]["language"] == "en"


def test_the_last_id_of_a_context_is_what_was_answered_before(environment: dict[str, str]) -> None:
    line = {"text": "那运费呢", "context": ["你好", "return_window", "您从签收次日起 7 天内可以退"]}
    _, [answer], _ = run(environment, json.dumps(line))
    assert answer["candidates"][0]["entry"] == "return_freight_payer"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": 1}', "text"),
        ('{"text": 5}', "text"),
        ('{"text": "退货", "lang": "fr"}', "zh-Hant-HK"),
        ('{"text": "退货", "customer": {"moon": true}}', "customer.moon"),
        ('{"text": "退货", "customer": {"vip": "very"}}', "customer.vip"),
        ('{"text": "退货", "customer": [1]}', "customer"),
    ],
)
def test_a_wrong_line_is_a_usage_error(environment: dict[str, str], line: str, says: str) -> None:
    code, answers, error = run(environment, line)
    assert code == 2 and answers == [] and says in error


def test_an_empty_base_is_filled_first_and_standard_output_holds_answers_alone(
    database_url: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from service.cli import main; main()",
            "kb",
            "search",
            "退货运费谁出",
            "谢谢",
        ],
        env={**os.environ, "ANXIN_DATABASE_URL": database_url, "ANXIN_DATA": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["outcome"], second["outcome"]) == ("answer", "decline")
    assert "importing" in done.stderr
