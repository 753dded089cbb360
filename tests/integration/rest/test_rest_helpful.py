"""Customers judge answers, over REST and over the socket alike: their own only, as often as they like."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from tests.integration.rest.conftest import Desk, error_code
from tests.integration.rest.consoles import ask

ASKED, ANSWER, OTHER = 1, 2, 3
"""The seqs of a question, of its answer, and of something else that the bot says."""


async def answered(desk: Desk) -> tuple[UUID, str]:
    """A conversation in which the knowledge base has answered; its id and token."""
    conversation_id, token = await desk.start_conversation()
    said = {ASKED: ("customer", {}), ANSWER: ("bot", {"helpful": None}), OTHER: ("bot", {})}
    async with desk.pool.connection() as conn:
        for seq, (sender, payload) in said.items():
            await conn.execute(
                "insert into messages (conversation_id, seq, epoch, sender, text, payload) values (%s, %s, 1, %s, '…', %s)",
                (conversation_id, seq, sender, Jsonb(payload)),
            )
        await conn.execute(
            "insert into knowledge_uses (conversation_id, seq, first_seq, epoch, language, outcome, shown, base_version,"
            " reply_seq, at) values (%s, 1, 1, 1, 'zh-Hans', 'answered', '{returns}', 1, 2, %s)",
            (conversation_id, datetime.now(UTC)),
        )
    return conversation_id, token


async def judgement(desk: Desk, conversation_id: UUID) -> Any:
    async with desk.pool.connection() as conn:
        cursor = await conn.execute(
            "select helpful from knowledge_uses where conversation_id = %s", (conversation_id,)
        )
        row = await cursor.fetchone()
    assert row is not None
    return row[0]


def path(conversation_id: UUID, seq: object = ANSWER) -> str:
    return f"/api/chat/conversations/{conversation_id}/messages/{seq}/helpful"


async def test_a_judgement_is_kept_and_changed_and_read_back_with_the_message(desk: Desk) -> None:
    conversation_id, token = await answered(desk)
    assert await judgement(desk, conversation_id) is None
    for helpful in (True, True, False):
        answer = await desk.call("POST", path(conversation_id), token=token, json={"helpful": helpful})
        assert (answer.status, await answer.json()) == (200, {"seq": ANSWER, "helpful": helpful})
        assert await judgement(desk, conversation_id) is helpful
    read = await desk.call("GET", f"/api/chat/conversations/{conversation_id}/messages", token=token)
    payloads = [message["payload"] for message in (await read.json())["messages"]]
    assert payloads == [{}, {"helpful": False}, {}]


async def test_another_conversations_token_judges_nothing(desk: Desk) -> None:
    conversation_id, _ = await answered(desk)
    other_id, other = await answered(desk)
    answer = await desk.call("POST", path(conversation_id), token=other, json={"helpful": True})
    assert (answer.status, await error_code(answer)) == (401, "bad_token")
    unsigned = await desk.call("POST", path(conversation_id), json={"helpful": True})
    assert await error_code(unsigned) == "bad_token"
    assert await judgement(desk, conversation_id) is None
    assert await judgement(desk, other_id) is None


@pytest.mark.parametrize("seq", [ASKED, OTHER, 99, 0, "x", "2.0", "-2", 10**30])
async def test_what_is_no_answer_is_not_found(desk: Desk, seq: object) -> None:
    conversation_id, token = await answered(desk)
    answer = await desk.call("POST", path(conversation_id, seq), token=token, json={"helpful": True})
    assert (answer.status, await error_code(answer)) == (404, "not_found")
    assert await judgement(desk, conversation_id) is None


@pytest.mark.parametrize(
    "body", [{}, {"helpful": None}, {"helpful": "yes"}, {"helpful": 1}, {"helpful": True, "why": "…"}]
)
async def test_a_body_that_says_neither_yes_nor_no_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    conversation_id, token = await answered(desk)
    answer = await desk.call("POST", path(conversation_id), token=token, json=body)
    assert (answer.status, await error_code(answer)) == (422, "invalid_input")
    assert await judgement(desk, conversation_id) is None


async def test_the_socket_does_the_same(desk: Desk) -> None:
    conversation_id, token = await answered(desk)
    async with desk.client.ws_connect("/api/chat/ws") as socket:
        early = await ask(socket, "helpful", seq=ANSWER, helpful=True)
        assert early["error"]["code"] == "bad_token"
    async with desk.client.ws_connect("/api/chat/ws") as socket:
        assert (await ask(socket, "hello", token=token, since=0))["ok"]
        told = await ask(socket, "helpful", seq=ANSWER, helpful=False)
        assert (told["ok"], told["seq"], told["helpful"]) == (True, ANSWER, False)
        for wrong, code in (
            ({"seq": ASKED, "helpful": True}, "not_found"),
            ({"seq": 2**52, "helpful": True}, "not_found"),
            ({"seq": -1, "helpful": True}, "invalid_input"),
            ({"seq": "2", "helpful": True}, "invalid_input"),
            ({"seq": ANSWER}, "invalid_input"),
            ({"seq": ANSWER, "helpful": "no"}, "invalid_input"),
        ):
            assert (await ask(socket, "helpful", **wrong))["error"]["code"] == code, wrong
    assert await judgement(desk, conversation_id) is False


async def test_a_deleted_conversation_takes_its_judgements_along(desk: Desk) -> None:
    conversation_id, token = await answered(desk)
    await desk.call("POST", path(conversation_id), token=token, json={"helpful": False})
    async with desk.pool.connection() as conn:
        await conn.execute("delete from conversations where id = %s", (conversation_id,))
        cursor = await conn.execute("select count(*) from knowledge_uses")
        assert await cursor.fetchone() == (0,)
