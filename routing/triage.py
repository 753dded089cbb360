"""Mood, urgency and complaint level of customers' messages: the port that its users know, and its loader.

Not here: the features (routing.triage_features), the training (routing.triage_training), what follows from
the tags (routing.handoff).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from routing.tags import LEVELS, NEUTRAL, SENTIMENTS, URGENCIES, Tag, Tags

__all__ = ["LEVELS", "NEUTRAL", "SENTIMENTS", "URGENCIES", "Encoder", "Tag", "Tagger", "Tags", "load_tagger"]


class Tagger(Protocol):
    """Tags messages; thread-safe, never raises on any text."""

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One Tags for each text, in order."""
        ...


class Encoder(Protocol):
    """Turns texts into vectors of unit length; which one made them says its hash."""

    @property
    def hash(self) -> str:
        """Changes with everything that changes a vector."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(len(texts), dimensions); safe in threads."""
        ...


def load_tagger(folder: Path, encoder: Encoder | None = None) -> Tagger:
    """The tagger whose trained arrays lie in `folder` (as routing.triage_training returns it).

    `encoder` is the one it was trained with; a tagger trained without any ignores it. Raises FileNotFoundError
    where there is none, ValueError where it is damaged, of another feature version or of another encoder.
    """
    from routing.triage_model import LinearTagger

    return LinearTagger.load(folder, encoder)
