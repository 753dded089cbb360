"""What is checked before anything is started, and what each problem tells to do."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from service.settings import Settings, load
from service.supervision import preflight
from service.supervision.preflight import Server


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def settings_in(folder: Path, environment: Mapping[str, str] | None = None) -> Settings:
    (folder / "config.yml").write_text("recipe: default.v1\n")
    ports = {
        f"ANXIN_{name}": str(free_port()) for name in ("SERVICE__PORT", "BOT__RASA_PORT", "BOT__ACTION_PORT")
    }
    return load({**ports, **(environment or {})}, folder / "config.yml")


def rasa_environment(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    for name in ("python", "rasa"):
        (folder / "bin" / name).write_text("")
    (folder / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")
    return folder


def test_nothing_stands_in_the_way_of_free_ports_and_room(tmp_path: Path) -> None:
    assert preflight.problems(settings_in(tmp_path), {"database", "service"}) == []


@pytest.mark.parametrize(
    ("variable", "setting", "part"),
    [
        ("ANXIN_SERVICE__PORT", "service.port", "service"),
        ("ANXIN_BOT__ACTION_PORT", "bot.action_port", "service"),
        ("ANXIN_BOT__RASA_PORT", "bot.rasa_port", "rasa"),
    ],
)
def test_a_taken_port_names_its_holder_and_its_setting(
    tmp_path: Path, variable: str, setting: str, part: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = settings_in(tmp_path, {variable: str(port)})
        (problem,) = [p for p in preflight.problems(settings, {part}) if "environment" not in p]
    assert f"Port {port} of 127.0.0.1 is taken" in problem
    assert f"process {os.getpid()}" in problem
    assert setting in problem and variable in problem


def test_parts_that_are_not_served_need_no_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = settings_in(tmp_path, {"ANXIN_SERVICE__PORT": str(taken.getsockname()[1])})
        assert preflight.problems(settings, {"database"}) == []


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12 - 10**8, 10**8))
    (problem,) = preflight.problems(settings_in(tmp_path), {"database"})
    assert "0.10 GB free, 1 GB are needed" in problem and "ANXIN_DATA" in problem


def test_a_data_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    (problem,) = preflight.problems(settings_in(tmp_path), {"database"})
    assert "cannot be written" in problem


def test_a_missing_rasa_environment_is_told(tmp_path: Path) -> None:
    (problem,) = preflight.rasa_problems(tmp_path / ".venv-rasa")
    assert problem == "Rasa's environment .venv-rasa is missing or incomplete. Run `make setup`."


def test_the_wrong_python_for_rasa_is_told(tmp_path: Path) -> None:
    (problem,) = preflight.rasa_problems(rasa_environment(tmp_path / "r", "3.11.7"))
    assert "has Python 3.11.7, Rasa needs 3.10" in problem and "ANXIN_PYTHON310" in problem
    assert list(preflight.rasa_problems(rasa_environment(tmp_path / "s", "3.10.13"))) == []


def test_an_unreachable_database_is_told_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://anxin:sesame-open@127.0.0.1:{free_port()}/anxin"
    (problem,) = preflight.problems(settings_in(tmp_path, {"ANXIN_DATABASE_URL": url}), {"database"})
    assert problem.startswith("ANXIN_DATABASE_URL cannot be reached") and "refused" in problem
    assert "sesame-open" not in problem


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {
            "ANXIN_SERVICE__PORT": str(taken.getsockname()[1]),
            "ANXIN_DATABASE_URL": "postgresql://:1/x",
        }
        assert len(preflight.problems(settings_in(tmp_path, environment), {"service"})) == 2


FITTING = Server(version=180_000, encoding="UTF8", pgvector="0.8.0", may_create_pgvector=True)


@pytest.mark.parametrize(
    ("server", "told"),
    [
        (replace(FITTING, version=170_009), "is PostgreSQL 17, 18 or newer is needed"),
        (replace(FITTING, encoding="LATIN1"), "encoding is LATIN1, it must be UTF8"),
        (replace(FITTING, pgvector="0.7.4"), "pgvector is 0.7.4, 0.8 or newer is needed"),
        (replace(FITTING, pgvector=None), "pgvector is not installed"),
        (replace(FITTING, may_create_pgvector=False), "create extension vector"),
    ],
)
def test_a_server_that_lacks_something_is_told(server: Server, told: str) -> None:
    (problem,) = preflight.server_problems(server)
    assert told in problem


def test_a_server_that_fits_has_no_problems() -> None:
    assert list(preflight.server_problems(FITTING)) == []
    assert list(preflight.server_problems(replace(FITTING, version=190_001, pgvector="1.0.0"))) == []
