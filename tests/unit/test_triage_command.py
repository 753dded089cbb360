"""`anxin triage` and `anxin train` as other programs call them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.cli.json_lines import LineError, read_lines


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def triage(data: Path, given: bytes) -> Result:
    return CliRunner().invoke(main, ["triage"], input=given, env={"ANXIN_DATA": str(data)})


def answers(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_line_in_is_a_line_out_with_its_id(data: Path) -> None:
    found = answers(
        triage(data, '{"id": "m1", "text": "骗子！退钱！"}\n{"id": 2, "text": "谢谢"}\n'.encode())
    )
    assert [line["id"] for line in found] == ["m1", 2]
    assert found[0]["sentiment"]["label"] == "angry"
    assert 0 <= found[0]["sentiment"]["probability"] <= 1
    assert set(found[0]) == {"id", "sentiment", "urgency", "level", "words"}


def test_a_line_that_is_no_json_object_is_the_text(data: Path) -> None:
    given = '谢谢你\n12315\n"谢谢"\n[1]\n\n{"text": "hello"'
    found = answers(triage(data, given.encode()))
    assert len(found) == 6
    assert found[0]["sentiment"]["label"] == "positive"
    assert "id" not in found[0]


def test_bytes_that_are_no_utf8_and_half_characters_are_tagged(data: Path) -> None:
    found = answers(triage(data, b'\xff\xfe\n{"id": "\\ud83d", "text": "\\ud83d ok \\u0000"}\n'))
    assert len(found) == 2


def test_odd_messages_are_tagged_in_bounded_time(data: Path) -> None:
    odd = [
        "",
        "   ",
        "退" * 10_000,
        "骗子" * 5_000,
        "a" * 10_000,
        "😀😡🎉",
        "ขอบคุณครับ",
        "የት ነው",
        "\0\0",
        "退货\0",
        "\ud83d",
        "？",
    ]
    lines = [json.dumps({"id": n, "text": text}) for n, text in enumerate(odd)]
    triage(data, b"warm up")  # and trained
    began = time.monotonic()
    found = answers(triage(data, "\n".join(lines).encode()))
    assert [line["id"] for line in found] == list(range(len(odd)))
    assert all(
        0 <= line[head]["probability"] <= 1 for line in found for head in ("sentiment", "urgency", "level")
    )
    quiet = [line for line, text in zip(found, odd, strict=True) if not any(c in text for c in "骗退a")]
    assert {line["level"]["label"] for line in quiet} == {"none"}
    assert time.monotonic() - began < 20


def test_an_object_without_text_is_a_usage_error_that_names_the_line(data: Path) -> None:
    result = triage(data, b'{"text": "ok"}\n{"id": 1}\n')
    assert result.exit_code == 2
    assert "line 2" in result.stderr


def test_train_names_the_model_and_trains_it_once(data: Path) -> None:
    def run() -> Result:
        return CliRunner().invoke(main, ["train", "--only", "triage"], env={"ANXIN_DATA": str(data)})

    first, second = run(), run()
    assert first.exit_code == 0, first.output
    assert first.stdout.splitlines()[-1] == second.stdout.splitlines()[-1]
    assert len(list((data / "models" / "triage").glob("[!.]*"))) == 1


def test_text_must_be_a_string() -> None:
    with pytest.raises(LineError, match="line 1"):
        list(read_lines([b'{"text": 5}']))
