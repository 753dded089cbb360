"""Drafts, publishing and history, alone and with somebody else at the same item."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing
from knowledge_base.checking import phrasing_owners
from knowledge_base.errors import (
    EditConflict,
    IdTaken,
    InvalidItem,
    UnknownEntry,
    UnknownRevision,
    UnusableContent,
)
from knowledge_base.features import pieces_hash
from knowledge_base.items import Item
from knowledge_base.policy import UnknownFigure
from knowledge_base.surroundings import read_policy, read_surroundings, read_surroundings_of
from knowledge_base.text_normalisation import matching_form
from tests.integration.knowledge.conftest import ENTRY, OTHER, VIP_WINDOW, WINDOW, Editor, entry


async def draft_codes(editor: Editor, item: Item) -> list[str]:
    async with editor.connection() as conn:
        return [problem.code for problem in await editing.draft_problems(conn, item)]


async def test_a_draft_waits_until_it_is_published_and_then_takes_the_place(editor: Editor) -> None:
    item = await editor.read("entry", "returns")
    before = await editor.base()
    changed = entry(answer={**ENTRY["answer"], "en": "You have {return_window_days}."})
    saved = await editor.save("entry", "returns", changed, item.version)
    assert (saved.state, saved.published, saved.draft) == ("changed", item.published, changed)
    assert (saved.version, saved.revision) == (item.version + 1, 1)
    assert await editor.base() == before
    published = await editor.publish("entry", "returns", saved.version)
    assert (published.state, published.published, published.draft) == ("published", changed, None)
    assert (published.revision, published.published_by) == (2, editor.by)
    assert (await editor.base())[0] == before[0] + 1 == published.base_version


async def test_only_other_titles_or_phrasings_reach_the_search(editor: Editor) -> None:
    item = await editor.read("entry", "returns")
    search_version = (await editor.base())[1]
    saved = await editor.save("entry", "returns", entry(related=["exchange"]), item.version)
    item = await editor.publish("entry", "returns", saved.version)
    assert editor.index.replaced == []
    assert (await editor.base())[1] == search_version
    saved = await editor.save(
        "entry", "returns", entry(phrasings={**ENTRY["phrasings"], "en": ["return it"]}), item.version
    )
    await editor.publish("entry", "returns", saved.version)
    assert editor.index.replaced == ["returns"]
    version, search_version = await editor.base()
    assert version == search_version


async def test_a_draft_may_be_wrong_or_unfinished_and_says_what_is_wrong(editor: Editor) -> None:
    item = await editor.create("warranty", {})
    assert item.state == "draft"
    assert set(await draft_codes(editor, item)) >= {"missing_language", "no_phrasings"}
    saved = await editor.save("entry", "warranty", {"answer": 7, "colour": ["red"]}, item.version)
    assert saved.draft == {"answer": 7, "colour": ["red"]}
    assert set(await draft_codes(editor, saved)) >= {"bad_value", "unknown_field"}
    with pytest.raises(InvalidItem) as caught:
        await editor.publish("entry", "warranty", saved.version)
    assert "bad_value" in {problem.code for problem in caught.value.problems}
    assert await editor.read("entry", "warranty") == saved


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (entry(answer={**ENTRY["answer"], "en": "<img src=x onerror=alert(1)>"}), "markup_in_answer"),
        (entry(answer={**ENTRY["answer"], "en": " "}), "empty_answer"),
        (entry(answer={**ENTRY["answer"], "en": "Within 20 days."}), "figure_contradicts"),
        (entry(answer={**ENTRY["answer"], "en": "Within {return_windw_days}."}), "unknown_figure"),
        (entry(phrasings={**ENTRY["phrasings"], "en": ["how to exchange?"]}), "phrasing_elsewhere"),
        (entry(related=["nowhere"]), "unknown_entry"),
    ],
)
async def test_what_would_be_wrong_for_customers_is_not_published(
    editor: Editor, content: dict[str, Any], code: str
) -> None:
    item = await editor.read("entry", "returns")
    before = await editor.base()
    saved = await editor.save("entry", "returns", content, item.version)
    assert await draft_codes(editor, saved) == [code]
    with pytest.raises(InvalidItem) as caught:
        await editor.publish("entry", "returns", saved.version)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert await editor.read("entry", "returns") == saved
    assert await editor.base() == before
    assert editor.index.replaced == []


async def test_who_saves_what_somebody_else_changed_meanwhile_is_told_so_with_how_it_is_now(
    editor: Editor,
) -> None:
    item = await editor.read("entry", "returns")
    first = await editor.save("entry", "returns", entry(start_form="return"), item.version)
    with pytest.raises(EditConflict) as caught:
        await editor.save("entry", "returns", entry(start_form="exchange"), item.version)
    assert caught.value.current == first
    assert (await editor.read("entry", "returns")).draft == entry(start_form="return")


async def test_of_two_who_save_at_the_same_time_exactly_one_wins(editor: Editor) -> None:
    item = await editor.read("entry", "returns")
    tries = [editor.save("entry", "returns", entry(start_form=f"form_{n}"), item.version) for n in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    won = [found for found in results if isinstance(found, Item)]
    lost = [found for found in results if isinstance(found, EditConflict)]
    assert (len(won), len(lost)) == (1, 7)
    assert all(conflict.current == won[0] for conflict in lost)
    assert await editor.read("entry", "returns") == won[0]


async def test_of_two_who_publish_the_same_item_at_the_same_time_exactly_one_wins(editor: Editor) -> None:
    item = await editor.read("entry", "returns")
    saved = await editor.save("entry", "returns", entry(start_form="return"), item.version)
    tries = [editor.publish("entry", "returns", saved.version) for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert len([found for found in results if isinstance(found, Item)]) == 1
    assert len([found for found in results if isinstance(found, EditConflict)]) == 3
    assert (await editor.read("entry", "returns")).revision == 2


async def test_publishes_of_several_items_come_one_after_the_other_and_none_is_lost(editor: Editor) -> None:
    before = await editor.base()
    contents = {
        f"topic_{n}": entry(
            phrasings={
                "zh-Hans": [f"问题{'甲乙丙丁戊己'[n]}"],
                "zh-Hant-HK": [f"點{'甲乙丙丁戊己'[n]}"],
                "en": [f"question {n}"],
            }
        )
        for n in range(6)
    }
    created = [await editor.create(id_, content) for id_, content in contents.items()]
    tries = [editor.publish("entry", item.id, item.version) for item in created]
    published = await asyncio.gather(*tries)
    versions = sorted(item.base_version for item in published)
    assert versions == list(range(before[0] + 1, before[0] + 7))
    assert await editor.base() == (before[0] + 6, before[0] + 6)
    assert sorted(editor.index.replaced) == sorted(contents)


async def test_of_two_that_publish_the_same_phrasing_at_the_same_time_the_later_is_refused(
    editor: Editor,
) -> None:
    shared = {"zh-Hans": ["保修多久"], "zh-Hant-HK": ["保養幾耐"], "en": ["how long is the warranty"]}
    created = [await editor.create(id_, entry(phrasings=shared)) for id_ in ("warranty", "guarantee")]
    tries = [editor.publish("entry", item.id, item.version) for item in created]
    results = await asyncio.gather(*tries, return_exceptions=True)
    [refused] = [found for found in results if isinstance(found, InvalidItem)]
    assert {problem.code for problem in refused.problems} == {"phrasing_elsewhere"}
    assert len([found for found in results if isinstance(found, Item)]) == 1


async def test_a_draft_saved_during_a_publish_is_not_lost(editor: Editor) -> None:
    item = await editor.read("entry", "returns")
    saved = await editor.save("entry", "returns", entry(start_form="return"), item.version)
    results = await asyncio.gather(
        editor.publish("entry", "returns", saved.version),
        editor.save("entry", "returns", entry(start_form="exchange"), saved.version),
        return_exceptions=True,
    )
    assert sorted(type(found).__name__ for found in results) == ["EditConflict", "Item"]
    now = await editor.read("entry", "returns")
    if isinstance(results[0], Item):
        assert (now.published, now.draft) == (entry(start_form="return"), None)
    else:
        assert (now.published, now.draft) == (item.published, entry(start_form="exchange"))


async def test_publishing_without_a_draft_or_with_an_old_version_changes_nothing(editor: Editor) -> None:
    item = await editor.read("entry", "returns")
    for version in (item.version, item.version - 1):
        with pytest.raises(EditConflict):
            await editor.publish("entry", "returns", version)
    assert await editor.read("entry", "returns") == item


async def test_history_tells_who_published_what_and_an_earlier_revision_becomes_the_draft(
    editor: Editor,
) -> None:
    item = await editor.read("entry", "returns")
    saved = await editor.save("entry", "returns", entry(start_form="return"), item.version)
    item = await editor.publish("entry", "returns", saved.version, "With a form")
    async with editor.connection() as conn:
        newest, first = await editing.revisions(conn, "entry", "returns")
    assert (newest.revision, newest.note, newest.by) == (2, "With a form", editor.by)
    assert (first.revision, first.content) == (1, ENTRY)
    restored = await editor.restore("entry", "returns", 1, item.version)
    assert (restored.draft, restored.published) == (ENTRY, entry(start_form="return"))
    published = await editor.publish("entry", "returns", restored.version)
    assert (published.published, published.revision) == (ENTRY, 3)


async def test_restoring_asks_for_the_right_version_and_a_revision_that_is_there(editor: Editor) -> None:
    item = await editor.read("entry", "returns")
    with pytest.raises(EditConflict):
        await editor.restore("entry", "returns", 1, item.version - 1)
    with pytest.raises(UnknownRevision):
        await editor.restore("entry", "returns", 9, item.version)
    with pytest.raises(UnknownEntry):
        await editor.restore("entry", "nowhere", 1, 1)


async def test_a_discarded_draft_leaves_what_is_published(editor: Editor) -> None:
    item = await editor.read("entry", "returns")
    saved = await editor.save("entry", "returns", {}, item.version)
    with pytest.raises(EditConflict):
        await editor.discard("entry", "returns", item.version)
    discarded = await editor.discard("entry", "returns", saved.version)
    assert (discarded.state, discarded.published) == ("published", ENTRY)
    with pytest.raises(EditConflict):
        await editor.discard("entry", "returns", discarded.version)


async def test_a_discarded_entry_that_was_never_published_can_be_brought_back_or_begun_anew(
    editor: Editor,
) -> None:
    item = await editor.create("warranty", ENTRY)
    discarded = await editor.discard("entry", "warranty", item.version)
    assert (discarded.draft, discarded.published) == (None, None)
    saved = await editor.save("entry", "warranty", ENTRY, discarded.version)
    assert saved.draft == ENTRY
    with pytest.raises(IdTaken):
        await editor.create("warranty", OTHER)
    await editor.discard("entry", "warranty", saved.version)
    begun = await editor.create("warranty", OTHER)
    assert begun.draft == OTHER
    assert begun.version > saved.version


@pytest.mark.parametrize("id_", ["", "A", "a b", "../x", "a.b.c", "x" * 81, "a\x00"])
async def test_an_entry_is_not_called_what_is_no_id(editor: Editor, id_: str) -> None:
    with pytest.raises(UnusableContent) as caught:
        await editor.create(id_, ENTRY)
    assert caught.value.field == "id"


async def test_an_id_that_is_taken_is_refused_to_all_but_one(editor: Editor) -> None:
    with pytest.raises(IdTaken):
        await editor.create("returns", {})
    results = await asyncio.gather(
        *(editor.create("warranty", OTHER) for _ in range(4)), return_exceptions=True
    )
    assert len([found for found in results if isinstance(found, Item)]) == 1
    assert len([found for found in results if isinstance(found, IdTaken)]) == 3


@pytest.mark.parametrize(
    "content",
    [
        {"answer": {"en": "a\x00b"}},
        {"a\x00": 1},
        {"phrasings": {"en": ["\ud800"]}},
        {"value": float("inf")},
        {"value": float("nan")},
        {"answer": {"en": "x" * 400_001}},
    ],
)
async def test_what_cannot_be_kept_is_refused_before_the_database_sees_it(
    editor: Editor, content: dict[str, Any]
) -> None:
    item = await editor.read("entry", "returns")
    with pytest.raises(UnusableContent):
        await editor.save("entry", "returns", content, item.version)
    with pytest.raises(UnusableContent):
        await editor.create("warranty", content)
    assert await editor.read("entry", "returns") == item


async def test_a_text_that_only_speaks_of_nul_is_kept(editor: Editor) -> None:
    item = await editor.read("entry", "returns")
    saved = await editor.save("entry", "returns", {"answer": {"en": "\\u0000"}}, item.version)
    assert saved.draft == {"answer": {"en": "\\u0000"}}


async def test_a_published_figure_is_in_the_policy_at_once(editor: Editor) -> None:
    item = await editor.read("figure", "return_window_days")
    saved = await editor.save("figure", "return_window_days", {**WINDOW, "value": 15}, item.version)
    await editor.publish("figure", "return_window_days", saved.version)
    async with editor.connection() as conn:
        policy = await read_policy(conn)
    assert policy.number("return_window_days") == 15
    assert policy.revision == (await editor.base())[0]
    assert editor.index.replaced == []


async def test_a_figure_that_contradicts_another_one_is_not_published(editor: Editor) -> None:
    item = await editor.read("figure", "return_window_days")
    saved = await editor.save("figure", "return_window_days", {**WINDOW, "value": 16}, item.version)
    with pytest.raises(InvalidItem) as caught:
        await editor.publish("figure", "return_window_days", saved.version)
    [problem] = caught.value.problems
    assert (problem.code, problem.values) == ("policy_contradiction", {"other": "return_window_vip_days"})


async def test_of_two_figures_that_contradict_only_together_the_later_is_refused(editor: Editor) -> None:
    window = await editor.read("figure", "return_window_days")
    vip = await editor.read("figure", "return_window_vip_days")
    window = await editor.save("figure", window.id, {**WINDOW, "value": 14}, window.version)
    vip = await editor.save("figure", vip.id, {**VIP_WINDOW, "value": 10}, vip.version)
    results = await asyncio.gather(
        editor.publish("figure", window.id, window.version),
        editor.publish("figure", vip.id, vip.version),
        return_exceptions=True,
    )
    assert sorted(type(found).__name__ for found in results) == ["InvalidItem", "Item"]


@pytest.mark.parametrize("value", ["7", -1, [15, 7], 10**12, True, None, {"days": 7}, 7.5])
async def test_a_value_that_cannot_be_is_kept_as_a_draft_but_not_published(
    editor: Editor, value: object
) -> None:
    item = await editor.read("figure", "return_window_days")
    saved = await editor.save("figure", item.id, {**WINDOW, "value": value}, item.version)
    assert await draft_codes(editor, saved) == ["bad_value"]
    with pytest.raises(InvalidItem):
        await editor.publish("figure", item.id, saved.version)


async def test_unknown_items_are_told_apart_from_old_versions(editor: Editor) -> None:
    with pytest.raises(UnknownEntry):
        await editor.save("entry", "nowhere", {}, 1)
    with pytest.raises(UnknownFigure):
        await editor.save("figure", "nothing", WINDOW, 1)
    with pytest.raises(UnknownEntry):
        await editor.publish("entry", "nowhere", 1)
    with pytest.raises(UnknownFigure):
        await editor.discard("figure", "nothing", 1)
    async with editor.connection() as conn:
        with pytest.raises(UnknownEntry):
            await editing.revisions(conn, "entry", "nowhere")


async def test_checking_a_draft_against_a_large_base_leaves_the_event_loop_free(
    pool: AsyncConnectionPool,
) -> None:
    """Each pause in typing checks the draft, and customers wait for the same loop."""
    others = {f"e_{n}": [f"退货的时候快递费谁出第{n}种第{m}次" for m in range(10)] for n in range(600)}
    rows = [
        (id_, Jsonb({"phrasings": {"zh-Hans": texts, "zh-Hant-HK": [], "en": []}}))
        for id_, texts in others.items()
    ]
    async with pool.connection() as conn, conn.cursor() as cursor:
        await cursor.executemany(
            "insert into knowledge_items (kind, id, position, published, revision) values ('entry', %s, 1, %s, 1)",
            rows,
        )
        started = time.thread_time()
        around = await read_surroundings(conn)
        on_the_loop = time.thread_time() - started
    assert len(around.entries) == 600
    started = time.thread_time()
    phrasing_owners((id_, {"zh-Hans": [f"{text}呢" for text in texts]}) for id_, texts in others.items())
    assert on_the_loop < (time.thread_time() - started) / 2


async def test_of_a_large_base_only_the_phrasings_that_a_draft_shares_are_read(
    pool: AsyncConnectionPool,
) -> None:
    """The check's cost must not grow with the base."""
    asked = "退货的时候快递费谁出"
    async with pool.connection() as conn:
        await conn.execute("update knowledge_base set encoder = %s", (f"some {pieces_hash()}",))
        await conn.cursor().executemany(
            """
            insert into knowledge_phrasings (entry, language, text, is_title, form) values (%s, 'zh-Hans', %s, %s, %s)
            """,
            [
                ("other", asked, False, matching_form(asked)),
                ("mine", asked, False, matching_form(asked)),
                ("third", "快递到哪了", False, matching_form("快递到哪了")),
                ("titled", "怎么退", True, matching_form("怎么退")),
            ],
        )
        draft = {"phrasings": {"zh-Hans": [asked, "怎么退", 3, None], "en": "no list"}}
        around = await read_surroundings_of(conn, "mine", draft)
        assert around.phrasings == {matching_form(asked): ("other", asked)}
        await conn.execute("update knowledge_base set encoder = 'some other-cut'")
        assert (await read_surroundings_of(conn, "mine", draft)).phrasings == {}, (
            "read from the items instead"
        )
