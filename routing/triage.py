"""Mood, urgency and complaint level of customers' messages: the port that its users know, and its loader.

Not here: the features (routing.triage_features), the training (routing.triage_training), what follows from
the tags (routing.handoff).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from routing.tags import LEVELS, NEUTRAL, SENTIMENTS, URGENCIES, Tag, Tags

__all__ = ["LEVELS", "NEUTRAL", "SENTIMENTS", "URGENCIES", "Tag", "Tagger", "Tags", "load_tagger"]


class Tagger(Protocol):
    """Tags messages; thread-safe, never raises on any text."""

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One Tags for each text, in order."""
        ...


def load_tagger(folder: Path) -> Tagger:
    """The tagger whose trained arrays lie in `folder` (as routing.triage_training returns it).

    Raises FileNotFoundError where there is none, ValueError where it is of another feature version.
    """
    from routing.triage_model import LinearTagger  # numpy is loaded where it is used

    return LinearTagger.load(folder)
