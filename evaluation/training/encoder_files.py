"""Writes an encoder's folder in the format of Sentence Transformers: rows of one byte, scales, tokenizer, digests.

`embeddings` × `weights`, found through `mapping`, is the form that the library's StaticEmbedding folds when it loads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from evaluation.training.encoder_tokens import Vocabulary, build_tokenizer
from knowledge_base.encoder import STATIC_CONFIG
from knowledge_base.static_encoder import FORMAT, TOKENIZER, WEIGHTS

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def write_encoder(
    folder: Path, vocabulary: Vocabulary, rows: npt.NDArray[np.float32], about: Mapping[str, Any]
) -> None:
    """Writes everything but the card; `about` (data, recipe, figures) goes into the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = build_tokenizer(vocabulary)
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    save_file(_arrays(vocabulary, rows), folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)  # the library makes it for the owner alone
    _write_json(folder / "modules.json", MODULES)
    _write_json(
        folder / "config_sentence_transformers.json",
        {"similarity_fn_name": "cosine", "prompts": {}, "default_prompt_name": None},
    )
    digests = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (WEIGHTS, TOKENIZER)
    }
    _write_json(folder / STATIC_CONFIG, {"format": FORMAT, "sha256": digests, **about})


def _arrays(vocabulary: Vocabulary, rows: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[Any]]:
    number = {token: i for i, token in enumerate(vocabulary.learned)}
    mapping = list(range(len(vocabulary.learned)))
    sums: list[npt.NDArray[np.float32]] = []
    for parts in vocabulary.made_of.values():
        if len(parts) == 1:
            mapping.append(number[parts[0]])
        else:
            mapping.append(len(vocabulary.learned) + len(sums))
            sums.append(rows[[number[part] for part in parts]].sum(axis=0))
    every = np.vstack([rows, *sums]) if sums else rows
    scales = np.abs(every).max(axis=1) / 127
    whole = np.round(every / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8)
    return {
        "embeddings": whole,
        "mapping": np.array(mapping, np.int32),
        "weights": scales[mapping].astype(np.float32),
    }


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
