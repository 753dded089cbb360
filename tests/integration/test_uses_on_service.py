"""From the widget's socket to a gap, on the running service with the shipped knowledge base; without Rasa."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import dict_row

from desk.knowledge_gaps import Period
from service import keys
from service.playing.desk_client import DeskClient, Opened
from service.tagging import NeutralTagger
from tests.integration.test_socket_bad_input import open_tab
from tests.running_desk import RunningDesk, running_desk

WITHIN_S = 20.0


@pytest.fixture
async def desk(knowledge_database_url: str, tmp_path: Path) -> AsyncIterator[RunningDesk]:
    async with running_desk(knowledge_database_url, tmp_path, tagger=NeutralTagger()) as running:
        yield running


async def uses(desk: RunningDesk, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(WITHIN_S):
        while True:
            async with desk.pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
                await cursor.execute("select * from knowledge_uses order by at, seq, n")
                rows = await cursor.fetchall()
            if len(rows) >= count:
                return rows
            await asyncio.sleep(0.05)


async def test_an_answer_is_recorded_judged_and_becomes_a_gap(desk: RunningDesk) -> None:
    async with DeskClient(desk.url) as client:
        opened: Opened = await client.open_conversation()
        tab = await open_tab(client, opened)
        await tab.ask("send", client_id="c-1", text="七天无理由退货怎么算")
        asked, said = await tab.messages(2)
        assert said["payload"] == {"helpful": None}
        [use] = await uses(desk, 1)
        assert (use["outcome"], use["shown"], use["reply_seq"]) == (
            "answered",
            ["return_window"],
            said["seq"],
        )
        assert use["probability"] > 0.5 and use["base_version"] == desk.app[keys.KNOWLEDGE].known_version
        judged = await tab.ask("helpful", seq=said["seq"], helpful=False)
        assert judged["ok"] is True
        thanks = await tab.ask("send", client_id="c-2", text="谢谢")
        assert thanks["ok"] is True
        await tab.messages(2)
        await tab.ask("send", client_id="c-3", text="请问你们收不收旧冰箱")
        rows = await uses(desk, 2)
        assert [row["helpful"] for row in rows] == [False, None], "a thank-you is no question"
        await tab.socket.close()
    clock = desk.app[keys.CLOCK]
    found = await desk.app[keys.KNOWLEDGE_GAPS].find(Period(days=1, until=clock.now()))
    assert (found[0].name, found[0].nearest, found[0].questions[0].why) == (
        "七天无理由退货怎么算",
        "return_window",
        "unhelpful",
    )
    assert asked["seq"] == 1
