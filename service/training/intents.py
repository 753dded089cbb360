"""Rasa's model refitted: the shop's examples in nlu_data; measured without Rasa's server, on what its classifier learned.

The linear intent classifier inside the model is read and asked here; a shop that put another classifier into config.yml
gets it trained and installed without a measure, and is told so.
"""

from __future__ import annotations

import json
import logging
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jieba
import yaml

from bot import rasa_training
from bot.components.intent_model import ARRAYS, NAMES, IntentModel, fit
from bot.extraction import extract
from bot.rasa_places import RasaSettings
from bot.rasa_training import Sources
from knowledge_base.encoder import Encoder, load_encoder
from service.training.comparing import Asked, Figure, compare, worse
from service.training.outcome import Measured, Refit
from service.training.progress import Progress

HELDOUT: Final = Path("evaluation") / "intents_heldout.yml"
OWN_SHARE: Final = 5
TIMED: Final = 200
OWN: Final = "own"
FIGURES: Final = (
    Figure(head="intent", kind="macro-F1", margin=0.02, language_margin=0.04),
    Figure(head="intent", kind="recall", label="out_of_scope", margin=0.05),
    Figure(head="intent", kind="recall", label="ask_human", margin=0.05),
    Figure(head="intent", kind="recall", label="complain", margin=0.05),
    Figure(head="intent", kind="recall", label="inform", margin=0.05),
)


class NotMeasurable(Exception):
    """The model holds no classifier that can be asked here; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Asker:
    """The intent classifier of one trained model, with the fallback that stands behind it in Rasa."""

    model: IntentModel
    encoder: Encoder
    threshold: float
    ambiguity: float

    def intent(self, text: str) -> str:
        """As the bot gets it: what falls below the thresholds is unclear."""
        (first, p), *rest = self.model.rank(text, self.encoder)
        if p < self.threshold or (rest and p - rest[0][1] < self.ambiguity):
            return "unclear"
        return "unclear" if first == "nlu_fallback" else first


def read_asker(archive: Path, encoder: Encoder) -> Asker:
    """The classifier inside a trained model. NotMeasurable where there is none, or one that cannot be read."""
    jieba.setLogLevel(logging.WARNING)  # it tells standard error where its dictionary lies
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with tarfile.open(archive) as packed:
                for member in packed:
                    if Path(member.name).name in (NAMES, ARRAYS, "metadata.json") and member.isfile():
                        content = packed.extractfile(member)
                        assert content is not None
                        (folder / Path(member.name).name).write_bytes(content.read())
            model = IntentModel.load(folder)
            fallback = _fallback(json.loads((folder / "metadata.json").read_text(encoding="utf-8")))
        except (OSError, EOFError, KeyError, ValueError, tarfile.TarError, zlib.error) as error:
            raise NotMeasurable(f"{archive.name} holds no intent classifier of ours ({error})") from None
    if model.encoder_hash != encoder.hash:
        raise NotMeasurable(f"{archive.name} was trained with another sentence encoder")
    return Asker(
        model=model,
        encoder=encoder,
        threshold=float(fallback.get("threshold", 0.0)),
        ambiguity=float(fallback.get("ambiguity_threshold", 0.0)),
    )


def _fallback(metadata: dict[str, Any]) -> dict[str, Any]:
    nodes = metadata["predict_schema"]["nodes"]
    return next((node["config"] for name, node in nodes.items() if "FallbackClassifier" in name), {})


def check(settings: RasaSettings) -> Refit:
    """Measure the model in use and train nothing. Raises ValueError where that cannot be done."""
    model = rasa_training.in_use(settings)
    if model is None:
        raise ValueError("there is no model of this program yet: `anxin train --only rasa`")
    heldout = read_heldout(settings.home)
    if heldout is None:
        raise ValueError(f"{HELDOUT} is missing, which a clone of the repository has; nothing to measure on")
    try:
        asker = read_asker(model, load_encoder())
    except NotMeasurable as error:
        raise ValueError(str(error)) from None
    changes = compare(FIGURES, heldout, None, _answers(asker, heldout))
    timings = {"ms a message": (None, _ms(asker, heldout))}
    measured = Measured(changes=changes, timings=timings, asked=f"{len(heldout):,} messages of {HELDOUT}")
    return Refit(what="intents", state="measured", where=model, measured=measured)


def refit(settings: RasaSettings, progress: Progress, *, force: bool = False) -> Refit:
    """Train beside the model in use, measure both, install what is not worse (or all, with `force`)."""
    with rasa_training.alone(settings):
        present = rasa_training.model_of(settings, Sources(settings).hash())
        before = rasa_training.in_use(settings)
        is_whole = rasa_training.is_sound(present)
        has_to_train = not is_whole and before is not None
    if not has_to_train:
        return _first_or_unchanged(settings, progress, is_there=is_whole)
    assert before is not None
    known = rasa_training.about(before)
    with rasa_training.alone(settings):
        with progress.step("intents: Rasa trains", known.training_s if known else None):
            candidate = rasa_training.train_beside(settings, progress.say)
        measured, why = _measure(settings, progress, before, candidate)
        if measured is not None and worse(measured.changes) and not force:
            return Refit(what="intents", state="refused", where=candidate, measured=measured)
        model = rasa_training.install(settings, candidate)
    return Refit(
        what="intents", state="installed", where=model, measured=measured, notes=[why] if why else []
    )


def _first_or_unchanged(settings: RasaSettings, progress: Progress, *, is_there: bool) -> Refit:
    model = rasa_training.train_if_changed(settings, progress.say)
    if is_there:
        return Refit(what="intents", state="unchanged", where=model)
    notes = ["no other model of this program was there; `anxin train --check` measures this one"]
    return Refit(what="intents", state="installed", where=model, notes=notes)


def _measure(
    settings: RasaSettings, progress: Progress, before: Path, candidate: Path
) -> tuple[Measured | None, str | None]:
    """Both models on the same messages; where that cannot be, nothing and why."""
    heldout = read_heldout(settings.home)
    encoder = load_encoder()
    old, new = rasa_training.about(before), rasa_training.about(candidate)
    assert old is not None
    assert new is not None
    training = {"training s": (old.training_s, new.training_s)}
    if heldout is None:
        return _measure_on_own(settings, progress, before, candidate, encoder)
    try:
        first, second = read_asker(before, encoder), read_asker(candidate, encoder)
    except NotMeasurable as error:
        return None, f"{error}, so there is nothing to compare"
    with progress.step(f"intents: measuring on {len(heldout)} held-out messages"):
        changes = compare(FIGURES, heldout, _answers(first, heldout), _answers(second, heldout))
        timings = {"ms a message": (_ms(first, heldout), _ms(second, heldout)), **training}
    return Measured(changes=changes, timings=timings, asked=f"{len(heldout):,} messages of {HELDOUT}"), None


def _measure_on_own(
    settings: RasaSettings, progress: Progress, before: Path, candidate: Path, encoder: Encoder
) -> tuple[Measured | None, str | None]:
    """Without the held-out set: what two classifiers say that learned from all but a fifth of the examples.

    The first one's answers were kept when it was installed; the first time there are none.
    """
    examples = read_examples(Sources(settings).examples)
    held = {_key(e.text): e for e in examples if _is_held_back(e.text)}
    rest = [e for e in examples if not _is_held_back(e.text)]
    with progress.step(f"intents: measuring on {len(held)} examples held back"):
        model = fit([e.text for e in rest], [e.expected["intent"] for e in rest], encoder)
        asker = Asker(model=model, encoder=encoder, threshold=0.0, ambiguity=0.0)
        now = {key: {"intent": asker.intent(e.text)} for key, e in held.items()}
    was = _own_answers(before)
    known = rasa_training.about(candidate)
    assert known is not None
    kept = candidate.with_name(f"{known.hash}.{OWN}.json")
    kept.write_text(json.dumps(now, ensure_ascii=False), encoding="utf-8")
    both = [key for key in held if key in was]
    if not both:
        return None, "nothing to compare with yet; the figures of this model are kept for the next time"
    asked = [held[key] for key in both]
    changes = compare(FIGURES, asked, [was[key] for key in both], [now[key] for key in both])
    told = f"{len(asked)} of the shop's own examples, held back for this"
    return Measured(changes=changes, timings={}, asked=told), None


def _own_answers(model: Path) -> dict[str, dict[str, str]]:
    known = rasa_training.about(model)
    try:
        written = model.with_name(f"{known.hash if known else ''}.{OWN}.json").read_text(encoding="utf-8")
        found: dict[str, dict[str, str]] = json.loads(written)
    except (OSError, ValueError):
        return {}
    return found


def read_heldout(home: Path) -> list[Asked] | None:
    """The held-out messages as Rasa gets them, numbers as references; None where the file is not there."""
    file = home / HELDOUT
    if not file.exists():
        return None
    # BaseLoader: «yes» and «1» are messages, not values.
    content = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return [
        Asked(text=extract(text, {}).masked_text, language=language, expected={"intent": intent})
        for intent, languages in content["messages"].items()
        for language, texts in languages.items()
        for text in texts
    ]


def read_examples(folder: Path) -> list[Asked]:
    """The examples of nlu_data, the same text once."""
    found = {example.text: example for file in sorted(folder.glob("*.yml")) for example in _examples_of(file)}
    return list(found.values())


def _examples_of(file: Path) -> Iterator[Asked]:
    for block in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("nlu", ()):
        if "intent" not in block:
            continue
        language = str((block.get("metadata") or {}).get("language", "zh-Hans"))
        for line in str(block["examples"]).splitlines():
            if line.startswith("- "):
                text = line.removeprefix("- ").strip()
                yield Asked(text=text, language=language, expected={"intent": str(block["intent"])})


def _is_held_back(text: str) -> bool:
    """The same ones at every training, and those that begin alike together."""
    return zlib.crc32(text.strip()[:4].encode()) % OWN_SHARE == 0


def _key(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}{len(text)}"


def _answers(asker: Asker, asked: Sequence[Asked]) -> list[dict[str, str]]:
    return [{"intent": asker.intent(a.text)} for a in asked]


def _ms(asker: Asker, asked: Sequence[Asked]) -> float:
    spent = []
    for one in asked[:TIMED]:
        began = time.perf_counter()
        asker.intent(one.text)
        spent.append((time.perf_counter() - began) * 1000)
    return sorted(spent)[len(spent) // 2]
