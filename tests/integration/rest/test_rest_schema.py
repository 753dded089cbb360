"""Calls made up from the API's own description: no 500, only documented statuses, and answers as described."""

from __future__ import annotations

import asyncio
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.knowledge.conftest import ENTRY, WINDOW, add_figure
from tests.integration.rest.conftest import Desk

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EXAMPLES = 6
LEAVE_OUT = {
    ("DELETE", "/api/session"),
    ("POST", "/api/session/password"),
    ("PATCH", "/api/admin/agents/{id}"),
}
"""They would end the session that the other calls need, or take the admin's role away."""


async def test_made_up_calls_get_documented_answers(desk: Desk) -> None:
    await desk.add_person("admin")
    csrf = await desk.sign_in("admin")
    conversation_id, token = await desk.start_conversation()
    own = {"id": str(conversation_id), "entry": "returns", "figure": "return_window_days"}
    async with desk.pool.connection() as conn:
        await add_figure(conn, own["figure"], WINDOW, 1)
    await desk.call("POST", "/api/knowledge/entries", csrf=csrf, json={"id": own["entry"], "content": ENTRY})
    base = str(desk.client.make_url("/")).rstrip("/")
    cookies = {c.key: c.value for c in desk.client.session.cookie_jar}
    description: dict[str, Any] = await (await desk.call("GET", "/api/openapi.json")).json()
    headers = {"X-CSRF-Token": csrf, "Authorization": f"Bearer {token}"}
    called = await asyncio.to_thread(_call_all, description, base, headers, cookies, own)
    assert called > 100


def _call_all(
    description: dict[str, Any],
    base: str,
    headers: dict[str, str],
    cookies: dict[str, str],
    own: dict[str, str],
) -> int:
    schema = schemathesis.openapi.from_dict(description)
    called = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) in LEAVE_OUT:
            continue

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: schemathesis.Case) -> None:
            nonlocal called
            for name in own.keys() & case.path_parameters.keys() if called % 2 else ():
                case.path_parameters[name] = own[name]  # else hardly a call would get past «not found»
            case.call_and_validate(base_url=base, headers=headers, cookies=cookies, checks=list(CHECKS))
            called += 1

        call()
    return called
