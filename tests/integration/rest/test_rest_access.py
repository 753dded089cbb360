"""Who may call what: every role on every route, from the route table."""

from __future__ import annotations

from uuid import uuid4

import pytest
from aiohttp import ClientResponse

from service.app import route_table_of
from service.http.access import Access
from service.http.errors import STATUS_OF_CODE
from service.http.route import Route
from tests.integration.rest.conftest import Desk, error_code

SIGN_OUT = ("DELETE", "/api/session")
ROLES = ("agent", "editor", "supervisor", "admin")


def expected_refusal(access: Access, role: str | None) -> str | None:
    if access.kind == "customer":
        return "bad_token"  # nobody here holds the token of the conversation that is asked for
    if access.kind != "people":
        return None
    if role is None:
        return "not_signed_in"
    return None if role in access.roles else "forbidden"


async def call(desk: Desk, route: Route, *, csrf: str | None, token: str) -> ClientResponse:
    path = route.path.replace("{path:.+}", "shared/tokens.css")
    for name in route.id_names:
        path = path.replace(f"{{{name}}}", str(uuid4()))
    for name in route.text_id_names:
        path = path.replace(f"{{{name}}}", f"no_such_{name}")
    for name in route.number_names:
        path = path.replace(f"{{{name}}}", "1")
    body = {"json": {}} if route.body else {}
    return await desk.call(route.method, path, csrf=csrf, token=token, allow_redirects=False, **body)


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_each_role_is_let_in_exactly_where_the_route_table_says(desk: Desk, role: str | None) -> None:
    _, foreign_token = await desk.start_conversation()
    csrf = None
    if role is not None:
        await desk.add_person(role)
        csrf = await desk.sign_in(role)
    wrong = []
    routes = [route for route in route_table_of(desk.app) if route.kind != "socket"]
    for route in sorted(routes, key=lambda r: (r.method, r.path) == SIGN_OUT):  # signing out comes last
        assert route.access is not None
        answer = await call(desk, route, csrf=csrf, token=foreign_token)
        refusal = expected_refusal(route.access, role)
        if refusal is not None:
            is_right = answer.status == STATUS_OF_CODE[refusal] and await error_code(answer) == refusal
        else:
            is_right = answer.status not in (401, 403, 500)
        if not is_right:
            wrong.append((route.method, route.path, answer.status, await answer.text(), refusal))
    assert wrong == []


async def test_a_write_without_the_csrf_token_is_refused_on_every_route_for_people(desk: Desk) -> None:
    await desk.add_person("admin")
    await desk.sign_in("admin")
    writes = [
        route
        for route in route_table_of(desk.app)
        if route.access is not None and route.access.kind == "people" and route.method != "GET"
    ]
    assert len(writes) > 10
    for route in writes:
        for csrf in (None, "old-token", ""):
            answer = await call(desk, route, csrf=csrf, token="")
            assert (answer.status, await error_code(answer)) == (403, "bad_csrf"), route.path


async def test_every_answer_of_every_route_is_among_those_it_documents(desk: Desk) -> None:
    await desk.add_person("admin")
    csrf = await desk.sign_in("admin")
    routes = [r for r in route_table_of(desk.app) if r.kind == "api" and r.method != "DELETE"]
    for route in routes:
        answer = await call(desk, route, csrf=csrf, token="")
        assert answer.status in route.statuses(), (route.method, route.path, answer.status)


async def test_demo_routes_do_not_exist_outside_demo_mode(make_desk) -> None:
    desk = await make_desk(ANXIN_DEMO__ENABLED="false")
    for method, path in (
        ("GET", "/api/demo/customers"),
        ("GET", "/api/demo/orders"),
        ("POST", "/api/demo/identity"),
        ("POST", "/api/demo/plays"),
    ):
        answer = await desk.call(method, path, json={})
        assert (answer.status, await error_code(answer)) == (404, "not_found")


async def test_metrics_are_for_the_named_addresses_only(make_desk) -> None:
    desk = await make_desk(ANXIN_SERVICE__METRICS_FROM="[10.0.0.0/8]")
    assert await error_code(await desk.call("GET", "/metrics")) == "forbidden"


async def test_a_person_who_is_switched_off_is_signed_out_at_once(desk: Desk) -> None:
    agent_id = await desk.add_person("agent")
    await desk.add_person("admin")
    await desk.sign_in("agent")
    agents_cookie = desk.client.session.cookie_jar.filter_cookies(desk.client.make_url("/"))
    desk.forget_cookies()
    csrf = await desk.sign_in("admin")
    answer = await desk.call("PATCH", f"/api/admin/agents/{agent_id}", csrf=csrf, json={"is_active": False})
    assert answer.status == 200
    desk.forget_cookies()
    desk.client.session.cookie_jar.update_cookies(agents_cookie, desk.client.make_url("/"))
    assert await error_code(await desk.call("GET", "/api/session")) == "not_signed_in"


async def test_agents_read_only_what_waits_what_is_theirs_and_what_the_bot_has(desk: Desk) -> None:
    conversation_id, _ = await desk.start_conversation()
    await desk.add_person("agent", login="first")
    owner = await desk.add_person("agent", login="second")
    async with desk.pool.connection() as conn:
        await conn.execute(
            "update conversations set owner = 'agent', agent_id = %s, epoch = 2 where id = %s",
            (owner, conversation_id),
        )
    await desk.sign_in("first")
    for path in ("", "/messages"):
        answer = await desk.call("GET", f"/api/desk/conversations/{conversation_id}{path}")
        assert (answer.status, await error_code(answer)) == (404, "not_found")
    desk.forget_cookies()
    await desk.sign_in("second")
    assert (await desk.call("GET", f"/api/desk/conversations/{conversation_id}")).status == 200
