"""Reviews, planned times and the archive on the shipped base, by one process and by two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg_pool import AsyncConnectionPool

from knowledge_base import archiving, editing, reviewing, scheduling
from knowledge_base.errors import EditConflict, OwnDraft, ReviewNeeded, UnusableSchedule
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.items import Item, ItemKind
from knowledge_base.would_say import would_say
from tests import knowledge
from tests.integration.knowledge.conftest import NOW, add_person
from tests.integration.knowledge.editors import GIFT_WRAP, Office, office, thief_of

QUESTION = "七天无理由退货怎么算"
SOON = NOW + timedelta(minutes=5)
LATER = NOW + timedelta(days=2)


@pytest.fixture
async def pool(knowledge_database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    async with AsyncConnectionPool(knowledge_database_url, min_size=1, max_size=8, open=False) as opened:
        yield opened


@pytest.fixture
def here(pool: AsyncConnectionPool) -> Office:
    return office(pool)


@pytest.fixture
async def author(pool: AsyncConnectionPool) -> UUID:
    async with pool.connection() as conn:
        return await add_person(conn, "author")


@pytest.fixture
async def reviewer(pool: AsyncConnectionPool) -> UUID:
    async with pool.connection() as conn:
        return await add_person(conn, "reviewer")


async def reviewed(here: Office, item: Item, asker: UUID, reviewer: UUID) -> Item:
    """Asked for by the one, approved by the other."""
    async with here.pool.connection() as conn:
        item = await reviewing.ask_for_review(
            conn, item.kind, item.id, version=item.version, note="", by=asker, now=NOW
        )
        return await reviewing.give_verdict(
            conn,
            item.kind,
            item.id,
            version=item.version,
            verdict="approved",
            comment="Good.",
            by=reviewer,
            now=NOW,
            by_others_only=True,
        )


async def plan(
    here: Office,
    item: Item,
    by: UUID,
    *,
    publish_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Item:
    async with here.pool.connection() as conn:
        return await scheduling.schedule(
            conn,
            item.kind,
            item.id,
            version=item.version,
            publish_at=publish_at,
            expires_at=expires_at,
            note="For the sale.",
            by=by,
            now=NOW,
        )


async def archived(here: Office, id_: str) -> Item:
    index = PhrasingIndexer(knowledge.encoder())
    async with here.pool.connection() as conn:
        item = await editing.read_item(conn, "entry", id_)
        return await archiving.archive(
            conn, id_, version=item.version, note="Over.", by=None, now=NOW, index=index
        )


async def test_where_reviews_are_required_only_an_approved_draft_is_published(
    pool: AsyncConnectionPool, author: UUID, reviewer: UUID
) -> None:
    here = office(pool, review="required")
    item = await here.save("return_window", {"start_form": "return"}, by=author)
    with pytest.raises(ReviewNeeded):
        await here.publish(item)
    item = await reviewed(here, item, author, reviewer)
    assert item.is_approved
    assert (await here.publish(item)).review is None


async def test_another_draft_drops_an_approval_and_the_same_one_keeps_it(
    here: Office, author: UUID, reviewer: UUID
) -> None:
    item = await here.save("return_window", {"start_form": "return"}, by=author)
    item = await reviewed(here, item, author, reviewer)
    assert (await here.save("return_window", {"start_form": "return"})).is_approved
    assert (await here.save("return_window", {"start_form": "exchange"})).review is None


async def test_nobody_approves_what_they_wrote_or_asked_for(
    here: Office, author: UUID, reviewer: UUID
) -> None:
    item = await here.save("return_window", {"start_form": "return"}, by=author)
    for asker, by in ((reviewer, author), (reviewer, reviewer)):
        with pytest.raises(OwnDraft):
            await reviewed(here, item, asker, by)
    async with here.pool.connection() as conn:
        with pytest.raises(EditConflict):
            await reviewing.give_verdict(
                conn,
                "entry",
                item.id,
                version=item.version,
                verdict="approved",
                comment="",
                by=reviewer,
                now=NOW,
                by_others_only=True,
            )


async def test_a_planned_draft_is_published_at_its_time_once_and_ends_at_its_end(
    pool: AsyncConnectionPool, here: Office, author: UUID
) -> None:
    """Two processes look at once; the second one was started after the plan was made."""
    item = await here.begin("gift_wrap", GIFT_WRAP)
    await plan(here, item, author, publish_at=SOON, expires_at=LATER)
    assert await here.due.do(SOON - timedelta(seconds=1)) == 0
    assert await here.answered("可以包成礼物吗") == ()
    other = office(pool)
    assert sum(await asyncio.gather(here.due.do(SOON), other.due.do(SOON))) == 1
    assert await other.answered("可以包成礼物吗") == ("gift_wrap",)
    published = await here.read("gift_wrap")
    assert (published.revision, published.publish_at, published.expires_at) == (1, None, LATER)
    assert sum(await asyncio.gather(here.due.do(LATER), other.due.do(LATER))) == 1
    assert await here.answered("可以包成礼物吗") == ()
    ended = await here.read("gift_wrap")
    assert (ended.state, ended.schedule) == ("archived", None)
    assert sorted(here.steps + other.steps) == [("gift_wrap", "archived"), ("gift_wrap", "published")]


async def test_what_the_gate_stops_stays_a_draft_and_its_plan_says_why(here: Office, author: UUID) -> None:
    thief = await here.begin("thief", thief_of(await here.read("return_window")))
    await plan(here, thief, author, publish_at=SOON)
    assert await here.due.do(SOON) == 1
    item = await here.read("thief")
    assert item.state == "draft" and item.schedule is not None
    assert item.schedule["problem"]["code"] == "gate_stopped" and item.schedule["problem"]["run"]
    assert await here.due.do(LATER) == 0


async def test_a_figures_value_comes_back_at_the_end_and_a_new_draft_of_it_stays(
    here: Office, author: UUID
) -> None:
    item = await here.save("return_window_days", {"value": 10}, "figure")
    await plan(here, item, author, publish_at=SOON, expires_at=LATER)
    await here.due.do(SOON)
    assert "10 天" in (await here.live.search(QUESTION, language="zh-Hans")).answers[0]
    await here.save("return_window_days", {"value": 12}, "figure")
    await here.due.do(LATER)
    assert "7 天" in (await here.live.search(QUESTION, language="zh-Hans")).answers[0]
    back = await here.read("return_window_days", "figure")
    assert (back.newest["value"], back.state, back.revision, back.schedule) == (12, "changed", 3, None)
    assert here.steps == [("return_window_days", "published"), ("return_window_days", "brought_back")]


async def test_a_process_that_dies_at_work_leaves_the_plan_to_another(
    pool: AsyncConnectionPool, here: Office, author: UUID
) -> None:
    item = await here.begin("gift_wrap", GIFT_WRAP)
    await plan(here, item, author, publish_at=SOON)
    dying = asyncio.create_task(here.due.do(SOON))
    await asyncio.sleep(0.5)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    if (await here.read("gift_wrap")).state == "draft":
        other = office(pool, [SOON + timedelta(minutes=5)])
        assert await other.due.do(SOON + timedelta(minutes=5)) == 1
    assert (await here.read("gift_wrap")).revision == 1


@pytest.mark.parametrize(
    ("publish_at", "expires_at", "field"),
    [
        (None, None, "publish_at"),
        (NOW, None, "publish_at"),
        (None, NOW - timedelta(days=1), "expires_at"),
        (LATER, SOON, "expires_at"),
    ],
)
async def test_times_that_cannot_be_meant_are_refused(
    here: Office, author: UUID, publish_at: datetime | None, expires_at: datetime | None, field: str
) -> None:
    item = await here.save("return_window", {"start_form": "return"})
    with pytest.raises(UnusableSchedule) as refused:
        await plan(here, item, author, publish_at=publish_at, expires_at=expires_at)
    assert refused.value.field == field


async def test_a_publish_by_hand_takes_the_place_of_the_planned_one(here: Office, author: UUID) -> None:
    item = await here.save("return_window", {"start_form": "return"})
    item = await plan(here, item, author, publish_at=SOON)
    assert (await here.publish(item)).schedule is None
    assert await here.due.do(LATER) == 0


async def test_an_archived_entry_leaves_every_process_at_the_next_turn_and_its_links_are_told(
    pool: AsyncConnectionPool, here: Office
) -> None:
    other = office(pool)
    assert await other.answered(QUESTION) == ("return_window",)
    async with here.pool.connection() as conn:
        query = "select id from knowledge_items where published -> 'related' ? 'return_window' order by id limit 1"
        row = await (await conn.execute(query)).fetchone()
    assert row is not None
    item = await archived(here, "return_window")
    assert (item.state, item.published) == ("archived", None)
    assert "return_window" not in await other.answered(QUESTION)
    linking = await here.read(row[0])
    async with here.pool.connection() as conn:
        problems = await editing.item_problems(conn, linking)
    assert [(p.field, p.code, p.values["entry"]) for p in problems] == [
        ("related", "archived_entry", "return_window")
    ]


async def test_an_entry_comes_back_from_the_archive_as_a_draft_that_the_gate_looks_at(here: Office) -> None:
    item = await archived(here, "return_window")
    with pytest.raises(EditConflict):
        await here.save("return_window", {"start_form": "return"})
    with pytest.raises(EditConflict):
        await here.publish(item)
    async with here.pool.connection() as conn:
        item = await archiving.unarchive(conn, "return_window", version=item.version)
        with pytest.raises(EditConflict):
            await editing.discard_draft(conn, "entry", item.id, version=item.version)
    assert item.state == "draft"
    published = await here.publish(item)
    assert (published.state, published.revision) == ("published", 2)
    assert await here.answered(QUESTION) == ("return_window",)


async def test_links_in_a_circle_are_allowed_and_searched(here: Office) -> None:
    """They are offered as what else somebody may mean; nobody follows them further than one step."""
    await here.publish(await here.save("return_how", {"related": ["return_window"]}))
    await here.publish(await here.save("return_window", {"related": ["return_how"]}))
    for context in ("return_window", "return_how"):
        found = await here.live.search("那运费呢", language="zh-Hans", context=context)
        assert found.candidates


async def said(here: Office, at: datetime | None = None, *, drafts: bool = True) -> list[str | None]:
    """What is answered, published and drafted; None for no draft side."""
    found = await would_say(
        here.live,
        QUESTION,
        language="zh-Hans",
        context=None,
        customer={"vip": True},
        at=at,
        with_drafts=drafts,
    )
    sides = [side.found if side is not None else None for side in (found.published, found.draft)]
    return [side.answers[0] if side is not None and side.answers else None for side in sides]


async def test_what_the_bot_would_say_now_with_the_drafts_and_at_a_time(here: Office, author: UUID) -> None:
    published, drafted = await said(here)
    assert published and "15" in published and drafted is None
    kinds: tuple[tuple[ItemKind, str], ...] = (("figure", "return_window_vip_days"),)
    for kind, id_ in kinds:
        item = await here.save(id_, {"value": 21}, kind)
    assert [("21" in (text or "")) for text in await said(here)] == [False, True]
    assert (await said(here, drafts=False))[1] is None
    await plan(here, item, author, publish_at=SOON, expires_at=LATER)
    assert "21" in ((await said(here, SOON, drafts=False))[0] or "")
    assert "15" in ((await said(here, LATER, drafts=False))[0] or "")


async def test_a_draft_that_cannot_be_said_is_left_out_and_named(here: Office) -> None:
    await here.save("return_window", {"answer": {"zh-Hans": "{no_such_figure}"}})
    found = await would_say(
        here.live,
        QUESTION,
        language="zh-Hans",
        context=None,
        customer={},
        at=None,
        with_drafts=True,
    )
    assert (found.left_out, found.draft, found.published.reason) == (
        ("return_window",),
        None,
        "word_for_word",
    )


async def test_a_plan_that_fails_unexpectedly_does_not_hold_up_the_others(
    here: Office, author: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for id_, at in (("broken", SOON - timedelta(minutes=1)), ("gift_wrap", SOON)):
        await plan(here, await here.begin(id_, GIFT_WRAP), author, publish_at=at)
    publish = here.publishing.publish

    async def once(kind: ItemKind, id_: str, **rest: Any) -> Item:
        if id_ == "broken":
            raise RuntimeError("nobody thought of this")
        return await publish(kind, id_, **rest)

    monkeypatch.setattr(here.publishing, "publish", once)
    assert await here.due.do(SOON) == 2
    assert (await here.read("gift_wrap")).state == "published"
    assert (await here.read("broken")).state == "draft"
