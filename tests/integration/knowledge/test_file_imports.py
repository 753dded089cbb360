"""Files into the database: drafts in chunks, one publish at the end, going on after a kill, beside what people do."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing
from knowledge_base.errors import IdTaken
from knowledge_base.exchange import imports, running
from knowledge_base.exchange.columns import guess
from knowledge_base.exchange.figures import write_figures
from knowledge_base.exchange.imports import Import, Options
from knowledge_base.exchange.preparing import Wishes
from knowledge_base.exchange.tables import read_table
from tests.integration.knowledge.conftest import NOW, Editor, entry

FAQ = "Q,A\nHow do I renew a loan?,Press Renew.\nWhere are the lockers?,By the door.\n"
RENEW, LOCKERS = "how_renew_loan", "where_lockers"


class Killed(Exception):
    """The process dies here."""


async def brought(
    editor: Editor, text: str, *, publish: bool = False, overwrite: bool = False, progress: Any = None
) -> Import:
    """Import a file as the command does."""
    content = text.encode()
    mapping = guess(read_table("faq.csv", content).columns)
    options = Options(wishes=Wishes(mapping=mapping), publish=publish, overwrite=overwrite)
    async with editor.connection() as conn:
        found = await imports.find_unfinished(conn, content, reading={}, options=options)
        if found is None:
            found = await imports.keep_upload(
                conn, uuid4(), "faq.csv", content, reading={}, options=options, by=editor.by, now=NOW
            )
    report = progress or (lambda done, total: None)
    return await running.run(editor.pool, found.id, index=editor.index, now=lambda: NOW, progress=report)


async def told(editor: Editor, found: Import) -> dict[int, str]:
    async with editor.connection() as conn:
        rows = await imports.read_rows(conn, found.id)
    return {row.row: row.outcome if row.told is None else row.told.get("code", "noted") for row in rows}


async def test_without_publishing_rows_become_drafts_for_people_to_look_at(editor: Editor) -> None:
    found = await brought(editor, FAQ)
    assert (found.state, found.done, found.total, found.content) == ("done", 2, 2, None)
    assert await told(editor, found) == {2: "created", 3: "created"}
    item = await editor.read("entry", RENEW)
    assert (item.state, item.draft_by, item.newest["answer"]) == ("draft", editor.by, {"en": "Press Renew."})
    assert editor.index.replaced == []


async def test_publishing_is_one_revision_of_the_base_and_the_history_names_the_file(editor: Editor) -> None:
    before, _ = await editor.base()
    found = await brought(editor, FAQ, publish=True)
    assert (found.done, found.total) == (4, 4)
    assert await editor.base() == (before + 1, before + 1)
    assert editor.index.replaced == [RENEW, LOCKERS]
    async with editor.connection() as conn:
        [revision] = await editing.revisions(conn, "entry", RENEW)
    assert (revision.note, revision.by) == ("import: faq.csv", editor.by)


async def test_the_same_file_again_changes_nothing_and_a_changed_row_changes_its_entry(
    editor: Editor,
) -> None:
    await brought(editor, FAQ, publish=True)
    again = await brought(editor, FAQ, publish=True)
    assert await told(editor, again) == {2: "unchanged", 3: "unchanged"}
    changed = await brought(editor, FAQ.replace("By the door", "Upstairs"), publish=True)
    assert await told(editor, changed) == {2: "unchanged", 3: "changed"}
    item = await editor.read("entry", LOCKERS)
    assert (item.revision, item.newest["answer"]) == (2, {"en": "Upstairs."})


@pytest.mark.parametrize("steps", [0, 2, 4])
async def test_an_import_that_is_killed_goes_on_where_it_was(
    editor: Editor, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(running, "CHUNK", 1)
    rows = [f"Question number {word}?,Answer {word}.\n" for word in ("one", "two", "three", "four")]
    text = "Q,A\n" + "".join(rows)
    seen: list[int] = []

    def die(done: int, total: int) -> None:
        seen.append(done)
        if done > steps:
            raise Killed

    with pytest.raises(Killed):
        await brought(editor, text, publish=True, progress=die)
    first = editor.index.replaced.copy()
    async with editor.connection() as conn:
        row = await (await conn.execute("select state, problem from knowledge_imports")).fetchone()
    assert row is not None and row[0] == "failed" and "goes on" in row[1]
    found = await brought(editor, text, publish=True)
    assert (found.state, found.done, found.total) == ("done", 8, 8)
    assert list((await told(editor, found)).values()) == ["created"] * 4
    assert len(editor.index.replaced) - len(first) == 4
    async with editor.connection() as conn:
        [revision] = await editing.revisions(conn, "entry", "question_number_one")
    assert revision.revision == 1


async def test_what_somebody_is_working_on_is_left_to_them(editor: Editor) -> None:
    await brought(editor, FAQ, publish=True)
    item = await editor.read("entry", RENEW)
    await editor.save("entry", RENEW, {**item.newest, "answer": {"en": "Ask me."}}, item.version)
    found = await brought(editor, FAQ.replace("Press Renew", "Press twice"), publish=True)
    assert await told(editor, found) == {2: "has_draft", 3: "unchanged"}
    assert (await editor.read("entry", RENEW)).newest["answer"] == {"en": "Ask me."}


async def test_what_a_person_has_published_since_is_overwritten_only_when_wished(editor: Editor) -> None:
    await brought(editor, FAQ, publish=True)
    item = await editor.read("entry", RENEW)
    saved = await editor.save("entry", RENEW, {**item.newest, "answer": {"en": "Ask me."}}, item.version)
    await editor.publish("entry", RENEW, saved.version)
    assert await told(editor, await brought(editor, FAQ, publish=True)) == {2: "edited_since", 3: "unchanged"}
    overwritten = await brought(editor, FAQ, publish=True, overwrite=True)
    assert await told(editor, overwritten) == {2: "changed", 3: "unchanged"}


async def test_a_second_import_may_replace_drafts_that_only_an_import_has_written(editor: Editor) -> None:
    await brought(editor, FAQ)
    found = await brought(editor, FAQ.replace("Press Renew", "Press twice"))
    assert await told(editor, found) == {2: "created", 3: "unchanged"}
    assert (await editor.read("entry", RENEW)).newest["answer"] == {"en": "Press twice."}


async def test_rows_that_are_refused_are_told_and_the_others_are_taken(editor: Editor) -> None:
    found = await brought(editor, FAQ + "Empty?,\n怎么退,退。\n", publish=True)
    assert await told(editor, found) == {2: "created", 3: "created", 4: "empty_answer", 5: "created"}


async def test_a_file_that_cannot_be_read_fails_with_its_reason(editor: Editor) -> None:
    options = Options(wishes=Wishes(mapping={}))
    async with editor.connection() as conn:
        kept = await imports.keep_upload(
            conn, uuid4(), "faq.xlsx", b"PK\x03\x04x", reading={}, options=options, by=None, now=NOW
        )
    found = await running.run(editor.pool, kept.id, index=editor.index, now=lambda: NOW)
    assert found.state == "failed"
    assert "broken" in (found.problem or "")


async def test_two_processes_do_not_work_on_one_import(editor: Editor, pool: AsyncConnectionPool) -> None:
    content = FAQ.encode()
    options = Options(wishes=Wishes(mapping=guess(["Q", "A"])))
    async with pool.connection() as conn:
        kept = await imports.keep_upload(
            conn, uuid4(), "faq.csv", content, reading={}, options=options, by=None, now=NOW
        )
    async with pool.connection() as holder, holder.transaction():
        await holder.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", (running.LOCK, str(kept.id)))
        left = await running.run(pool, kept.id, index=editor.index, now=lambda: NOW)
    assert left.state == "waiting"
    assert (await running.run(pool, kept.id, index=editor.index, now=lambda: NOW)).state == "done"


async def test_an_archived_entry_is_not_brought_back_by_a_file(editor: Editor) -> None:
    async with editor.connection() as conn:
        await conn.execute(
            "update knowledge_items set archived = '{}', draft = published, published = null where id = 'returns'"
        )
    text = f"id,Q,A\nreturns,{entry()['title']['en']},Later.\n"
    assert await told(editor, await brought(editor, text)) == {2: "archived"}


async def test_another_draft_by_an_import_drops_the_approval_of_the_one_before(editor: Editor) -> None:
    await brought(editor, FAQ)
    async with editor.connection() as conn:
        await conn.execute(
            """update knowledge_items set review = '{"state": "approved"}' where kind = 'entry'"""
        )
    await brought(editor, FAQ.replace("Press Renew", "Press twice"))
    assert (await editor.read("entry", RENEW)).review is None
    assert (await editor.read("entry", LOCKERS)).review == {"state": "approved"}


async def test_a_publish_by_an_import_takes_the_place_of_a_planned_one(editor: Editor) -> None:
    await brought(editor, FAQ)
    async with editor.connection() as conn:
        await conn.execute(
            """update knowledge_items set review = '{"state": "asked"}', publish_at = %s, schedule = '{}' where id = %s""",
            (NOW, RENEW),
        )
    await brought(editor, FAQ, publish=True)
    item = await editor.read("entry", RENEW)
    assert (item.state, item.review, item.publish_at, item.schedule) == ("published", None, None, None)


async def test_an_entry_that_somebody_begins_meanwhile_is_theirs_or_the_imports_but_never_lost(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[asyncio.Task[Any]] = []
    decide = running._outcome

    def while_somebody_creates(*arguments: Any) -> Any:
        """Between the import's look at the entries and its writing."""
        if not begun:
            begun.append(asyncio.ensure_future(editor.create(RENEW, entry(title={"en": "Mine"}))))
        return decide(*arguments)

    monkeypatch.setattr(running, "_outcome", while_somebody_creates)
    await brought(editor, FAQ)
    with pytest.raises(IdTaken):
        await begun[0]
    assert (await editor.read("entry", RENEW)).newest["answer"] == {"en": "Press Renew."}


async def test_a_figure_of_a_file_is_of_the_kind_that_rules_read_or_left_out(editor: Editor) -> None:
    figures: dict[str, dict[str, object]] = {
        "repair_guarantee_days": {"value": "09:00", "unit": "clock", "description": "Wrong"},
        "repair_days": {"value": [3, 7], "unit": "hours", "description": "Wrong"},
        "own_days": {"value": 5, "unit": "days", "description": "Right"},
    }
    async with editor.connection() as conn:
        taken = await write_figures(conn, figures, by=editor.by, now=NOW, index=editor.index)
    assert taken == ("own_days",)
