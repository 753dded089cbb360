"""What a customer's socket does with everything that it should not be sent, over real WebSockets against the service."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket as sockets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import jwt
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from service import keys
from service.playing.desk_client import DeskClient, DeskRefused, Opened
from service.tagging import NeutralTagger
from tests.running_desk import ENVIRONMENT, RunningDesk, running_desk


@pytest.fixture(scope="module")
async def desk(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningDesk]:
    folder: Path = tmp_path_factory.mktemp("bad-input")
    async with running_desk(
        module_database_url, folder, tagger=NeutralTagger(), with_bot=False, with_shop=False
    ) as running:
        yield running


@pytest.fixture
async def client(desk: RunningDesk) -> AsyncIterator[DeskClient]:
    async with DeskClient(desk.url) as opened:
        yield opened


@pytest.fixture
async def chat(client: DeskClient) -> Opened:
    return await client.open_conversation()


@dataclass
class Tab:
    """One browser tab's socket, spoken to by hand."""

    socket: ClientWebSocketResponse
    events: list[dict[str, Any]] = field(default_factory=list)

    async def raw(self, text: str) -> dict[str, Any]:
        """The next result after this text; events that come before it are kept."""
        await self.socket.send_str(text)
        return await self.result()

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        return await self.raw(json.dumps({"id": 7, "type": kind, **fields}))

    async def result(self) -> dict[str, Any]:
        while True:
            told = await self.told()
            if told["type"] == "result":
                return told
            self.events.append(told)

    async def told(self) -> dict[str, Any]:
        frame = await asyncio.wait_for(self.socket.receive(), 20)
        assert frame.type is WSMsgType.TEXT, frame
        told = frame.json()
        assert isinstance(told, dict)
        return told

    async def close_code(self) -> int | None:
        """The code with which the desk closes; what comes before is thrown away."""
        while not self.socket.closed:
            frame = await asyncio.wait_for(self.socket.receive(), 20)
            if frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                break
        return self.socket.close_code

    async def messages(self, count: int) -> list[dict[str, Any]]:
        """So many message events, those kept first."""
        found = [e["message"] for e in self.events if e["type"] == "message"]
        while len(found) < count:
            told = await self.told()
            if told["type"] == "message":
                found.append(told["message"])
        self.events.clear()
        return found


async def open_tab(
    client: DeskClient, opened: Opened | None = None, *, since: int = 0, **options: Any
) -> Tab:
    tab = Tab(await client.session.ws_connect(client.url + "/api/chat/ws", **options))
    if opened is not None:
        answer = await tab.ask("hello", token=opened.token, since=since)
        assert answer["ok"], answer
    return tab


async def stored(client: DeskClient, opened: Opened) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        since = found[-1]["seq"] if found else 0
        path = f"/api/chat/conversations/{opened.conversation_id}/messages?since={since}&limit=500"
        answer = await client.call("GET", path, token=opened.token)
        found += answer["messages"]
        if not answer["more"]:
            return found


def refused(answer: Mapping[str, Any]) -> tuple[str, str | None]:
    """Code and field, after looking at the whole shape."""
    assert answer["ok"] is False
    assert {"code", "message", "field", "request_id"} <= set(answer["error"])
    assert answer["error"]["message"] and answer["error"]["request_id"]
    return answer["error"]["code"], answer["error"]["field"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n\t\u200b"}, "text"),
        ({"text": "好" * 5001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({}, "text"),
        ({"text": "a", "button": "1.0"}, "text"),
        ({"text": "a", "client_id": ""}, "client_id"),
        ({"text": "a", "client_id": "x" * 65}, "client_id"),
        ({"text": "a", "client_id": "a b"}, "client_id"),
        ({"text": "a", "client_id": "a\x00"}, "client_id"),
        ({"text": "a", "sender": "bot"}, "sender"),
        ({"attachment_id": "no-id"}, "attachment_id"),
    ],
)
async def test_a_message_that_breaks_a_rule_is_refused_with_its_field(
    client: DeskClient, chat: Opened, fields: Mapping[str, Any], wrong: str
) -> None:
    tab = await open_tab(client, chat)
    answer = await tab.ask("send", **{"client_id": "c-1", **fields})
    assert answer["id"] == 7 and refused(answer) == ("invalid_input", wrong)
    assert await stored(client, chat) == []
    assert (await tab.ask("ping"))["ok"]


async def test_five_thousand_characters_are_taken(client: DeskClient, chat: Opened) -> None:
    tab = await open_tab(client, chat)
    assert (await tab.ask("send", client_id="c-1", text="好" * 5000))["ok"]
    assert [m["text"] for m in await stored(client, chat)] == ["好" * 5000]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        ("[1]", "invalid_json"),
        ('"hello"', "invalid_json"),
        ("[" * 60_000, "invalid_json"),
        ('{"type": "send", "client_id": "c", "text": "\\ud800"}', "invalid_json"),
        ('{"type": "send", "x": ' + "[" * 600 + "]" * 600 + "}", "invalid_json"),
        ("{}", "unknown_type"),
        ('{"type": 5}', "unknown_type"),
        ('{"type": "SEND"}', "unknown_type"),
        ('{"type": "claim", "conversation_id": "x"}', "unknown_type"),
        ('{"type": "read", "seq": -1}', "invalid_input"),
        ('{"type": "read", "seq": 99999999999999999999}', "invalid_input"),
        ('{"type": "read", "seq": 9223372036854775808}', "invalid_input"),
        ('{"type": "hello", "since": 9223372036854775807}', "invalid_input"),
        ('{"type": "typing", "active": "yes"}', "invalid_input"),
    ],
)
async def test_what_is_no_request_is_refused_and_the_socket_lives_on(
    client: DeskClient, chat: Opened, text: str, code: str
) -> None:
    tab = await open_tab(client, chat)
    assert refused(await tab.raw(text))[0] == code
    assert (await tab.ask("ping"))["ok"]


async def test_an_id_comes_back_as_it_was_given_and_a_wrong_one_as_null(
    client: DeskClient, chat: Opened
) -> None:
    tab = await open_tab(client, chat)
    for given, back in (("a", "a"), (3, 3), (1.5, 1.5), (None, None), ({"a": 1}, None), ([1], None)):
        assert (await tab.raw(json.dumps({"id": given, "type": "ping"})))["id"] == back


async def test_bytes_are_refused_and_invalid_utf8_ends_only_that_socket(
    client: DeskClient, chat: Opened
) -> None:
    tab, other = await open_tab(client, chat), await open_tab(client, chat)
    await tab.socket.send_bytes(b'{"type": "ping"}')
    assert refused(await tab.result())[0] == "invalid_json"
    await tab.socket._writer.send_frame(b'{"type": "ping", "x": "\xff\xfe"}', WSMsgType.TEXT)
    assert await tab.close_code() == 1007
    assert (await other.ask("send", client_id="c-1", text="还在"))["ok"]


async def test_invalid_utf8_over_rest_is_no_json(client: DeskClient, chat: Opened) -> None:
    path = f"/api/chat/conversations/{chat.conversation_id}/messages"
    with pytest.raises(DeskRefused, match="invalid_json"):
        await client.call("POST", path, token=chat.token, content=b'{"client_id": "c-1", "text": "\xff\xfe"}')


@pytest.mark.parametrize("compress", [0, 15])
async def test_three_megabytes_end_only_that_socket(client: DeskClient, chat: Opened, compress: int) -> None:
    other = await open_tab(client, chat)
    tab = await open_tab(client, chat, compress=compress)
    huge = json.dumps({"id": 1, "type": "send", "client_id": "c-huge", "text": "a" * 3_000_000})
    with contextlib.suppress(ConnectionError):  # it may be cut off while it is still sending
        await tab.socket.send_str(huge)
    assert await tab.close_code() in (1009, 1006)
    assert (await other.ask("send", client_id="c-1", text="还在"))["ok"]
    assert [m["text"] for m in await stored(client, chat)] == ["还在"]


async def test_before_hello_nothing_is_answered_and_the_socket_is_closed(client: DeskClient) -> None:
    for kind, fields in (
        ("send", {"client_id": "c-1", "text": "你好"}),
        ("typing", {"active": True}),
        ("read", {"seq": 1}),
        ("close", {}),
    ):
        tab = await open_tab(client)
        assert refused(await tab.ask(kind, **fields))[0] == "bad_token"
        assert await tab.close_code() == 4001


def forged(chat: Opened, **claims: Any) -> str:
    now = datetime.now(UTC)
    right = {"aud": "anxin-chat", "sub": chat.conversation_id, "iat": now, "exp": now + timedelta(days=1)}
    return jwt.encode(right | claims, "another-secret-key-of-32-characters!", algorithm="HS256")


async def test_expired_forged_unsigned_and_foreign_tokens_open_nothing(
    desk: RunningDesk, client: DeskClient, chat: Opened
) -> None:
    tokens = desk.app[keys.TOKENS]
    claims = jwt.decode(chat.token, options={"verify_signature": False})
    own = {"key": ENVIRONMENT["ANXIN_SECRET_KEY"], "algorithm": "HS256"}
    wrong = {
        "expired": tokens.issue(UUID(chat.conversation_id), now=datetime.now(UTC) - timedelta(days=31)),
        "forged": forged(chat),
        "unsigned": jwt.encode(claims, "", algorithm="none"),
        "an identity": jwt.encode({"aud": "anxin", "sub": chat.conversation_id, "exp": claims["exp"]}, **own),
        "of nothing": tokens.issue(uuid4(), now=datetime.now(UTC)),
        "garbage": "a.b.c",
        "empty": "",
        "long": "x" * 4000,
    }
    for name, token in wrong.items():
        tab = await open_tab(client)
        assert refused(await tab.ask("hello", token=token, since=0))[0] == "bad_token", name
        assert await tab.close_code() == 4001, name


async def test_a_token_opens_no_other_conversation(client: DeskClient, chat: Opened) -> None:
    mine = await client.open_conversation()
    for path in ("", "/messages"):
        with pytest.raises(DeskRefused, match="bad_token"):
            await client.call(
                "GET", f"/api/chat/conversations/{chat.conversation_id}{path}", token=mine.token
            )


async def test_an_unsigned_or_wrongly_signed_identity_starts_no_conversation(client: DeskClient) -> None:
    claims = {"aud": "anxin", "sub": "C10001", "exp": int(datetime.now(UTC).timestamp()) + 600}
    right = ENVIRONMENT["ANXIN_IDENTITY_SECRET"]
    for identity in (
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, "x" * 40, algorithm="HS256"),
        jwt.encode(claims, right + "0" * 64, algorithm="HS512"),
        jwt.encode(claims | {"exp": 1}, right, algorithm="HS256"),
        jwt.encode(claims | {"aud": "else"}, right, algorithm="HS256"),
        "not-a-token",
    ):
        with pytest.raises(DeskRefused, match="bad_identity"):
            await client.open_conversation(identity=identity)


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "/back",
        '/intent{"a":"b"}',
        '/track_order{"order": "AX2026110100001"}',
        "／restart",
        " /restart",
        "<script>alert(1)</script><b>&amp;\"'</b>",
        "'; drop table messages; --",
        "{{7*7}} ${x} %s {return_window_days}",
        "\u202eabc\u202c 👩‍👩‍👧 İ ß ﷽",
    ],
)
async def test_any_text_comes_back_as_typed(client: DeskClient, chat: Opened, text: str) -> None:
    tab = await open_tab(client, chat)
    assert (await tab.ask("send", client_id="c-1", text=text))["ok"]
    (event,) = await tab.messages(1)
    (kept,) = await stored(client, chat)
    assert event["text"] == kept["text"] == text and kept["kind"] == "text" and kept["payload"] == {}


async def test_buttons_and_pictures_of_others_do_not_exist(client: DeskClient, chat: Opened) -> None:
    other = await client.open_conversation()
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 32
    attachment_id = await client.upload_picture(other, png, "image/png")
    tab = await open_tab(client, chat)
    for fields in ({"attachment_id": attachment_id}, {"button": "1.0"}, {"button": "99999999999999.9"}):
        answer = await tab.ask("send", client_id="c-1", **fields)
        assert refused(answer) == ("not_found", next(iter(fields)))
    with pytest.raises(DeskRefused, match="not_found"):
        path = f"/api/chat/conversations/{chat.conversation_id}/attachments/{attachment_id}"
        await client.call("GET", path, token=chat.token)


async def test_of_a_hundred_messages_at_once_each_is_taken_or_told_when_again(
    client: DeskClient, chat: Opened
) -> None:
    tab = await open_tab(client, chat)
    for n in range(100):
        await tab.socket.send_json({"id": n, "type": "send", "client_id": f"c-{n}", "text": f"第{n}条"})
    results = [await tab.result() for _ in range(100)]
    assert [r["id"] for r in results] == list(range(100))
    taken = [r for r in results if r["ok"]]
    slowed = [r for r in results if not r["ok"]]
    assert len(taken) >= 20 and len(slowed) >= 50
    assert all(r["error"]["code"] == "too_fast" and r["error"]["retry_after_s"] >= 1 for r in slowed)
    kept = await stored(client, chat)
    assert [(m["seq"], m["text"]) for m in kept] == [(r["seq"], f"第{r['id']}条") for r in taken]
    assert [m["seq"] for m in await tab.messages(len(taken))] == [r["seq"] for r in taken]


async def test_typing_reading_and_greeting_without_end_are_slowed_and_messages_go_on(
    client: DeskClient, chat: Opened
) -> None:
    tab = await open_tab(client, chat)
    asides: list[dict[str, Any]] = [
        {"type": "typing", "active": True},
        {"type": "read", "seq": 1},
        {"type": "hello", "token": chat.token},
    ]
    for n in range(120):
        await tab.socket.send_json({"id": n, **asides[n % 3]})
    answers = [await tab.result() for _ in range(120)]
    slowed = [a["error"]["code"] for a in answers if not a["ok"]]
    assert len(slowed) >= 20 and set(slowed) == {"too_fast"}
    assert (await tab.ask("send", client_id="c-1", text="还在吗"))["ok"]
    assert (await tab.ask("ping"))["ok"]


async def test_the_same_client_id_is_one_message_however_often_it_is_sent(
    client: DeskClient, chat: Opened
) -> None:
    tab, twin = await open_tab(client, chat), await open_tab(client, chat)
    for sender in (tab, twin, tab):
        await sender.socket.send_json({"id": 1, "type": "send", "client_id": "c-1", "text": "一次"})
    seqs = {(await sender.result())["seq"] for sender in (tab, twin, tab)}
    assert len(seqs) == 1 and len(await stored(client, chat)) == 1


async def test_two_tabs_see_the_same_messages_once_and_in_order(client: DeskClient, chat: Opened) -> None:
    left, right = await open_tab(client, chat), await open_tab(client, chat)
    for n in range(8):
        assert (await (left, right)[n % 2].ask("send", client_id=f"c-{n}", text=str(n)))["ok"]
    for tab in (left, right):
        assert [m["text"] for m in await tab.messages(8)] == [str(n) for n in range(8)]


async def test_hello_twice_catches_up_again_and_doubles_no_event(client: DeskClient, chat: Opened) -> None:
    tab = await open_tab(client, chat)
    assert (await tab.ask("send", client_id="c-1", text="一"))["ok"]
    await tab.messages(1)
    again = await tab.ask("hello", token=chat.token, since=0)
    assert [m["text"] for m in again["messages"]] == ["一"]
    assert (await tab.ask("hello", token=chat.token, since=1))["messages"] == []
    assert (await tab.ask("send", client_id="c-2", text="二"))["ok"]
    assert (await tab.ask("send", client_id="c-3", text="三"))["ok"]
    assert [m["text"] for m in await tab.messages(2)] == ["二", "三"]


async def test_hello_with_another_token_looks_at_that_conversation_only(
    client: DeskClient, chat: Opened
) -> None:
    other = await client.open_conversation()
    tab, elsewhere = await open_tab(client, chat), await open_tab(client, chat)
    assert (await tab.ask("hello", token=other.token, since=0))["state"]["id"] == other.conversation_id
    assert (await elsewhere.ask("send", client_id="c-1", text="不该看到"))["ok"]
    assert (await tab.ask("send", client_id="c-1", text="自己的"))["ok"]
    assert [m["text"] for m in await tab.messages(1)] == ["自己的"]


async def test_a_socket_that_closes_right_after_hello_leaves_nothing_behind(
    desk: RunningDesk, client: DeskClient, chat: Opened
) -> None:
    for _ in range(20):
        tab = await open_tab(client)
        await tab.socket.send_json({"id": 1, "type": "hello", "token": chat.token, "since": 0})
        await tab.socket.close()
    await until(lambda: not desk.app[keys.HUB].is_watched(UUID(chat.conversation_id)))


async def test_a_client_that_does_not_read_is_dropped_and_catches_up(
    database_url: str, tmp_path: Path
) -> None:
    environment = {
        "ANXIN_LIMITS__MESSAGE_BURST": "100000",
        "ANXIN_CONVERSATIONS__MAX_MESSAGE_CHARACTERS": "10000",
    }
    async with (
        running_desk(
            database_url,
            tmp_path,
            tagger=NeutralTagger(),
            with_bot=False,
            with_shop=False,
            environment=environment,
        ) as desk,
        DeskClient(desk.url) as client,
        slow_session() as slow_client,
    ):
        chat = await client.open_conversation()
        slow = Tab(await slow_client.ws_connect(desk.url + "/api/chat/ws", autoclose=False))
        assert (await slow.ask("hello", token=chat.token, since=0))["ok"]
        hub = desk.app[keys.HUB]
        sent = 0
        while hub.is_watched(UUID(chat.conversation_id)):
            assert sent < 1500, "it was never dropped"
            await asyncio.gather(*(post(client, chat, n) for n in range(sent, sent + 25)))
            sent += 25
        seen, code = await read_to_the_end(slow)
        assert code == 4008 and 0 < len(seen) < sent
        while len(seen) < sent:
            back = await open_tab(client, max_msg_size=0)
            answer = await back.ask("hello", token=chat.token, since=seen[-1]["seq"])
            assert answer["messages"] and answer["more"] is (len(seen) + len(answer["messages"]) < sent)
            seen += answer["messages"]
        assert [m["seq"] for m in seen] == list(range(1, sent + 1)) and seen == await stored(client, chat)


async def post(client: DeskClient, chat: Opened, n: int) -> None:
    path = f"/api/chat/conversations/{chat.conversation_id}/messages"
    body = {"client_id": f"c-{n}", "text": long_text(n)}
    await client.call("POST", path, token=chat.token, json=body)


def long_text(n: int) -> str:
    """Text that says nothing, and each time something else: who repeats himself gets a person."""
    return f"{n} " + "".join(chr(code) for code in Random(n).choices(range(0x4E00, 0x9FA0), k=9900))


def slow_session() -> aiohttp.ClientSession:
    """Sockets with the smallest buffers that the system gives, so that not reading is noticed soon."""

    def make(address: Any) -> sockets.socket:
        made = sockets.socket(*address[:3])
        made.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        return made

    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=make))


async def read_to_the_end(tab: Tab) -> tuple[list[dict[str, Any]], int | None]:
    messages = []
    while True:
        frame = await asyncio.wait_for(tab.socket.receive(), 20)
        if frame.type is not WSMsgType.TEXT:
            return messages, frame.data
        if (told := frame.json())["type"] == "message":
            messages.append(told["message"])


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(100):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not become so within 5 s")
