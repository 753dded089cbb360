"""Sentences as vectors: what a sentence encoder is, and how the shipped one or another folder's is loaded.

Vectors of different encoders must not be compared: `hash` says which one made them. Nothing is trained here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from knowledge_base.errors import KnowledgeBaseError

SHIPPED = Path(__file__).with_name("encoder")
STATIC_CONFIG = "static_encoder.json"
"""Only a folder that our training wrote has it."""
RESTORE = "git checkout -- knowledge_base/encoder"
"""Brings back the shipped files when one is damaged."""


class Encoder(Protocol):
    """Turns texts into vectors of unit length; near vectors mean the same thing, across the three languages."""

    @property
    def hash(self) -> str:
        """16 hex digits of weights, tokenizer and normalisation; vectors are kept and compared under it."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(len(texts), dimensions); rows of unit length, all zeros where no token is known. Safe in threads."""
        ...


class EncoderError(KnowledgeBaseError):
    """An encoder's files cannot be used; the message names the file and what restores it."""

    code = "encoder_unusable"


def load_encoder(folder: Path = SHIPPED) -> Encoder:
    """The encoder in a folder of Sentence Transformers format.

    One that our training wrote is read with numpy alone, in less than 0.15 s; for any other the library, and with
    it torch, is imported, which takes seconds. EncoderError where a file is missing, damaged or of another version.
    """
    if not folder.is_dir():
        raise unusable(folder, "no such folder")
    if folder == SHIPPED or (folder / STATIC_CONFIG).exists():
        from knowledge_base.static_encoder import StaticEncoder

        return StaticEncoder.load(folder)
    from knowledge_base.library_encoder import LibraryEncoder

    return LibraryEncoder.load(folder)


def unusable(path: Path, reason: object) -> EncoderError:
    """The error for one file of an encoder, with the way out."""
    way_out = RESTORE if path.is_relative_to(SHIPPED) else "copy the encoder's folder there again"
    return EncoderError(f"{path}: the encoder's file cannot be used ({reason}). To restore it: {way_out}")
