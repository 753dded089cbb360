"""The labelled messages that the triage classifier learns from, as files hold them.

Labels are explained in nlu_data/triage/GUIDELINES.md. The intents' calm examples
are a light counterweight: nobody labelled them, but short greetings and numbers are not angry.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from routing.text import fold
from routing.triage_decision import HEADS

NLU_DATA: Final = Path("nlu_data")
EXAMPLES: Final = NLU_DATA / "triage"
CALM_INTENTS: Final = frozenset(
    {
        *("greet", "goodbye", "affirm", "deny", "stop", "chitchat", "out_of_scope", "inform", "presales"),
        *("ask_policy", "track_order", "request_return", "refund_status", "request_invoice"),
        *("change_address", "cancel_order"),
    }
)
"""What customers say mostly without displeasure."""
CALM_LABELS: Final = "neutral normal none"
ONE_IN: Final = 4
"""Of so many calm examples one is taken: all of them teach no more and cost seconds."""


class ExamplesError(ValueError):
    """A label file that cannot be used; the message names file, group and fix."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One labelled message; labels are positions in HEADS."""

    text: str
    labels: tuple[int, ...]


def all_examples(home: Path) -> list[Example]:
    """Everything that is trained on. Raises ExamplesError."""
    return [example for file in sorted((home / EXAMPLES).glob("*.yml")) for example in read_examples(file)]


def calm_examples(home: Path) -> list[Example]:
    """Examples of calm intents, as neutral; those that are labelled otherwise are left out. Raises ExamplesError."""
    labelled = {fold(example.text).strip() for example in all_examples(home)}
    texts = [text for file in sorted((home / NLU_DATA).glob("*.yml")) for text in _calm_texts(file)]
    kept = [t for t in texts if zlib.crc32(t.encode()) % ONE_IN == 0 and fold(t).strip() not in labelled]
    labels = _labels(home / NLU_DATA, CALM_LABELS)
    return [Example(text=text, labels=labels) for text in kept]


def _calm_texts(file: Path) -> list[str]:
    try:
        blocks = yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        return [
            line.removeprefix("- ").strip()
            for block in blocks
            if block.get("intent") in CALM_INTENTS
            for line in block["examples"].splitlines()
            if line.startswith("- ")
        ]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ExamplesError(
            f"{file.name} is not an NLU file of Rasa: {type(error).__name__}: {error}"
        ) from None


def read_examples(file: Path) -> list[Example]:
    """The messages of one label file, grouped as `sentiment urgency level`. Raises ExamplesError."""
    try:
        # BaseLoader: «yes», «1» and «null» are messages here, not values.
        groups = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise ExamplesError(f"{file.name} is not readable YAML: {error}") from None
    if not isinstance(groups, dict):
        raise ExamplesError(f"{file.name}: must be groups of messages, keyed by their labels.")
    return [
        Example(text=message, labels=_labels(file, key))
        for key, messages in groups.items()
        for message in _messages(file, key, messages)
    ]


def _labels(file: Path, key: str) -> tuple[int, ...]:
    words = key.split()
    if len(words) != len(HEADS):
        raise ExamplesError(f"{file.name}: {key!r} must be «sentiment urgency level».")
    for word, (head, known) in zip(words, HEADS.items(), strict=True):
        if word not in known:
            raise ExamplesError(f"{file.name}: {key!r}: {word!r} is no {head}; one of {', '.join(known)}.")
    return tuple(known.index(word) for word, known in zip(words, HEADS.values(), strict=True))


def _messages(file: Path, key: str, messages: Any) -> list[str]:
    if not isinstance(messages, list) or not all(isinstance(m, str) and m.strip() for m in messages):
        raise ExamplesError(f"{file.name}: {key!r}: a list of messages, none empty.")
    return messages
