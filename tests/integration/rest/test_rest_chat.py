"""The customer's routes: conversations, messages, pictures, tokens, identities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from service import keys
from service.http.customer_tokens import CustomerTokens
from tests.integration.rest.conftest import Desk, error_code, identity

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


async def send(desk: Desk, conversation_id, token, **body):
    return await desk.call(
        "POST", f"/api/chat/conversations/{conversation_id}/messages", token=token, json=body
    )


async def test_a_message_is_acknowledged_once_and_read_back(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation(language="en")
    first = await send(desk, conversation_id, token, client_id="c-1", text="<b>hello</b>")
    again = await send(desk, conversation_id, token, client_id="c-1", text="<b>hello</b>")
    assert (first.status, again.status) == (201, 200)
    assert (await first.json())["seq"] == (await again.json())["seq"] == 1
    answer = await desk.call(
        "GET", f"/api/chat/conversations/{conversation_id}/messages?since=0", token=token
    )
    body = await answer.json()
    assert [m["text"] for m in body["messages"]] == ["<b>hello</b>"]
    assert body["more"] is False


async def test_messages_come_in_pages(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation()
    for n in range(3):
        await send(desk, conversation_id, token, client_id=f"c-{n}", text=f"第{n}")
    path = f"/api/chat/conversations/{conversation_id}/messages"
    first = await (await desk.call("GET", f"{path}?limit=2", token=token)).json()
    rest = await (await desk.call("GET", f"{path}?since=2&limit=2", token=token)).json()
    assert ([m["seq"] for m in first["messages"]], first["more"]) == ([1, 2], True)
    assert ([m["seq"] for m in rest["messages"]], rest["more"]) == ([3], False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"client_id": "c-1", "text": ""}, "text"),
        ({"client_id": "c-1", "text": " \n\u200b"}, "text"),
        ({"client_id": "c-1", "text": "好" * 5001}, "text"),
        ({"client_id": "c-1", "text": "a\x00b"}, "text"),
        ({"client_id": "c-1", "text": 7}, "text"),
        ({"client_id": "c-1", "text": ["a"]}, "text"),
        ({"client_id": "c-1"}, "text"),
        ({"client_id": "c-1", "text": "a", "button": "1.0"}, "text"),
        ({"client_id": "不", "text": "a"}, "client_id"),
        ({"client_id": "x" * 65, "text": "a"}, "client_id"),
        ({"text": "a"}, "client_id"),
        ({"client_id": "c-1", "text": "a", "sender": "agent"}, "sender"),
        ({"client_id": "c-1", "attachment_id": "no-uuid"}, "attachment_id"),
    ],
)
async def test_a_message_that_breaks_a_rule_is_refused_with_its_field(
    desk: Desk, body: dict, field: str
) -> None:
    conversation_id, token = await desk.start_conversation()
    answer = await send(desk, conversation_id, token, **body)
    assert (answer.status, await error_code(answer)) == (422, "invalid_input")
    assert (await answer.json())["error"]["field"] == field


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"text": "\xff\xfe"}',
        b'{"text": "\\ud800"}',
        b"[" * 100_000,
        b"NaN",
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(desk: Desk, content: bytes) -> None:
    conversation_id, token = await desk.start_conversation()
    path = f"/api/chat/conversations/{conversation_id}/messages"
    answer = await desk.call("POST", path, token=token, data=content)
    assert (answer.status, await error_code(answer)) == (400, "invalid_json")


async def test_a_body_of_three_megabytes_is_refused(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation()
    for path in ("messages", "attachments"):
        answer = await desk.call(
            "POST", f"/api/chat/conversations/{conversation_id}/{path}", token=token, data=b"x" * 3_000_000
        )
        assert (answer.status, await error_code(answer)) == (413, "too_large")


async def test_expired_foreign_forged_and_missing_tokens_open_nothing(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation()
    other_id, _ = await desk.start_conversation()
    tokens: CustomerTokens = desk.app[keys.TOKENS]
    long_ago = datetime.now(UTC) - timedelta(days=400)
    head, payload, _ = token.split(".")
    forged = [
        None,
        "",
        "x",
        "a.b.c",
        f"{head}.{payload}.",
        tokens.issue(conversation_id, now=long_ago),
        CustomerTokens("another-secret-key-0123456789abcdef", days=1).issue(
            conversation_id, now=datetime.now(UTC)
        ),
        tokens.issue(other_id, now=datetime.now(UTC)),
        jwt.encode(
            {"aud": "anxin-chat", "sub": str(conversation_id), "exp": 9999999999}, "", algorithm="none"
        ),
        identity(sub=str(conversation_id)),
    ]
    for wrong in forged:
        answer = await desk.call("GET", f"/api/chat/conversations/{conversation_id}", token=wrong)
        assert (answer.status, await error_code(answer)) == (401, "bad_token"), wrong
    assert (await desk.call("GET", f"/api/chat/conversations/{conversation_id}", token=token)).status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x",
        jwt.encode({"aud": "anxin", "sub": "c-1", "exp": 9999999999}, "", algorithm="none"),
        identity(secret="not-the-shops-secret-0123456789abcdef"),
        identity(algorithm="HS512"),
        identity(exp=1),
        identity(exp=None),
        identity(exp=None, iat=int(datetime.now(UTC).timestamp()) - 7200),
        identity(aud="somebody-else"),
        identity(sub=None),
        identity(sub=""),
        identity(sub="a\x00b"),
        identity(sub="x" * 129),
        identity(vip="yes"),
    ],
)
async def test_an_unsigned_wrong_old_or_incomplete_identity_is_refused(desk: Desk, wrong: str) -> None:
    answer = await desk.call("POST", "/api/chat/conversations", json={"identity": wrong})
    assert (answer.status, await error_code(answer)) == (401, "bad_identity")


async def test_a_signed_identity_makes_the_customer_known_and_keeps_it_up_to_date(desk: Desk) -> None:
    await desk.start_conversation(identity=identity(name="王芳", phone="13800000001"))
    await desk.start_conversation(identity=identity(name="王小芳", vip=True))
    async with desk.pool.connection() as conn:
        cursor = await conn.execute("select name, phone, vip from customers where shop_id = 'c-1'")
        assert await cursor.fetchall() == [("王小芳", "13800000001", True)]


async def test_sandbox_and_shifted_clock_count_in_demo_mode_only(make_desk) -> None:
    claims = {"sandbox": "play-29991231000000-1", "clock_shift_s": 3600}
    for is_demo, expected in (("true", ("play-29991231000000-1", 3600)), ("false", ("", 0))):
        desk = await make_desk(ANXIN_DEMO__ENABLED=is_demo)
        conversation_id, _ = await desk.start_conversation(identity=identity(**claims))
        async with desk.pool.connection() as conn:
            cursor = await conn.execute(
                "select sandbox, clock_shift_s from conversations where id = %s", (conversation_id,)
            )
            assert await cursor.fetchone() == expected


async def test_a_picture_is_kept_sent_and_shown_without_being_run(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation()
    path = f"/api/chat/conversations/{conversation_id}/attachments"
    stored = await desk.call("POST", path, token=token, data=PNG, headers={"Content-Type": "text/html"})
    assert stored.status == 201
    attachment_id = (await stored.json())["attachment_id"]
    sent = await send(desk, conversation_id, token, client_id="c-1", attachment_id=attachment_id)
    assert sent.status == 201
    shown = await desk.call("GET", f"{path}/{attachment_id}", token=token)
    assert (await shown.read(), shown.content_type) == (PNG, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    other_id, other = await desk.start_conversation()
    foreign = await desk.call(
        "GET", f"/api/chat/conversations/{other_id}/attachments/{attachment_id}", token=other
    )
    assert await error_code(foreign) == "not_found"


@pytest.mark.parametrize(
    "content", [b"", b"<html><script>1</script></html>", b"GIF", b"<svg xmlns='x'/>" * 9, b"BM" * 40]
)
async def test_what_is_no_picture_by_its_first_bytes_is_refused(desk: Desk, content: bytes) -> None:
    conversation_id, token = await desk.start_conversation()
    answer = await desk.call(
        "POST",
        f"/api/chat/conversations/{conversation_id}/attachments",
        token=token,
        data=content,
        headers={"Content-Type": "image/png"},
    )
    assert (answer.status, await error_code(answer)) == (415, "unsupported_media")


async def test_reading_closing_and_reopening(desk: Desk) -> None:
    conversation_id, token = await desk.start_conversation()
    path = f"/api/chat/conversations/{conversation_id}"
    await send(desk, conversation_id, token, client_id="c-1", text="你好")
    assert (await desk.call("POST", f"{path}/read", token=token, json={"seq": 99})).status == 204
    closed = await (await desk.call("POST", f"{path}/close", token=token)).json()
    assert closed["state"]["owner"] == "none"
    await send(desk, conversation_id, token, client_id="c-2", text="还有一个问题")
    state = (await (await desk.call("GET", path, token=token)).json())["state"]
    assert state["owner"] == "bot"
    async with desk.pool.connection() as conn:
        cursor = await conn.execute(
            "select customer_read_seq from conversations where id = %s", (conversation_id,)
        )
        assert await cursor.fetchone() == (1,)


async def test_a_conversation_that_is_gone_is_not_found(desk: Desk) -> None:
    gone = uuid4()
    token = desk.app[keys.TOKENS].issue(gone, now=datetime.now(UTC))
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/messages", None),
        ("POST", "/messages", {"client_id": "c", "text": "a"}),
        ("POST", "/close", None),
    ):
        answer = await desk.call(method, f"/api/chat/conversations/{gone}{path}", token=token, json=body)
        assert (answer.status, await error_code(answer)) == (404, "not_found")
