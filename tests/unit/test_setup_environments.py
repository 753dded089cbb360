"""`make setup` with interpreters that only pretend: what is installed when, and what is told when it cannot be."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "service" / "setup_environments.py"
INTERPRETER = """#!/bin/sh
# Pretends to be Python {version}: answers what set-up asks, notes what pip is told.
case "$*" in
  *version_info*base_prefix*|*base_prefix*) echo "{path}" ;;
  *ensurepip*) echo yes ;;
  *version_info*) echo "{spaced}" ;;
  "-m venv"*) for last; do :; done; /bin/mkdir -p "$last/bin" && /bin/cp "$0" "$last/bin/python" && : > "$last/bin/pip" ;;
  "-m pip"*) echo "$*" >> "{noted}"; /bin/cat "{says}" 2>/dev/null; exit "$(/bin/cat "{code}" 2>/dev/null || echo 0)" ;;
esac
"""


class Tree:
    """A copy of the script in a small project of its own, with its own PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs, self.noted = folder / "desk", folder / "programs", folder / "pip.txt"
        self.says, self.code = folder / "says.txt", folder / "code.txt"
        for name in ("service", "bot"):
            (self.folder / name).mkdir(parents=True)
        self.programs.mkdir()
        shutil.copy(SCRIPT, self.folder / "service")
        for name in ("pyproject.toml", "constraints.txt", "bot/requirements-rasa.txt"):
            (self.folder / name).write_text(f"{name}\n")
        self.python("3.11", "3.11.9")
        self.python("3.10", "3.10.13")

    def python(self, name: str, version: str) -> Path:
        path = self.programs / f"python{name}"
        spaced = version.replace(".", " ")
        path.write_text(
            INTERPRETER.format(
                version=version, spaced=spaced, path=path, noted=self.noted, says=self.says, code=self.code
            )
        )
        path.chmod(0o755)
        return path

    def run(self, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.programs), "HOME": str(self.folder), **variables}
        argv = [sys.executable, "service/setup_environments.py", *options]
        return subprocess.run(
            argv, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def installed(self) -> list[str]:
        return self.noted.read_text().splitlines() if self.noted.exists() else []


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_both_environments_are_made_and_the_second_run_does_nothing(tree: Tree) -> None:
    done = tree.run()
    assert done.returncode == 0, done.stderr
    service, rasa = tree.installed()
    assert "-c constraints.txt -e .[dev]" in service
    assert "--no-deps -r bot/requirements-rasa.txt" in rasa
    began = time.monotonic()
    again = tree.run()
    assert (again.returncode, again.stdout) == (0, "")
    assert time.monotonic() - began < 5  # a second on a machine that has nothing else to do
    assert len(tree.installed()) == 2


def test_only_the_tests_get_torch(tree: Tree) -> None:
    tree.run("--tests")
    tree.run("--tests")
    assert [".[dev,encoders]" in line for line in tree.installed()] == [False, False, True]


def test_only_what_changed_is_installed_again(tree: Tree) -> None:
    tree.run()
    (tree.folder / "constraints.txt").write_text("newer\n")
    tree.run()
    assert ["-e" in line for line in tree.installed()] == [True, False, True]


def test_an_interrupted_installation_goes_on(tree: Tree) -> None:
    tree.code.write_text("1")
    assert tree.run().returncode == 1
    assert len(tree.installed()) == 1
    tree.code.unlink()
    assert tree.run().returncode == 0
    assert len(tree.installed()) == 3


def test_a_moved_project_is_set_up_anew(tree: Tree) -> None:
    tree.run()
    moved = tree.folder.rename(tree.folder.with_name("moved"))
    tree.folder = moved
    assert tree.run().returncode == 0
    assert len(tree.installed()) == 4


def test_a_missing_python_310_is_told_before_anything_is_installed(tree: Tree) -> None:
    (tree.programs / "python3.10").unlink()
    done = tree.run()
    assert done.returncode == 1
    assert "Rasa needs Python 3.10" in done.stderr and "ANXIN_PYTHON310" in done.stderr
    assert tree.installed() == []


def test_a_shim_that_does_not_run_is_no_python_310(tree: Tree) -> None:
    (tree.programs / "python3.10").write_text("#!/bin/sh\necho 'pyenv: not switched on' >&2\nexit 127\n")
    assert "Rasa needs Python 3.10" in tree.run().stderr


def test_python_310_is_found_in_pyenv(tree: Tree) -> None:
    found = tree.programs / "python3.10"
    place = tree.folder / ".pyenv" / "versions" / "3.10.13" / "bin"
    place.mkdir(parents=True)
    found.rename(place / "python3.10")
    assert tree.run().returncode == 0


def test_a_named_interpreter_wins(tree: Tree) -> None:
    elsewhere = tree.python("3.10", "3.10.2").rename(tree.programs / "my-python")
    assert tree.run(ANXIN_PYTHON310=str(elsewhere)).returncode == 0


def test_a_named_interpreter_of_another_version_is_refused(tree: Tree) -> None:
    done = tree.run(ANXIN_PYTHON310=str(tree.programs / "python3.11"))
    assert "does not run as Python 3.10" in done.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "WARNING: Retrying … NewConnectionError('Failed to establish')",
            "the package registry cannot be reached",
        ),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("ERROR: No matching distribution found for rasa", "pip failed"),
    ],
)
def test_a_failing_pip_is_explained(tree: Tree, said: str, told: str) -> None:
    tree.says.write_text(said + "\n")
    tree.code.write_text("1")
    done = tree.run()
    assert done.returncode == 1
    assert told in done.stderr and said in done.stderr
    assert said in (tree.folder / "var" / "logs" / "setup.log").read_text()


def test_a_full_disk_is_told_before_anything_is_installed(tree: Tree) -> None:
    script = tree.folder / "service" / "setup_environments.py"
    script.write_text(script.read_text().replace("GIGABYTE = 1_000_000_000", "GIGABYTE = 10**18"))
    done = tree.run()
    assert "GB are needed (.venv and .venv-rasa)" in done.stderr
    assert tree.installed() == []
