"""The publish gate on the shipped base: a thief is stopped and named, what is harmless passes, a supervisor may override."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing, gate_runs, pinned
from knowledge_base.errors import EditConflict, GateStopped, InvalidItem, UnknownRun
from knowledge_base.pinned import PinnedText
from knowledge_base.publishing import Override
from tests.integration.knowledge.conftest import NOW, add_person
from tests.integration.knowledge.editors import GIFT_WRAP, Office, content, office, thief_of

QUESTION = "七天无理由退货怎么算"


@pytest.fixture
async def pool(knowledge_database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    async with AsyncConnectionPool(knowledge_database_url, min_size=1, max_size=8, open=False) as opened:
        yield opened


@pytest.fixture
def here(pool: AsyncConnectionPool) -> Office:
    return office(pool)


async def test_a_planted_thief_is_stopped_and_named_and_a_harmless_entry_passes(here: Office) -> None:
    harmless = await here.run(await here.begin("gift_wrap", GIFT_WRAP))
    thief = await here.run(await here.begin("thief", thief_of(await here.read("return_window"))))
    assert harmless.result is not None and thief.result is not None
    for name, result in (("harmless", harmless.result), ("thief", thief.result)):
        print({k: v for k, v in result.items() if k != "losses"} | {"entry": name})
    assert (harmless.result["verdict"], harmless.result["thieves"]) == ("passed", [])
    assert harmless.result["gains"] > 0
    assert (thief.result["verdict"], thief.result["thieves"]) == ("stopped", ["thief"])
    robbed = {loss["from"] for loss in thief.result["losses"] if loss["to"] == "thief"}
    assert "return_window" in robbed
    assert thief.done == thief.total == thief.result["asked"]


async def test_what_is_stopped_stays_a_draft_and_what_passes_is_published_with_its_verdict(
    here: Office,
) -> None:
    thief = await here.begin("thief", thief_of(await here.read("return_window")))
    with pytest.raises(GateStopped) as stopped:
        await here.publish(thief)
    assert stopped.value.run.item == "thief"
    assert (await here.read("thief")).state == "draft"
    await here.publish(await here.begin("gift_wrap", GIFT_WRAP))
    assert await here.answered("可以包成礼物吗") == ("gift_wrap",)
    async with here.pool.connection() as conn:
        [revision] = await editing.revisions(conn, "entry", "gift_wrap")
    assert revision.gate is not None
    assert (revision.gate["verdict"], "reason" in revision.gate) == ("passed", False)


async def test_an_override_is_stored_with_who_and_why(here: Office) -> None:
    thief = await here.begin("thief", thief_of(await here.read("return_window")))
    async with here.pool.connection() as conn:
        supervisor = await add_person(conn, "supervisor")
    await here.publish(thief, override=Override(by=supervisor, reason="The old one goes tomorrow."))
    async with here.pool.connection() as conn:
        [revision] = await editing.revisions(conn, "entry", "thief")
    assert revision.gate is not None and revision.gate["losses"] > 0
    assert (revision.gate["verdict"], revision.gate["overridden_by"], revision.gate["reason"]) == (
        "stopped",
        str(supervisor),
        "The old one goes tomorrow.",
    )


async def test_an_advised_gate_tells_and_does_not_stop(pool: AsyncConnectionPool) -> None:
    here = office(pool, gate="advised")
    published = await here.publish(await here.begin("thief", thief_of(await here.read("return_window"))))
    assert published.state == "published"


async def test_a_pinned_question_that_would_be_lost_stops_alone(here: Office) -> None:
    """One entry less is no phrasing's loss to another entry, but somebody has said that this must be answered."""
    async with here.pool.connection() as conn:
        by = await add_person(conn, "editor")
        text = PinnedText(question="可以包成礼物吗", language="zh-Hans", context=None, expected=None, note="")
        await pinned.pin(conn, uuid4(), text, by=by, now=NOW)
    run = await here.run(await here.begin("gift_wrap", GIFT_WRAP))
    assert run.result is not None and run.result["verdict"] == "stopped"
    [loss] = [loss for loss in run.result["losses"] if loss["kind"] == "pinned"]
    assert (loss["from"], loss["to"]) == (None, "gift_wrap")
    assert (loss["before"]["outcome"], loss["after"]["outcome"]) == ("decline", "answer")


async def test_changed_answers_and_figures_pass_without_a_question(here: Office) -> None:
    answer = await here.save("return_window", {"answer": (await here.read("return_how")).newest["answer"]})
    figure = await here.save("return_window_days", {"value": 8}, "figure")
    for item in (answer, figure):
        run = await here.run(item)
        assert (run.state, run.has_passed, run.total) == ("done", True, 0)


async def test_a_verdict_is_of_one_draft_and_one_base(here: Office) -> None:
    item = await here.begin("gift_wrap", GIFT_WRAP)
    first = await here.run(item)
    assert (await here.run(item)).id == first.id
    await here.publish(await here.save("return_window_days", {"value": 8}, "figure"))
    assert (await here.run(item)).id == first.id, "a figure changes nothing that is found"
    async with here.pool.connection() as conn:
        by = await add_person(conn, "editor")
        text = PinnedText(
            question=QUESTION, language="zh-Hans", context=None, expected="return_window", note=""
        )
        await pinned.pin(conn, uuid4(), text, by=by, now=NOW)
    second = await here.run(item)
    assert second.id != first.id
    with pytest.raises(EditConflict):
        await here.gatekeeper.run("entry", item.id, item.version + 1, by=None)
    changed = await here.save("gift_wrap", {"start_form": "return"})
    assert (await here.run(changed)).id != second.id


async def test_a_run_can_be_watched_from_another_process(pool: AsyncConnectionPool, here: Office) -> None:
    item = await here.begin("thief", thief_of(await here.read("return_window")))
    begun = await here.gatekeeper.start("entry", item.id, item.version, by=None)
    assert (await here.gatekeeper.start("entry", item.id, item.version, by=None)).id == begun.id
    other = office(pool)
    seen = set()
    async with asyncio.timeout(120):
        while (run := await other.gatekeeper.read(begun.id)).state == "running":
            seen.add((run.done, run.total))
            await asyncio.sleep(0.1)
    assert run.state == "done" and not run.has_passed
    assert any(0 < done < total for done, total in seen)


async def test_a_run_whose_process_was_killed_has_failed_and_the_next_one_begins_anew(
    pool: AsyncConnectionPool,
) -> None:
    now = [NOW]
    here = office(pool, now)
    item = await here.begin("gift_wrap", GIFT_WRAP)
    begun = await here.gatekeeper.start("entry", item.id, item.version, by=None)
    await here.gatekeeper.stop()
    assert (await here.gatekeeper.read(begun.id)).state == "running"
    now[0] += timedelta(seconds=gate_runs.ABANDONED_S + 1)
    assert (await here.gatekeeper.read(begun.id)).state == "failed"
    assert (await here.run(item)).has_passed
    with pytest.raises(UnknownRun):
        await here.gatekeeper.read(uuid4())


async def test_publishes_at_the_same_time_are_each_checked_against_the_base_that_the_other_left(
    here: Office,
) -> None:
    """Two entries for the same question: whichever comes second is a thief."""
    one = await here.begin("gift_wrap", GIFT_WRAP)
    written = GIFT_WRAP["phrasings"].items()
    other = await here.begin(
        "present", content("送礼", {language: [f"{t} x" for t in texts] for language, texts in written})
    )
    outcomes = await asyncio.gather(here.publish(one), here.publish(other), return_exceptions=True)
    [stopped] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(stopped, GateStopped)
    assert stopped.run.result is not None and stopped.run.result["thieves"] == [stopped.run.item]


async def test_a_draft_with_problems_is_not_asked_about(here: Office) -> None:
    item = await here.save("return_window", {"answer": {"zh-Hans": ""}})
    with pytest.raises(InvalidItem):
        await here.run(item)


async def test_phrasings_copied_from_another_entry_are_lost_to_it_however_many_others_it_has(
    here: Office,
) -> None:
    """An entry with many phrasings hardly misses three of them, but who asks just these is answered by the thief."""
    owner = await here.read("return_how")
    own = (owner.published or {})["phrasings"]["zh-Hans"]
    texts = [f"{text}的话" for text in (*own[:2], max(own, key=len))]
    exchange = await here.read("exchange_time")
    phrasings = dict((exchange.published or {})["phrasings"])
    phrasings["zh-Hans"] = [*phrasings["zh-Hans"], *texts]
    run = await here.run(await here.save("exchange_time", {"phrasings": phrasings}))
    assert run.result is not None
    assert (run.result["verdict"], run.result["thieves"]) == ("stopped", ["exchange_time"])
    assert set(texts) <= {loss["question"] for loss in run.result["losses"] if loss["from"] == "return_how"}
