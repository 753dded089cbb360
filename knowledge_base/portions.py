"""Many rows of the database without holding up the event loop, which turns rows into Python by itself."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from psycopg import AsyncCursor

PORTION = 200
"""Entries of a few kB of JSON: a few milliseconds."""

Row = TypeVar("Row")


async def in_portions(cursor: AsyncCursor[Row], size: int = PORTION) -> list[Row]:
    """All rows that the cursor holds; others have their turn in between."""
    rows: list[Row] = []
    while portion := await cursor.fetchmany(size):
        rows += portion
        await asyncio.sleep(0)
    return rows
