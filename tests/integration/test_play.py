"""`anxin play` and `anxin ask` against a real service; without Rasa, so that the bot knows its knowledge base only."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from desk.demo_listing import ListedOrder, list_demo_orders
from service.playing.desk_client import DeskClient, DeskRefused
from service.playing.lines import LineError, read_line
from service.playing.play import Player
from service.tagging import NeutralTagger
from tests.running_desk import RunningDesk, running_desk


@pytest.fixture(scope="module")
async def desk(
    module_knowledge_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningDesk]:
    folder: Path = tmp_path_factory.mktemp("play")
    async with running_desk(module_knowledge_url, folder, tagger=NeutralTagger()) as running:
        yield running


async def play(desk: RunningDesk, **line: Any) -> dict[str, Any]:
    given = read_line(json.dumps(line).encode(), 1)
    assert given is not None
    async with DeskClient(desk.url) as client:
        return given.answer(await Player(client, patience_s=20).play(given.line))


async def run(desk: RunningDesk | str, command: str, *options: str, said: str = "") -> tuple[int, str, str]:
    url = desk if isinstance(desk, str) else desk.url
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "anxin"),
        command,
        "--url",
        url,
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    out, err = await asyncio.wait_for(process.communicate(said.encode()), 90)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def order_of(desk: RunningDesk, kind: str) -> ListedOrder:
    return next(order for order in await list_demo_orders(desk.pool) if order.kind == kind)


async def test_a_line_is_answered_with_replies_owner_entries_and_its_id(desk: RunningDesk) -> None:
    played = await play(desk, id="a7", customer=["你好", "七天无理由退货怎么算"])
    assert played["id"] == "a7" and played["handoff"] is None and played["cases"] == []
    assert [turn["customer"] for turn in played["turns"]] == ["你好", "七天无理由退货怎么算"]
    assert all(turn["owner"] == "bot" and len(turn["replies"]) == 1 for turn in played["turns"])
    assert "7" in played["turns"][1]["replies"][0] and len(played["answered"]) == 1


async def test_a_person_asked_for_is_reported_with_turn_and_reasons(desk: RunningDesk) -> None:
    played = await play(desk, customer=["你好", "转人工", "在吗"], setup={"clock": "10:00"})
    assert played["handoff"] == {"turn": 1, "reasons": ["asked"]}
    assert [turn["owner"] for turn in played["turns"]] == ["bot", "queue", "queue"]
    assert played["turns"][2]["replies"] == []


async def test_a_burst_of_fragments_and_a_picture_get_one_answer(desk: RunningDesk) -> None:
    played = await play(desk, customer=[["七天无理由", "退货怎么算"], "[image]"])
    assert played["turns"][0]["customer"] == ["七天无理由", "退货怎么算"]
    assert [len(turn["replies"]) for turn in played["turns"]] == [1, 1]
    assert "图片" in played["turns"][1]["replies"][0]


async def test_the_shop_clock_is_set(desk: RunningDesk) -> None:
    night = await play(desk, customer=["转人工"], setup={"clock": "03:00"})
    day = await play(desk, customer=["转人工"], setup={"clock": "15:00"})
    assert "08:00" in night["turns"][0]["replies"][0]
    assert "08:00" not in day["turns"][0]["replies"][0]


async def test_after_a_gap_the_conversation_was_reminded_closed_and_is_opened_again(
    desk: RunningDesk,
) -> None:
    played = await play(desk, customer=["你好", "谢谢"], setup={"gap_before_turn": 1, "gap_hours": 80})
    greeted, thanked = played["turns"]
    assert len(greeted["replies"]) == 3 and greeted["owner"] == "bot"
    assert thanked["owner"] == "bot" and len(thanked["replies"]) == 1


async def test_a_gap_moves_all_that_is_stored_and_the_shop_clock(desk: RunningDesk) -> None:
    async with DeskClient(desk.url) as client:
        identity = (await client.call("POST", "/api/demo/plays", json={}))["identity"]
        opened = await client.open_conversation(identity=identity)
        path = f"/api/demo/plays/{opened.conversation_id}/time"
        chat = f"/api/chat/conversations/{opened.conversation_id}/messages"
        await client.call("POST", chat, token=opened.token, json={"client_id": "a", "text": "转人工"})
        before = await times(desk, opened.conversation_id)
        await client.call("POST", path, token=opened.token, json={"hours": 2.5})
        after = await times(desk, opened.conversation_id)
    assert {b - a for a, b in zip(after[1:], before[1:], strict=True)} == {
        datetime.resolution * 9_000_000_000
    }
    assert after[0] - before[0] == 9000


async def times(desk: RunningDesk, conversation_id: str) -> tuple[Any, ...]:
    async with desk.pool.connection() as conn:
        found = await conn.execute(
            """
            select c.clock_shift_s, c.created_at, c.generation_at, c.last_customer_at, min(m.sent_at), max(m.sent_at),
                   min(o.at), max(o.at), min(q.enqueued_at), min(q.first_response_due_at)
              from conversations c join messages m on m.conversation_id = c.id
              join ownerships o on o.conversation_id = c.id join queue_entries q on q.conversation_id = c.id
             where c.id = %s group by c.id
            """,
            (conversation_id,),
        )
        row = await found.fetchone()
    assert row is not None
    return row


async def test_only_played_conversations_are_told_about_and_moved(desk: RunningDesk) -> None:
    async with DeskClient(desk.url) as client:
        opened = await client.open_conversation()
        path = f"/api/demo/plays/{opened.conversation_id}"
        for method, address, body in (("GET", path, None), ("POST", f"{path}/time", {"hours": 1})):
            with pytest.raises(DeskRefused, match="not_found"):
                await client.call(method, address, token=opened.token, json=body)
            with pytest.raises(DeskRefused, match="bad_token"):
                await client.call(method, address, json=body)


async def test_order_value_and_vip_apply_to_the_order_that_the_line_names(desk: RunningDesk) -> None:
    named = await order_of(desk, "shipped")
    await play(desk, customer=[f"我的订单{named.number}到哪了"], setup={"order_value": 8888, "vip": True})
    async with desk.pool.connection() as conn:
        found = await conn.execute(
            """
            select o.number, o.total_cents, k.vip from orders o join customers k on k.id = o.customer_id
             where o.sandbox like 'play-%%' and o.total_cents = 888800
            """
        )
        changed = await found.fetchall()
    assert changed == [(named.number, 888_800, True)]


async def test_as_names_a_customer_or_a_kind_of_order(desk: RunningDesk) -> None:
    custom = await order_of(desk, "custom")
    for named in (custom.customer, "custom"):
        await play(desk, customer=["你好"], **{"as": named})
    async with desk.pool.connection() as conn:
        found = await conn.execute(
            """
            select k.shop_id from conversations c join customers k on k.id = c.customer_id
             where c.sandbox <> '' order by c.created_at desc limit 2
            """
        )
        assert [row[0] for row in await found.fetchall()] == [custom.customer] * 2


async def test_command_plays_lines_side_by_side_and_keeps_their_order(desk: RunningDesk) -> None:
    lines = [json.dumps({"id": n, "customer": ["你好"] * (1 + n % 2)}) for n in range(6)]
    code, out, err = await run(desk, "play", "--parallel", "3", said="\n".join([*lines, "转人工", ""]))
    assert code == 0, err
    played = [json.loads(line) for line in out.splitlines()]
    assert [line.get("id") for line in played] == [0, 1, 2, 3, 4, 5, None]
    assert played[-1]["turns"][0]["customer"] == "转人工" and played[-1]["handoff"]["turn"] == 0


async def test_command_reports_an_unknown_customer_and_a_refused_text_in_their_lines(
    desk: RunningDesk,
) -> None:
    lines = [{"id": 1, "customer": ["你好"], "as": "nobody"}, {"id": 2, "customer": [" ", "你好"]}]
    code, out, _ = await run(desk, "play", said="\n".join(map(json.dumps, lines)))
    unknown, empty = (json.loads(line) for line in out.splitlines())
    assert code == 1 and unknown["error"]["code"] == "not_found"
    assert empty["turns"][0]["error"]["code"] == "invalid_input" and len(empty["turns"][1]["replies"]) == 1


async def test_command_ends_with_2_for_a_line_that_is_none(desk: RunningDesk) -> None:
    code, _, err = await run(desk, "play", said='{"customer": []}\n')
    assert code == 2 and "line 1: customer" in err


async def test_command_says_where_no_desk_answers() -> None:
    code, _, err = await run("http://127.0.0.1:9", "play", said="你好\n")
    assert code == 1 and "No desk answers at http://127.0.0.1:9" in err


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"id": 1}', "customer"),
        ('{"customer": [1]}', "customer.0"),
        ('{"customer": [[]]}', "customer.0"),
        ('{"customer": ["a"], "setup": {"clock": "25:00"}}', "setup.clock"),
        ('{"customer": ["a"], "setup": {"gap_hours": 2}}', "belong together"),
        ('{"customer": ["a"], "setup": {"gap_hours": 2, "gap_before_turn": 1}}', "only 1 turns"),
        ('{"customer": ["a"], "setup": {"weather": 2}}', "setup.weather"),
    ],
)
def test_a_line_that_cannot_be_played_is_named_with_its_field(line: str, complaint: str) -> None:
    with pytest.raises(LineError, match=complaint):
        read_line(line.encode(), 3)


def test_a_line_that_is_no_object_is_the_text_of_one_turn() -> None:
    for raw in (b"12345", '"你好'.encode(), b"[1, 2]", b"hello\n"):
        given = read_line(raw, 1)
        assert given is not None and given.line.customer == [raw.decode().strip()] and given.answer({}) == {}
    assert read_line(b"  \n", 1) is None


async def test_outside_demo_mode_nothing_is_played(empty_shop: RunningDesk) -> None:
    code, _, err = await run(empty_shop, "play", said="你好\n")
    assert code == 1 and "not in demo mode" in err


@pytest.fixture
async def empty_shop(database_url: str, tmp_path: Path) -> AsyncIterator[RunningDesk]:
    environment = {"ANXIN_DEMO__ENABLED": "false"}
    async with running_desk(
        database_url, tmp_path, with_bot=False, with_shop=False, environment=environment
    ) as running:
        yield running


async def test_ask_without_a_terminal_sends_lines_and_shows_answers_buttons_and_owners(
    desk: RunningDesk,
) -> None:
    code, out, err = await run(desk, "ask", said="你好\n七天无理由退货怎么算\n转人工\n还在吗[b]\n")
    assert code == 0, err
    said = [line for line in out.splitlines() if line.startswith("› ")]
    assert said == ["› 你好", "› 七天无理由退货怎么算", "› 转人工", "› 还在吗[b]"]
    answer = out[out.index("› 七天无理由") : out.index("› 转人工")]
    assert "安心 " in answer and "7" in answer
    assert "Waiting for a person" in out[out.index("› 转人工") :]


async def test_ask_signs_in_as_a_demo_customer_and_begins_in_a_language(desk: RunningDesk) -> None:
    shipped = await order_of(desk, "shipped")
    code, out, err = await run(desk, "ask", "--as", shipped.customer, "--language", "en", said="hello\n")
    assert (code, err) == (0, "") and "安心 " in out
    async with desk.pool.connection() as conn:
        found = await conn.execute(
            """
            select k.shop_id, c.language, c.sandbox from conversations c join customers k on k.id = c.customer_id
             order by c.created_at desc limit 1
            """
        )
        assert await found.fetchone() == (shipped.customer, "en", "")


async def test_ask_says_when_the_customer_is_unknown_or_no_desk_answers(desk: RunningDesk) -> None:
    code, _, err = await run(desk, "ask", "--as", "nobody", said="你好\n")
    assert code == 1 and "no such demo customer" in err
    code, _, err = await run("http://127.0.0.1:9", "ask", said="你好\n")
    assert code == 1 and "No desk answers" in err
