"""Trains Rasa's model when what it is made from has changed, and not otherwise.

A model is named by the hash of its sources, so the same sources never train twice and a half-written model
never has a name. The training itself runs in Rasa's own environment.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from bot.rasa_places import PROGRAM, PYTHON, RasaSettings

RASA_KEYS = ("recipe", "assistant_id", "language", "pipeline", "policies")
SHARED = ("text_normalisation.py", "encoder/static_encoder.json")
"""What the intent classifier takes from the knowledge base; the second names the encoder's files by their digests."""
MODELS_KEPT = 3
_STARTED = re.compile(r"Starting to train component '(?P<name>[^']+)'")


class TrainingFailed(Exception):
    """Rasa did not train; the message ends with the last lines of its log."""


def train_if_changed(settings: RasaSettings, report: Callable[[str], None] = print) -> Path:
    """The model for the present sources, `<data>/models/rasa/<hash>.tar.gz`. Raises TrainingFailed."""
    sources = Sources(settings)
    models = settings.data / "models" / "rasa"
    models.mkdir(parents=True, exist_ok=True)
    model = models / f"{sources.hash()}.tar.gz"
    with _alone(models / ".lock"):
        if not model.exists():
            report("Rasa: examples or rules changed, training (about half a minute)")
            _train(sources, models, model, report)
            report("Rasa: trained")
        os.utime(model)
        _prune(models, keep=model)
    return model


class Sources:
    """What the model is made from: Rasa's keys, domain, rules, examples, components."""

    def __init__(self, settings: RasaSettings) -> None:
        own = settings.home / "nlu_data"
        examples = own if own.is_dir() else PROGRAM / "nlu_data"
        self.config = _rasa_keys(settings.config_file)
        self.domain = PROGRAM / "bot" / "domain"
        self.data = [
            *sorted((PROGRAM / "bot" / "rules").glob("*.yml")),
            *sorted((PROGRAM / "bot" / "stories").glob("*.yml")),
            *sorted(examples.glob("*.yml")),  # not its folders: triage labels are none of Rasa's business
        ]

    def hash(self) -> str:
        """16 hex digits over every byte that can change the model."""
        digest = hashlib.sha256(json.dumps(self.config, sort_keys=True).encode())
        files = [
            *sorted(self.domain.glob("*.yml")),
            *self.data,
            *sorted((PROGRAM / "bot" / "components").glob("*.py")),
            PROGRAM / "bot" / "requirements-rasa.txt",
            *(PROGRAM / "knowledge_base" / name for name in SHARED),
        ]
        for file in files:
            content = file.read_bytes()
            digest.update(f"\0{file.parent.name}/{file.name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()[:16]


def environment() -> dict[str, str]:
    """The environment of every Rasa process: ours, without what would change it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "RASA_", "VIRTUAL_ENV"))}
    return kept | {
        "PYTHONPATH": str(PROGRAM),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_MAX_CACHE_SIZE": "0",  # Rasa's cache does not see changes beside a component's class
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "MPLCONFIGDIR": tempfile.gettempdir(),
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


def _rasa_keys(config_file: Path) -> dict[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(config_file.read_text(encoding="utf-8")) or {}
    missing = [key for key in RASA_KEYS if not written.get(key)]
    if missing:
        raise TrainingFailed(f"{config_file.name} lacks Rasa's {', '.join(missing)}.")
    return {key: written[key] for key in RASA_KEYS}


def _train(sources: Sources, models: Path, model: Path, report: Callable[[str], None]) -> None:
    if not PYTHON.exists():
        raise TrainingFailed(f"{PYTHON.parent.parent.name} is missing. Run `make setup`.")
    with tempfile.TemporaryDirectory(prefix=".training-", dir=models) as name:
        folder = Path(name)
        config = folder / "config.yml"
        config.write_text(yaml.safe_dump(sources.config, allow_unicode=True), encoding="utf-8")
        argv = [str(PYTHON), "-m", "rasa", "train", "--force", "--config", str(config)]
        argv += ["--domain", str(sources.domain), "--data", *map(str, sources.data)]
        argv += ["--out", str(folder), "--fixed-model-name", "model"]
        _run(argv, folder, models / "training.log", report)
        (folder / "model.tar.gz").replace(model)


def _run(argv: list[str], folder: Path, log: Path, report: Callable[[str], None]) -> None:
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            argv,
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            kept.write(line)
            if started := _STARTED.search(line):
                report(f"Rasa: training {started['name'].rpartition('.')[2]}")
    if process.returncode != 0 or not (folder / "model.tar.gz").exists():
        end = "\n".join(log.read_text(encoding="utf-8").splitlines()[-8:])
        raise TrainingFailed(f"Rasa did not train (log: {log}):\n{end}")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prune(models: Path, *, keep: Path) -> None:
    others = [m for m in models.glob("*.tar.gz") if m != keep]
    others.sort(key=lambda m: m.stat().st_mtime, reverse=True)
    for old in others[MODELS_KEPT - 1 :]:
        old.unlink()
    for abandoned in models.glob(".training-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
