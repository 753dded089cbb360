"""Every response has exactly one variant for each language, with the same buttons; every intent has examples."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
LANGUAGES = ["en", "zh-Hans", "zh-Hant-HK"]
DOMAIN = [yaml.safe_load(p.read_text(encoding="utf-8")) for p in sorted((ROOT / "bot/domain").glob("*.yml"))]
RESPONSES: dict[str, list[dict[str, Any]]] = {
    name: variants for part in DOMAIN for name, variants in part.get("responses", {}).items()
}
INTENTS = {name for part in DOMAIN for entry in part.get("intents", []) for name in entry}
EXAMPLES: dict[str, list[str]] = {}
for path in sorted((ROOT / "nlu_data").glob("*.yml")):
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        EXAMPLES.setdefault(block["intent"], []).extend(line[2:] for line in block["examples"].splitlines())


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_response_has_exactly_one_variant_for_each_language(name: str) -> None:
    conditions = [variant["condition"] for variant in RESPONSES[name]]
    assert all(len(c) == 1 and c[0]["type"] == "slot" and c[0]["name"] == "language" for c in conditions)
    assert sorted(c[0]["value"] for c in conditions) == LANGUAGES


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_variants_say_the_same_with_the_same_variables_and_buttons(name: str) -> None:
    variants = RESPONSES[name]
    assert len({frozenset(re.findall(r"\{(\w+)\}", v["text"])) for v in variants}) == 1
    assert len({json.dumps([b["payload"] for b in v.get("buttons", [])]) for v in variants}) == 1


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_wording_is_calm(name: str) -> None:
    for variant in RESPONSES[name]:
        assert not re.search(r"[!！你]", variant["text"]), variant["text"]


def test_buttons_lead_to_intents_that_exist() -> None:
    payloads = [b["payload"] for vs in RESPONSES.values() for v in vs for b in v.get("buttons", [])]
    assert payloads
    assert {p.partition("{")[0].removeprefix("/") for p in payloads} <= INTENTS


def test_every_intent_has_at_least_25_different_examples() -> None:
    assert EXAMPLES.keys() == INTENTS - {"nlu_fallback"}
    few = {intent: len(set(lines)) for intent, lines in EXAMPLES.items() if len(set(lines)) < 25}
    assert few == {}


def test_no_example_teaches_two_intents() -> None:
    lines = [line.casefold() for examples in EXAMPLES.values() for line in examples]
    assert sorted({line for line in lines if lines.count(line) > 1}) == []
