"""`anxin train` for triage: beside the model in use, measured, installed when not worse; nothing lost when killed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner
from rich.console import Console

from routing.triage_corrections import Corrected
from routing.triage_examples import Example
from service.cli import main
from service.tagging import newest_model
from service.training import triage
from service.training.outcome import Refit
from service.training.progress import Progress

ANGRY = [
    "骗子还我钱",
    "黑店骗人",
    "你们就是骗子",
    "气死我了骗子",
    "垃圾店",
    "真是垃圾",
    "垃圾东西退钱",
    "骗子公司",
]
CALM = [
    "几天能到",
    "怎么退货",
    "发票在哪里开",
    "可以换颜色吗",
    "有优惠券吗",
    "什么时候发货",
    "地址能改吗",
    "尺码怎么选",
]
HELD = ["骗子退钱", "垃圾", "又是骗子", "几天发货", "怎么开发票", "能换地址吗"]
WRONG = "positive normal none"


class TwoLetters:
    """A stand-in for the sentence encoder: whether two words are there."""

    hash = "two-letters"
    dimensions = 2

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.array([["骗" in t, "垃圾" in t] for t in texts], np.float32)


def write_examples(home: Path, angry: str = "angry high serious") -> None:
    lines = [f"{angry}: [{', '.join(ANGRY)}]", f"neutral normal none: [{', '.join(CALM)}]"]
    lines += ["negative critical major: [我找律师, 律师函给你, 药急用今天要]"]
    (home / "nlu_data" / "triage" / "zh.yml").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A shop's folder with examples and a held-out set in which each message stands ten times over, numbered."""
    home = tmp_path / "home"
    (home / "nlu_data" / "triage").mkdir(parents=True)
    (home / "evaluation").mkdir()
    write_examples(home)
    angry = [f"{text} {n}号" for text in HELD[:3] for n in range(10)]
    calm = [f"{text} {n}号" for text in HELD[3:] for n in range(10)]
    written = f"angry high serious: {angry}\nneutral normal none: {calm}\n"
    (home / "evaluation" / "triage_heldout.yml").write_text(written, encoding="utf-8")
    return home


def work(home: Path, corrections: Sequence[Corrected] = ()) -> triage.Work:
    quiet = Progress(Console(quiet=True))
    return triage.Work(
        home=home, data=home / "var", encoder=TwoLetters(), corrections=corrections, progress=quiet
    )


def correction(text: str, labels: tuple[int, ...], rank: int = 2) -> Corrected:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Corrected(example=Example(text=text, labels=labels), rank=rank, at=at)


def said(refit: Refit) -> str:
    return "\n".join(refit.lines())


def test_the_first_model_is_installed_without_measuring(home: Path) -> None:
    done = triage.refit(work(home))
    assert (done.state, done.measured) == ("installed", None)
    assert newest_model(home / "var") == done.where
    assert triage.usable(home, home / "var", TwoLetters()) == done.where


def test_the_same_again_trains_nothing(home: Path) -> None:
    first = triage.refit(work(home))
    assert triage.refit(work(home)).state == "unchanged"
    assert newest_model(home / "var") == first.where


def test_a_worse_model_waits_as_candidate_and_the_old_one_stays(home: Path) -> None:
    first = triage.refit(work(home))
    write_examples(home, angry=WRONG)
    done = triage.refit(work(home))
    assert done.state == "refused"
    assert done.where.name == "candidate"
    assert newest_model(home / "var") == first.where
    assert "angry recall 1.000 → 0.000" in said(done)
    assert "--force" in said(done)


def test_force_installs_the_candidate_without_training_it_again(home: Path) -> None:
    triage.refit(work(home))
    write_examples(home, angry=WRONG)
    candidate = triage.refit(work(home)).where / "weights.npz"
    written = candidate.stat().st_mtime_ns
    done = triage.refit(work(home), force=True)
    assert done.state == "installed"
    assert (done.where / "weights.npz").stat().st_mtime_ns == written
    assert newest_model(home / "var") == done.where


def test_a_model_that_is_as_good_is_installed_with_the_table(home: Path) -> None:
    triage.refit(work(home))
    (home / "nlu_data" / "triage" / "more.yml").write_text(
        "neutral normal none: [早上好呀]", encoding="utf-8"
    )
    done = triage.refit(work(home))
    assert done.state == "installed"
    assert done.measured is not None
    assert "60 messages of evaluation/triage_heldout.yml, before → after" in said(done)
    assert "1.000 → 1.000" in said(done)


def test_corrections_are_learned_and_told_and_the_model_with_them_stays_in_use(home: Path) -> None:
    triage.refit(work(home))
    sarcasm = [correction(f"{word}真行啊你们", (0, 1, 2)) for word in ("可以", "厉害", "呵呵", "牛")]
    done = triage.refit(work(home, sarcasm))
    assert "4 corrections of agents learned" in said(done)
    assert "-" in done.where.name
    assert triage.usable(home, home / "var", TwoLetters()) == done.where
    loaded = triage.load_tagger(done.where, TwoLetters())
    assert loaded.tag(["真行啊你们"])[0].sentiment.label == "angry"


def test_a_damaged_model_is_trained_again_by_the_same_command(home: Path) -> None:
    done = triage.refit(work(home))
    (done.where / "weights.npz").write_bytes(b"")
    assert triage.usable(home, home / "var", TwoLetters()) is None
    again = triage.refit(work(home))
    assert again.state == "installed"
    assert again.where == done.where
    assert triage.usable(home, home / "var", TwoLetters()) == again.where


def test_what_a_killed_training_left_is_cleared_and_the_old_model_is_untouched(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = triage.refit(work(home))
    digest = hashlib.sha256((first.where / "weights.npz").read_bytes()).digest()
    write_examples(home, angry="angry high minor")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("routing.triage_model.LinearTagger.save", killed)
        with pytest.raises(KeyboardInterrupt):
            triage.refit(work(home))
    assert newest_model(home / "var") == first.where
    assert hashlib.sha256((first.where / "weights.npz").read_bytes()).digest() == digest
    triage.refit(work(home))
    assert list((home / "var" / "models" / "triage").glob(".training-*")) == []


def test_a_shop_without_the_held_out_set_is_measured_on_its_own_messages(home: Path) -> None:
    (home / "evaluation" / "triage_heldout.yml").unlink()
    triage.refit(work(home))
    write_examples(home, angry=WRONG)
    done = triage.refit(work(home))
    assert done.measured is not None
    assert "the shop's own messages" in done.measured.asked


def test_check_measures_and_trains_nothing(home: Path) -> None:
    with pytest.raises(ValueError, match="anxin train --only triage"):
        triage.check(work(home))
    triage.refit(work(home))
    write_examples(home, angry=WRONG)
    done = triage.check(work(home))
    assert done.state == "measured"
    assert "angry recall" in said(done)
    assert not (home / "var" / "models" / "triage" / "candidate").exists()


def test_the_command_ends_with_1_where_the_model_is_worse_and_0_with_force(home: Path) -> None:
    (home / "config.yml").write_text("{}", encoding="utf-8")
    env = {"ANXIN_CONFIG": str(home / "config.yml"), "ANXIN_DATA": str(home / "var")}

    def train(*more: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["train", "--only", "triage", *more], env=env)
        return done.exit_code, done.stdout

    assert train()[0] == 0
    write_examples(home, angry=WRONG)
    code, told = train()
    assert code == 1
    assert "worse and not installed" in told
    assert train("--at-start")[0] == 0
    assert train("--force")[0] == 0
    assert train("--check", "--force")[0] == 2
