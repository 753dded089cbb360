"""The knowledge editor's routes: drafts, conflicts, publishing, history, policy figures, and who may not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from service import keys
from tests.integration.knowledge.conftest import ENTRY, VIP_WINDOW, WINDOW, add_figure, entry
from tests.integration.rest.conftest import Desk, MakeDesk, error_code

ENTRIES = "/api/knowledge/entries"
POLICY = "/api/knowledge/policy"
Json = dict[str, Any]


@dataclass
class Office:
    """Somebody signed in, with the calls of the knowledge page."""

    desk: Desk
    csrf: str

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, status: int = 200
    ) -> Json:
        rest = {"json": body} if body is not None else {}
        answer = await self.desk.call(method, path, csrf=self.csrf, **rest)
        assert answer.status == status, await answer.text()
        found: Json = await answer.json()
        return found

    async def refused(self, method: str, path: str, body: Mapping[str, Any], status: int, code: str) -> Json:
        answer = await self.desk.call(method, path, csrf=self.csrf, json=body)
        assert (answer.status, await error_code(answer)) == (status, code), await answer.text()
        error: Json = (await answer.json())["error"]
        return error

    async def begin(self, id_: str = "returns", content: Json | None = None) -> Json:
        body = {"id": id_, "content": ENTRY if content is None else content}
        return dict((await self.ask("POST", ENTRIES, body, status=201))["entry"])

    async def publish(self, id_: str, version: int, note: str = "") -> Json:
        return await self.ask("POST", f"{ENTRIES}/{id_}/publish", {"version": version, "note": note})

    async def published(self, id_: str = "returns", content: Json | None = None) -> Json:
        begun = await self.begin(id_, content)
        return dict((await self.publish(id_, begun["version"]))["entry"])


@pytest.fixture
async def office(desk: Desk) -> Office:
    """An editor, in a base that has two figures."""
    async with desk.pool.connection() as conn:
        await add_figure(conn, "return_window_days", WINDOW, 1)
        await add_figure(conn, "return_window_vip_days", VIP_WINDOW, 2)
    await desk.add_person("editor")
    return Office(desk=desk, csrf=await desk.sign_in("editor"))


async def test_an_entry_is_begun_corrected_published_and_listed(office: Office) -> None:
    begun = await office.ask("POST", ENTRIES, {"id": "returns", "content": {"group": "returns"}}, status=201)
    assert begun["entry"]["state"] == "draft"
    assert {"missing_language", "no_phrasings"} <= {p["code"] for p in begun["problems"]}
    body = {"version": begun["entry"]["version"], "content": ENTRY}
    saved = await office.ask("PUT", f"{ENTRIES}/returns/draft", body)
    assert (saved["problems"], saved["entry"]["draft"]) == ([], ENTRY)
    assert saved["entry"]["draft_by"]["name"] == "editor 小林"
    before = (await office.ask("GET", ENTRIES))["base_version"]
    published = await office.publish("returns", saved["entry"]["version"], "Begun")
    assert published["entry"]["published"] == ENTRY
    assert published["base_version"] == before + 1
    listed = await office.ask("GET", ENTRIES)
    [row] = listed["entries"]
    assert (row["id"], row["state"], row["phrasings"], row["draft_by"]) == ("returns", "published", 3, None)
    assert row["languages"] == ["zh-Hans", "zh-Hant-HK", "en"]
    assert (listed["groups"], listed["base_version"], listed["more"]) == (["returns"], before + 1, False)
    read = await office.ask("GET", f"{ENTRIES}/returns")
    assert (read["entry"], read["problems"]) == (published["entry"], [])


async def test_who_saves_over_somebody_elses_change_gets_conflict_with_how_it_is_now(office: Office) -> None:
    item = await office.published()
    path = f"{ENTRIES}/returns/draft"
    first = await office.ask("PUT", path, {"version": item["version"], "content": entry(start_form="return")})
    body = {"version": item["version"], "content": entry(start_form="exchange")}
    error = await office.refused("PUT", path, body, 409, "conflict")
    assert error["current"] == {"entry": first["entry"]}
    for method, rest in (("DELETE", "draft"), ("POST", "publish"), ("POST", "restore")):
        more = {"revision": 1} if rest == "restore" else {}
        old = {"version": item["version"], **more}
        error = await office.refused(method, f"{ENTRIES}/returns/{rest}", old, 409, "conflict")
        assert error["current"] == {"entry": first["entry"]}
    assert (await office.ask("GET", f"{ENTRIES}/returns"))["entry"] == first["entry"]


async def test_of_two_who_save_at_once_exactly_one_wins(office: Office) -> None:
    item = await office.published()
    answers = await asyncio.gather(
        *(
            office.desk.call(
                "PUT",
                f"{ENTRIES}/returns/draft",
                csrf=office.csrf,
                json={"version": item["version"], "content": entry(start_form=f"form_{n}")},
            )
            for n in range(6)
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409, 409]


async def test_of_two_who_publish_different_entries_at_once_both_succeed(office: Office) -> None:
    asked = {"first": "发票怎么开", "second": "快递到哪了", "third": "积分有什么用"}
    items = [
        await office.begin(id_, entry(phrasings={"zh-Hans": [text], "zh-Hant-HK": [], "en": []}))
        for id_, text in asked.items()
    ]
    before = (await office.ask("GET", ENTRIES))["base_version"]
    answers = await asyncio.gather(*(office.publish(item["id"], item["version"]) for item in items))
    assert sorted(answer["base_version"] - before for answer in answers) == [1, 2, 3]
    listed = await office.ask("GET", f"{ENTRIES}?state=published")
    assert [row["id"] for row in listed["entries"]] == ["first", "second", "third"]


NOT_FOR_CUSTOMERS = (
    ("<script>alert(1)</script>", "markup_in_answer"),
    ("&#x3c;ScRiPt&#62;alert(1)", "markup_in_answer"),
    ("[x](java\tscript:alert(1))", "markup_in_answer"),
    ('" onerror = "alert(1)', "markup_in_answer"),
    ("\u200b", "empty_answer"),
    ("", "empty_answer"),
    ("Within 20 days.", "figure_contradicts"),
    ("Within 7 days.", "literal_figure"),
    ("Within {return_windw_days}.", "unknown_figure"),
    ("x" * 2001, "too_long"),
)


async def test_what_customers_must_not_get_is_kept_as_a_draft_and_not_published(office: Office) -> None:
    version = (await office.published())["version"]
    for text, code in NOT_FOR_CUSTOMERS:
        content = entry(answer={**ENTRY["answer"], "en": text})
        body = {"version": version, "content": content}
        saved = await office.ask("PUT", f"{ENTRIES}/returns/draft", body)
        version = saved["entry"]["version"]
        assert [(p["code"], p["field"]) for p in saved["problems"]] == [(code, "answer.en")]
        body = {"version": version, "note": ""}
        error = await office.refused("POST", f"{ENTRIES}/returns/publish", body, 422, "invalid_content")
        assert error["problems"] == saved["problems"]
        read = await office.ask("GET", f"{ENTRIES}/returns")
        assert (read["entry"]["published"], read["entry"]["draft"]) == (ENTRY, content)
        assert read["problems"] == saved["problems"]


async def test_a_phrasing_of_another_entry_is_named(office: Office) -> None:
    await office.published()
    other = await office.begin("exchange", ENTRY)
    body = {"version": other["version"]}
    error = await office.refused("POST", f"{ENTRIES}/exchange/publish", body, 422, "invalid_content")
    first = error["problems"][0]
    assert (first["code"], first["field"], first["values"]["entry"]) == (
        "phrasing_elsewhere",
        "phrasings.zh-Hans.0",
        "returns",
    )


WRONG_SHAPES: tuple[tuple[Json, str], ...] = (
    ({"answer": {"fr": "oui"}}, "content.answer.fr"),
    ({"phrasings": {"zh": ["x"]}}, "content.phrasings.zh"),
    ({"answer": {"en": "x" * 200_000}}, "content.answer.en"),
    ({"answer": {"en": 7}}, "content.answer.en"),
    ({"answer": None}, "content.answer"),
    ({"colour": "red"}, "content.colour"),
    ({"answer": {"en": "a\x00b"}}, "content"),
    ({"variants": [{"when": {"vip": [1]}}]}, "content.variants.0.when.vip"),
    ({"phrasings": {"en": ["x"] * 501}}, "content.phrasings.en"),
)


async def test_what_is_of_the_wrong_shape_is_refused_with_its_field(office: Office) -> None:
    item = await office.published()
    for content, field in WRONG_SHAPES:
        body = {"version": item["version"], "content": content}
        error = await office.refused("PUT", f"{ENTRIES}/returns/draft", body, 422, "invalid_input")
        assert error["field"].startswith(field)
        await office.refused("POST", ENTRIES, {"id": "warranty", "content": content}, 422, "invalid_input")
    assert (await office.ask("GET", f"{ENTRIES}/returns"))["entry"] == item


async def test_an_id_that_is_none_is_refused(office: Office) -> None:
    for id_ in ("", "A", "a b", "../x", "a.b.c", "a_", "x" * 81, "x" * 300, "退货"):
        error = await office.refused("POST", ENTRIES, {"id": id_, "content": {}}, 422, "invalid_input")
        assert error["field"] == "id"


async def test_an_id_that_is_taken_is_a_conflict(office: Office) -> None:
    await office.begin()
    await office.refused("POST", ENTRIES, {"id": "returns", "content": {}}, 409, "conflict")


async def test_what_is_not_there_is_not_found(office: Office) -> None:
    for path in ("nowhere", "No-Such", "%00", "a%0a", "%F0%9F%98%80", "x" * 300):
        for kind in (ENTRIES, POLICY):
            answer = await office.desk.call("GET", f"{kind}/{path}/revisions")
            assert (answer.status, await error_code(answer)) == (404, "not_found")
            await office.refused("DELETE", f"{kind}/{path}/draft", {"version": 1}, 404, "not_found")
    await office.published()
    body = {"version": 2, "revision": 7}
    await office.refused("POST", f"{ENTRIES}/returns/restore", body, 404, "not_found")


async def test_history_names_who_and_why_and_an_earlier_revision_comes_back_as_draft(office: Office) -> None:
    item = await office.published()
    body = {"version": item["version"], "content": entry(start_form="return")}
    saved = await office.ask("PUT", f"{ENTRIES}/returns/draft", body)
    item = (await office.publish("returns", saved["entry"]["version"], "With a form"))["entry"]
    newest, first = (await office.ask("GET", f"{ENTRIES}/returns/revisions"))["revisions"]
    assert (newest["revision"], newest["note"], newest["by"]["name"]) == (2, "With a form", "editor 小林")
    assert (first["revision"], first["content"]) == (1, ENTRY)
    body = {"version": item["version"], "revision": 1}
    restored = await office.ask("POST", f"{ENTRIES}/returns/restore", body)
    assert (restored["entry"]["draft"], restored["problems"]) == (ENTRY, [])
    body = {"version": restored["entry"]["version"]}
    discarded = await office.ask("DELETE", f"{ENTRIES}/returns/draft", body)
    assert (discarded["entry"]["state"], discarded["entry"]["draft"]) == ("published", None)


async def test_a_discarded_entry_that_was_never_published_leaves_the_list_and_comes_back_when_saved(
    office: Office,
) -> None:
    item = await office.begin()
    body = {"version": item["version"]}
    discarded = (await office.ask("DELETE", f"{ENTRIES}/returns/draft", body))["entry"]
    listed = await office.ask("GET", ENTRIES)
    assert (listed["entries"], listed["groups"]) == ([], [])
    body = {"version": discarded["version"], "content": ENTRY}
    await office.ask("PUT", f"{ENTRIES}/returns/draft", body)
    assert [row["id"] for row in (await office.ask("GET", ENTRIES))["entries"]] == ["returns"]


async def test_titles_are_read_by_id_and_found_by_what_they_hold(office: Office) -> None:
    for id_, title in (("returns", {"en": "Returns"}), ("exchange", {"zh-Hans": "换货_50%"}), ("gone", {})):
        await office.begin(id_, {"group": "returns", "title": title, "answer": {"en": "returns"}})
    archived = await office.begin("old", entry(title={"en": "Old returns"}, phrasings={"en": ["old"]}))
    await office.ask("POST", f"{ENTRIES}/old/archive", {"version": archived["version"], "note": ""})

    async def titles(asked: str) -> list[tuple[str, Json]]:
        return list((await office.ask("GET", f"/api/knowledge/titles?{asked}"))["titles"].items())

    exchange = ("exchange", {"zh-Hans": "换货_50%"})
    assert await titles("ids=returns,gone,old,nothing") == [("returns", {"en": "Returns"}), ("gone", {})]
    assert await titles("text=returns") == [("returns", {"en": "Returns"})]  # not what answers hold
    assert await titles("text=EXCH") == await titles("text=换货") == await titles("text=_50%25") == [exchange]
    assert await titles("text=e&limit=1") == [("returns", {"en": "Returns"})]
    for wrong in ("", "ids=a&text=b", "limit=0&text=a", "ids=" + ",".join("a" * 201)):
        assert (await office.desk.call("GET", f"/api/knowledge/titles?{wrong}")).status == 422, wrong


async def test_the_list_is_filtered_and_paged(office: Office) -> None:
    await office.published("returns")
    await office.begin(
        "exchange", {"group": "exchange", "title": {"en": "50% off_"}, "answer": {"en": "Yes"}}
    )
    phrasings = {"zh-Hans": ["钱几时到账"], "zh-Hant-HK": ["筆錢幾時返到"], "en": ["where is my money"]}
    changed = await office.published("refund", entry(group="refund", phrasings=phrasings))
    body = {"version": changed["version"], "content": entry(group="refund", answer={"zh-Hans": "只有这个"})}
    await office.ask("PUT", f"{ENTRIES}/refund/draft", body)

    async def ids(query: str) -> list[str]:
        return [row["id"] for row in (await office.ask("GET", f"{ENTRIES}?{query}"))["entries"]]

    assert await ids("text=&group=&state=&language=&after=") == ["returns", "exchange", "refund"]
    assert await ids("state=published") == ["returns"]
    assert await ids("state=draft") == ["exchange"]
    assert await ids("state=changed") == ["refund"]
    assert await ids("group=exchange") == ["exchange"]
    assert await ids("language=zh-Hant-HK") == ["returns"]
    assert await ids("text=只有这") == ["refund"]
    assert await ids("text=REFU") == ["refund"]
    assert await ids("text=50%25") == ["exchange"]
    assert await ids("text=f_") == ["exchange"]
    assert await ids("text=%25") == ["exchange"]
    assert await ids("text=nothing+like+it") == []
    assert await ids("limit=1") == ["returns"]
    assert await ids("limit=1&after=returns") == ["exchange"]
    assert await ids("after=refund") == []
    assert (await office.ask("GET", f"{ENTRIES}?limit=2"))["more"] is True
    for wrong in ("state=gone", "language=fr", "limit=0", "limit=9999", "text=" + "x" * 201, "text=%00"):
        answer = await office.desk.call("GET", f"{ENTRIES}?{wrong}")
        assert (answer.status, await error_code(answer)) == (422, "invalid_input"), wrong


async def test_a_figure_is_changed_and_holds_with_its_entries_named(office: Office) -> None:
    await office.published()
    table = await office.ask("GET", POLICY)
    window, vip = table["figures"]
    assert (window["name"], window["value"], window["draft"], window["used_by"]) == (
        "return_window_days",
        7,
        None,
        ["returns"],
    )
    assert (vip["used_by"], vip["published_by"]) == ([], None)
    path = f"{POLICY}/return_window_days"
    saved = await office.ask("PUT", f"{path}/draft", {"version": window["version"], "value": 15})
    assert (saved["figure"]["value"], saved["figure"]["draft"], saved["problems"]) == (7, 15, [])
    body = {"version": saved["figure"]["version"], "note": "Longer"}
    published = await office.ask("POST", f"{path}/publish", body)
    assert (published["figure"]["value"], published["figure"]["draft"]) == (15, None)
    assert published["base_version"] == table["base_version"] + 1
    content = {"content": ENTRY, "language": "en", "facts": {}}
    assert (await office.ask("POST", "/api/knowledge/preview", content))["text"] == "Within 15 days."
    revisions = (await office.ask("GET", f"{path}/revisions"))["revisions"]
    assert [(r["revision"], r["value"], r["note"]) for r in revisions] == [(2, 15, "Longer"), (1, 7, "")]
    body = {"version": published["figure"]["version"], "revision": 1}
    assert (await office.ask("POST", f"{path}/restore", body))["figure"]["draft"] == 7


async def test_a_publish_is_what_customers_get_at_once_from_every_process(
    office: Office, make_desk: MakeDesk
) -> None:
    other = await make_desk()
    await office.published()
    base = other.app[keys.KNOWLEDGE]
    assert await base.render("returns", "en", {}) == "Within 7 days."
    path = f"{POLICY}/return_window_days"
    await office.ask("PUT", f"{path}/draft", {"version": 1, "value": 15})
    assert await base.render("returns", "en", {}) == "Within 7 days."
    await office.ask("POST", f"{path}/publish", {"version": 2})
    assert await base.render("returns", "en", {}) == "Within 15 days."
    assert (await base.policy()).number("return_window_days") == 15
    item = (await office.ask("GET", f"{ENTRIES}/returns"))["entry"]
    content = entry(phrasings={**ENTRY["phrasings"], "en": ["may this parcel travel home"]})
    body = {"version": item["version"], "content": content}
    saved = await office.ask("PUT", f"{ENTRIES}/returns/draft", body)
    await office.publish("returns", saved["entry"]["version"])
    found = await base.search("may this parcel travel home", language="en")
    assert found.candidates[0].entry == "returns"


async def test_a_figure_that_somebody_else_changed_is_a_conflict_with_its_row(office: Office) -> None:
    path = f"{POLICY}/return_window_days/draft"
    first = await office.ask("PUT", path, {"version": 1, "value": 8})
    error = await office.refused("PUT", path, {"version": 1, "value": 9}, 409, "conflict")
    assert error["current"] == {"figure": first["figure"]}
    answers = await asyncio.gather(
        *(
            office.desk.call(
                "PUT", path, csrf=office.csrf, json={"version": first["figure"]["version"], "value": n}
            )
            for n in range(4)
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]


CANNOT_HOLD = (
    ("7", "bad_value"),
    (-1, "bad_value"),
    (7.5, "bad_value"),
    (True, "bad_value"),
    ([15, 7], "bad_value"),
    ([7, 15], "bad_value"),
    ([], "bad_value"),
    (2**53, "bad_value"),
    (16, "policy_contradiction"),
)


async def test_a_value_that_cannot_hold_is_not_published(office: Office) -> None:
    path, version = f"{POLICY}/return_window_days", 1
    for value, code in CANNOT_HOLD:
        saved = await office.ask("PUT", f"{path}/draft", {"version": version, "value": value})
        version = saved["figure"]["version"]
        assert [(p["code"], p["field"]) for p in saved["problems"]] == [(code, "value")]
        error = await office.refused("POST", f"{path}/publish", {"version": version}, 422, "invalid_content")
        assert error["problems"] == saved["problems"]


async def test_what_is_no_value_at_all_is_refused(office: Office) -> None:
    for value in (None, {}, 10**30, 1e300, "x" * 201, [[1, 2]], [1] * 11):
        body = {"version": 1, "value": value}
        path = f"{POLICY}/return_window_days/draft"
        await office.refused("PUT", path, body, 422, "invalid_input")


async def test_a_preview_is_the_answer_for_these_facts_with_unknown_figures_as_they_are_written(
    office: Office,
) -> None:
    variant = {"when": {"vip": True}, "answer": {"en": "{return_window_vip_days:number} for you, {nothing}"}}
    body = {"content": entry(variants=[variant]), "language": "en", "facts": {"vip": True}}
    found = await office.ask("POST", "/api/knowledge/preview", body)
    assert found["text"] == "15 for you, {nothing}"
    assert "unknown_figure" in {problem["code"] for problem in found["problems"]}
    body = {"content": {}, "language": "zh-Hans", "facts": {}}
    assert (await office.ask("POST", "/api/knowledge/preview", body))["text"] == ""
    for wrong in ({"moon": True}, {"vip": "yes"}):
        body = {"content": {}, "language": "en", "facts": wrong}
        error = await office.refused("POST", "/api/knowledge/preview", body, 422, "invalid_input")
        assert error["field"] == "facts"


async def test_publishing_restoring_and_discarding_are_in_the_audit_log(office: Office) -> None:
    item = await office.published()
    body = {"version": item["version"], "revision": 1}
    restored = await office.ask("POST", f"{ENTRIES}/returns/restore", body)
    await office.ask("DELETE", f"{ENTRIES}/returns/draft", {"version": restored["entry"]["version"]})
    async with office.desk.pool.connection() as conn:
        cursor = await conn.execute(
            "select action, subject, details, actor_kind from audit_log where action like 'knowledge.%' order by id"
        )
        rows = await cursor.fetchall()
    about = {"kind": "entry", "revision": 1}
    assert rows == [
        ("knowledge.published", "returns", about, "agent"),
        ("knowledge.restored", "returns", about, "agent"),
        ("knowledge.discarded", "returns", about, "agent"),
    ]


async def test_a_refused_publish_leaves_nothing_in_the_audit_log(office: Office) -> None:
    item = await office.begin("returns", {})
    body = {"version": item["version"]}
    await office.refused("POST", f"{ENTRIES}/returns/publish", body, 422, "invalid_content")
    async with office.desk.pool.connection() as conn:
        cursor = await conn.execute("select count(*) from audit_log where action like 'knowledge.%'")
        assert await cursor.fetchone() == (0,)


async def test_agents_read_and_do_not_write_and_customers_do_neither(office: Office) -> None:
    item = await office.published()
    await office.desk.add_person("agent")
    office.desk.forget_cookies()
    csrf = await office.desk.sign_in("agent")
    for path in (ENTRIES, f"{ENTRIES}/returns", f"{ENTRIES}/returns/revisions", POLICY):
        assert (await office.desk.call("GET", path)).status == 200
    writes = (
        ("POST", ENTRIES, {"id": "mine", "content": {}}),
        ("PUT", f"{ENTRIES}/returns/draft", {"version": item["version"], "content": {}}),
        ("POST", f"{ENTRIES}/returns/publish", {"version": item["version"]}),
        ("PUT", f"{POLICY}/return_window_days/draft", {"version": 1, "value": 8}),
        ("POST", "/api/knowledge/preview", {"content": {}, "language": "en"}),
    )
    for method, path, body in writes:
        answer = await office.desk.call(method, path, csrf=csrf, json=body)
        assert (answer.status, await error_code(answer)) == (403, "forbidden"), path
    office.desk.forget_cookies()
    _, token = await office.desk.start_conversation()
    for method, path, body in (("GET", ENTRIES, None), ("GET", POLICY, None), *writes):
        answer = await office.desk.call(method, path, token=token, json=body)
        assert (answer.status, await error_code(answer)) == (401, "not_signed_in"), path
