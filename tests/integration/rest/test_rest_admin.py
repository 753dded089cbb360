"""The admin's routes, hours, first accounts, and the desk's lists."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from service.http.answers import Status
from service.http.first_accounts import DEMO_LOGINS, DEMO_PASSWORD, ensure_first_accounts
from service.processes import ServiceProcess
from tests.integration.rest.conftest import Desk, error_code, settings_of


async def admin(desk: Desk) -> str:
    await desk.add_person("admin")
    return await desk.sign_in("admin")


async def test_a_person_is_made_changed_and_recorded_in_the_audit_log(desk: Desk) -> None:
    csrf = await admin(desk)
    body = {
        "login": "xiaolin",
        "name": "小林",
        "role": "agent",
        "languages": ["zh-Hans", "en"],
        "capacity": 3,
    }
    made = await desk.call("POST", "/api/admin/agents", csrf=csrf, json=body)
    assert made.status == 201
    agent = (await made.json())["agent"]
    twice = await desk.call("POST", "/api/admin/agents", csrf=csrf, json=body)
    assert (twice.status, await error_code(twice)) == (409, "conflict")
    changed = await desk.call(
        "PATCH", f"/api/admin/agents/{agent['id']}", csrf=csrf, json={"capacity": 9, "level": "senior"}
    )
    assert (await changed.json())["agent"] | {"capacity": 9, "level": "senior"} == (await changed.json())[
        "agent"
    ]
    listed = (await (await desk.call("GET", "/api/admin/agents")).json())["agents"]
    assert [a["login"] for a in listed] == ["admin", "xiaolin"]
    entries = (await (await desk.call("GET", "/api/admin/audit")).json())["entries"]
    changes = [e for e in entries if e["subject"] == f"agent:{agent['id']}"]
    assert [e["action"] for e in changes] == ["agent.changed", "agent.created"]
    assert changes[0]["details"] == {"fields": ["capacity", "level"]}
    assert changes[0]["actor_login"] == "admin"


async def test_changes_that_make_no_sense_are_refused(desk: Desk) -> None:
    csrf = await admin(desk)
    agent_id = await desk.add_person("agent")
    for body in (
        {"capacity": 51},
        {"capacity": True},
        {"role": "king"},
        {"languages": []},
        {"name": None},
        {"login": "x"},
    ):
        answer = await desk.call("PATCH", f"/api/admin/agents/{agent_id}", csrf=csrf, json=body)
        assert (answer.status, await error_code(answer)) == (422, "invalid_input"), body
    answer = await desk.call("PATCH", f"/api/admin/agents/{uuid4()}", csrf=csrf, json={"capacity": 1})
    assert await error_code(answer) == "not_found"


async def test_the_last_admin_stays_one(desk: Desk) -> None:
    csrf = await admin(desk)
    me = (await (await desk.call("GET", "/api/session")).json())["me"]["id"]
    for body in ({"is_active": False}, {"role": "agent"}):
        answer = await desk.call("PATCH", f"/api/admin/agents/{me}", csrf=csrf, json=body)
        assert await error_code(answer) == "conflict"
    await desk.add_person("admin", login="second")
    assert (
        await desk.call("PATCH", f"/api/admin/agents/{me}", csrf=csrf, json={"role": "agent"})
    ).status == 200


async def test_two_admins_do_not_overwrite_each_others_hours(desk: Desk) -> None:
    csrf = await admin(desk)
    hours = await (await desk.call("GET", "/api/admin/hours")).json()
    assert hours["version"] == 0 and hours["days"]["mon"] == [["08:00", "24:00"]]
    wanted = {
        "version": 0,
        "days": {"mon": [["09:00", "12:00"], ["13:00", "18:00"]]},
        "closed_dates": ["2027-02-06"],
    }
    first = await desk.call("PUT", "/api/admin/hours", csrf=csrf, json=wanted)
    assert (await first.json())["version"] == 1
    late = await desk.call("PUT", "/api/admin/hours", csrf=csrf, json=wanted)
    assert (late.status, await error_code(late)) == (409, "conflict")
    second = await desk.call("PUT", "/api/admin/hours", csrf=csrf, json=wanted | {"version": 1})
    assert (await second.json())["version"] == 2
    now = await (await desk.call("GET", "/api/admin/hours")).json()
    assert now["days"]["mon"] == [["09:00", "12:00"], ["13:00", "18:00"]] and now["days"]["sun"] == []


async def test_hours_that_make_no_sense_are_refused(desk: Desk) -> None:
    csrf = await admin(desk)
    for days, closed, field in (
        ({"mon": [["18:00", "09:00"]]}, [], "days.mon"),
        ({"mon": [["09:00", "12:00"], ["11:00", "18:00"]]}, [], "days.mon"),
        ({"tue": [["25:00", "26:00"]]}, [], "days.tue"),
        ({"mon": [["09:00"]]}, [], "days.mon.0"),
        ({"someday": []}, [], "days.someday"),
        ({}, ["2027-02-30"], "closed_dates"),
    ):
        body = {"version": 0, "days": days, "closed_dates": closed}
        answer = await desk.call("PUT", "/api/admin/hours", csrf=csrf, json=body)
        assert (answer.status, await error_code(answer)) == (422, "invalid_input"), body
        assert (await answer.json())["error"]["field"] == field, body


async def test_settings_are_shown_with_their_origin_and_without_secrets(desk: Desk) -> None:
    await admin(desk)
    answer = await desk.call("GET", "/api/admin/settings")
    rows = {row["name"]: row for row in (await answer.json())["settings"]}
    assert rows["bot.rasa_port"]["source"] == "ANXIN_BOT__RASA_PORT"
    assert rows["bot.workers"]["source"] == "default" and rows["bot.workers"]["help"]
    assert "secret-key-of-the-tests" not in await answer.text()


async def test_status_counts_the_queue_and_the_turns(desk: Desk) -> None:
    await admin(desk)
    status = await (await desk.call("GET", "/api/admin/status")).json()
    assert status["queue"]["waiting"] == 0 and status["turns"]["committed"] == 0
    conversation_id, _ = await desk.start_conversation()
    async with desk.pool.connection() as conn:
        for state, reason in (("committed", None), ("dropped", "owner_changed"), ("dropped", "failed")):
            await conn.execute(
                "insert into turns (id, conversation_id, epoch, generation, first_seq, last_seq, state,"
                " drop_reason, worker) values (gen_random_uuid(), %s, 1, 1, 1, 1, %s, %s, 'test')",
                (conversation_id, state, reason),
            )
    turns = (await (await desk.call("GET", "/api/admin/status")).json())["turns"]
    assert (turns["committed"], turns["dropped"]) == (1, 2)
    assert turns["dropped_by_reason"] == {"owner_changed": 1, "failed": 1}


async def test_status_shows_every_process_the_parts_and_the_models(desk: Desk, database_url: str) -> None:
    other = ServiceProcess(host="another-machine", pid=77, since=datetime(2026, 11, 21, 8, tzinfo=UTC))
    await admin(desk)
    async with await AsyncConnection.connect(database_url, application_name=other.connection_name):
        status = await (await desk.call("GET", "/api/admin/status")).json()
    services = [p for p in status["processes"] if p["name"] == "service"]
    here = next(p for p in services if p["is_this"])
    there = next(p for p in services if not p["is_this"])
    assert here["pid"] == os.getpid() and here["memory_bytes"] > 10_000_000 and here["since"]
    assert (there["pid"], there["host"], there["memory_bytes"]) == (77, "another-machine", None)
    assert datetime.fromisoformat(there["since"]) == other.since
    database = next(p for p in status["processes"] if p["name"] == "database")
    assert database["state"] == "ok" and database["size_bytes"] > 1_000_000
    assert {m["name"] for m in status["models"]} == {"triage", "knowledge_base", "encoder", "rasa"}
    assert Status.model_validate(status)
    for _ in range(50):
        gone = await (await desk.call("GET", "/api/admin/status")).json()
        services = [p["pid"] for p in gone["processes"] if p["name"] == "service"]
        if services == [os.getpid()]:
            return
    pytest.fail(f"a process that is gone is still shown: {services}")


async def test_a_whole_conversation_between_customer_and_agent_by_rest(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation()
    chat, office = f"/api/chat/conversations/{conversation_id}", f"/api/desk/conversations/{conversation_id}"
    sent = await desk.call(
        "POST", f"{chat}/messages", token=token, json={"client_id": "c-1", "text": "转人工"}
    )
    assert sent.status == 201
    await desk.add_person("agent")
    csrf = await desk.sign_in("agent")
    await desk.call("PUT", "/api/desk/presence", csrf=csrf, json={"state": "online"})
    entries = (await (await desk.call("GET", "/api/desk/queue")).json())["entries"]
    assert [e["id"] for e in entries] == [str(conversation_id)] and entries[0]["reasons"] == ["asked"]
    epoch = entries[0]["epoch"]
    stale = await desk.call("POST", f"{office}/claim", csrf=csrf, json={"epoch": epoch - 1})
    assert await error_code(stale) == "conflict"
    claimed = await desk.call("POST", f"{office}/claim", csrf=csrf, json={"epoch": epoch})
    summary = (await claimed.json())["summary"]
    assert summary["owner"] == "agent"
    reply = {"client_id": "a-1", "text": "您好，我是小林"}
    assert (await desk.call("POST", f"{office}/messages", csrf=csrf, json=reply)).status == 201
    assert (await desk.call("POST", f"{office}/messages", csrf=csrf, json=reply)).status == 200
    note = {"client_id": "a-2", "text": "只给同事看"}
    assert (await desk.call("POST", f"{office}/notes", csrf=csrf, json=note)).status == 201
    assert (await desk.call("POST", f"{office}/read", csrf=csrf, json={"seq": 1})).status == 204
    seen = (await (await desk.call("GET", f"{chat}/messages", token=token)).json())["messages"]
    assert "您好，我是小林" in [m["text"] for m in seen] and "只给同事看" not in [m["text"] for m in seen]
    office_sees = (await (await desk.call("GET", f"{office}/messages")).json())["messages"]
    assert "只给同事看" in [m["text"] for m in office_sees]
    mine = (await (await desk.call("GET", "/api/desk/conversations?view=mine")).json())["conversations"]
    assert [c["id"] for c in mine] == [str(conversation_id)]
    body = {"epoch": summary["epoch"], "resolution": "solved"}
    closed = await desk.call("POST", f"{office}/close", csrf=csrf, json=body)
    assert (await closed.json())["summary"]["owner"] == "none"
    late = await desk.call("POST", f"{office}/messages", csrf=csrf, json={"client_id": "a-3", "text": "x"})
    assert (late.status, await error_code(late)) == (409, "conversation_closed")


async def test_only_supervisors_and_admins_list_all_conversations(desk: Desk) -> None:
    await desk.start_conversation()
    await desk.add_person("agent")
    await desk.add_person("supervisor")
    await desk.sign_in("agent")
    assert await error_code(await desk.call("GET", "/api/desk/conversations?view=all")) == "forbidden"
    desk.forget_cookies()
    await desk.sign_in("supervisor")
    body = await (await desk.call("GET", "/api/desk/conversations?view=all&limit=1")).json()
    assert len(body["conversations"]) == 1 and body["more"] is False


async def test_the_first_admins_password_is_told_once_and_demo_people_live_in_demo_mode_only(
    pool: AsyncConnectionPool, make_desk, tmp_path: Path
) -> None:
    off = settings_of(tmp_path, {"ANXIN_DEMO__ENABLED": "false"})
    first = await ensure_first_accounts(pool, off)
    assert len(first) == 1 and "admin" in first[0] and DEMO_PASSWORD not in first[0]
    assert await ensure_first_accounts(pool, off) == []
    shown = await ensure_first_accounts(pool, settings_of(tmp_path))
    assert len(shown) == 1 and DEMO_PASSWORD in shown[0]
    desk = await make_desk()
    for login in DEMO_LOGINS:
        answer = await desk.call("POST", "/api/session", json={"login": login, "password": DEMO_PASSWORD})
        assert answer.status == 200
    await ensure_first_accounts(pool, off)
    for login in DEMO_LOGINS:
        answer = await desk.call("POST", "/api/session", json={"login": login, "password": DEMO_PASSWORD})
        assert await error_code(answer) == "wrong_password"
    assert await error_code(await desk.call("GET", "/api/session")) == "not_signed_in"


async def test_the_admins_password_may_come_from_the_environment(
    pool: AsyncConnectionPool, make_desk, tmp_path: Path
) -> None:
    given = "chosen-by-the-operator"
    lines = await ensure_first_accounts(pool, settings_of(tmp_path, {"ANXIN_ADMIN_PASSWORD": given}))
    assert given not in "".join(lines)
    desk = await make_desk()
    answer = await desk.call("POST", "/api/session", json={"login": "admin", "password": given})
    assert (await answer.json())["me"]["must_change_password"] is False
