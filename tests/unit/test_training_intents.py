"""`anxin train` for intents: the model inside Rasa's archive is measured before it is installed. Rasa itself stands aside."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from bot import rasa_training
from bot.components import intent_model
from bot.rasa_places import PROGRAM
from bot.rasa_training import Sources
from knowledge_base.encoder import load_encoder
from service.cli import main
from service.settings import Settings, load
from service.supervision import start_up
from service.supervision.announcer import Announcer
from service.supervision.supervisor import Supervisor
from service.training import intents
from service.training.outcome import Refit
from service.training.progress import Progress

WORDS = {
    "request_return": ["我要退货", "怎么退货", "退货退款", "这件想退", "不要了退掉", "退回去"],
    "request_invoice": ["开发票", "发票呢", "要发票", "发票怎么开", "开个票", "电子发票"],
    "out_of_scope": ["今天天气", "讲个笑话", "写首诗", "谁是总统", "做道数学题", "唱首歌"],
}
METADATA = {"predict_schema": {"nodes": {"run_FallbackClassifier2": {"config": {"threshold": 0.1}}}}}


def write_examples(home: Path, swapped: bool = False) -> None:
    names = ["request_invoice", "request_return", "out_of_scope"] if swapped else list(WORDS)
    blocks = [
        f"- intent: {name}\n  metadata: {{language: zh-Hans}}\n  examples: |\n"
        + "".join(f"    - {text}{end}\n" for text in texts for end in ("", "啊", "吗"))
        for name, texts in zip(names, WORDS.values(), strict=True)
    ]
    (home / "nlu_data" / "all.yml").write_text("version: '3.1'\nnlu:\n" + "".join(blocks), encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "nlu_data").mkdir()
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "config.yml").write_text(
        (PROGRAM / "config.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    write_examples(tmp_path)
    held = {name: {"zh-Hans": [f"{text}呀" for text in texts] * 5} for name, texts in WORDS.items()}
    (tmp_path / "evaluation" / "intents_heldout.yml").write_text(
        json.dumps({"messages": held}, ensure_ascii=False), encoding="utf-8"
    )
    return tmp_path


@pytest.fixture
def settings(home: Path) -> Settings:
    return load({"ANXIN_CONFIG": str(home / "config.yml"), "ANXIN_DATA": str(home / "var")})


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the models that were trained; the classifier in them is a real one."""
    done: list[str] = []

    def train(sources: Sources, model: Path, _: Callable[[str], None]) -> None:
        done.append(model.name)
        examples = intents.read_examples(sources.examples)
        fitted = intent_model.fit(
            [e.text for e in examples], [e.expected["intent"] for e in examples], load_encoder()
        )
        with tempfile.TemporaryDirectory(dir=model.parent) as name:
            folder = Path(name)
            fitted.save(folder)
            (folder / "metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")
            with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
                for file in (intent_model.NAMES, intent_model.ARRAYS, "metadata.json"):
                    archive.add(folder / file, arcname=f"components/linear/{file}")
            rasa_training.describe(sources, folder / "model.tar.gz", model, training_s=1.0)
            (folder / "model.tar.gz").replace(model)

    monkeypatch.setattr(rasa_training, "_train", train)
    return done


@pytest.fixture
def commands(settings: Settings, home: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Our own commands that a start called; they run in this process instead of one of their own."""
    called: list[tuple[str, ...]] = []

    async def run_command(*arguments: str, environment: object) -> str:
        called.append(arguments)
        env = {"ANXIN_CONFIG": str(home / "config.yml"), "ANXIN_DATA": str(home / "var")}
        done = await asyncio.to_thread(CliRunner(env=env).invoke, main, list(arguments))
        assert done.exit_code == 0, done.output
        return done.stdout

    monkeypatch.setattr(start_up, "run_command", run_command)
    return called


def started(settings: Settings) -> start_up.Start:
    announcer = Announcer(io.StringIO())
    return start_up.Start(
        settings=settings, parts=frozenset(), announcer=announcer, supervisor=Supervisor(announcer.say)
    )


def refit(settings: Settings, *, force: bool = False) -> Refit:
    return intents.refit(settings, Progress(Console(quiet=True)), force=force)


def test_the_first_is_installed_unmeasured_and_the_same_again_trains_nothing(
    settings: Settings, trainings: list[str]
) -> None:
    first = refit(settings)
    assert (first.state, first.measured) == ("installed", None)
    assert refit(settings).state == "unchanged"
    assert trainings == [first.where.name]
    assert rasa_training.in_use(settings) == first.where


def test_a_worse_model_waits_until_it_is_forced_and_is_not_trained_twice(
    settings: Settings, home: Path, trainings: list[str]
) -> None:
    first = refit(settings)
    write_examples(home, swapped=True)
    refused = refit(settings)
    assert refused.state == "refused"
    assert refused.where.name == "candidate.tar.gz"
    assert "intent macro-F1 1.000 → 0.333" in "\n".join(refused.lines())
    assert rasa_training.in_use(settings) == first.where
    assert rasa_training.present_or_first(settings) is None
    forced = refit(settings, force=True)
    assert forced.state == "installed"
    assert rasa_training.in_use(settings) == forced.where
    assert trainings == [first.where.name, "candidate.tar.gz"]


def test_one_that_is_as_good_is_installed_with_figures_of_both(
    settings: Settings, home: Path, trainings: list[str]
) -> None:
    refit(settings)
    (home / "nlu_data" / "more.yml").write_text(
        "nlu:\n- intent: request_return\n  examples: |\n    - 退了吧\n", encoding="utf-8"
    )
    done = refit(settings)
    assert done.state == "installed"
    assert "1.000 → 1.000" in "\n".join(done.lines())
    assert refit(settings).state == "unchanged"
    assert trainings[1:] == ["candidate.tar.gz"]


def test_going_back_to_earlier_examples_takes_the_earlier_model(
    settings: Settings, home: Path, trainings: list[str]
) -> None:
    first = refit(settings)
    write_examples(home, swapped=True)
    refit(settings, force=True)
    write_examples(home)
    assert refit(settings).state == "unchanged"
    assert rasa_training.in_use(settings) == first.where
    assert len(trainings) == 2


def test_without_the_held_out_set_the_shops_own_examples_decide(
    settings: Settings, home: Path, trainings: list[str]
) -> None:
    (home / "evaluation" / "intents_heldout.yml").unlink()
    refit(settings)
    (home / "nlu_data" / "more.yml").write_text(
        "nlu:\n- intent: request_return\n  examples: |\n    - 退了吧\n", encoding="utf-8"
    )
    second = refit(settings)
    assert second.state == "installed"
    assert "nothing to compare with yet" in "\n".join(second.lines())
    write_examples(home, swapped=True)
    third = refit(settings)
    assert third.measured is not None
    assert "the shop's own examples" in third.measured.asked


def test_what_a_killed_training_left_hurts_nothing(
    settings: Settings, home: Path, trainings: list[str]
) -> None:
    first = refit(settings)
    models = first.where.parent
    (models / ".training-killed").mkdir()
    (models / "candidate.tar.gz").write_bytes(b"half a mod")
    write_examples(home, swapped=True)
    assert rasa_training.in_use(settings) == first.where
    assert refit(settings).state == "refused"
    assert not (models / ".training-killed").exists()


def test_check_measures_what_is_in_use(settings: Settings, trainings: list[str]) -> None:
    with pytest.raises(ValueError, match="anxin train --only rasa"):
        intents.check(settings)
    refit(settings)
    told = "\n".join(intents.check(settings).lines())
    assert "90 messages of evaluation/intents_heldout.yml" in told
    assert "out_of_scope recall" in told
    assert len(trainings) == 1


def test_a_model_without_our_classifier_is_installed_and_said_to_be_unmeasured(
    settings: Settings, home: Path, trainings: list[str]
) -> None:
    refit(settings)
    write_examples(home, swapped=True)
    with rasa_training.alone(settings):
        candidate = rasa_training.train_beside(settings, lambda _: None)
    with tarfile.open(candidate, "w:gz"):
        pass
    rasa_training.describe(Sources(settings), candidate, candidate, training_s=1.0)
    done = refit(settings)
    assert done.state == "installed"
    assert "holds no intent classifier of ours" in "\n".join(done.lines())


async def test_a_start_takes_the_model_of_its_sources_and_trains_only_the_very_first_itself(
    settings: Settings, trainings: list[str], commands: list[tuple[str, ...]]
) -> None:
    model = await start_up._rasa_model(started(settings), {})
    assert model == rasa_training.in_use(settings)
    assert trainings == [model.name]
    assert await start_up._rasa_model(started(settings), {}) == model
    assert commands == []


async def test_a_start_with_changed_examples_keeps_the_old_model_where_the_new_one_is_worse(
    settings: Settings, home: Path, trainings: list[str], commands: list[tuple[str, ...]]
) -> None:
    first = await start_up._rasa_model(started(settings), {})
    write_examples(home, swapped=True)
    assert await start_up._rasa_model(started(settings), {}) == first
    assert commands == [("train", "--only", "rasa", "--at-start")]
    assert trainings == [first.name, "candidate.tar.gz"]
