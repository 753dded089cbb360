"""`anxin kb import FILE` and `anxin kb export --format`, as a shop's administrator calls them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import AsyncConnection

from knowledge_base.exchange import imports
from knowledge_base.exchange.imports import Options
from knowledge_base.exchange.preparing import Wishes
from service.cli.kb import command

FAQ = "问题,答案\n怎么续借图书？,在借阅页面点续借。\n几点开门？,早上九点。\n没有答案的问题,\n"


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {"ANXIN_DATABASE_URL": database_url, "ANXIN_DATA": str(tmp_path / "data")}


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    path = tmp_path / "faq.csv"
    path.write_bytes(FAQ.encode("gb18030"))
    return path


def run(environment: dict[str, str], *arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments], env=environment)


def test_a_foreign_faq_is_imported_published_found_and_exported_in_one_step_each(
    environment: dict[str, str], faq: Path, tmp_path: Path
) -> None:
    tried = run(environment, "import", faq, "--dry-run")
    assert (tried.exit_code, "would take 2, refuse 1" in tried.output) == (0, True), tried.output
    done = run(environment, "import", faq, "--publish")
    assert done.exit_code == 0, done.output
    assert "faq.csv: 3 rows (csv, gb18030)" in done.output
    assert "row 4: 答案: is empty." in done.output
    assert [line.split() for line in done.stdout.splitlines()[-4:]] == [
        ["created", "2"],
        ["changed", "0"],
        ["unchanged", "0"],
        ["refused", "1"],
    ]
    for name in ("out.csv", "out.xlsx", "out.json", "out.yml"):
        assert run(environment, "export", tmp_path / name).exit_code == 0
        again = run(environment, "import", tmp_path / name, "--publish")
        assert (again.exit_code, "unchanged      2" in again.output) == (0, True), again.output


def test_other_entries_go_into_the_archive_when_the_file_is_all_there_is(
    environment: dict[str, str], faq: Path
) -> None:
    run(environment, "import")
    done = run(environment, "import", faq, "--publish", "--only")
    assert "archived      84" in done.output
    with psycopg.connect(environment["ANXIN_DATABASE_URL"]) as conn:
        entries = conn.execute(
            "select id from knowledge_items where kind = 'entry' and published is not null"
        ).fetchall()
        left = conn.execute("select count(distinct entry) from knowledge_phrasings").fetchone()
    assert (len(entries), left) == (2, (2,))


def test_columns_that_are_not_understood_are_asked_for(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("Thema,Text\nWo?,Hier.\n", encoding="utf-8")
    asked = run(environment, "import", path)
    assert (asked.exit_code, "--map question=" in asked.output) == (2, True), asked.output
    assert run(environment, "import", path, "--map", "question=Topic").exit_code == 2
    assert run(environment, "import", path, "--map", "question=Thema", "--rows", "x").exit_code == 2
    done = run(environment, "import", path, "--map", "question=Thema", "--language", "en")
    assert (done.exit_code, "They are drafts" in done.output) == (0, True), done.output


def test_a_broken_file_says_what_to_do_and_ends_with_1(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "faq.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    failed = run(environment, "import", path)
    assert (failed.exit_code, "save it anew" in failed.output) == (1, True), failed.output


def test_drafts_and_groups_can_be_exported(environment: dict[str, str], faq: Path) -> None:
    run(environment, "import", faq)
    assert run(environment, "export", "-", "--format", "json").exit_code == 1
    shown = run(environment, "export", "-", "--format", "json", "--drafts", "--group", "faq")
    assert len(json.loads(shown.stdout)["entries"]) == 2


def test_an_upload_that_waits_is_brought_to_its_end_as_the_service_does_it(
    environment: dict[str, str], faq: Path
) -> None:
    content = faq.read_bytes()

    async def wait() -> None:
        options = Options(wishes=Wishes(mapping={"问题": "question", "答案": "answer"}), publish=True)
        async with await AsyncConnection.connect(environment["ANXIN_DATABASE_URL"]) as conn:
            await imports.keep_upload(
                conn,
                uuid4(),
                "faq.csv",
                content,
                reading={},
                options=options,
                by=None,
                now=datetime.now(UTC),
            )

    asyncio.run(wait())
    assert run(environment, "import", "--open").exit_code == 0
    with psycopg.connect(environment["ANXIN_DATABASE_URL"]) as conn:
        row = conn.execute("select state, done, total from knowledge_imports").fetchone()
        audited = conn.execute("select action, subject from audit_log").fetchall()
    assert (row, audited) == (("done", 4, 4), [("knowledge.imported", "faq.csv")])


def test_the_calibration_is_shown_and_direct_answers_are_switched(environment: dict[str, str]) -> None:
    before = json.loads(run(environment, "calibration").stdout)
    after = json.loads(run(environment, "calibration", "--direct-answers", "on").stdout)
    assert (before["direct_answers"], before["why"]) == ("waiting", "not_fitted")
    assert (after["direct_answers"], after["why"]) == ("on", "switched_on")


def test_it_is_drafts_only_where_some_were_written(environment: dict[str, str], faq: Path) -> None:
    assert "They are drafts" in run(environment, "import", faq).output
    assert run(environment, "import", faq, "--publish").exit_code == 0
    again = run(environment, "import", faq)
    assert "unchanged      2" in again.output and "They are drafts" not in again.output
