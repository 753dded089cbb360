"""`anxin nlu` against a real Rasa server: JSON lines and plain text in, JSON lines out."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from click.testing import CliRunner, Result

from service.cli.nlu import command
from tests.rasa_server import RunningRasa


async def ask(lines: str, environment: dict[str, str]) -> Result:
    return await asyncio.to_thread(CliRunner(env=environment).invoke, command, input=lines)


async def test_each_line_gets_its_intent_and_entities(rasa: RunningRasa) -> None:
    lines = '{"id": 1, "text": "/AX2026110100001 到哪了"}\n\n转人工\n{"id": "x", "text": ""}\n'
    done = await ask(lines, {"ANXIN_BOT__RASA_URL": rasa.url, "ANXIN_RASA_TOKEN": rasa.token})
    assert done.exit_code == 0, done.output
    first, second, empty = (json.loads(line) for line in done.output.splitlines())
    assert first["id"] == 1 and first["intent"]["name"] == "track_order"
    assert first["entities"] == [{"entity": "order", "value": "AX2026110100001"}]
    assert second["id"] is None and second["intent"]["name"] == "ask_human"
    assert 0 < second["intent"]["confidence"] <= 1
    assert empty["id"] == "x"


async def test_odd_messages_are_understood_as_something_in_bounded_time(rasa: RunningRasa) -> None:
    odd = [
        "",
        "   ",
        "退" * 10_000,
        "a" * 10_000,
        "😀😡🎉",
        "ขอบคุณครับ",
        "የት ነው",
        "\0\0",
        "退货\0",
        "\ud83d ok",
        "/restart",
        "？",
    ]
    lines = [json.dumps({"id": n, "text": text}) for n, text in enumerate(odd)]
    given = "\n".join([*lines, "nul\0 inside", "[1, 2", '"' * 50]) + "\n"
    began = time.monotonic()
    done = await ask(given, {"ANXIN_BOT__RASA_URL": rasa.url, "ANXIN_RASA_TOKEN": rasa.token})
    assert done.exit_code == 0, done.output
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [*range(len(odd)), None, None, None]
    assert all("name" in answer["intent"] and 0 <= answer["intent"]["confidence"] <= 1 for answer in answers)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:9/x"])
async def test_missing_rasa_is_a_clear_error(url: str) -> None:
    done = await ask("您好\n", {"ANXIN_BOT__RASA_URL": url, "ANXIN_RASA_TOKEN": "t" * 20})
    assert done.exit_code == 1
    assert "anxin serve" in done.output and "Traceback" not in done.output
