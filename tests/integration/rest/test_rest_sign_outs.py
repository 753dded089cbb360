"""Open sockets end with the sign-in that opened them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from tests.integration.rest.conftest import PASSWORD, Desk, MakeDesk
from tests.integration.rest.consoles import close_code, console, result, stays_open


async def switch_off(desk: Desk, agent_id: UUID, csrf: str) -> None:
    await desk.call("PATCH", f"/api/admin/agents/{agent_id}", csrf=csrf, json={"is_active": False})


async def give_another_role(desk: Desk, agent_id: UUID, csrf: str) -> None:
    await desk.call("PATCH", f"/api/admin/agents/{agent_id}", csrf=csrf, json={"role": "editor"})


async def give_password(desk: Desk, agent_id: UUID, csrf: str) -> None:
    await desk.call("POST", f"/api/admin/agents/{agent_id}/password", csrf=csrf)


async def let_it_expire(desk: Desk, agent_id: UUID, csrf: str) -> None:
    async with desk.pool.connection() as conn:
        await conn.execute(
            "update agent_sessions set expires_at = %s where agent_id = %s", (datetime.now(UTC), agent_id)
        )


@pytest.mark.parametrize("change", [switch_off, give_another_role, give_password, let_it_expire])
async def test_consoles_end_with_their_sign_in_in_every_process(make_desk: MakeDesk, change: Any) -> None:
    desk, other_process = await make_desk(), await make_desk()
    agent_id = await desk.add_person("agent")
    await desk.add_person("agent", login="colleague")
    await desk.add_person("admin")
    csrf = await desk.sign_in("admin")
    async with (
        console(desk, "agent") as (here, _),
        console(other_process, "agent") as (there, _),
        console(other_process, "colleague") as (colleague, _),
    ):
        await change(desk, agent_id, csrf)
        assert await close_code(here) == 4001
        assert await close_code(there) == 4001
        assert await stays_open(colleague)


async def test_signing_out_ends_the_console_of_this_browser_only(desk: Desk) -> None:
    await desk.add_person("agent")
    csrf = await desk.sign_in("agent")
    origin = str(desk.client.make_url("/")).rstrip("/")
    async with (
        desk.client.ws_connect("/api/desk/ws", headers={"Origin": origin}) as socket,
        console(desk, "agent") as (elsewhere, _),
    ):
        await desk.call("DELETE", "/api/session", csrf=csrf)
        assert await close_code(socket) == 4001, "a socket that has not said hello ends too"
        assert await stays_open(elsewhere)


async def test_changing_ones_own_password_ends_the_consoles_of_other_browsers(desk: Desk) -> None:
    await desk.add_person("agent")
    async with console(desk, "agent") as (elsewhere, _):
        body = {"old_password": PASSWORD, "new_password": "a-new-long-password"}
        csrf = await desk.sign_in("agent")
        answer = await desk.call("POST", "/api/session/password", csrf=csrf, json=body)
        assert answer.status == 204
        assert await close_code(elsewhere) == 4001
        assert (await desk.call("GET", "/api/session")).status == 200


async def test_a_service_that_stops_tells_every_socket_to_reconnect(make_desk: MakeDesk) -> None:
    desk = await make_desk()
    await desk.add_person("agent")
    _, token = await desk.start_conversation()
    async with aiohttp.ClientSession() as session, console(desk, "agent") as (socket, _):
        url = desk.client.make_url("/api/chat/ws")
        async with session.ws_connect(url) as customer:
            await customer.send_json({"id": 1, "type": "hello", "token": token})
            assert (await result(customer))["ok"] is True
            await desk.app.shutdown()
            assert await close_code(socket) == 1001
            assert await close_code(customer) == 1001
