"""Files in and out over REST, languages side by side, and the switch for direct answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import FormData

from knowledge_base.exchange.tables import MOST_BYTES
from service import keys
from service.knowledge_imports import are_imports_open, run_import
from tests.integration.knowledge.conftest import WINDOW, add_figure, entry
from tests.integration.rest.conftest import Desk, error_code
from tests.knowledge import encoder

BASE = "/api/knowledge"
FAQ = "问题,答案\n怎么续借图书？,在借阅页面点续借。\n几点开门？,早上九点开门。\n没有答案的问题,\n"
Json = dict[str, Any]


@dataclass
class Office:
    """Somebody signed in at the knowledge page."""

    desk: Desk
    csrf: str

    async def ask(self, method: str, path: str, status: int = 200, **rest: Any) -> Json:
        answer = await self.desk.call(method, f"{BASE}{path}", csrf=self.csrf, **rest)
        assert answer.status == status, await answer.text()
        found: Json = await answer.json()
        return found

    async def refused(self, method: str, path: str, **rest: Any) -> tuple[int, str]:
        answer = await self.desk.call(method, f"{BASE}{path}", csrf=self.csrf, **rest)
        return answer.status, await error_code(answer)

    async def upload(self, text: str = FAQ, *, name: str = "faq.csv", encoding: str = "gb18030") -> Json:
        form = FormData()
        form.add_field("file", text.encode(encoding), filename=name)
        return await self.ask("POST", "/import/preview", data=form)

    async def bring(self, upload: str) -> None:
        """What the service's background does in a process of its own."""
        async with self.desk.pool.connection() as conn:
            cursor = await conn.execute("select id from knowledge_imports where id = %s", (upload,))
            row = await cursor.fetchone()
        assert row is not None
        await run_import(self.desk.pool, encoder(), row[0], now=lambda: datetime.now(UTC))


@pytest.fixture
async def office(desk: Desk) -> Office:
    """A supervisor, in a base with one figure."""
    async with desk.pool.connection() as conn:
        await add_figure(conn, "return_window_days", WINDOW, 1)
    await desk.add_person("supervisor")
    return Office(desk=desk, csrf=await desk.sign_in("supervisor"))


async def test_a_file_is_previewed_imported_and_told_row_by_row(office: Office) -> None:
    found = await office.upload()
    assert (found["format"], found["encoding"], found["rows"]) == ("csv", "gb18030", 3)
    assert found["mapping"] == {"问题": "question", "答案": "answer"}
    assert (found["needs"], found["sample"][0]["问题"]) == ([], "怎么续借图书？")
    wanted = {"upload": found["upload"], "mapping": found["mapping"]}
    tried = await office.ask("POST", "/import", json={**wanted, "dry_run": True})
    assert (tried["id"], tried["result"]["created"]) == (None, 2)
    begun = await office.ask("POST", "/import", 202, json={**wanted, "publish": True})
    assert (begun["id"], begun["state"]) == (found["upload"], "waiting")
    assert await are_imports_open(office.desk.pool)
    await office.bring(begun["id"])
    assert not await are_imports_open(office.desk.pool)
    done = await office.ask("GET", f"/import/{begun['id']}")
    assert (done["state"], done["done"], done["total"]) == ("done", 4, 4)
    assert (done["result"]["created"], done["result"]["unchanged"]) == (2, 0)
    [refused] = done["result"]["refused"]
    assert (refused["row"], refused["field"], refused["code"]) == (4, "答案", "empty_answer")
    assert found["notes"] == [
        {"code": "read_as", "values": {"encoding": "gb18030"}, "message": "Read as gb18030."}
    ]
    listed = await office.ask("GET", "/entries")
    assert [row["state"] for row in listed["entries"]] == ["published", "published"]
    assert await office.refused("POST", "/import", json=wanted) == (404, "not_found")


async def test_only_chosen_rows_become_drafts(office: Office) -> None:
    found = await office.upload()
    wanted = {"upload": found["upload"], "mapping": found["mapping"], "rows": [3]}
    await office.ask("POST", "/import", 202, json=wanted)
    await office.bring(found["upload"])
    listed = await office.ask("GET", "/entries")
    assert [(row["id"], row["state"]) for row in listed["entries"]] == [("ji_dian_kai_men", "draft")]


async def test_an_editor_imports_drafts_but_does_not_publish_past_the_gate(desk: Desk) -> None:
    await desk.add_person("editor")
    office = Office(desk=desk, csrf=await desk.sign_in("editor"))
    found = await office.upload()
    wanted = {"upload": found["upload"], "mapping": found["mapping"]}
    assert await office.refused("POST", "/import", json={**wanted, "publish": True}) == (403, "forbidden")
    assert (await office.ask("POST", "/import", 202, json=wanted))["state"] == "waiting"
    assert await office.refused("PUT", "/calibration", json={"direct_answers": "on"}) == (403, "forbidden")


async def test_files_that_cannot_be_used_are_refused_with_the_fix(office: Office) -> None:
    async def preview(content: bytes, name: str) -> tuple[int, str]:
        return await office.refused("POST", f"/import/preview?name={name}", data=content)

    assert await preview(b"PK\x03\x04broken", "faq.xlsx") == (422, "invalid_input")
    assert await preview(b"", "faq.csv") == (422, "invalid_input")
    broken = await office.ask("POST", "/import/preview?name=faq.json", 422, data=b'[{"question": "a",\n}]')
    assert broken["error"]["message"].startswith("The JSON breaks off at line 2")
    [problem] = broken["error"]["problems"]
    assert (problem["field"], problem["code"]) == ("file", "broken_json")
    assert problem["values"] == {"line": "2", "column": "1"}
    assert await preview(b"x" * (MOST_BYTES + 1), "faq.csv") == (413, "too_large")
    assert await office.refused("POST", "/import/preview", data=FormData({"other": "x"})) == (
        422,
        "invalid_input",
    )
    found = await office.upload()
    wrong = {"upload": found["upload"], "mapping": {"问题": "colour"}}
    assert await office.refused("POST", "/import", json=wrong) == (422, "invalid_input")


@pytest.mark.parametrize("format_", ["csv", "xlsx", "json", "yaml"])
async def test_an_export_comes_back_as_it_was(office: Office, format_: str) -> None:
    content = entry(variants=[{"when": {"vip": True}, "answer": entry()["answer"]}])
    await office.ask("POST", "/entries", 201, json={"id": "returns", "content": content})
    answer = await office.desk.call("GET", f"{BASE}/export?format={format_}&drafts=true")
    assert (answer.status, "attachment" in answer.headers["Content-Disposition"]) == (200, True)
    written = await answer.read()
    found = await office.ask("POST", f"/import/preview?name=x.{format_}", data=written)
    wanted = {"upload": found["upload"], "mapping": found["mapping"], "dry_run": True}
    tried = await office.ask("POST", "/import", json=wanted)
    assert {k: v for k, v in tried["result"].items() if v} == {"unchanged": 1}
    assert await office.refused("GET", f"/export?format={format_}&group=none") == (404, "not_found")


async def test_a_trial_foretells_what_the_import_then_says(office: Office) -> None:
    text = "id,question,answer\n" + "".join(f"{n},Is it {n}?,It is {n}.\n" for n in ("new", "mine", "gone"))
    for id_ in ("mine", "gone"):
        content = entry(phrasings={"en": [id_]})
        item = (await office.ask("POST", "/entries", 201, json={"id": id_, "content": content}))["entry"]
    await office.ask("POST", "/entries/gone/archive", json={"version": item["version"], "note": ""})
    found = await office.upload(text)
    wanted = {"upload": found["upload"], "mapping": found["mapping"]}
    tried = (await office.ask("POST", "/import", json={**wanted, "dry_run": True}))["result"]
    await office.ask("POST", "/import", 202, json=wanted)
    await office.bring(found["upload"])
    done = (await office.ask("GET", f"/import/{found['upload']}"))["result"]
    assert (tried, tried["created"]) == (done, 1)
    told = [(row["row"], row["code"], row["values"]) for row in done["refused"]]
    assert told == [(3, "has_draft", {"entry": "mine"}), (4, "archived", {"entry": "gone"})]


async def test_a_failed_imports_file_is_forgotten_after_a_day(office: Office) -> None:
    found = await office.upload()
    async with office.desk.pool.connection() as conn:
        await conn.execute(
            "update knowledge_imports set state = 'failed', finished_at = now() - interval '2 days' where id = %s",
            (found["upload"],),
        )
    await office.upload()
    wanted = {"upload": found["upload"], "mapping": found["mapping"]}
    assert await office.refused("POST", "/import", json=wanted) == (404, "not_found")
    assert (await office.ask("GET", f"/import/{found['upload']}"))["state"] == "failed"


async def test_what_is_archived_is_not_exported_as_a_draft(office: Office) -> None:
    for id_, group in (("returns", "returns"), ("other", "exchange")):
        content = entry(group=group, phrasings={"en": [id_]})
        item = (await office.ask("POST", "/entries", 201, json={"id": id_, "content": content}))["entry"]
    await office.ask("POST", "/entries/other/archive", json={"version": item["version"], "note": ""})
    answer = await office.desk.call("GET", f"{BASE}/export?format=json&drafts=true")
    assert list((await answer.json())["entries"]) == ["returns"]
    assert await office.refused("GET", "/export?format=json&drafts=true&group=exchange") == (404, "not_found")


async def test_languages_that_are_missing_or_older_are_told(office: Office) -> None:
    item = (await office.ask("POST", "/entries", 201, json={"id": "returns", "content": entry()}))["entry"]
    index = office.desk.client.server.app[keys.KNOWLEDGE_INDEX]  # type: ignore[attr-defined]
    from knowledge_base import editing

    first, second = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    without_english = entry()
    for name in ("title", "answer"):
        del without_english[name]["en"]
    without_english["answer"]["zh-Hans"] = "别的{return_window_days}"
    version = item["version"]
    for now, content in ((first, None), (second, without_english)):
        async with office.desk.pool.connection() as conn:
            if content is not None:
                saved = await editing.save_draft(
                    conn, "entry", "returns", content, version=version, by=None, now=now
                )
                version = saved.version
            published = await editing.publish(
                conn, "entry", "returns", version=version, note="", by=None, now=now, index=index
            )
            version = published.version
    [row] = (await office.ask("GET", "/languages"))["entries"]
    assert {name: one["state"] for name, one in row["languages"].items()} == {
        "zh-Hans": "ok",
        "zh-Hant-HK": "older",
        "en": "missing",
    }
    assert row["languages"]["zh-Hant-HK"]["changed_at"].startswith("2026-11-01")
    assert row["languages"]["zh-Hans"]["changed_at"].startswith("2026-11-02")


async def test_direct_answers_are_switched_by_a_supervisor_and_the_reason_is_told(office: Office) -> None:
    before = await office.ask("GET", "/calibration")
    assert (before["direct_answers"], before["why"], before["error"]) == ("waiting", "not_fitted", None)
    assert (await office.ask("PUT", "/calibration", json={"direct_answers": "on"}))["why"] == "switched_on"
    after = await office.ask("PUT", "/calibration", json={"direct_answers": "off"})
    assert (after["direct_answers"], after["why"]) == ("off", "switched_off")


PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="faq.csv"\r\n'


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"no form at all",
        PART + b"Bad Header\r\n\r\nq,a\nx,y\r\n--x--\r\n",
        PART + b"A: " + b"b" * 90_000 + b"\r\n\r\nq,a\nx,y\r\n--x--\r\n",
        PART + b"A: b\r\n" * 5_000 + b"\r\nq,a\nx,y\r\n--x--\r\n",
    ],
)
async def test_a_form_that_is_none_is_the_senders_fault(office: Office, form: bytes) -> None:
    sent = {"data": form, "headers": {"Content-Type": "multipart/form-data; boundary=x"}}
    assert await office.refused("POST", "/import/preview", **sent) == (422, "invalid_input")


async def test_a_files_name_is_kept_as_far_as_it_can_be(office: Office) -> None:
    named = PART.replace(b'filename="faq.csv"', b"filename*=utf-8''" + b"a" * 2_000 + b"%00.csv")
    form = named + b"\r\nq,a\nx,y\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    found = await office.ask("POST", "/import/preview", data=form, headers=headers)
    async with office.desk.pool.connection() as conn:
        cursor = await conn.execute("select name from knowledge_imports where id = %s", (found["upload"],))
        assert await cursor.fetchone() == ("a" * 296 + ".csv",)


async def test_an_entry_that_the_database_cannot_keep_is_a_refused_row(office: Office) -> None:
    text = json.dumps({"format": 1, "entries": {"good": entry(), "bad": {**entry(), "group": "a\x00"}}})
    found = await office.upload(text, name="export.json", encoding="utf-8")
    await office.ask("POST", "/import", 202, json={"upload": found["upload"], "mapping": {}})
    await office.bring(found["upload"])
    done = await office.ask("GET", f"/import/{found['upload']}")
    assert (done["state"], done["result"]["created"]) == ("done", 1)
    assert [(row["row"], row["code"]) for row in done["result"]["refused"]] == [(2, "broken_text")]
