"""An answer as a customer would read it, from content that is still being written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from knowledge_base.conditions import Facts
from knowledge_base.policy import PLACEHOLDER, Language, Policy


def preview(content: Mapping[str, Any], language: Language, facts: Facts, policy: Policy) -> str:
    """The text for these facts, figures filled in; a figure that is not there stays as it is written."""
    return _filled(_template(content, language, facts), policy, language)


def _template(content: Mapping[str, Any], language: Language, facts: Facts) -> str:
    for variant in content.get("variants") or ():
        when = variant.get("when") or {}
        if when and all(facts.get(name) == value for name, value in when.items()):
            return str(variant.get("answer", {}).get(language, ""))
    return str(content.get("answer", {}).get(language, ""))


def _filled(text: str, policy: Policy, language: Language) -> str:
    def figure(match: re.Match[str]) -> str:
        name, _, form = match.group(1).partition(":")
        if name not in policy.figures or form not in ("", "number"):
            return match.group()
        return policy.figures[name].written(language, with_unit=form != "number")

    return PLACEHOLDER.sub(figure, text)
