"""When the triage classifier is trained again, and what is wrong with label files that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.triage_training import ExamplesError, describe, read_examples, train_if_changed

SMALL = """
neutral normal none: [你好, 怎么退货, 几天能到, hello there]
positive normal none: [谢谢, 谢谢你, thanks]
negative high minor: [还没到 急, 有点慢, 还没到啊]
angry critical serious: [骗子 退钱, 骗子, 退钱]
negative normal major: [我找律师, 律师函, 找律师了]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "nlu_data" / "triage"
    folder.mkdir(parents=True)
    (folder / "zh.yml").write_text(SMALL, encoding="utf-8")
    return tmp_path / "home"


def examples_file(home: Path) -> Path:
    return home / "nlu_data" / "triage" / "zh.yml"


def test_unchanged_examples_are_not_trained_again(home: Path, tmp_path: Path) -> None:
    folder = train_if_changed(home, tmp_path / "var")
    written = (folder / "weights.npz").stat().st_mtime_ns
    assert train_if_changed(home, tmp_path / "var") == folder
    assert (folder / "weights.npz").stat().st_mtime_ns == written


def test_a_changed_example_makes_another_model(home: Path, tmp_path: Path) -> None:
    before = train_if_changed(home, tmp_path / "var")
    examples_file(home).write_text(SMALL.replace("有点慢", "有点慢啊"), encoding="utf-8")
    after = train_if_changed(home, tmp_path / "var")
    assert after != before
    assert describe(after)["hash"] == after.name


def test_nothing_unfinished_is_left_behind(home: Path, tmp_path: Path) -> None:
    folder = train_if_changed(home, tmp_path / "var")
    assert list(folder.parent.iterdir()) == [folder]


def test_words_that_yaml_would_turn_into_values_stay_messages(home: Path) -> None:
    examples_file(home).write_text('neutral normal none: [yes, "1", 12315, null]', encoding="utf-8")
    assert [e.text for e in read_examples(examples_file(home))] == ["yes", "1", "12315", "null"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("neutral normal: [你好]", "sentiment urgency level"),
        ("furious normal none: [你好]", "'furious' is no sentiment"),
        ("neutral normal none: 你好", "a list of messages"),
        ("neutral normal none: ['']", "none empty"),
        ("- 你好", "groups of messages"),
        ("a: [", "not readable YAML"),
    ],
)
def test_label_files_that_cannot_be_used_say_why(home: Path, content: str, says: str) -> None:
    examples_file(home).write_text(content, encoding="utf-8")
    with pytest.raises(ExamplesError, match=says):
        read_examples(examples_file(home))


def test_a_missing_folder_says_why(tmp_path: Path) -> None:
    with pytest.raises(ExamplesError, match="no label files"):
        train_if_changed(tmp_path, tmp_path / "var")
