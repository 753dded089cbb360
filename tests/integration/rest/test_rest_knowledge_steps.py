"""The routes around a draft's way to customers: gate, pinned questions, review, planned times, archive, would-say; bad input."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.integration.knowledge.conftest import ENTRY, OTHER, VIP_WINDOW, WINDOW, add_figure, entry
from tests.integration.rest.conftest import Desk, MakeDesk
from tests.integration.rest.test_rest_knowledge import ENTRIES, POLICY, Json, Office

GATE, PINNED = "/api/knowledge/gate", "/api/knowledge/pinned"


async def opened(desk: Desk) -> Office:
    """An editor, in a base that has two figures."""
    async with desk.pool.connection() as conn:
        await add_figure(conn, "return_window_days", WINDOW, 1)
        await add_figure(conn, "return_window_vip_days", VIP_WINDOW, 2)
    await desk.add_person("editor")
    return Office(desk=desk, csrf=await desk.sign_in("editor"))


@pytest.fixture
async def office(desk: Desk) -> Office:
    return await opened(desk)


async def colleague(office: Office, role: str = "supervisor") -> Office:
    """Somebody else, signed in at the same browser from now on."""
    await office.desk.add_person("supervisor" if role == "supervisor" else "editor", login="colleague")
    return Office(desk=office.desk, csrf=await office.desk.sign_in("colleague"))


async def finished(office: Office, run: str) -> Json:
    async with asyncio.timeout(60):
        while (found := await office.ask("GET", f"{GATE}/{run}"))["state"] == "running":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def stopped_draft(office: Office) -> Json:
    """A draft that the gate stops: somebody has pinned that its question must not be answered."""
    question = {"question": "怎么退", "language": "zh-Hans", "expected": None}
    await office.ask("POST", PINNED, question, status=201)
    return await office.begin()


async def test_a_run_is_begun_watched_and_named_by_a_publish_that_it_stops(office: Office) -> None:
    item = await stopped_draft(office)
    draft = {"kind": "entry", "id": "returns", "version": item["version"]}
    run = (await office.ask("POST", GATE, draft, status=202))["run"]
    assert (await office.ask("POST", GATE, draft, status=202))["run"] == run
    told = await finished(office, run)
    assert (told["state"], told["verdict"], told["thieves"]) == ("done", "stopped", ["returns"])
    assert told["holds_up"]
    assert (told["done"], told["total"]) == (told["asked"], told["asked"])
    [loss] = told["losses"]
    assert (loss["question"], loss["from"], loss["to"], loss["kind"]) == ("怎么退", None, "returns", "pinned")
    body = {"version": item["version"], "gate": run}
    error = await office.refused("POST", f"{ENTRIES}/returns/publish", body, 409, "gate_stopped")
    assert error["run"] == told
    with_reason = {**body, "override_reason": "I want it."}
    await office.refused("POST", f"{ENTRIES}/returns/publish", with_reason, 403, "forbidden")


async def test_an_advised_gate_tells_and_holds_nobody_up(make_desk: MakeDesk) -> None:
    office = await opened(await make_desk(ANXIN_KNOWLEDGE_BASE__GATE="advised"))
    item = await stopped_draft(office)
    draft = {"kind": "entry", "id": "returns", "version": item["version"]}
    told = await finished(office, (await office.ask("POST", GATE, draft, status=202))["run"])
    assert (told["verdict"], told["holds_up"]) == ("stopped", False)
    await office.publish("returns", item["version"])


async def test_a_supervisor_overrides_with_a_reason_and_both_stay_in_history_and_audit(
    office: Office,
) -> None:
    item = await stopped_draft(office)
    boss = await colleague(office)
    without = {"version": item["version"], "override_reason": "  "}
    await boss.refused("POST", f"{ENTRIES}/returns/publish", without, 409, "gate_stopped")
    body = {"version": item["version"], "override_reason": "The pinned one is wrong."}
    await boss.ask("POST", f"{ENTRIES}/returns/publish", body)
    [revision] = (await boss.ask("GET", f"{ENTRIES}/returns/revisions"))["revisions"]
    gate = revision["gate"]
    assert (gate["verdict"], gate["losses"], gate["reason"]) == ("stopped", 1, "The pinned one is wrong.")
    assert gate["overridden_by"]["name"] == "supervisor 小林"
    async with office.desk.pool.connection() as conn:
        query = "select details ->> 'why' from audit_log where action = 'knowledge.gate_overridden'"
        assert await (await conn.execute(query)).fetchone() == ("The pinned one is wrong.",)


async def test_of_two_who_publish_the_same_draft_at_once_exactly_one_does(office: Office) -> None:
    item = await office.begin()
    path, body = f"{ENTRIES}/returns/publish", {"version": item["version"]}
    calls = (office.desk.call("POST", path, csrf=office.csrf, json=body) for _ in range(3))
    assert sorted(answer.status for answer in await asyncio.gather(*calls)) == [200, 409, 409]
    assert (await office.ask("GET", f"{ENTRIES}/returns"))["entry"]["revision"] == 1


async def test_a_review_is_asked_for_and_given_by_somebody_else(office: Office) -> None:
    item = await office.begin()
    path = f"{ENTRIES}/returns/review"
    nobody_asked = {"version": item["version"], "verdict": "approved"}
    await office.refused("POST", f"{path}/verdict", nobody_asked, 409, "conflict")
    asked = (await office.ask("POST", path, {"version": item["version"], "note": "The title?"}))["entry"]
    assert (asked["review"]["state"], asked["review"]["note"]) == ("asked", "The title?")
    assert asked["review"]["asked_by"]["name"] == "editor 小林"
    own = {"version": asked["version"], "verdict": "approved"}
    await office.refused("POST", f"{path}/verdict", own, 403, "forbidden")
    other = await colleague(office, "editor")
    body = {"version": asked["version"], "verdict": "changes_wanted", "comment": "Shorter."}
    found = (await other.ask("POST", f"{path}/verdict", body))["entry"]
    assert (found["review"]["state"], found["review"]["comment"]) == ("changes_wanted", "Shorter.")
    assert found["review"]["by"]["name"] == "editor 小林"


async def test_where_reviews_are_required_a_publish_says_so_and_where_they_are_off_nobody_asks(
    make_desk: MakeDesk,
) -> None:
    office = await opened(await make_desk(ANXIN_KNOWLEDGE_BASE__REVIEW="required"))
    item = await office.begin()
    body = {"version": item["version"]}
    await office.refused("POST", f"{ENTRIES}/returns/publish", body, 409, "review_needed")
    off = await make_desk(ANXIN_KNOWLEDGE_BASE__REVIEW="off")
    other = Office(desk=off, csrf=await off.sign_in("editor"))
    await other.refused("POST", f"{ENTRIES}/returns/review", body, 409, "conflict")


async def test_times_are_planned_changed_and_dropped_for_entries_and_figures(office: Office) -> None:
    item = await office.begin()
    figures = (await office.ask("GET", POLICY))["figures"]
    path = f"{POLICY}/return_window_days"
    body = {"version": figures[0]["version"], "value": 8}
    figure = (await office.ask("PUT", f"{path}/draft", body))["figure"]
    for thing, at, version in (
        ("entry", f"{ENTRIES}/returns", item["version"]),
        ("figure", path, figure["version"]),
    ):
        times = {"publish_at": in_days(1), "expires_at": in_days(2)}
        planned = await office.ask("POST", f"{at}/schedule", {"version": version, "note": "Sale", **times})
        found = planned[thing]["schedule"]
        assert (found["note"], found["by"]["name"]) == ("Sale", "editor 小林")
        assert {k: datetime.fromisoformat(found[k]) for k in times} == {
            k: datetime.fromisoformat(v) for k, v in times.items()
        }
        dropped = await office.ask("DELETE", f"{at}/schedule", {"version": planned[thing]["version"]})
        assert dropped[thing]["schedule"] is None


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"publish_at": "2020-01-01T00:00:00Z"},
        {"publish_at": "2099-01-01T00:00:00"},
        {"publish_at": "2099-01-02T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z"},
        {"expires_at": "tomorrow"},
    ],
)
async def test_impossible_times_are_refused(office: Office, times: Json) -> None:
    item = await office.begin()
    body = {"version": item["version"], **times}
    await office.refused("POST", f"{ENTRIES}/returns/schedule", body, 422, "invalid_input")


async def test_the_running_service_publishes_what_is_planned(office: Office) -> None:
    item = await office.begin()
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    await office.ask("POST", f"{ENTRIES}/returns/schedule", {"version": item["version"], "publish_at": soon})
    async with asyncio.timeout(40):
        while (await office.ask("GET", f"{ENTRIES}/returns"))["entry"]["state"] != "published":  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    async with office.desk.pool.connection() as conn:
        query = "select actor_kind from audit_log where action = 'knowledge.published'"
        assert await (await conn.execute(query)).fetchone() == ("system",)


async def test_an_archived_entry_is_listed_when_asked_for_and_comes_back_as_a_draft(office: Office) -> None:
    item = await office.published()
    await office.published("exchange", {**OTHER, "related": ["returns"]})
    body = {"version": item["version"], "note": "Not sold any more."}
    archived = (await office.ask("POST", f"{ENTRIES}/returns/archive", body))["entry"]
    assert (archived["state"], archived["archived"]["note"]) == ("archived", "Not sold any more.")
    assert archived["draft"] == ENTRY and archived["published"] is None
    problems = (await office.ask("GET", f"{ENTRIES}/exchange"))["problems"]
    assert [problem["code"] for problem in problems] == ["archived_entry"]

    async def ids(query: str = "") -> list[str]:
        return [row["id"] for row in (await office.ask("GET", f"{ENTRIES}?{query}"))["entries"]]

    assert (await ids(), await ids("state=archived")) == (["exchange"], ["returns"])
    again = {"version": archived["version"]}
    await office.refused("POST", f"{ENTRIES}/returns/archive", again, 409, "conflict")
    await office.refused("POST", f"{ENTRIES}/returns/publish", again, 409, "conflict")
    back = (await office.ask("POST", f"{ENTRIES}/returns/unarchive", again))["entry"]
    assert (back["state"], back["archived"]) == ("draft", None)
    assert (await office.publish("returns", back["version"]))["entry"]["revision"] == 2


async def test_questions_are_pinned_changed_and_let_go(office: Office) -> None:
    await office.published()
    question = {"question": "怎么退", "language": "zh-Hans", "expected": "returns", "note": "Asked a lot"}
    made = (await office.ask("POST", PINNED, question, status=201))["pinned"]
    assert (made["expected"], made["context"], made["by"]["name"]) == ("returns", None, "editor 小林")
    changed = await office.ask("PUT", f"{PINNED}/{made['id']}", {**question, "expected": None})
    assert changed["pinned"]["expected"] is None
    assert (await office.ask("GET", PINNED))["pinned"] == [changed["pinned"]]
    answer = await office.desk.call("DELETE", f"{PINNED}/{made['id']}", csrf=office.csrf)
    assert answer.status == 204
    assert (await office.ask("GET", PINNED))["pinned"] == []


@pytest.mark.parametrize(
    "wrong",
    [{"expected": "no_such_entry"}, {"language": "klingon"}, {"question": "  "}, {"question": "x" * 501}],
)
async def test_what_cannot_be_pinned_is_refused(office: Office, wrong: Json) -> None:
    question = {"question": "怎么退", "language": "zh-Hans", "expected": None, **wrong}
    error = await office.refused("POST", PINNED, question, 422, "invalid_input")
    assert error["field"] == next(iter(wrong))


async def test_what_the_bot_would_say_published_and_drafted(office: Office) -> None:
    item = await office.published()
    question = {"text": "怎么退", "language": "zh-Hans"}
    found = await office.ask("POST", "/api/knowledge/would-say", question)
    said = found["published"]
    assert (said["outcome"], said["reason"], said["answered"]) == ("answer", "word_for_word", ["returns"])
    assert said["candidates"][0]["score"] > 0
    assert (found["draft"], found["left_out"]) == (None, [])
    answer = {**ENTRY["answer"], "zh-Hans": "{return_window_days}。"}
    body = {"version": item["version"], "content": entry(answer=answer)}
    await office.ask("PUT", f"{ENTRIES}/returns/draft", body)
    found = await office.ask("POST", "/api/knowledge/would-say", {**question, "at": in_days(1)})
    texts = [found[side]["answers"][0]["text"] for side in ("published", "draft")]
    assert texts == ["7 天内可以退。", "7 天。"]
    none = await office.ask("POST", "/api/knowledge/would-say", {**question, "drafts": False})
    assert none["draft"] is None


async def test_the_policy_table_says_what_is_wrong_with_a_draft(office: Office) -> None:
    body = {"version": 1, "value": 16}
    saved = await office.ask("PUT", f"{POLICY}/return_window_days/draft", body)
    figures = (await office.ask("GET", POLICY))["figures"]
    assert [figure["problems"] for figure in figures] == [saved["problems"], []]
    assert [problem["code"] for problem in saved["problems"]] == ["policy_contradiction"]


BAD = (
    (entry(answer={**ENTRY["answer"], "en": "[x](javascript:alert(1))"}), "markup_in_answer"),
    (entry(answer={**ENTRY["answer"], "en": "x" * 20_000}), "too_long"),
    (entry(related=["exchange", "no_such_entry"]), "unknown_entry"),
    (entry(related=["returns"]), "unknown_entry"),
    (entry(phrasings=OTHER["phrasings"]), "phrasing_elsewhere"),
    (entry(answer=dict.fromkeys(ENTRY["answer"], " \u200b ")), "empty_answer"),
)


@pytest.mark.parametrize(("content", "code"), BAD, ids=[code for _, code in BAD])
async def test_bad_content_is_kept_as_a_draft_and_neither_asked_about_nor_published(
    office: Office, content: Json, code: str
) -> None:
    await office.published("exchange", OTHER)
    item = await office.begin("returns", content)
    for path, body, status in (
        (GATE, {"kind": "entry", "id": "returns", "version": item["version"]}, 422),
        (f"{ENTRIES}/returns/publish", {"version": item["version"]}, 422),
    ):
        error = await office.refused("POST", path, body, status, "invalid_content")
        assert code in {problem["code"] for problem in error["problems"]}


async def test_an_answer_of_200_kb_and_an_unknown_language_are_not_even_kept(office: Office) -> None:
    for content in (
        entry(answer={"zh-Hans": "字" * 200_000}),
        entry(answer={"klingon": "Qapla'"}),
        entry(phrasings={"klingon": ["nuqneH"]}),
    ):
        body = {"id": "returns", "content": content}
        await office.refused("POST", ENTRIES, body, 422, "invalid_input")


async def test_runs_and_pinned_questions_that_are_not_there_are_not_found(office: Office) -> None:
    answer = await office.desk.call("GET", f"{GATE}/{uuid4()}")
    assert answer.status == 404
    body = {"kind": "entry", "id": "nobody", "version": 1}
    await office.refused("POST", GATE, body, 404, "not_found")
    question = {"question": "怎么退", "language": "zh-Hans", "expected": None}
    await office.refused("PUT", f"{PINNED}/{uuid4()}", question, 404, "not_found")
