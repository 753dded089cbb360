"""`anxin nlu` against a real Rasa server: JSON lines and plain text in, JSON lines out."""

from __future__ import annotations

import asyncio
import json

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


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:9/x"])
async def test_missing_rasa_is_a_clear_error(url: str) -> None:
    done = await ask("您好\n", {"ANXIN_BOT__RASA_URL": url, "ANXIN_RASA_TOKEN": "t" * 20})
    assert done.exit_code == 1
    assert "anxin serve" in done.output and "Traceback" not in done.output
