"""The trained triage classifier, or a neutral one where none is trained yet, so that messages are taken in either way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from knowledge_base.encoder import load_encoder
from knowledge_base.errors import KnowledgeBaseError
from routing.tags import NEUTRAL, Tags
from routing.triage import Encoder, Tagger, load_tagger
from routing.triage_training import MODELS

log = structlog.get_logger(__name__)

CANDIDATE = "candidate"
"""Trained and not installed, because it did worse than the one in use."""


class NeutralTagger:
    """Says neutral to everything; plain words such as 转人工 are recognised without it."""

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One NEUTRAL for each text."""
        return [NEUTRAL] * len(texts)


def shipped_encoder() -> Encoder:
    """The sentence encoder that triage sees messages with: always the shipped one, whatever the search uses."""
    return load_encoder()


def load_or_neutral(data: Path) -> Tagger:
    """The classifier that was trained last."""
    try:
        return load_tagger(newest_model(data) or data / MODELS, shipped_encoder())
    except (FileNotFoundError, ValueError, KnowledgeBaseError) as error:
        log.warning("triage_is_not_trained", kind=type(error).__name__, why=str(error))
        return NeutralTagger()


def newest_model(data: Path) -> Path | None:
    """The folder of the classifier in use: trained or installed last; its name is the hash of what it was made from."""
    return next(iter(models_of(data)), None)


def models_of(data: Path) -> list[Path]:
    """The folders of all classifiers that are or were in use, the newest first."""
    found = [each for each in (data / MODELS).glob("[!.]*") if each.is_dir() and each.name != CANDIDATE]
    return sorted(found, key=lambda each: each.stat().st_mtime, reverse=True)
