"""Errors, limits, origins, headers, pages, and a database that is away."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from service import keys
from service.app import route_table_of
from service.http.rate_limits import RateLimits
from service.settings import LimitSettings
from tests.integration.rest.conftest import PASSWORD, Desk, error_code

SHOP = "https://shop.example.com"
EVIL = "https://evil.example.com"


async def test_unknown_addresses_and_methods_answer_in_the_one_error_shape(desk: Desk) -> None:
    for path in (
        "/nothing",
        "/api/nothing",
        "/api/desk/conversations/not-an-id/x",
        "/assets/nothing.js",
        "/%00",
    ):
        answer = await desk.call("GET", path)
        assert (answer.status, await error_code(answer)) == (404, "not_found"), path
    answer = await desk.call("DELETE", "/api/chat/conversations")
    assert (answer.status, await error_code(answer)) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


async def test_an_unexpected_error_tells_nothing_but_its_request_id(
    desk: Desk, capsys: pytest.CaptureFixture
) -> None:
    class Broken:
        async def receive(self, incoming):
            raise ValueError(f"secret thing {incoming.text}")

    conversation_id, token = await desk.start_conversation()
    desk.app._state[keys.RECEIVER] = Broken()
    answer = await desk.call(
        "POST",
        f"/api/chat/conversations/{conversation_id}/messages",
        token=token,
        json={"client_id": "c-1", "text": "marker-text"},
    )
    assert (answer.status, await error_code(answer)) == (500, "internal")
    assert "secret thing" not in await answer.text()


@pytest.mark.parametrize("path", ["/", "/desk", "/knowledge", "/admin", "/api/docs"])
async def test_pages_have_a_strict_policy_and_nobody_frames_them(desk: Desk, path: str) -> None:
    answer = await desk.call("GET", path)
    assert answer.status == 200 and answer.content_type == "text/html"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in answer.headers
    page = await answer.text()
    assert (
        "<style" not in page and " onclick=" not in page and "http://" not in page and "https://" not in page
    )


async def test_https_is_remembered_when_the_public_address_has_it(make_desk) -> None:
    desk = await make_desk(ANXIN_SERVICE__PUBLIC_URL="https://desk.example.com")
    assert "max-age" in (await desk.call("GET", "/healthz")).headers["Strict-Transport-Security"]


async def test_files_are_revalidated_and_nothing_outside_the_folder_is_served(desk: Desk) -> None:
    first = await desk.call("GET", "/assets/shared/tokens.css")
    assert first.status == 200 and first.content_type == "text/css"
    again = await desk.call(
        "GET", "/assets/shared/tokens.css", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status == 304 and await again.read() == b""
    for path in (
        "/assets/../settings.py",
        "/assets/%2e%2e/settings.py",
        "/assets/..%2fsettings.py",
        "/assets/desk/index.html",
    ):
        answer = await desk.client.session.get(
            desk.client.make_url("/").with_path(path, encoded=True), allow_redirects=False
        )
        assert answer.status == 404, path


async def test_every_file_that_a_page_names_is_there(desk: Desk) -> None:
    import re

    for path in ("/", "/desk", "/knowledge", "/admin", "/api/docs"):
        page = await (await desk.call("GET", path)).text()
        for name in re.findall(r'(?:src|href)="(/[^"#]+)"', page):
            assert (await desk.call("GET", name)).status == 200, (path, name)


async def test_only_allowed_storefronts_read_the_chat_from_their_pages(desk: Desk) -> None:
    for origin, is_allowed in (
        (SHOP, True),
        (EVIL, False),
        ("null", False),
        ("https://shop.example.com.evil.com", False),
    ):
        asked = await desk.call(
            "OPTIONS",
            "/api/chat/conversations",
            headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
        )
        assert ("Access-Control-Allow-Methods" in asked.headers) is is_allowed
        answer = await desk.call("POST", "/api/chat/conversations", json={}, headers={"Origin": origin})
        assert answer.status == (201 if is_allowed else 403)
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if is_allowed else None)
        if not is_allowed:
            assert await error_code(answer) == "bad_origin"
    script = await desk.call("GET", "/widget.js", headers={"Origin": SHOP})
    assert script.headers["Access-Control-Allow-Origin"] == SHOP
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_other_pages_can_neither_write_nor_read_beyond_the_chat(desk: Desk) -> None:
    await desk.add_person("agent")
    for origin in (SHOP, EVIL):
        answer = await desk.call(
            "POST", "/api/session", json={"login": "agent", "password": PASSWORD}, headers={"Origin": origin}
        )
        assert (answer.status, await error_code(answer)) == (403, "bad_origin")
        read = await desk.call("GET", "/api/desk/queue", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in read.headers
    own = str(desk.client.make_url("/").origin())
    answer = await desk.call(
        "POST", "/api/session", json={"login": "agent", "password": PASSWORD}, headers={"Origin": own}
    )
    assert answer.status == 200


async def test_a_hundred_messages_at_once_meet_the_limit_and_learn_when_again(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation()
    path = f"/api/chat/conversations/{conversation_id}/messages"
    answers = [
        await desk.call("POST", path, token=token, json={"client_id": f"c-{n}", "text": f"{n}"})
        for n in range(100)
    ]
    accepted = [a for a in answers if a.status == 201]
    refused = [a for a in answers if a.status == 429]
    assert len(accepted) + len(refused) == 100 and 20 <= len(accepted) < 60
    assert await error_code(refused[0]) == "too_fast"
    assert int(refused[0].headers["Retry-After"]) >= 1
    other_id, other = await desk.start_conversation()
    body = {"client_id": "c", "text": "a"}
    assert (
        await desk.call("POST", f"/api/chat/conversations/{other_id}/messages", token=other, json=body)
    ).status == 201


async def test_new_conversations_sign_ins_and_requests_are_limited_by_address(desk: Desk) -> None:
    small = {"conversations_per_hour": 2, "sign_ins_per_minute": 2, "requests_per_minute": 7}
    desk.app._state[keys.LIMITS] = RateLimits(LimitSettings.model_validate(small))
    for path, body in (
        ("/api/chat/conversations", {}),
        ("/api/session", {"login": "nobody", "password": "wrong-wrong-wrong"}),
    ):
        answers = [await desk.call("POST", path, json=body) for _ in range(3)]
        assert await error_code(answers[2]) == "too_fast" and answers[1].status != 429
    answers = [await desk.call("GET", "/api/openapi.json") for _ in range(2)]
    assert [a.status for a in answers] == [200, 429]


async def test_the_description_and_the_health_of_a_desk_without_rasa(desk: Desk) -> None:
    ready = await desk.call("GET", "/readyz")
    assert (ready.status, await ready.json()) == (
        200,
        {"status": "degraded", "parts": {"database": "ok", "rasa": "down", "workers": "ok"}},
    )
    assert (await (await desk.call("GET", "/healthz")).json()) == {"status": "ok"}
    text = await (await desk.call("GET", "/metrics")).text()
    assert "anxin_rasa_up 0.0" in text and "anxin_database_up 1.0" in text


async def test_while_the_database_is_away_all_is_unavailable_and_mends_itself(
    make_desk, database_url: str
) -> None:
    desk = await make_desk()
    conversation_id, token = await desk.start_conversation()
    path = f"/api/chat/conversations/{conversation_id}/messages"
    name = sql.Identifier(database_url.rsplit("/", 1)[1].split("?")[0])
    await desk.pool.close()
    server = database_url.replace(f"/{name._obj[0]}", "/postgres")
    with psycopg.connect(server, autocommit=True) as outside:
        outside.execute(sql.SQL("alter database {} allow_connections false").format(name))
        outside.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name._obj[0],)
        )
        answer = await desk.call("POST", path, token=token, json={"client_id": "c-1", "text": "在吗"})
        assert (answer.status, await error_code(answer)) == (503, "unavailable")
        down = await desk.call("GET", "/readyz")
        assert (down.status, (await down.json())["status"]) == (503, "down")
        assert (await desk.call("GET", "/healthz")).status == 200
        outside.execute(sql.SQL("alter database {} allow_connections true").format(name))
    for _ in range(20):
        answer = await desk.call("POST", path, token=token, json={"client_id": "c-1", "text": "在吗"})
        if answer.status == 201:
            break
    assert answer.status == 201


async def test_every_api_route_is_described_and_says_who_may(desk: Desk) -> None:
    description = await (await desk.call("GET", "/api/openapi.json")).json()
    described = {
        (method.upper(), path) for path, methods in description["paths"].items() for method in methods
    }
    assert described == {(r.method, r.path) for r in route_table_of(desk.app) if r.kind == "api"}
