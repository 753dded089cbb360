"""The button under an answer that starts a form: what the customer would have said, one tap away."""

from __future__ import annotations

from collections.abc import Mapping

from bot.rasa_client import Button

INTENTS: Mapping[str, str] = {"return": "request_return", "track_order": "track_order"}
"""What each of knowledge_base.start_forms means to Rasa: the need itself, without an order."""

TITLES: Mapping[str, Mapping[str, str]] = {
    "return": {"zh-Hans": "我要退货", "zh-Hant-HK": "我想退貨", "en": "I want to return an order"},
    "track_order": {"zh-Hans": "查物流", "zh-Hant-HK": "查物流", "en": "Track my order"},
}
"""In the customer's words, for a tap is shown as what the customer said."""


def start_button(form: str | None, language: str) -> Button | None:
    """None where there is no form, or where a base from elsewhere names one that the bot does not have."""
    if form is None or form not in INTENTS:
        return None
    return Button(title=TITLES[form][language], intent=INTENTS[form])
