"""`make setup`: the two environments that the program runs in, .venv (service) and .venv-rasa (Rasa).

Standard library only and readable by any Python 3.8+, for it runs before anything is installed. What is done
is remembered by the hash of what it was done from: a second run does nothing, an interrupted one goes on.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "var" / "logs" / "setup.log"
STAMP = ".anxin-installed"
BEAT_S = 10.0
GIGABYTE = 1_000_000_000
SERVICE_VERSIONS = ("3.11", "3.12", "3.13")
RASA_VERSION = "3.10"
NO_NETWORK = ("NewConnectionError", "Temporary failure in name", "ConnectTimeout", "ProxyError")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_PACKAGES = ("chromium", "fonts-noto-cjk")


class SetupError(Exception):
    """Something that setting up needs is missing; the message says what and how to get it."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment: where, what goes in, from which files, and how much room that takes."""

    name: str
    folder: Path
    install: tuple[str, ...]
    sources: tuple[str, ...]
    bytes_needed: int
    stamp: str = STAMP


SERVICE = Environment(
    name="The service's environment",
    folder=ROOT / ".venv",
    install=("-c", "constraints.txt", "-e", ".[dev]"),
    sources=("pyproject.toml", "constraints.txt"),
    bytes_needed=2 * GIGABYTE,
)
TESTS = Environment(
    name="The library of sentence encoders, for the tests",
    folder=SERVICE.folder,
    install=("-c", "constraints.txt", "-e", ".[dev,encoders]"),
    sources=SERVICE.sources,
    bytes_needed=2 * GIGABYTE,
    stamp=".anxin-tests-installed",
)
"""What the tests need beyond what the program needs, in the service's environment: torch is large."""
RASA = Environment(
    name="Rasa's environment",
    folder=ROOT / ".venv-rasa",
    install=(
        "--no-deps",
        "-r",
        "bot/requirements-rasa.txt",
    ),  # a complete list
    sources=("bot/requirements-rasa.txt",),
    bytes_needed=4 * GIGABYTE,
)


class Progress:
    """Lines with the seconds since the start; on a terminal the running step is one line that changes."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._last = ""

    def say(self, text: str) -> None:
        """One line that stays."""
        self._write(("\r\x1b[K" if self._terminal else "") + self._stamped(text) + "\n")

    def beat(self, text: str) -> None:
        """What is going on just now."""
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            self._write("\r\x1b[K" + self._stamped(text)[:width])
        else:
            self._write(self._stamped(text) + "\n")

    @property
    def beat_s(self) -> float:
        """How often a running step should show itself."""
        return 1.0 if self._terminal else BEAT_S

    def _stamped(self, text: str) -> str:
        return f"[{time.monotonic() - self._start:4.0f} s] {text}"

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Set up what is missing; 0 done, 1 something is missing that only a person can give."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--tests", action="store_true", help="also what only the tests need: a browser, torch"
    )
    options = parser.parse_args(arguments)
    progress = Progress()
    try:
        with _alone(progress):
            _set_up(progress, (SERVICE, RASA))
            if options.tests:
                _set_up(progress, (TESTS,))
                _ensure_browser(progress)
    except SetupError as error:
        print(f"\nSet-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up interrupted; `make setup` goes on from here.", file=sys.stderr)
        return 1
    return 0


def _set_up(progress: Progress, environments: Sequence[Environment]) -> None:
    missing = [e for e in environments if not _is_current(e)]
    if not missing:
        return
    # Everything that could be in the way is looked at before anything is begun.
    pythons = {e.name: _find_rasa_python() if e is RASA else _find_service_python() for e in missing}
    _check_room(missing)
    for environment in missing:
        _install(environment, pythons[environment.name], progress)
    progress.say("Set-up done.")


def _install(environment: Environment, python: str, progress: Progress) -> None:
    progress.say(f"{environment.name}: {_version(python)} from {python}")
    inside = environment.folder / "bin" / "python"
    (environment.folder / environment.stamp).unlink(missing_ok=True)
    if _version(str(inside)) != _version(python) or not (environment.folder / "bin" / "pip").exists():
        _run([python, "-m", "venv", "--clear", str(environment.folder)], "creating it", environment, progress)
    pip = [str(inside), "-m", "pip", "install", "--progress-bar", "off", "--no-input"]
    _run([*pip, *environment.install], "installing packages", environment, progress)
    (environment.folder / environment.stamp).write_text(_content_hash(environment))
    progress.say(f"{environment.name}: ready")


def _is_current(environment: Environment) -> bool:
    stamp = environment.folder / environment.stamp
    python = environment.folder / "bin" / "python"
    return stamp.exists() and python.exists() and stamp.read_text() == _content_hash(environment)


def _content_hash(environment: Environment) -> str:
    """Of the lists of packages, and of the place: the programs in an environment name it by its full path."""
    digest = hashlib.sha256(repr((str(environment.folder), environment.install)).encode())
    for source in environment.sources:
        digest.update((ROOT / source).read_bytes())
    return digest.hexdigest()


# Finding Pythons


def _find_service_python() -> str:
    candidates = [os.environ.get("ANXIN_PYTHON", "")]
    candidates += [str(SERVICE.folder / "bin" / "python")] if SERVICE.folder.exists() else []
    for version in SERVICE_VERSIONS:
        candidates += [f"python{version}", *_pyenv_pythons(version)]
    candidates += [sys.executable, "python3"]
    for candidate in candidates:
        if _version_tuple(candidate) >= (3, 11) and _has_venv(candidate):
            return _base_of(candidate)
    raise SetupError(
        "no Python 3.11 or newer with its venv module was found. On Debian or Ubuntu: "
        "`apt-get install python3.11 python3.11-venv`; elsewhere `uv python install 3.11` or "
        "`pyenv install 3.11`. One in another place is named by ANXIN_PYTHON=/path/to/python3.11."
    )


def _find_rasa_python() -> str:
    named = os.environ.get("ANXIN_PYTHON310", "")
    if named and _version_tuple(named)[:2] != (3, 10):
        raise SetupError(f"ANXIN_PYTHON310 is {named}, which does not run as Python 3.10.")
    candidates = [named, str(RASA.folder / "bin" / "python"), "python3.10", *_pyenv_pythons(RASA_VERSION)]
    for candidate in [*candidates, *_uv_pythons(RASA_VERSION)]:
        if _version_tuple(candidate)[:2] == (3, 10) and _has_venv(candidate):
            return _base_of(candidate)
    raise SetupError(
        "Rasa needs Python 3.10, and none was found (looked at ANXIN_PYTHON310, python3.10, pyenv, uv). "
        "Get one by `uv python install 3.10`, `pyenv install 3.10` or your distribution's python3.10 with "
        "python3.10-venv, or name one by ANXIN_PYTHON310=/path/to/python3.10."
    )


def _pyenv_pythons(version: str) -> list[str]:
    """pyenv's interpreters: its shim on the PATH runs only where that version is switched on."""
    roots = {os.environ.get("PYENV_ROOT", ""), str(Path.home() / ".pyenv"), _output(["pyenv", "root"])}
    found: list[str] = []
    for root in sorted(filter(None, roots)):
        try:
            found += [str(path) for path in Path(root, "versions").glob(f"{version}.*/bin/python{version}")]
        except OSError:  # somebody else's
            continue
    return sorted(found, reverse=True)


def _uv_pythons(version: str) -> list[str]:
    return [line for line in _output(["uv", "python", "find", version]).splitlines() if line]


def _version(python: str) -> str:
    return ".".join(map(str, _version_tuple(python)))


def _version_tuple(python: str) -> tuple[int, ...]:
    """The version of an interpreter that really runs; () for one that does not."""
    printed = _output([python, "-c", "import sys; print(*sys.version_info[:3])"]) if python else ""
    return tuple(int(part) for part in printed.split()) if printed.replace(" ", "").isdigit() else ()


def _has_venv(python: str) -> bool:
    return _output([python, "-c", "import ensurepip, venv; print('yes')"]) == "yes"


def _base_of(python: str) -> str:
    """The interpreter itself, where `python` is one of an environment or a shim."""
    code = "import sys; print('%s/bin/python%d.%d' % (sys.base_prefix, *sys.version_info[:2]))"
    base = _output([python, "-c", code])
    return base if _version_tuple(base) else python


def _output(argv: Sequence[str]) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


# Room, network, one at a time


def _check_room(environments: Sequence[Environment]) -> None:
    needed = sum(e.bytes_needed for e in environments if not (e.folder / "bin" / "pip").exists())
    free = shutil.disk_usage(ROOT).free
    if free < needed:
        raise SetupError(
            f"{ROOT} has {free / GIGABYTE:.1f} GB free, {needed / GIGABYTE:.0f} GB are needed "
            f"({' and '.join(e.folder.name for e in environments)}). Make room, then run `make setup` again."
        )


def _run(argv: Sequence[str], what: str, environment: Environment, progress: Progress) -> None:
    """Run a step; its output goes to the log, its last line is shown as a sign of life."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    lines = [""]
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(argv)}\n")
        process = subprocess.Popen(
            argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        reader = threading.Thread(target=_copy, args=(process, log, lines))
        reader.start()
        try:
            while reader.is_alive():
                reader.join(progress.beat_s)
                if reader.is_alive():
                    progress.beat(f"{environment.name}: {what} · {lines[-1][:90]}")
            code = process.wait()
        except BaseException:
            process.terminate()
            reader.join()
            raise
    if code != 0:
        raise SetupError(_explain(lines, environment))


def _copy(process: subprocess.Popen[str], log: TextIO, lines: list[str]) -> None:
    assert process.stdout
    for line in process.stdout:
        log.write(line)
        lines.append(line.strip())


def _explain(lines: Sequence[str], environment: Environment) -> str:
    text = "\n".join(lines)
    end = "\n".join(f"  {line}" for line in lines[-12:])
    if "No space left on device" in text:
        hint = f"the disk is full; {environment.bytes_needed / GIGABYTE:.0f} GB are needed."
    elif any(sign in text for sign in NO_NETWORK):
        hint = (
            "the package registry cannot be reached. Check the network; a mirror or a folder of wheels "
            "is set by `pip config set global.index-url …` or `global.find-links …`."
        )
    else:
        hint = "pip failed."
    return f"{environment.name}: {hint} The whole story is in {LOG}:\n{end}"


@contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    lock = ROOT / "var" / "run" / "setup.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            progress.say("Another set-up is running here; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# The browser that the tests drive


def _ensure_browser(progress: Progress) -> None:
    missing = _missing_browser_parts()
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *BROWSER_PACKAGES]
    told = f"the browser tests need {' and '.join(missing)}. Run: {' '.join(command)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(told if shutil.which("apt-get") else f"{told.split(' Run:')[0]} Install Chromium.")
    browser = Environment("The browser for the tests", ROOT, (), (), GIGABYTE)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    _run(["apt-get", "update"], "updating the package lists", browser, progress)
    _run(command, "installing Chromium and Chinese fonts", browser, progress)
    if _missing_browser_parts():
        raise SetupError(told)


def _missing_browser_parts() -> list[str]:
    missing = [] if any(shutil.which(name) for name in BROWSERS) else ["Chromium"]
    if not _output(["fc-list", ":lang=zh", "family"]):
        missing.append("a Chinese font (fonts-noto-cjk)")
    return missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
