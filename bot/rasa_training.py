"""Trains Rasa's model when what it is made from has changed, and not otherwise.

A model is named by the hash of its sources, so the same sources never train twice and a half-written model
never has a name; `<hash>.json` beside it says what it is. The training itself runs in Rasa's own environment. Whether a
new model is better than the one in use is not decided here (service/training).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.rasa_places import PROGRAM, PYTHON, RasaSettings

RASA_KEYS = ("recipe", "assistant_id", "language", "pipeline", "policies")
SHARED = ("text_normalisation.py", "encoder/static_encoder.json")
"""What the intent classifier takes from the knowledge base; the second names the encoder's files by their digests."""
MODELS = Path("models") / "rasa"
MODELS_KEPT = 3
CANDIDATE = "candidate"
"""Trained and not installed, because it did worse than the one in use."""
_STARTED = re.compile(r"Starting to train component '(?P<name>[^']+)'")


class TrainingFailed(Exception):
    """Rasa did not train; the message ends with the last lines of its log."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known of a trained model: `program` is what it must agree with to be run at all."""

    hash: str
    program: str
    digest: str
    training_s: float


def train_if_changed(settings: RasaSettings, report: Callable[[str], None] = print) -> Path:
    """The model for the present sources, `<data>/models/rasa/<hash>.tar.gz`. Raises TrainingFailed."""
    sources = Sources(settings)
    with alone(settings):
        model = model_of(settings, sources.hash())
        if model.exists() and not is_sound(model):
            report(f"Rasa: {model} is damaged, training it again")
            model.unlink()
        if not model.exists():
            report("Rasa: examples or rules changed, training (about half a minute)")
            _train(sources, model, report)
            report("Rasa: trained")
        os.utime(model)
        _prune(model.parent, keep=model)
    return model


def present_or_first(settings: RasaSettings, report: Callable[[str], None] = print) -> Path | None:
    """The model of the present sources, trained where no other could be used meanwhile; else None: see in_use."""
    if in_use(settings) is not None and not is_sound(model_of(settings, Sources(settings).hash())):
        return None
    return train_if_changed(settings, report)


def train_beside(settings: RasaSettings, report: Callable[[str], None] = print) -> Path:
    """The candidate of the present sources, `candidate.tar.gz`; one that lies there already is not trained again.

    Call it inside `alone`. Raises TrainingFailed.
    """
    sources, candidate = Sources(settings), model_of(settings, CANDIDATE)
    known = about(candidate)
    if known is None or known.hash != sources.hash() or not is_sound(candidate):
        _train(sources, candidate, report)
    return candidate


def install(settings: RasaSettings, candidate: Path) -> Path:
    """Make the candidate the model in use: one rename, its description first."""
    known = about(candidate)
    assert known is not None
    model = model_of(settings, known.hash)
    candidate.with_name(f"{CANDIDATE}.json").replace(model.with_name(f"{known.hash}.json"))
    candidate.replace(model)
    os.utime(model)
    _prune(model.parent, keep=model)
    return model


def in_use(settings: RasaSettings) -> Path | None:
    """The model that was installed last, of those that this program can run and that are whole."""
    program = Sources(settings).program_hash()
    models = [m for m in (settings.data / MODELS).glob("*.tar.gz") if not m.name.startswith(CANDIDATE)]
    for model in sorted(models, key=lambda m: m.stat().st_mtime, reverse=True):
        known = about(model)
        if known is not None and known.program == program and is_sound(model):
            return model
    return None


def model_of(settings: RasaSettings, name: str) -> Path:
    """Where the model of this name lies or will lie."""
    return settings.data / MODELS / f"{name}.tar.gz"


def about(model: Path) -> About | None:
    """What stands beside a model, None where nothing readable does."""
    written = model.with_name(model.name.removesuffix(".tar.gz") + ".json")
    try:
        return About(**json.loads(written.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_sound(model: Path) -> bool:
    """Whether the file is whole: as it was trained, or at least readable to its end."""
    if not model.exists():
        return False
    known = about(model)
    if known is not None:
        return known.digest == _digest(model)
    try:
        with tarfile.open(model) as archive:
            return any(member.name.endswith("metadata.json") for member in archive)
    except (OSError, EOFError, tarfile.TarError, zlib.error):
        return False


def _digest(model: Path) -> str:
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Sources:
    """What the model is made from: Rasa's keys, domain, rules, examples, components."""

    def __init__(self, settings: RasaSettings) -> None:
        own = settings.home / "nlu_data"
        self.examples = own if own.is_dir() else PROGRAM / "nlu_data"
        self.config = _rasa_keys(settings.config_file)
        self.domain = PROGRAM / "bot" / "domain"
        self.rules = [
            *sorted((PROGRAM / "bot" / "rules").glob("*.yml")),
            *sorted((PROGRAM / "bot" / "stories").glob("*.yml")),
        ]
        self.data = [
            *self.rules,
            *sorted(
                self.examples.glob("*.yml")
            ),  # not its folders: triage labels are none of Rasa's business
        ]

    def hash(self) -> str:
        """16 hex digits over every byte that can change the model."""
        return self._hash(json.dumps(self.config, sort_keys=True), [*self.data, *self._program_files()])

    def program_hash(self) -> str:
        """The same over what a model must have in common with the program that runs it; a shop's examples and
        pipeline are no part of it."""
        return self._hash("", [*self.rules, *self._program_files()])

    def _program_files(self) -> list[Path]:
        return [
            *sorted(self.domain.glob("*.yml")),
            *sorted((PROGRAM / "bot" / "components").glob("*.py")),
            PROGRAM / "bot" / "requirements-rasa.txt",
            *(PROGRAM / "knowledge_base" / name for name in SHARED),
        ]

    @staticmethod
    def _hash(begin: str, files: Iterable[Path]) -> str:
        digest = hashlib.sha256(begin.encode())
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


def _train(sources: Sources, model: Path, report: Callable[[str], None]) -> None:
    """Into a folder of its own, then renamed: whoever is killed midway leaves no model behind."""
    models, began = model.parent, time.monotonic()
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
        trained = folder / "model.tar.gz"
        describe(sources, trained, model, training_s=round(time.monotonic() - began, 1))
        trained.replace(model)


def describe(sources: Sources, trained: Path, model: Path, *, training_s: float) -> None:
    """Write beside where `model` will lie what the trained file is."""
    known = {"hash": sources.hash(), "program": sources.program_hash(), "digest": _digest(trained)}
    beside = model.with_name(model.name.removesuffix(".tar.gz") + ".json")
    unfinished = beside.with_suffix(".new")
    unfinished.write_text(json.dumps({**known, "training_s": training_s}), encoding="utf-8")
    unfinished.replace(beside)


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
def alone(settings: RasaSettings) -> Iterator[None]:
    """One training at a time; the next one waits."""
    models = settings.data / MODELS
    models.mkdir(parents=True, exist_ok=True)
    with (models / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for abandoned in models.glob(".training-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        yield


def _prune(models: Path, *, keep: Path) -> None:
    others = [m for m in models.glob("*.tar.gz") if m != keep and not m.name.startswith(CANDIDATE)]
    others.sort(key=lambda m: m.stat().st_mtime, reverse=True)
    for old in others[MODELS_KEPT - 1 :]:
        old.unlink()
        with suppress(FileNotFoundError):
            old.with_name(old.name.removesuffix(".tar.gz") + ".json").unlink()
