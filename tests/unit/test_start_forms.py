"""Every form that an entry may name is one that the bot has, with words for its button in each language."""

from __future__ import annotations

import pytest

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
