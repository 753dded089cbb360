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
        log.warning("triage_is_not_trained", kind=type(error).__name__)
        return NeutralTagger()


def newest_model(data: Path) -> Path | None:
    """The folder of the classifier that was trained last; its name is the hash of what it was trained from."""
    folders = [found for found in (data / MODELS).glob("[!.]*") if found.is_dir()]
    return max(folders, key=lambda found: found.stat().st_mtime, default=None)
