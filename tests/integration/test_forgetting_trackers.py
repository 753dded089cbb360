"""Rasa's trackers go when their generation is over; the table is the one that Rasa makes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from psycopg_pool import AsyncConnectionPool

from service.app import forget_trackers

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SAID = {"ended": (100.0, 90.0), "talks": (80.0, 1.0), "new": (0.5,)}
"""Hours ago in which each sender's events fell."""

TABLE = """
create schema rasa;
create table rasa.events (id serial primary key, sender_id varchar(255) not null, type_name varchar(255) not null,
    timestamp double precision, intent_name varchar(255), action_name varchar(255), data text);
"""


async def test_trackers_in_which_nothing_was_said_for_72_hours_are_deleted(pool: AsyncConnectionPool) -> None:
    await forget_trackers(pool, NOW)  # harmless where Rasa has never run
    async with pool.connection() as conn:
        await conn.execute(TABLE)
        for sender, hours_ago in SAID.items():
            for hours in hours_ago:
                await conn.execute(
                    "insert into rasa.events (sender_id, type_name, timestamp) values (%s, 'user', %s)",
                    (sender, (NOW - timedelta(hours=hours)).timestamp()),
                )
    await forget_trackers(pool, NOW - timedelta(hours=72))
    async with pool.connection() as conn:
        cursor = await conn.execute("select sender_id, count(*) from rasa.events group by 1")
        assert dict(await cursor.fetchall()) == {"talks": 2, "new": 1}
