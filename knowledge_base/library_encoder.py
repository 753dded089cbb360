"""Any model that Sentence Transformers can load, behind the same Protocol as the shipped encoder.

The library and torch are imported when such a model is loaded, never before; they are the extra `encoders`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from knowledge_base import text_normalisation
from knowledge_base.encoder import EncoderError, unusable
from knowledge_base.text_normalisation import matching_form


class LibraryEncoder:
    """A shop's own choice of model, run by the library on the CPU."""

    def __init__(
        self, run: Callable[[list[str]], npt.NDArray[np.float32]], dimensions: int, encoder_hash: str
    ) -> None:
        self._run = run
        self._dimensions = dimensions
        self._hash = encoder_hash

    @classmethod
    def load(cls, folder: Path) -> Self:
        """EncoderError where the library is not installed or does not read the folder."""
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(
                f"{folder} is not a static encoder, and the library that runs it is not installed. "
                "To install it: .venv/bin/pip install -c constraints.txt -e '.[encoders]'"
            ) from error
        try:
            model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except Exception as error:  # whatever a foreign model's loader raises
            raise unusable(folder, error) from error

        def run(forms: list[str]) -> npt.NDArray[np.float32]:
            vectors = model.encode(forms, show_progress_bar=False, normalize_embeddings=True)
            return np.asarray(vectors, np.float32)

        return cls(run, int(run(["a"]).shape[1]), _hash_of(folder))

    @property
    def hash(self) -> str:
        """Changes with any file of the folder and with the normalisation of texts."""
        return self._hash

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._dimensions

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Texts in matching form through the library; a text of which nothing is left becomes zeros."""
        forms = [matching_form(text) for text in texts]
        vectors = np.zeros((len(forms), self._dimensions), np.float32)
        filled = [i for i, form in enumerate(forms) if form]
        if filled:
            vectors[filled] = self._run([forms[i] for i in filled])
        return vectors


def _hash_of(folder: Path) -> str:
    digest = hashlib.sha256(Path(text_normalisation.__file__).read_bytes())
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(folder)}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
