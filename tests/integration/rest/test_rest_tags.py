"""Agents correct the tags of customers' messages: kept with who and when, seen at once, erased with the conversation."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientResponse

from desk.corrections import read_corrections
from tests.integration.rest.conftest import Desk, error_code
from tests.integration.rest.consoles import ask, console

ANGRY = {"sentiment": "angry", "urgency": "high", "level": "serious"}
CALM = {"sentiment": "neutral", "urgency": "normal", "level": "none"}


class Story:
    """A conversation with one message of the customer, and agents who correct it."""

    def __init__(self, desk: Desk, conversation_id: UUID) -> None:
        self.desk = desk
        self.id = conversation_id
        self.path = f"/api/desk/conversations/{conversation_id}/messages/1/tags"

    async def put(self, login: str, labels: dict[str, Any], path: str = "") -> ClientResponse:
        csrf = await self.desk.sign_in(login)
        return await self.desk.call("PUT", path or self.path, csrf=csrf, json=labels)

    async def withdraw(self, login: str) -> dict[str, Any]:
        csrf = await self.desk.sign_in(login)
        answer = await self.desk.call("DELETE", self.path, csrf=csrf)
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found

    async def corrected(self, login: str, labels: dict[str, Any]) -> dict[str, Any]:
        answer = await self.put(login, labels)
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


@pytest.fixture
async def story(desk: Desk) -> Story:
    conversation_id, token = await desk.start_conversation()
    path = f"/api/chat/conversations/{conversation_id}/messages"
    body = {"client_id": "c-1", "text": "订单AX2026112100017又没发货，真行啊"}
    answer = await desk.call("POST", path, token=token, json=body)
    assert answer.status == 201
    await desk.add_person("agent", login="young")
    await desk.add_person("agent", login="old", level="senior")
    await desk.add_person("supervisor")
    return Story(desk, conversation_id)


def labels_of(tags: dict[str, Any]) -> dict[str, str]:
    return {scale: tags[scale]["label"] for scale in ("sentiment", "urgency", "level")}


async def test_a_correction_is_shown_with_who_and_kept_with_what_the_classifier_said(story: Story) -> None:
    answer = await story.corrected("young", ANGRY)
    assert labels_of(answer["tags"]) == ANGRY
    assert answer["counts"] is True
    assert answer["tags"]["corrected"]["by"] == {"name": "agent 小林"}
    read = await story.desk.call("GET", f"/api/desk/conversations/{story.id}/messages")
    (message,) = (await read.json())["messages"]
    assert message["tags"] == answer["tags"]
    async with story.desk.pool.connection() as conn:
        (kept,) = await read_corrections(conn)
    assert kept.labels.as_row() == ANGRY
    assert kept.said.as_row() == CALM
    assert kept.text == "订单xx0000000000000又没发货，真行啊"


async def test_the_higher_level_counts_and_the_newest_among_equals(story: Story) -> None:
    minor = {**ANGRY, "level": "minor"}
    await story.corrected("young", ANGRY)
    assert (await story.corrected("old", CALM))["counts"] is True
    late = await story.corrected("young", minor)
    assert late["counts"] is False
    assert labels_of(late["tags"]) == CALM
    assert labels_of((await story.corrected("supervisor", minor))["tags"]) == minor
    async with story.desk.pool.connection() as conn:
        assert [c.labels.as_row() for c in await read_corrections(conn)] == [minor]


async def test_taking_it_back_leaves_what_others_said_and_then_what_the_classifier_said(story: Story) -> None:
    await story.corrected("young", ANGRY)
    await story.corrected("supervisor", CALM)
    assert labels_of((await story.withdraw("supervisor"))["tags"]) == ANGRY
    last = await story.withdraw("young")
    assert labels_of(last["tags"]) == CALM
    assert last["tags"]["corrected"] is None
    async with story.desk.pool.connection() as conn:
        assert await read_corrections(conn) == []


async def test_other_windows_are_told_and_customers_never_see_tags(story: Story) -> None:
    async with console(story.desk, "supervisor") as (socket, _):
        opened = await ask(socket, "open", conversation_id=str(story.id))
        assert opened["messages"][0]["tags"]["corrected"] is None
        await story.corrected("old", ANGRY)
        async with asyncio.timeout(3):
            while (told := await socket.receive_json())["type"] != "tags":
                pass
    assert (told["conversation_id"], told["seq"]) == (str(story.id), 1)
    assert labels_of(told["tags"]) == ANGRY


async def test_what_customers_read_has_no_tags(desk: Desk, story: Story) -> None:
    conversation_id, token = await desk.start_conversation()
    path = f"/api/chat/conversations/{conversation_id}/messages"
    await desk.call("POST", path, token=token, json={"client_id": "c-1", "text": "你们真行"})
    (message,) = (await (await desk.call("GET", path, token=token)).json())["messages"]
    assert "tags" not in message


async def test_only_words_of_the_customer_can_be_corrected_and_only_with_known_labels(story: Story) -> None:
    wrong = story.path.replace("/1/", "/99/")
    assert await error_code(await story.put("old", ANGRY, wrong)) == "not_found"
    assert await error_code(await story.put("old", ANGRY, story.path.replace("/1/", "/x/"))) == "not_found"
    answer = await story.put("old", {**ANGRY, "level": "terrible"})
    assert answer.status == 422
    assert await error_code(answer) == "invalid_input"


async def test_it_is_in_the_audit_log_without_a_word_of_the_customer(story: Story) -> None:
    await story.corrected("young", ANGRY)
    async with story.desk.pool.connection() as conn:
        rows = await (
            await conn.execute("select subject, details from audit_log where action = 'message.retagged'")
        ).fetchall()
    assert rows == [
        (
            f"conversation:{story.id}",
            {"seq": 1, "from": ["neutral", "normal", "none"], "to": ["angry", "high", "serious"]},
        )
    ]


async def test_an_erased_conversation_takes_its_corrections_along(story: Story) -> None:
    await story.corrected("young", ANGRY)
    async with story.desk.pool.connection() as conn:
        await conn.execute("delete from conversations where id = %s", (story.id,))
        assert await read_corrections(conn) == []
