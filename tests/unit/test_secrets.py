"""Generated secrets: made once, readable by the owner only, never preferred to the environment."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from service import secrets
from service.settings import Settings, load

KEY = "k" * 32


def settings_in(folder: Path, environment: Mapping[str, str] | None = None, demo: bool = True) -> Settings:
    (folder / "config.yml").write_text(f"demo: {{enabled: {str(demo).lower()}}}\n")
    return load(environment or {}, folder / "config.yml")


def test_missing_secrets_are_generated_and_kept(tmp_path: Path) -> None:
    first = secrets.ensure(settings_in(tmp_path))
    assert set(first) == {"ANXIN_SECRET_KEY", "ANXIN_RASA_TOKEN", "ANXIN_IDENTITY_SECRET"}
    assert all(len(value) >= 32 for value in first.values())
    assert len(set(first.values())) == 3
    assert secrets.ensure(settings_in(tmp_path)) == first


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    secrets.ensure(settings_in(tmp_path))
    folder = tmp_path / "var" / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_the_environment_wins(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, {"ANXIN_SECRET_KEY": KEY})
    assert secrets.ensure(settings)["ANXIN_SECRET_KEY"] == KEY
    assert secrets.read(settings, "ANXIN_SECRET_KEY") == KEY
    assert not (tmp_path / "var" / "secrets" / "secret-key").exists()


def test_production_must_bring_its_own_identity_secret(tmp_path: Path) -> None:
    assert "ANXIN_IDENTITY_SECRET" not in secrets.ensure(settings_in(tmp_path, demo=False))


def test_a_file_left_empty_by_an_interruption_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "var" / "rasa").mkdir(parents=True)
    (tmp_path / "var" / "rasa" / "token").write_text("")
    assert len(secrets.ensure(settings_in(tmp_path))["ANXIN_RASA_TOKEN"]) >= 32


def test_reading_generates_nothing(tmp_path: Path) -> None:
    assert secrets.read(settings_in(tmp_path), "ANXIN_RASA_TOKEN") is None
