"""Many rows do not hold up the event loop."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from psycopg import AsyncCursor

from knowledge_base.portions import in_portions
from knowledge_base.surroundings import ids_named


class Cursor:
    """Gives rows as psycopg does: all at once, or so many."""

    def __init__(self, rows: int) -> None:
        self._rows = list(range(rows))

    async def fetchmany(self, size: int) -> list[int]:
        given, self._rows = self._rows[:size], self._rows[size:]
        return given


@pytest.mark.parametrize("rows", [0, 1, 10, 25])
async def test_all_rows_come_and_others_have_their_turn_in_between(rows: int) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    found = await in_portions(cast(AsyncCursor[Any], Cursor(rows)), 10)
    task.cancel()
    assert found == list(range(rows))
    assert turns >= rows // 10


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"related": ["a", "b"]}, ["a", "b"]),
        ({"related": "a"}, []),
        ({"related": [1, "a"]}, ["a"]),
        ({"related": None}, []),
        ({}, []),
    ],
)
def test_an_entry_relies_on_its_parent_and_its_links_however_a_draft_is_written(
    content: dict[str, object], named: list[str]
) -> None:
    assert ids_named("returns.sale", content) == ["returns", *named]
