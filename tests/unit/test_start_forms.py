"""Every form that an entry may name is one that the bot has, with words for its button in each language."""

from __future__ import annotations

import json
import re

import pytest

from bot.rasa_places import PROGRAM
from bot.start_forms import INTENTS, TITLES, start_button
from bot.thinking import SKILL_INTENTS
from knowledge_base.policy import LANGUAGES
from knowledge_base.start_forms import START_FORMS


@pytest.mark.parametrize("form", START_FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_form_has_a_button_that_a_skill_takes(form: str, language: str) -> None:
    button = start_button(form, language)
    assert button is not None and button.title == TITLES[form][language]
    assert button.intent in SKILL_INTENTS and not button.entities


@pytest.mark.parametrize("form", [None, "", "form_from_elsewhere"])
def test_no_form_of_the_bot_is_no_button(form: str | None) -> None:
    assert start_button(form, "zh-Hans") is None
    assert set(INTENTS) == set(TITLES) == set(START_FORMS)


def test_the_editor_offers_the_same_forms() -> None:
    page = (PROGRAM / "service" / "web" / "knowledge" / "entry_form.js").read_text(encoding="utf-8")
    found = re.search(r"^const FORMS = (.*);$", page, re.MULTILINE)
    assert found is not None and tuple(json.loads(found[1])) == START_FORMS
