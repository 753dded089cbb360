"""What an agent may do over the socket is what REST lets the same agent do, with the same limits."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from desk import people
from desk.conversations import Pool
from tests.integration.rest.conftest import Desk, error_code
from tests.integration.rest.consoles import ask, console, result


async def give_to(desk: Desk, conversation_id: UUID, agent_id: UUID) -> None:
    async with desk.pool.connection() as conn:
        await conn.execute(
            "update conversations set owner = 'agent', agent_id = %s, epoch = 2 where id = %s",
            (agent_id, conversation_id),
        )


async def test_a_conversation_that_one_may_not_read_answers_not_found_to_every_request(desk: Desk) -> None:
    conversation_id, _ = await desk.start_conversation()
    await desk.add_person("agent", login="first")
    await give_to(desk, conversation_id, await desk.add_person("agent", login="second"))
    kinds: dict[str, dict[str, object]]
    async with console(desk, "first") as (socket, _):
        kinds = {
            "open": {},
            "note": {"client_id": "n-1", "text": "hello"},
            "typing": {"active": True},
            "read": {"seq": 1},
        }
        for kind, fields in kinds.items():
            answer = await ask(socket, kind, conversation_id=str(conversation_id), **fields)
            assert answer["error"]["code"] == "not_found", kind
        kinds = {
            "reply": {"client_id": "r-1", "text": "hello"},
            "hand_back": {"epoch": 2, "summary": ""},
            "transfer": {"epoch": 2, "agent_id": None},
            "close": {"epoch": 2, "resolution": "solved"},
        }
        for kind, fields in kinds.items():
            answer = await ask(socket, kind, conversation_id=str(conversation_id), **fields)
            assert answer["error"]["code"] == "conflict", kind


async def test_customers_see_only_their_own_agent_type(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation()
    await desk.add_person("supervisor")
    await give_to(desk, conversation_id, await desk.add_person("agent"))
    url = desk.client.make_url("/api/chat/ws")
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as customer:
        await customer.send_json({"id": 1, "type": "hello", "token": token})
        await result(customer)
        async with console(desk, "supervisor") as (reader, _), console(desk, "agent") as (owner, _):
            typing = {"conversation_id": str(conversation_id)}
            assert (await ask(reader, "typing", active=True, **typing))["ok"] is True
            assert (await ask(owner, "typing", active=False, **typing))["ok"] is True
        while (event := await customer.receive_json(timeout=5))["type"] != "typing":
            pass
        assert event == {"type": "typing", "sender": "agent", "active": False}


async def test_a_transfer_over_rest_asks_for_a_level(desk: Desk) -> None:
    conversation_id, _ = await desk.start_conversation()
    await give_to(desk, conversation_id, await desk.add_person("agent"))
    csrf = await desk.sign_in("agent")
    path = f"/api/desk/conversations/{conversation_id}/transfer"
    answer = await desk.call("POST", path, csrf=csrf, json={"epoch": 2, "level": "king"})
    assert (answer.status, await error_code(answer)) == (422, "invalid_input")
    answer = await desk.call("POST", path, csrf=csrf, json={"epoch": 2, "level": "senior"})
    assert answer.status == 200
    async with desk.pool.connection() as conn:
        cursor = await conn.execute("select required_level from queue_entries")
        assert await cursor.fetchone() == ("senior",)


@pytest.mark.parametrize(
    ("kind", "route", "field", "limit"),
    [("hand_back", "hand-back", "summary", 1000), ("transfer", "transfer", "note", 2000)],
)
async def test_words_have_the_same_limit_over_rest_and_socket(
    desk: Desk, kind: str, route: str, field: str, limit: int
) -> None:
    conversation_id, _ = await desk.start_conversation()
    await give_to(desk, conversation_id, await desk.add_person("agent"))
    csrf = await desk.sign_in("agent")
    path = f"/api/desk/conversations/{conversation_id}/{route}"
    body = {"epoch": 2, field: "x" * (limit + 1)}
    answer = await desk.call("POST", path, csrf=csrf, json=body)
    assert (await answer.json())["error"]["field"] == field
    async with console(desk, "agent") as (socket, _):
        refused = await ask(socket, kind, conversation_id=str(conversation_id), **body)
        assert (refused["error"]["code"], refused["error"]["field"]) == ("invalid_input", field)
        fits = body | {field: "x" * limit}
        assert (await ask(socket, kind, conversation_id=str(conversation_id), **fits))["ok"] is True


async def test_messages_are_counted_by_sender_once_they_are_committed(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation()
    await give_to(desk, conversation_id, await desk.add_person("agent"))
    csrf = await desk.sign_in("agent")
    chat, office = f"/api/chat/conversations/{conversation_id}", f"/api/desk/conversations/{conversation_id}"
    for client_id in ("c-1", "c-2", "c-2"):
        said = {"client_id": client_id, "text": "hello"}
        assert (await desk.call("POST", f"{chat}/messages", token=token, json=said)).status in (200, 201)
    reply = {"client_id": "r-1", "text": "hello"}
    assert (await desk.call("POST", f"{office}/messages", csrf=csrf, json=reply)).status == 201
    here = {"conversation_id": str(conversation_id)}
    async with console(desk, "agent") as (socket, _):
        for _ in range(2):
            assert (await ask(socket, "reply", client_id="r-2", text="hello", **here))["ok"] is True
        assert (await ask(socket, "close", epoch=9, resolution="solved", **here))["ok"] is False
        assert (await ask(socket, "close", epoch=2, resolution="solved", **here))["ok"] is True
    counted = (await (await desk.call("GET", "/metrics")).text()).splitlines()
    assert {line for line in counted if line.startswith("anxin_messages_total{")} == {
        'anxin_messages_total{sender="customer"} 2.0',
        'anxin_messages_total{sender="agent"} 2.0',
        'anxin_messages_total{sender="system"} 1.0',
    }


async def test_a_conversation_given_to_an_agent_unheard_is_followed_within_a_sweep(desk: Desk) -> None:
    conversation_id, _ = await desk.start_conversation()
    agent_id = await desk.add_person("agent")
    async with console(desk, "agent") as (socket, _):
        await give_to(desk, conversation_id, agent_id)  # without any wake-up, as if one had been lost
        async with asyncio.timeout(5):
            while (event := await socket.receive_json())["type"] != "conversation":
                pass
        assert event["summary"]["id"] == str(conversation_id)


async def test_no_event_comes_before_the_hello_that_it_is_newer_than(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation_id, token = await desk.start_conversation()
    await give_to(desk, conversation_id, await desk.add_person("agent"))
    list_agents = people.list_agents

    async def list_agents_while_a_customer_writes(pool: Pool) -> list[people.Agent]:
        path = f"/api/chat/conversations/{conversation_id}/messages"
        await desk.call("POST", path, token=token, json={"client_id": "c-1", "text": "在吗"})
        await asyncio.sleep(0.3)
        return await list_agents(pool)

    monkeypatch.setattr(people, "list_agents", list_agents_while_a_customer_writes)
    async with console(desk, "agent", says_hello=False) as (socket, _):
        await socket.send_json({"id": 1, "type": "hello"})
        assert (await socket.receive_json(timeout=5))["type"] == "result"
        async with asyncio.timeout(5):
            while (event := await socket.receive_json())["type"] != "message":
                pass
    assert event["message"]["text"] == "在吗"


async def test_what_one_only_looked_at_is_gone_when_a_colleague_takes_it_but_not_what_one_had(
    desk: Desk,
) -> None:
    conversation_id, token = await desk.start_conversation()
    path = f"/api/chat/conversations/{conversation_id}/messages"
    await desk.call("POST", path, token=token, json={"client_id": "c-1", "text": "转人工"})
    for login in ("first", "second"):
        await desk.add_person("agent", login=login)
    await desk.add_person("supervisor")
    it: dict[str, Any] = {"conversation_id": str(conversation_id)}
    async with (
        console(desk, "first") as (first, _),
        console(desk, "second") as (second, _),
        console(desk, "supervisor") as (supervisor, _),
    ):
        for socket in (first, supervisor):
            assert (await ask(socket, "open", **it))["ok"]
        assert (await ask(second, "claim", epoch=2, **it))["ok"]
        await told(first, "conversation_gone")
        assert (await ask(second, "transfer", epoch=3, agent_id=None, **it))["ok"]
        assert (await ask(second, "open", **it))["ok"]
        assert (await ask(supervisor, "claim", epoch=4, **it))["ok"]
        await desk.call("POST", path, token=token, json={"client_id": "c-2", "text": "在吗"})
        for socket in (second, supervisor):
            while (await told(socket, "message"))["message"]["text"] != "在吗":
                pass
        await first.send_json({"id": 9, "type": "ping"})
        while (event := await first.receive_json(timeout=5))["type"] != "result":
            assert event["type"] != "message"


async def told(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next event of this type."""
    async with asyncio.timeout(5):
        while (event := await socket.receive_json())["type"] != kind:
            pass
    return dict(event)
