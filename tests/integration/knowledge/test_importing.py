"""The demo shop's content into the database, a second time, beside what people have edited, and back into files."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing
from knowledge_base.entries import Content, Entry, load_content
from knowledge_base.exporting import CannotExport, export_content
from knowledge_base.importing import Imported, import_content
from knowledge_base.items import entry_as_json, figure_as_json
from knowledge_base.policy import Figure, Policy, Value
from knowledge_base.surroundings import read_policy
from tests.integration.knowledge.conftest import NOW, Editor, RememberedIndex, add_person

FOLDER = Path(__file__).parents[3] / "knowledge_base" / "content"


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(FOLDER)


@pytest.fixture
async def editor(pool: AsyncConnectionPool) -> Editor:
    """An editor of an empty base."""
    async with pool.connection() as conn:
        by = await add_person(conn, "editor")
    return Editor(pool=pool, index=RememberedIndex(), by=by)


async def run_import(editor: Editor, content: Content, *, overwrite: bool = False) -> Imported:
    async with editor.connection() as conn:
        return await import_content(conn, content, index=editor.index, now=NOW, overwrite=overwrite)


def with_entry(content: Content, entry: Entry) -> Content:
    return replace(content, entries={**content.entries, entry.id: entry})


def with_figure(content: Content, name: str, value: int) -> Content:
    figure = replace(content.policy.figures[name], value=value)
    figures: dict[str, Figure] = {**content.policy.figures, name: figure}
    return replace(content, policy=Policy(revision=2, figures=figures))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def edited(editor: Editor, id_: str, **fields: object) -> None:
    """Somebody publishes an entry with other fields."""
    item = await editor.read("entry", id_)
    saved = await editor.save("entry", id_, {**item.newest, **fields}, item.version)
    await editor.publish("entry", id_, saved.version)


async def test_a_first_import_publishes_everything_and_indexes_every_entry(
    editor: Editor, content: Content
) -> None:
    found = await run_import(editor, content)
    assert set(found.new) == {*content.entries, *content.policy.figures}
    assert (found.changed, found.kept, found.unchanged) == ((), (), ())
    assert editor.index.replaced == list(content.entries)
    assert await editor.base() == (1, 1)
    item = await editor.read("entry", "return_window")
    assert (item.revision, item.published_by, item.state) == (1, None, "published")
    async with editor.connection() as conn:
        assert dict((await read_policy(conn)).figures) == dict(content.policy.figures)
        [revision] = await editing.revisions(conn, "entry", "return_window")
    assert (revision.note, revision.by) == ("import", None)


async def test_a_second_import_of_the_same_content_changes_nothing(editor: Editor, content: Content) -> None:
    await run_import(editor, content)
    before, item = await editor.base(), await editor.read("entry", "return_window")
    editor.index.replaced.clear()
    found = await run_import(editor, content)
    assert (found.new, found.changed, found.kept) == ((), (), ())
    assert len(found.unchanged) == len(content.entries) + len(content.policy.figures)
    assert await editor.base() == before
    assert await editor.read("entry", "return_window") == item
    assert editor.index.replaced == []


async def test_two_imports_at_the_same_time_come_to_one(editor: Editor, content: Content) -> None:
    found = await asyncio.gather(run_import(editor, content), run_import(editor, content))
    assert sorted(len(one.new) for one in found) == [0, len(content.entries) + len(content.policy.figures)]
    assert await editor.base() == (1, 1)


async def test_a_newer_programs_content_is_taken_where_nobody_has_edited(
    editor: Editor, content: Content
) -> None:
    await run_import(editor, content)
    editor.index.replaced.clear()
    await edited(editor, "return_how", start_form="track_order")
    newer = with_entry(content, replace(content.entries["return_how"], related=("return_window",)))
    newer = with_entry(newer, replace(newer.entries["repair_how"], related=("repair_time",)))
    newer = with_figure(newer, "repair_guarantee_days", 120)
    found = await run_import(editor, newer)
    assert (set(found.changed), found.kept) == ({"repair_how", "repair_guarantee_days"}, ("return_how",))
    assert editor.index.replaced == []
    assert (await editor.read("entry", "return_how")).newest["start_form"] == "track_order"
    changed = await editor.read("entry", "repair_how")
    assert (changed.revision, changed.newest["related"]) == (2, ["repair_time"])
    version, search_version = await editor.base()
    assert (version, search_version) == (3, 1)


async def test_overwriting_takes_the_files_and_keeps_what_was_there_in_the_history(
    editor: Editor, content: Content
) -> None:
    await run_import(editor, content)
    await edited(editor, "return_how", start_form="track_order")
    found = await run_import(editor, content, overwrite=True)
    assert (found.changed, found.kept) == (("return_how",), ())
    item = await editor.read("entry", "return_how")
    assert (item.published, item.revision) == (entry_as_json(content.entries["return_how"]), 3)
    async with editor.connection() as conn:
        history = await editing.revisions(conn, "entry", "return_how")
    assert [(r.revision, r.by) for r in history] == [(3, None), (2, editor.by), (1, None)]


async def test_a_draft_survives_an_import_and_its_editor_learns_of_it(
    editor: Editor, content: Content
) -> None:
    await run_import(editor, content)
    item = await editor.read("entry", "return_how")
    saved = await editor.save("entry", "return_how", {"title": {"en": "Mine"}}, item.version)
    newer = with_entry(content, replace(content.entries["return_how"], start_form="track_order"))
    assert (await run_import(editor, newer)).changed == ("return_how",)
    now = await editor.read("entry", "return_how")
    assert now.draft == {"title": {"en": "Mine"}}
    assert now.version > saved.version


async def test_an_entry_that_somebody_has_begun_under_the_same_id_stays_theirs(
    editor: Editor, content: Content
) -> None:
    begun = await editor.create("return_how", {"title": {"en": "Mine"}})
    found = await run_import(editor, content)
    assert "return_how" in found.kept
    assert await editor.read("entry", "return_how") == begun


async def test_what_does_not_fit_beside_what_people_published_is_left_out(
    editor: Editor, content: Content
) -> None:
    await run_import(editor, content)
    mine = entry_as_json(content.entries["return_how"]) | {
        "phrasings": {"zh-Hans": ["怎么寄存"], "zh-Hant-HK": ["點寄存"], "en": ["where to store it"]},
        "related": [],
    }
    created = await editor.create("storage", mine)
    await editor.publish("entry", "storage", created.version)
    item = await editor.read("figure", "return_window_vip_days")
    vip = {**figure_as_json(content.policy.figures["return_window_vip_days"]), "value": 10}
    saved = await editor.save("figure", item.id, vip, item.version)
    await editor.publish("figure", item.id, saved.version)
    stealing = replace(
        content.entries["repair_how"],
        phrasings={**content.entries["repair_how"].phrasings, "en": ("where to store it",)},
    )
    newer = with_figure(with_entry(content, stealing), "return_window_days", 12)
    found = await run_import(editor, newer)
    assert set(found.kept) == {"repair_how", "return_window_days", "return_window_vip_days"}
    assert found.changed == ()
    async with editor.connection() as conn:
        assert (await read_policy(conn)).number("return_window_days") == 7


async def test_an_import_that_fails_leaves_nothing_behind(editor: Editor, content: Content) -> None:
    class BrokenIndex(RememberedIndex):
        async def replace(self, conn: object, entries: object) -> None:
            raise RuntimeError("the disk is full")

    editor.index = BrokenIndex()
    with pytest.raises(RuntimeError):
        await run_import(editor, content)
    assert await editor.base() == (0, 0)
    editor.index = RememberedIndex()
    assert len((await run_import(editor, content)).new) > 100


async def test_what_is_exported_is_read_back_without_loss(
    editor: Editor, content: Content, tmp_path: Path
) -> None:
    await run_import(editor, content)
    async with editor.connection() as conn:
        exported = await export_content(conn, tmp_path / "out")
    assert (exported.entries, exported.figures) == (len(content.entries), len(content.policy.figures))
    shutil.copy(FOLDER / "outside.yml", tmp_path / "out")
    read = load_content(tmp_path / "out")
    assert dict(read.entries) == dict(content.entries)
    assert dict(read.policy.figures) == dict(content.policy.figures)
    found = await run_import(editor, read)
    assert (found.new, found.changed, found.kept) == ((), (), ())


async def test_drafts_are_not_exported(editor: Editor, content: Content, tmp_path: Path) -> None:
    await run_import(editor, content)
    item = await editor.read("entry", "return_how")
    await editor.save("entry", "return_how", {"title": {"en": "Mine"}}, item.version)
    await editor.create("storage", {})
    async with editor.connection() as conn:
        await export_content(conn, tmp_path / "out")
    read = load_content(tmp_path / "out")
    assert read.entries["return_how"] == content.entries["return_how"]
    assert "storage" not in read.entries


async def test_an_export_does_not_mix_with_other_files_and_needs_something_published(
    editor: Editor, content: Content, tmp_path: Path
) -> None:
    async with editor.connection() as conn:
        with pytest.raises(CannotExport):
            await export_content(conn, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    await run_import(editor, content)
    (tmp_path / "old_group.yml").write_text("format: 1\nentries: {}\n", "utf-8")
    async with editor.connection() as conn:
        with pytest.raises(CannotExport, match=r"old_group\.yml"):
            await export_content(conn, tmp_path)
    assert names_in(tmp_path) == ["old_group.yml"]


async def test_an_older_program_that_starts_once_more_takes_nothing_back(
    editor: Editor, content: Content
) -> None:
    """In a rolling update: old, new, and the old one again because its process was restarted."""

    async def started(with_content: Content, *, overwrite: bool = False) -> Imported:
        async with editor.connection() as conn:
            return await import_content(
                conn, with_content, index=editor.index, now=NOW, overwrite=overwrite, is_shipped=True
            )

    figure = next(f for f in content.policy.figures.values() if isinstance(f.value, int))
    newer = with_figure(content, figure.name, int(str(figure.value)) + 1)
    assert not (await started(content)).is_older
    assert len((await started(newer)).changed) == 1
    again = await started(content)
    assert (again.is_older, again.new, again.changed, len(again.kept)) == (True, (), (), 1)
    assert not (await started(newer)).is_older
    assert len((await started(content, overwrite=True)).changed) == 1


@pytest.mark.parametrize(
    ("value", "unit"), [("09:00", "clock"), ((3, 7), "days"), (7, "hours")], ids=["clock", "range", "unit"]
)
async def test_a_figure_of_another_kind_than_rules_read_is_left_out(
    editor: Editor, content: Content, value: Value, unit: str
) -> None:
    figures = dict(content.policy.figures)
    figures["repair_guarantee_days"] = replace(figures["repair_guarantee_days"], value=value, unit=unit)
    spoilt = replace(content, policy=Policy(revision=2, figures=figures))
    assert "repair_guarantee_days" in (await run_import(editor, spoilt)).kept
    await run_import(editor, content)
    assert "repair_guarantee_days" in (await run_import(editor, spoilt, overwrite=True)).kept
    async with editor.connection() as conn:
        assert (await read_policy(conn)).number("repair_guarantee_days") == 90
