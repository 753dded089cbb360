"""The triage classifier refitted: nlu_data/triage and the agents' corrections, on the frozen public layer.

A model lies in `<data>/models/triage/<hash>[-<hash of the corrections>]`; the newest is in use. One that did worse lies
in `candidate` there until the next training.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from routing.language import detect
from routing.text import fold
from routing.triage import Encoder, Tagger, load_tagger
from routing.triage_corrections import Corrected, Taught, taught
from routing.triage_decision import HEADS
from routing.triage_examples import (
    EXAMPLES,
    NLU_DATA,
    Example,
    ExamplesError,
    all_examples,
    calm_examples,
    read_examples,
)
from routing.triage_model import LinearTagger
from routing.triage_training import MODELS, content_hash, fit
from service.tagging import CANDIDATE, models_of, newest_model
from service.training.comparing import Asked, Figure, compare, worse
from service.training.outcome import Measured, Refit
from service.training.progress import Progress

HELDOUT: Final = Path("evaluation") / "triage_heldout.yml"
ABOUT_FILE: Final = "about.json"
OWN_SHARE: Final = 5
"""Without the held-out set one of so many of the shop's own examples is held back."""
KEPT: Final = 3
TIMED: Final = 200
FIGURES: Final = (
    *(Figure(head=head, kind="macro-F1", margin=0.02, language_margin=0.04) for head in HEADS),
    Figure(head="sentiment", kind="recall", label="angry", margin=0.03),
    Figure(head="urgency", kind="recall", label="critical", margin=0.03),
    Figure(head="level", kind="recall", label="major", margin=0.03),
    Figure(head="sentiment", kind="false alarms", label="angry", margin=0.01),
    Figure(head="urgency", kind="false alarms", label="critical", margin=0.01),
    Figure(head="level", kind="false alarms", label="major", margin=0.01),
)

Labels = list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Work:
    """One training: where, with which encoder, and what agents corrected."""

    home: Path
    data: Path
    encoder: Encoder
    corrections: Sequence[Corrected]
    progress: Progress

    @property
    def models(self) -> Path:
        """The folder of all triage models."""
        return self.data / MODELS


def base_hash(home: Path, encoder: Encoder) -> str:
    """Of everything a model is made of but the corrections. Raises ExamplesError where there are no examples."""
    files = sorted((home / EXAMPLES).glob("*.yml"))
    if not files:
        raise ExamplesError(f"{EXAMPLES}: no label files. They belong to the program; restore them.")
    return content_hash([*files, *sorted((home / NLU_DATA).glob("*.yml"))], encoder)


def usable(home: Path, data: Path, encoder: Encoder) -> Path | None:
    """The model in use, where it is made of the present examples and this program, and whole."""
    newest = newest_model(data)
    if newest is None or newest.name.partition("-")[0] != base_hash(home, encoder):
        return None
    return newest if _loaded(newest, encoder) else None


def check(work: Work) -> Refit:
    """Measure the model in use and train nothing. Raises ValueError where there is none that can be read."""
    model = newest_model(work.data)
    if model is None:
        raise ValueError("there is no model yet: `anxin train --only triage`")
    tagger = load_tagger(model, work.encoder)
    heldout = _heldout(work)
    if heldout is None:
        raise ValueError(f"{HELDOUT} is missing, which a clone of the repository has; nothing to measure on")
    after = _labels(tagger, heldout)
    timings = {"ms a message": (None, _ms(tagger, heldout))}
    measured = Measured(
        changes=compare(FIGURES, heldout, None, after), timings=timings, asked=_asked_of(heldout, HELDOUT)
    )
    return Refit(what="triage", state="measured", where=model, measured=measured)


def refit(work: Work, *, force: bool = False) -> Refit:
    """Train beside the model in use, measure both, install what is not worse (or all, with `force`)."""
    with _alone(work.models):
        learned = _taught(work)
        name = base_hash(work.home, work.encoder) + _suffix(learned)
        notes = _notes(work, learned)
        folder = work.models / name
        if folder.is_dir() and _loaded(folder, work.encoder):
            os.utime(folder)
            return Refit(what="triage", state="unchanged", where=folder, notes=notes)
        before = newest_model(work.data)
        candidate = _candidate(work, learned, name)
        measured, why = _measure(work, learned, before, candidate)
        notes += [why] if why else []
        if measured is not None and worse(measured.changes) and not force:
            return Refit(
                what="triage",
                state="refused",
                where=work.models / CANDIDATE,
                measured=measured,
                notes=notes,
            )
        return Refit(
            what="triage", state="installed", where=_install(work, name), measured=measured, notes=notes
        )


def _notes(work: Work, learned: Taught) -> list[str]:
    if not work.corrections:
        return []
    parts = [f"{len(learned.corrected)} corrections of agents learned"]
    if learned.replaced:
        parts.append(f"{learned.replaced} examples gave way to them")
    if learned.held_out:
        parts.append(f"{learned.held_out} left out that are nearly held-out messages")
    return [", ".join(parts)]


def _taught(work: Work) -> Taught:
    heldout = work.home / HELDOUT
    texts = [example.text for example in read_examples(heldout)] if heldout.exists() else []
    return taught(all_examples(work.home), work.corrections, texts)


def _suffix(learned: Taught) -> str:
    if not learned.corrected:
        return ""
    said = json.dumps([(e.text, e.labels, weight) for e, weight in learned.corrected], ensure_ascii=False)
    return "-" + hashlib.sha256(said.encode()).hexdigest()[:8]


def _candidate(work: Work, learned: Taught, name: str) -> Path:
    """The trained candidate; the one that lies there already where it is made of the same."""
    candidate = work.models / CANDIDATE
    if _about(candidate).get("name") == name and _loaded(candidate, work.encoder):
        return candidate
    before = newest_model(work.data)
    expected_s = _about(before).get("training_s") if before else None
    began = time.monotonic()
    with work.progress.step(f"triage: training on {len(learned.examples)} examples", expected_s):
        calm = calm_examples(work.home)
        tagger = fit(learned.examples, work.encoder, calm, learned.corrected)
    about = {
        "name": name,
        "examples": len(learned.examples),
        "corrections": len(learned.corrected),
        "training_s": round(time.monotonic() - began, 1),
    }
    unfinished = Path(tempfile.mkdtemp(prefix=".training-", dir=work.models))
    tagger.save(unfinished)
    if not (work.home / HELDOUT).exists():
        about["own"] = _own_answers(work, learned, calm)
    (unfinished / ABOUT_FILE).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    shutil.rmtree(candidate, ignore_errors=True)
    unfinished.rename(candidate)
    return candidate


def _install(work: Work, name: str) -> Path:
    folder = work.models / name
    shutil.rmtree(folder, ignore_errors=True)  # one that is there cannot be read
    (work.models / CANDIDATE).rename(folder)
    os.utime(folder)
    for old in models_of(work.data)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _measure(
    work: Work, learned: Taught, before: Path | None, candidate: Path
) -> tuple[Measured | None, str | None]:
    """Both models on the same messages; without one before, or one that can be read, nothing and why."""
    if before is None:
        return None, "the first model; `anxin train --check` measures it"
    heldout = _heldout(work)
    if heldout is None:
        return _measure_on_own(work, learned, before, candidate)
    old = _loaded(before, work.encoder)
    if old is None:
        return None, f"{before} is damaged or of another version, so there is nothing to compare with"
    new = load_tagger(candidate, work.encoder)
    with work.progress.step(f"triage: measuring on {len(heldout)} held-out messages"):
        changes = compare(FIGURES, heldout, _labels(old, heldout), _labels(new, heldout))
        timings = {
            "ms a message": (_ms(old, heldout), _ms(new, heldout)),
            "training s": (_about(before).get("training_s"), _about(candidate)["training_s"]),
        }
    return Measured(changes=changes, timings=timings, asked=_asked_of(heldout, HELDOUT)), None


def _heldout(work: Work) -> list[Asked] | None:
    file = work.home / HELDOUT
    return [_as_asked(example) for example in read_examples(file)] if file.exists() else None


def _measure_on_own(
    work: Work, learned: Taught, before: Path, candidate: Path
) -> tuple[Measured | None, str | None]:
    """Without the held-out set: messages held back from both, as far as both were asked them."""
    was, now = _about(before).get("own"), _about(candidate).get("own") or {}
    if not was:
        return None, "nothing to compare with yet; the figures of this model are kept for the next time"
    examples = {_key(e.text): e for e in _held_back(learned.examples)}
    both = [key for key in examples if key in was and key in now]
    asked = [_as_asked(examples[key]) for key in both]
    if not asked:
        return None, "no message was asked of both models, so there is nothing to compare"
    changes = compare(FIGURES, asked, [was[key] for key in both], [now[key] for key in both])
    training = (_about(before).get("training_s"), _about(candidate)["training_s"])
    told = f"{len(asked)} of the shop's own messages, held back for this"
    return Measured(changes=changes, timings={"training s": training}, asked=told), None


def _own_answers(work: Work, learned: Taught, calm: Sequence[Example]) -> dict[str, dict[str, str]]:
    """What a classifier that has not learned from them says of the messages held back; keys are hashes."""
    held = _held_back(learned.examples)
    keys = {_key(e.text) for e in held}
    rest = [e for e in learned.examples if _key(e.text) not in keys]
    with work.progress.step(f"triage: measuring on {len(held)} examples held back"):
        tagger: LinearTagger = fit(rest, work.encoder, calm, learned.corrected)
        said = _labels(tagger, [_as_asked(e) for e in held])
    return {_key(example.text): labels for example, labels in zip(held, said, strict=True)}


def _held_back(examples: Sequence[Example]) -> list[Example]:
    """The same ones at every training, and those that begin alike together."""
    return [e for e in examples if zlib.crc32(fold(e.text).strip()[:4].encode()) % OWN_SHARE == 0]


def _key(text: str) -> str:
    return hashlib.sha256(fold(text).encode()).hexdigest()[:16]


def _as_asked(example: Example) -> Asked:
    labels = {head: known[i] for (head, known), i in zip(HEADS.items(), example.labels, strict=True)}
    return Asked(text=example.text, language=detect(example.text, None), expected=labels)


def _labels(tagger: Tagger, asked: Sequence[Asked]) -> Labels:
    tagged = tagger.tag([a.text for a in asked])
    return [
        {"sentiment": t.sentiment.label, "urgency": t.urgency.label, "level": t.level.label} for t in tagged
    ]


def _ms(tagger: Tagger, asked: Sequence[Asked]) -> float:
    spent = []
    for one in asked[:TIMED]:
        began = time.perf_counter()
        tagger.tag([one.text])
        spent.append((time.perf_counter() - began) * 1000)
    return sorted(spent)[len(spent) // 2]


def _asked_of(asked: Sequence[Asked], file: Path) -> str:
    return f"{len(asked):,} messages of {file.as_posix()}"


def _about(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _loaded(folder: Path, encoder: Encoder) -> Tagger | None:
    try:
        return load_tagger(folder, encoder)
    except (OSError, ValueError):
        return None


@contextmanager
def _alone(models: Path) -> Iterator[None]:
    """One training at a time; what a killed one left behind goes."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for abandoned in models.glob(".training-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        yield
