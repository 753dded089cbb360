"""The request of a turn, checked at the edge. Runs in Rasa's environment (Python 3.10), without pydantic."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Text, Tuple

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
LANGUAGES = ("zh-Hans", "zh-Hant-HK", "en")


class BadTurn(ValueError):
    """The request is not one that the service would send."""


@dataclass(frozen=True)
class Button:
    """What a tapped quick reply means."""

    intent: Text
    entities: Dict[Text, Text]


@dataclass(frozen=True)
class Turn:
    """One turn of one conversation; `sender` names conversation and generation."""

    sender: Text
    turn_id: Text
    expected_turn_id: Optional[Text]
    text: Text
    button: Optional[Button]
    language: Text
    signed_in: bool
    references: List[Dict[Text, Text]]
    seed_slots: Dict[Text, Any] = field(default_factory=dict)
    seed_form: Optional[Text] = None

    @property
    def metadata(self) -> Dict[Text, Any]:
        """What goes with the message to components and actions."""
        return {
            "turn_id": self.turn_id,
            "language": self.language,
            "signed_in": self.signed_in,
            "references": self.references,
        }


def parse_turn(body: Any) -> Turn:
    """Check and type a request. Raises BadTurn with the field at fault."""
    if not isinstance(body, dict):
        raise BadTurn("body: a JSON object is needed.")
    seed = body.get("seed") or {}
    language = body.get("language") or "zh-Hans"
    if language not in LANGUAGES:
        raise BadTurn(f"language: one of {', '.join(LANGUAGES)}.")
    return Turn(
        sender=_text(body, "sender", 1, 128),
        turn_id=_text(body, "turn_id", 1, 64),
        expected_turn_id=body.get("expected_turn_id"),
        text=_customer_text(body),
        button=_button(body.get("button")),
        language=language,
        signed_in=bool(body.get("signed_in")),
        references=[{"id": str(r["id"]), "kind": str(r["kind"])} for r in body.get("references") or []],
        seed_slots=dict(seed.get("slots") or {}),
        seed_form=seed.get("form"),
    )


def read_payload(payload: Text) -> Tuple[Text, Dict[Text, Any]]:
    """Intent and entities of a button as the domain and actions write it: /intent{"name": "value"}."""
    found = re.fullmatch(r"/([a-z][a-z0-9_]*)(\{.*\})?", payload, re.DOTALL)
    if not found:
        raise ValueError(f"Not a button's payload: {payload!r}")
    return found.group(1), json.loads(found.group(2) or "{}")


def _text(body: Dict[Text, Any], key: Text, least: int, most: int) -> Text:
    value = body.get(key)
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise BadTurn(f"{key}: a text of {least} to {most} characters.")
    return value


def _customer_text(body: Dict[Text, Any]) -> Text:
    text = _text(body, "text", 0, 20_000)
    if text.lstrip().startswith(("/", "／")):
        raise BadTurn("text: must not start with a slash; Rasa would obey it.")
    return text


def _button(value: Any) -> Optional[Button]:
    if value is None:
        return None
    entities = value.get("entities") or {}
    names = [value.get("intent"), *entities]
    if not all(isinstance(n, str) and _NAME.fullmatch(n) for n in names):
        raise BadTurn("button: intent and entity names are lower-case words.")
    return Button(intent=value["intent"], entities={k: str(v) for k, v in entities.items()})
