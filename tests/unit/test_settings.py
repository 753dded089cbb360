"""Settings: parsed once, wrong ones named with a suggestion, each documented, secrets never shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from service import settings_page
from service.cli import main
from service.settings import SECRETS, Sections, Settings, SettingsError, load

ROOT = Path(__file__).parents[2]
KEY = "k" * 32


def load_from(folder: Path, written: object, environment: Mapping[str, str] | None = None) -> Settings:
    file = folder / "config.yml"
    file.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    return load(environment or {}, file)


def problems_of(folder: Path, written: object, environment: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_from(folder, written, environment)
    return caught.value.problems


def test_the_shipped_config_is_right() -> None:
    assert load({}, ROOT / "config.yml").home == ROOT


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    found = load_from(
        tmp_path,
        {"recipe": "default.v1", "bot": {"workers": 3, "rasa_port": 6000}},
        {"ANXIN_BOT__WORKERS": "4", "ANXIN_LIMITS__MESSAGE_BURST": "7"},
    )
    assert (found.sections.bot.workers, found.sections.bot.rasa_port) == (4, 6000)
    assert found.sections.limits.message_burst == 7
    assert found.sources["bot.workers"] == "ANXIN_BOT__WORKERS"
    assert found.sources["bot.rasa_port"] == "config.yml"
    assert "bot.lookup_tries" not in found.sources


def test_lists_and_mappings_are_json_in_a_variable(tmp_path: Path) -> None:
    variable = "ANXIN_SERVICE__ALLOWED_ORIGINS"
    found = load_from(tmp_path, {"recipe": "x"}, {variable: '["https://shop.example.com"]'})
    assert found.sections.service.allowed_origins == ("https://shop.example.com",)
    assert problems_of(tmp_path, {"recipe": "x"}, {variable: '["half'})[0].startswith(f"{variable} is not")


@pytest.mark.parametrize(
    ("written", "environment", "told"),
    [
        ({"bot": {"worker": 3}}, {}, "Did you mean 'bot.workers'?"),
        ({"bott": {"workers": 3}}, {}, "Did you mean 'bot'?"),
        ({"pipelin": []}, {}, "Did you mean 'pipeline'?"),
        ({"zzzzzz": {}}, {}, "Known: accounts, "),
        ({}, {"ANXIN_BOT__WORKER": "3"}, "Did you mean 'ANXIN_BOT__WORKERS'?"),
        ({}, {"ANXIN_DATABASE_URI": "postgresql://"}, "Did you mean 'ANXIN_DATABASE_URL'?"),
        ({"bot": {"workers": 0}}, {}, "config.yml: bot.workers: Input should be greater than or equal to 1"),
        (
            {},
            {"ANXIN_BOT__WORKERS": "many"},
            "ANXIN_BOT__WORKERS: bot.workers: Input should be a valid integer",
        ),
        ({"bot": [1]}, {}, "bot must be a mapping"),
        ({"bot": {"rasa_timeout_s": 9}}, {}, "must hold (2.0 < 9.0 < 4.0)"),
        ({"shop": {"orders": "rest"}}, {}, "shop.api_url must name"),
        (
            {"knowledge_base": {"costs": {"wrong_anser": 10}}},
            {},
            "Did you mean 'knowledge_base.costs.wrong_answer'?",
        ),
        (
            {"knowledge_base": {"costs": {"decline": -1}}},
            {},
            "knowledge_base.costs: decline is -1, and no cost is negative. Write 0 or more.",
        ),
        (
            {},
            {"ANXIN_KNOWLEDGE_BASE__COSTS": '{"needless_question": 20, "unanswered_question": 30}'},
            "ANXIN_KNOWLEDGE_BASE__COSTS: knowledge_base.costs: needless_question (20) must be below wrong_answer (10)",
        ),
        ({}, {"ANXIN_SECRET_KEY": "short"}, "ANXIN_SECRET_KEY is shorter than 32 characters"),
    ],
)
def test_a_wrong_setting_is_named_with_its_fix(
    tmp_path: Path, written: dict[str, object], environment: dict[str, str], told: str
) -> None:
    (problem,) = problems_of(tmp_path, {"recipe": "default.v1", **written}, environment)
    assert told in problem


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    found = problems_of(tmp_path, {"bot": {"worker": 3, "workers": 0}, "nonsense": {}})
    assert len(found) == 3


def test_a_missing_or_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load({}, tmp_path / "config.yml")
    (tmp_path / "config.yml").write_text("bot: [")
    with pytest.raises(SettingsError, match="not readable YAML"):
        load({}, tmp_path / "config.yml")


def test_a_secret_never_shows(tmp_path: Path) -> None:
    found = load_from(tmp_path, {"recipe": "x"}, {"ANXIN_SECRET_KEY": KEY})
    assert found.secret("ANXIN_SECRET_KEY") == KEY
    assert KEY not in repr(found)
    assert KEY not in "\n".join(settings_page.effective(found))


def test_secrets_are_not_taken_from_the_file(tmp_path: Path) -> None:
    assert "unknown section" in problems_of(tmp_path, {"ANXIN_SECRET_KEY": KEY})[0]


def test_check_prints_every_setting_with_its_origin(tmp_path: Path) -> None:
    found = load_from(tmp_path, {"bot": {"workers": 3}}, {"ANXIN_SHOP_API_TOKEN": "abc"})
    lines = list(settings_page.effective(found))
    names = {f"{section}.{key}" for section, model in Sections() for key in type(model).model_fields}
    names = names - {"knowledge_base.costs"} | {"knowledge_base.costs.wrong_answer"}  # a table of its own
    assert names <= {line.split()[0] for line in lines if line}
    assert next(line for line in lines if line.startswith("bot.workers")).split()[1:] == ["3", "config.yml"]
    assert next(line for line in lines if line.startswith("ANXIN_SHOP_API_TOKEN")).endswith(" set")
    assert next(line for line in lines if line.startswith("ANXIN_SECRET_KEY")).endswith(" not set")


def test_check_ends_with_1_and_every_problem(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("bot: {worker: 3}\nlogs: {level: loud}\n")
    result = CliRunner().invoke(main, ["config", "check"], env={"ANXIN_CONFIG": str(tmp_path / "config.yml")})
    assert result.exit_code == 1
    assert "bot.worker" in result.output and "logs.level" in result.output


def test_every_setting_has_a_help_line() -> None:
    for section, model in Sections():
        assert type(model).__doc__, section
        for key, field in type(model).model_fields.items():
            assert (field.description or "").endswith("."), f"{section}.{key}"


def test_the_documentation_is_what_the_program_knows() -> None:
    written = (ROOT / "docs/operations/settings.md").read_text(encoding="utf-8")
    assert written == settings_page.documentation(), "Run: anxin config docs > docs/operations/settings.md"


def test_the_documentation_names_every_secret() -> None:
    written = settings_page.documentation()
    assert [variable for variable in SECRETS if f"`{variable}`" not in written] == []
