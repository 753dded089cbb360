"""A static sentence encoder without torch: the mean of its tokens' vectors, at unit length.

Gives what Sentence Transformers gives for the same folder (StaticEmbedding, Normalize), by numpy and safetensors.
The rows are whole numbers of one byte; `weights` holds each token's scale, `mapping` its row (貨 shares that of 货).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from tokenizers import Tokenizer

from knowledge_base import text_normalisation
from knowledge_base.encoder import STATIC_CONFIG, unusable
from knowledge_base.text_normalisation import matching_form

if TYPE_CHECKING:  # Rasa's environment, Python 3.10, reads this module too and has no Self
    from typing import Self

FORMAT = 1
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
BATCH = 1024
"""Texts whose token vectors are in memory together."""


class StaticEncoder:
    """The shipped encoder. Holds arrays that are only read, so threads may share it."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        rows: npt.NDArray[np.int8],
        row_of_token: npt.NDArray[np.int32],
        scale_of_token: npt.NDArray[np.float32],
        encoder_hash: str,
    ) -> None:
        self._tokenizer = tokenizer
        self._rows = rows
        self._row_of_token = row_of_token
        self._scale_of_token = scale_of_token
        self._hash = encoder_hash

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads and checks the three files; EncoderError names the one that is damaged or of another version."""
        checked = _checked_files(folder)
        try:
            tokenizer = Tokenizer.from_buffer(checked[TOKENIZER])
        except Exception as error:  # the library raises bare Exception
            raise unusable(folder / TOKENIZER, error) from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        try:
            arrays = load_arrays(checked[WEIGHTS])
            rows, mapping, weights = arrays["embeddings"], arrays["mapping"], arrays["weights"]
        except (SafetensorError, KeyError, ValueError) as error:
            raise unusable(folder / WEIGHTS, repr(error)) from error
        if not len(mapping) == len(weights) == tokenizer.get_vocab_size():
            raise unusable(folder / WEIGHTS, f"{len(mapping)} tokens, {tokenizer.get_vocab_size()} expected")
        return cls(tokenizer, rows, mapping, weights, _hash_of(checked))

    @property
    def hash(self) -> str:
        """Changes with weights, tokenizer and the normalisation of texts."""
        return self._hash

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._rows.shape[1])

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Texts in matching form, then each text's vectors added up and brought to unit length."""
        forms = [matching_form(text) for text in texts]
        return np.concatenate(
            [np.zeros((0, self.dimensions), np.float32), *map(self.encode_forms, _batches(forms))]
        )

    def encode_forms(self, forms: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `encode`, of texts as they are; exactly what the library computes from the same folder."""
        tokens = [e.ids for e in self._tokenizer.encode_batch(list(forms), add_special_tokens=False)]
        sums = np.zeros((len(forms), self.dimensions), np.float32)
        filled = [i for i, ids in enumerate(tokens) if ids]
        if filled:
            flat = np.concatenate([tokens[i] for i in filled])
            starts = np.cumsum([0, *(len(tokens[i]) for i in filled[:-1])])
            vectors = self._rows[self._row_of_token[flat]].astype(np.float32)
            vectors *= self._scale_of_token[flat, None]
            sums[filled] = np.add.reduceat(vectors, starts, axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(np.divide(sums, lengths, out=sums, where=lengths > 0), np.float32)


def _checked_files(folder: Path) -> dict[str, bytes]:
    """The contents of weights and tokenizer, which have to be those that the configuration names."""
    config = _read(folder / STATIC_CONFIG)
    try:
        written = json.loads(config)
        version, digests = written["format"], dict(written["sha256"])
    except (ValueError, TypeError, KeyError) as error:
        raise unusable(folder / STATIC_CONFIG, repr(error)) from error
    if version != FORMAT:
        raise unusable(folder / STATIC_CONFIG, f"format {version}; this program reads format {FORMAT}")
    contents = {name: _read(folder / name) for name in (WEIGHTS, TOKENIZER)}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != digests.get(name):
            raise unusable(folder / name, f"its content is not the one that {STATIC_CONFIG} names")
    return contents


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unusable(path, error.strerror) from error


def _hash_of(contents: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(hashlib.sha256(contents[name]).digest())
    digest.update(text_normalisation.source())
    return digest.hexdigest()[:16]


def _batches(forms: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(forms), BATCH):
        yield forms[start : start + BATCH]
