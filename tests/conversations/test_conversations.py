"""Whole conversations, from YAML, through the real service with the real Rasa, knowledge base and triage.

Each file holds conversations by name: `as` and `setup` as in `anxin play`, and `turns` with what the customer says
(`say`) and what must (`hears`) and must not (`hears_not`) come back, as regular expressions over all replies of the
turn, and who owns the conversation afterwards (`owner`, bot where nothing is said). `{shipped.number}` stands for
a fact of a demo order of that kind. `handoff`, `cases` and `answered` are null or empty where nothing is said;
an `answered` that is not given is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.rasa_places import PROGRAM
from desk.demo_listing import ListedOrder, list_demo_orders
from routing.triage import load_tagger
from routing.triage_training import train_if_changed
from service.playing.desk_client import DeskClient
from service.playing.lines import PlayLine
from service.playing.play import Player
from tests.rasa_server import RunningRasa
from tests.running_desk import running_desk

FILES = sorted(Path(__file__).parent.glob("*.yml"))
CONVERSATIONS = [
    pytest.param(told, id=f"{file.stem}: {name}")
    for file in FILES
    for name, told in yaml.safe_load(file.read_text("utf-8")).items()
]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A desk to play on, and the demo orders by kind."""

    player: Player
    orders: dict[str, ListedOrder]


@pytest.fixture(scope="module")
async def stage(
    module_knowledge_url: str, rasa: RunningRasa, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    tagger = load_tagger(train_if_changed(PROGRAM, PROGRAM / "var"))
    folder: Path = tmp_path_factory.mktemp("conversations")
    async with (
        running_desk(module_knowledge_url, folder, rasa=rasa, tagger=tagger) as desk,
        DeskClient(desk.url) as client,
    ):
        listed = await list_demo_orders(desk.pool)
        orders = {order.kind: order for order in reversed(listed)}
        yield Stage(player=Player(client, patience_s=40), orders=orders)


def test_there_are_a_few_dozen_in_three_languages() -> None:
    said = " ".join(
        step["say"] if isinstance(step["say"], str) else ""
        for c in CONVERSATIONS
        for step in c.values[0]["turns"]
    )
    assert len(CONVERSATIONS) >= 36
    assert all(word in said for word in ("where is", "快递", "喺邊"))


@pytest.mark.parametrize("told", CONVERSATIONS)
async def test_conversation(stage: Stage, told: dict[str, Any]) -> None:
    assert set(told) <= {"as", "setup", "turns", "handoff", "cases", "answered"}, set(told)
    steps = told["turns"]
    line = {"customer": [_filled(step["say"], stage) for step in steps], "setup": told.get("setup")}
    played = await stage.player.play(PlayLine.model_validate(line | {"as": told.get("as")}))
    wrong = [
        complaint
        for step, turn in zip(steps, played["turns"], strict=True)
        for complaint in _complaints(step, turn, stage)
    ]
    assert wrong == [], _transcript(played)
    assert played["handoff"] == told.get("handoff"), _transcript(played)
    assert [case["type"] for case in played["cases"]] == told.get("cases", []), _transcript(played)
    if "answered" in told:
        assert played["answered"] == told["answered"], _transcript(played)


def _complaints(step: dict[str, Any], turn: dict[str, Any], stage: Stage) -> list[str]:
    assert set(step) <= {"say", "hears", "hears_not", "owner"}, set(step)
    heard = "\n".join(turn["replies"])
    found = []
    if turn["owner"] != step.get("owner", "bot"):
        found.append(f"{turn['customer']}: owner is {turn['owner']}")
    if turn.get("error"):
        found.append(f"{turn['customer']}: {turn['error']}")
    for pattern in _patterns(step, "hears", stage):
        if not re.search(pattern, heard):
            found.append(f"{turn['customer']}: did not hear {pattern}")
    for pattern in _patterns(step, "hears_not", stage):
        if re.search(pattern, heard):
            found.append(f"{turn['customer']}: heard {pattern}")
    if not step.get("hears") and "hears" in step and heard:
        found.append(f"{turn['customer']}: heard something")
    return found


def _patterns(step: dict[str, Any], name: str, stage: Stage) -> list[str]:
    given = step.get(name) or []
    return [_filled(pattern, stage) for pattern in ([given] if isinstance(given, str) else given)]


def _filled(said: Any, stage: Stage) -> Any:
    if isinstance(said, list):
        return [_filled(fragment, stage) for fragment in said]
    return re.sub(
        r"\{(\w+)\.(number|phone_tail)\}", lambda m: str(getattr(stage.orders[m[1]], m[2])), str(said)
    )


def _transcript(played: dict[str, Any]) -> str:
    lines = [f"{turn['customer']}\n    → {turn['owner']} {turn['replies']}" for turn in played["turns"]]
    rest = {name: played[name] for name in ("handoff", "cases", "answered")}
    return "\n".join(["", *lines, str(rest)])
