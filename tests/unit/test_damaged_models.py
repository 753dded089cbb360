"""A damaged model file, or one of another version: a message that names the file and the command that restores it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot import rasa_training
from bot.components import intent_model
from bot.components.intent_model import IntentModel
from bot.rasa_places import PROGRAM
from knowledge_base.encoder import SHIPPED, Encoder, EncoderError, load_encoder
from routing import triage_model, triage_public
from routing.triage import load_tagger
from routing.triage_examples import Example
from routing.triage_training import fit
from service.settings import Settings, load

Damage = Callable[[Path], None]


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def missing(file: Path) -> None:
    file.unlink()


def overwritten(file: Path) -> None:
    file.write_bytes(b"\0" * file.stat().st_size)


def of_other_shapes(file: Path) -> None:
    with np.load(file) as arrays:
        shorter = {name: arrays[name][:-1] for name in arrays.files}
    np.savez(file, **shorter)


def of_version(**changed: Any) -> Damage:
    def change(file: Path) -> None:
        file.write_text(
            json.dumps({**json.loads(file.read_text(encoding="utf-8")), **changed}), encoding="utf-8"
        )

    return change


ANY = (truncated, emptied, missing, overwritten)


def name_of(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A small triage model."""
    folder = tmp_path_factory.mktemp("triage")
    words = {
        "骗子 退钱": (0, 2, 3),
        "骗子": (0, 1, 2),
        "你好": (2, 0, 0),
        "谢谢": (3, 0, 0),
        "还没到": (1, 1, 1),
    }
    fit([Example(text=f"{t}{n}", labels=y) for t, y in words.items() for n in "啊呀了"], encoder).save(folder)
    return folder


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A small intent model."""
    folder = tmp_path_factory.mktemp("intents")
    texts = [f"{text}{n}" for text in ("你好", "退货", "发票") for n in "一二三四五六"]
    intent_model.fit(texts, [text[:-1] for text in texts], encoder).save(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *((name, damage) for name in (triage_model.NAMES_FILE, triage_model.ARRAYS_FILE) for damage in ANY),
        (triage_model.ARRAYS_FILE, of_other_shapes),
        (triage_model.NAMES_FILE, of_version(version="0")),
        (triage_model.NAMES_FILE, of_version(encoder="another")),
        (triage_model.NAMES_FILE, of_version(features=["c:好"])),
    ],
    ids=name_of,
)
def test_triage(trained: Path, encoder: Encoder, tmp_path: Path, name: str, damage: Damage) -> None:
    copied = Path(shutil.copytree(trained, tmp_path / "model"))
    damage(copied / name)
    with pytest.raises((ValueError, FileNotFoundError), match=r"(features\.json|weights\.npz)") as caught:
        load_tagger(copied, encoder)
    if damage is not missing or name != triage_model.NAMES_FILE:  # a folder without names is no model at all
        assert "anxin train --only triage" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *(
            (name, damage)
            for name in (triage_public.ABOUT_FILE, triage_public.WEIGHTS_FILE)
            for damage in ANY
        ),
        (triage_public.WEIGHTS_FILE, of_other_shapes),
        (triage_public.ABOUT_FILE, of_version(features="0")),
    ],
    ids=name_of,
)
def test_public_layer(tmp_path: Path, name: str, damage: Damage) -> None:
    copied = Path(shutil.copytree(triage_public.SHIPPED, tmp_path / "layer"))
    damage(copied / name)
    with pytest.raises(ValueError, match="git checkout -- routing/public_layer") as caught:
        triage_public.load(copied)
    assert str(copied / name) in str(caught.value)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "static_encoder.json"])
@pytest.mark.parametrize("damage", ANY, ids=name_of)
def test_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: Damage) -> None:
    copied = Path(shutil.copytree(SHIPPED, tmp_path / "encoder"))
    monkeypatch.setattr("knowledge_base.encoder.SHIPPED", copied)
    damage(copied / name)
    with pytest.raises(EncoderError, match="git checkout -- knowledge_base/encoder") as caught:
        load_encoder(copied)
    assert str(copied / name) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *((name, damage) for name in (intent_model.NAMES, intent_model.ARRAYS) for damage in ANY),
        (intent_model.ARRAYS, of_other_shapes),
        (intent_model.NAMES, of_version(format=0)),
    ],
    ids=name_of,
)
def test_intents(fitted: Path, tmp_path: Path, name: str, damage: Damage) -> None:
    copied = Path(shutil.copytree(fitted, tmp_path / "intents"))
    damage(copied / name)
    with pytest.raises(ValueError, match="anxin train --only rasa") as caught:
        IntentModel.load(copied)
    assert str(copied / name) in str(caught.value)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"ANXIN_DATA": str(tmp_path), "ANXIN_CONFIG": str(PROGRAM / "config.yml")})


@pytest.mark.parametrize("damage", [truncated, emptied, overwritten], ids=name_of)
def test_a_damaged_rasa_model_is_named_and_trained_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, damage: Damage
) -> None:
    trainings: list[Path] = []

    def train(sources: rasa_training.Sources, model: Path, _: object) -> None:
        trainings.append(model)
        model.write_bytes(b"a model" * 1000)
        rasa_training.describe(sources, model, model, training_s=1.0)

    monkeypatch.setattr(rasa_training, "_train", train)
    told: list[str] = []
    model = rasa_training.train_if_changed(settings, told.append)
    assert rasa_training.train_if_changed(settings, told.append) == model
    assert trainings == [model]
    damage(model)
    assert rasa_training.in_use(settings) is None
    assert rasa_training.train_if_changed(settings, told.append) == model
    assert trainings == [model, model]
    assert any(str(model) in line and "damaged" in line for line in told)
    assert rasa_training.in_use(settings) == model
