"""Signing in: cookies, locks, passwords."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import ClientResponse

from service import keys
from tests.integration.rest.conftest import PASSWORD, Desk, MakeDesk, error_code


async def try_sign_in(desk: Desk, login: str, password: str) -> ClientResponse:
    return await desk.call("POST", "/api/session", json={"login": login, "password": password})


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(make_desk: MakeDesk) -> None:
    for public_url, is_secure in (("", False), ("https://desk.example.com", True)):
        desk = await make_desk(ANXIN_SERVICE__PUBLIC_URL=public_url)
        login = f"agent-{is_secure}".lower()
        await desk.add_person("agent", login=login)
        cookie = (await try_sign_in(desk, login, PASSWORD)).headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
        assert ("Secure" in cookie) is is_secure


async def test_the_database_does_not_know_the_cookies_value(desk: Desk) -> None:
    await desk.add_person("agent")
    value = (await try_sign_in(desk, "agent", PASSWORD)).cookies["anxin_session"].value
    async with desk.pool.connection() as conn:
        cursor = await conn.execute("select token_hash, csrf_token from agent_sessions")
        row = await cursor.fetchone()
    assert row is not None
    token_hash, csrf = row
    assert value.encode() not in bytes(token_hash) and csrf != value


async def test_five_wrong_passwords_lock_an_account_and_an_unknown_login_alike(desk: Desk) -> None:
    await desk.add_person("agent")
    for login in ("agent", "nobody"):
        answers = [await try_sign_in(desk, login, "wrong-wrong-wrong") for _ in range(5)]
        bodies = [(await a.json())["error"] for a in answers]
        assert {(a.status, b["code"], b["message"]) for a, b in zip(answers, bodies, strict=True)} == {
            (401, "wrong_password", "Login or password is wrong.")
        }
        locked = await try_sign_in(desk, login, PASSWORD)
        assert (locked.status, await error_code(locked)) == (423, "locked")
        assert 1700 < (await locked.json())["error"]["retry_after_s"] <= 1800
        assert int(locked.headers["Retry-After"]) > 1700


async def test_a_right_password_clears_the_count(desk: Desk) -> None:
    await desk.add_person("agent")
    for _ in range(3):
        for _ in range(4):
            await try_sign_in(desk, "agent", "wrong-wrong-wrong")
        assert (await try_sign_in(desk, "AGENT", PASSWORD)).status == 200


async def test_a_lock_ends_by_itself_and_then_all_tries_are_there_again(desk: Desk) -> None:
    await desk.add_person("agent")
    for _ in range(5):
        await try_sign_in(desk, "agent", "wrong-wrong-wrong")
    async with desk.pool.connection() as conn:
        await conn.execute("update agents set locked_until = now() - interval '1 second'")
    assert await error_code(await try_sign_in(desk, "agent", "wrong-wrong-wrong")) == "wrong_password"
    assert (await try_sign_in(desk, "agent", PASSWORD)).status == 200


async def test_a_session_ends_when_it_expires_and_when_one_signs_out(desk: Desk) -> None:
    await desk.add_person("agent")
    await desk.sign_in("agent")
    async with desk.pool.connection() as conn:
        await conn.execute("update agent_sessions set expires_at = %s", (datetime.now(UTC),))
    assert await error_code(await desk.call("GET", "/api/session")) == "not_signed_in"
    csrf = await desk.sign_in("agent")
    cookies = desk.client.session.cookie_jar.filter_cookies(desk.client.make_url("/"))
    assert (await desk.call("DELETE", "/api/session", csrf=csrf)).status == 204
    desk.client.session.cookie_jar.update_cookies(cookies, desk.client.make_url("/"))
    assert await error_code(await desk.call("GET", "/api/session")) == "not_signed_in"


async def test_changing_ones_password_ends_the_other_sign_ins(desk: Desk) -> None:
    await desk.add_person("agent")
    await desk.sign_in("agent")
    csrf = await desk.sign_in("agent")
    body = {"old_password": "wrong-wrong-wrong", "new_password": "a-new-long-password"}
    path = "/api/session/password"
    assert await error_code(await desk.call("POST", path, csrf=csrf, json=body)) == "wrong_password"
    short = body | {"old_password": PASSWORD, "new_password": "short"}
    assert await error_code(await desk.call("POST", path, csrf=csrf, json=short)) == "invalid_input"
    answer = await desk.call("POST", path, csrf=csrf, json=body | {"old_password": PASSWORD})
    assert answer.status == 204
    assert (await desk.call("GET", "/api/session")).status == 200
    async with desk.pool.connection() as conn:
        cursor = await conn.execute("select count(*) from agent_sessions")
        assert await cursor.fetchone() == (1,)
    assert (await try_sign_in(desk, "agent", PASSWORD)).status == 401


async def test_a_new_first_password_ends_all_sign_ins_and_the_lock(desk: Desk) -> None:
    agent_id = await desk.add_person("agent")
    await desk.sign_in("agent")
    for _ in range(5):
        await try_sign_in(desk, "agent", "wrong-wrong-wrong")
    await desk.add_person("admin")
    csrf = await desk.sign_in("admin")
    answer = await desk.call("POST", f"/api/admin/agents/{agent_id}/password", csrf=csrf)
    password = (await answer.json())["password"]
    signed_in = await try_sign_in(desk, "agent", password)
    assert (await signed_in.json())["me"]["must_change_password"] is True


async def test_passwords_are_hashed_with_argon2id(desk: Desk) -> None:
    hashed = await desk.app[keys.PASSWORDS].hash("x")
    assert hashed.startswith("$argon2id$")


async def test_with_a_first_password_one_can_only_change_it_or_leave(desk: Desk) -> None:
    agent_id = await desk.add_person("agent")
    async with desk.pool.connection() as conn:
        await conn.execute("update agents set must_change_password = true where id = %s", (agent_id,))
    csrf = await desk.sign_in("agent")
    assert (await desk.call("GET", "/api/session")).status == 200
    for method, path in (("GET", "/api/desk/queue"), ("PUT", "/api/desk/presence")):
        refused = await desk.call(method, path, csrf=csrf, json={"state": "online"})
        assert (refused.status, await error_code(refused)) == (403, "password_change_needed")
    assert await error_code(await desk.call("GET", "/api/admin/agents")) == "forbidden"
    async with desk.client.ws_connect("/api/desk/ws", headers=own_origin(desk)) as socket:
        await socket.receive(timeout=5)
        assert socket.close_code == 4001
    body = {"old_password": PASSWORD, "new_password": "a-new-long-password"}
    assert (await desk.call("POST", "/api/session/password", csrf=csrf, json=body)).status == 204
    assert (await desk.call("GET", "/api/desk/queue")).status == 200
    async with desk.client.ws_connect("/api/desk/ws", headers=own_origin(desk)) as socket:
        await socket.send_json({"id": 1, "type": "ping"})
        assert (await socket.receive_json(timeout=5))["ok"] is True


async def test_signing_out_works_with_a_first_password(desk: Desk) -> None:
    agent_id = await desk.add_person("agent")
    async with desk.pool.connection() as conn:
        await conn.execute("update agents set must_change_password = true where id = %s", (agent_id,))
    csrf = await desk.sign_in("agent")
    assert (await desk.call("DELETE", "/api/session", csrf=csrf)).status == 204


def own_origin(desk: Desk) -> dict[str, str]:
    """What the desk's own page sends when it opens a socket."""
    return {"Origin": str(desk.client.make_url("/")).rstrip("/")}
