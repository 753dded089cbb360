"""`anxin kb import` and `anxin kb export`, as a shop's administrator calls them."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from knowledge_base.entries import load_content
from service.cli.kb import command

CONTENT = Path(__file__).parents[3] / "knowledge_base" / "content"


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {"ANXIN_DATABASE_URL": database_url, "ANXIN_DATA": str(tmp_path / "data")}


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), env=environment)


def counts(result: Result) -> dict[str, int]:
    assert result.exit_code == 0, result.output
    return {name: int(n) for name, n in re.findall(r"^(\w+) +(\d+)", result.output, re.MULTILINE)}


def test_content_goes_in_once_and_comes_out_the_same(environment: dict[str, str], tmp_path: Path) -> None:
    assert counts(run(environment, "import")) == {"new": 136, "changed": 0, "kept": 0, "unchanged": 0}
    assert counts(run(environment, "import")) == {"new": 0, "changed": 0, "kept": 0, "unchanged": 136}
    out = tmp_path / "out"
    exported = run(environment, "export", str(out))
    assert (exported.exit_code, "84 entries, 52 figures" in exported.output) == (0, True)
    assert dict(load_content(out).entries) == dict(load_content(CONTENT).entries)
    assert counts(run(environment, "import", str(out)))["unchanged"] == 136
    with psycopg.connect(environment["ANXIN_DATABASE_URL"]) as conn:
        row = conn.execute("select action, actor_kind, details ->> 'new' from audit_log").fetchall()
        indexed = conn.execute("select count(distinct entry) from knowledge_phrasings").fetchone()
    assert (row, indexed) == ([("knowledge.imported", "system", "136")], (84,))


def test_what_people_published_is_only_overwritten_when_asked(
    environment: dict[str, str], tmp_path: Path
) -> None:
    run(environment, "import")
    with psycopg.connect(environment["ANXIN_DATABASE_URL"], autocommit=True) as conn:
        conn.execute(
            "insert into agents (id, login, name, password_hash, role, level, skills, languages, capacity, created_at)"
            " values (gen_random_uuid(), 'jing', '陈静', 'x', 'editor', 'agent', '{}', '{zh-Hans}', 5, now())"
        )
        conn.execute(
            "update knowledge_items set published = jsonb_set(published, '{value}', '8') where id = 'return_window_days'"
        )
        conn.execute(
            "update knowledge_revisions set by_agent = (select id from agents) where id = 'return_window_days'"
        )
    kept = run(environment, "import")
    assert counts(kept)["kept"] == 1
    assert "return_window_days" in kept.output
    assert counts(run(environment, "import", "--overwrite"))["changed"] == 1


def test_what_cannot_be_used_is_said_without_a_trace(environment: dict[str, str], tmp_path: Path) -> None:
    nothing = run(environment, "export", str(tmp_path / "out"))
    assert (nothing.exit_code, "Nothing is published" in nothing.output) == (1, True)
    missing = run(environment, "import", str(tmp_path / "nowhere"))
    assert (missing.exit_code, "nowhere: there is no such file" in missing.output) == (1, True)
    file = run(environment, "import", str(tmp_path / "nowhere.csv"))
    assert (file.exit_code, "nowhere.csv: there is no such file" in file.output) == (1, True)
    nowhere = run(environment | {"ANXIN_DATABASE_URL": "postgresql://127.0.0.1:1/none"}, "import")
    assert (nowhere.exit_code, "Traceback" in nowhere.output) == (1, False)
