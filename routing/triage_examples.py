"""The labelled messages that the triage classifier learns from, as files hold them.

Labels are explained in nlu_data/triage/GUIDELINES.md. The intents' examples are no part of it: unlabelled, they
only taught that everything is calm (measured by cross-validation).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from routing.triage_decision import HEADS

EXAMPLES: Final = Path("nlu_data") / "triage"


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
