"""Calls to the shop's systems: made once however often they are tried, and never without an outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import procrastinate
import pytest

from desk.demo_shop import DemoShop
from desk.orders import ShopAnswer, ShopUnavailable
from desk.outbox import MAX_ATTEMPTS, Outbox, ShopCall
from tests.integration.desk.conftest import DeskRoom

NUMBER = "AX202611210001"


class TroubledShop(DemoShop):
    """Cancels every order, but first goes through the troubles that the test names."""

    troubles: list[Exception]
    keys: list[str]

    async def cancel(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        self.keys.append(idempotency_key)
        if self.troubles:
            raise self.troubles.pop(0)
        return ShopAnswer(ok=True, code="done", message="")


@pytest.fixture
async def jobs(database_url: str) -> AsyncIterator[procrastinate.App]:
    connector = procrastinate.PsycopgConnector(conninfo=database_url, min_size=1, max_size=2)
    app = procrastinate.App(connector=connector)
    async with app.open_async():
        yield app


async def request(room: DeskRoom, outbox: Outbox) -> tuple[UUID, UUID]:
    """A conversation and the turn that asked for a cancellation."""
    conversation, turn_id = await room.open(), uuid4()
    call = ShopCall(call="cancel_order", arguments={"number": NUMBER})
    async with room.pool.connection() as conn, conn.transaction():
        await outbox.request(conn, conversation, turn_id, [call], room.clock())
    return conversation, turn_id


def shop_with(room: DeskRoom, *troubles: Exception) -> TroubledShop:
    shop = TroubledShop(room.pool)
    shop.troubles, shop.keys = list(troubles), []
    return shop


async def notices(room: DeskRoom, conversation: UUID) -> list[object]:
    return [m.payload["code"] for m in await room.messages(conversation)]


async def test_a_call_is_made_by_its_job_and_the_customer_told_once(
    room: DeskRoom, jobs: procrastinate.App
) -> None:
    outbox = Outbox(room.pool, jobs, shop_with(room), room.clock)
    conversation, turn_id = await request(room, outbox)
    await jobs.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
    await outbox.make(str(turn_id), 0)
    assert await notices(room, conversation) == ["shop_call_done"]


async def test_an_unexpected_error_is_tried_again_with_the_same_key(
    room: DeskRoom, jobs: procrastinate.App
) -> None:
    shop = shop_with(room, ShopUnavailable("away"), RuntimeError("nobody expected this"))
    outbox = Outbox(room.pool, jobs, shop, room.clock)
    conversation, turn_id = await request(room, outbox)
    for error in (ShopUnavailable, RuntimeError):
        with pytest.raises(error):
            await outbox.make(str(turn_id), 0)
    await outbox.make(str(turn_id), 0)
    assert shop.keys == [f"{turn_id}:0"] * 3
    assert await notices(room, conversation) == ["shop_call_done"]


async def test_a_call_that_fails_every_time_ends_with_the_customer_knowing(
    room: DeskRoom, jobs: procrastinate.App
) -> None:
    shop = shop_with(room, *(RuntimeError("broken") for _ in range(MAX_ATTEMPTS)))
    outbox = Outbox(room.pool, jobs, shop, room.clock)
    conversation, turn_id = await request(room, outbox)
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(RuntimeError):
            await outbox.make(str(turn_id), 0)
    await outbox.make(str(turn_id), 0)
    assert await notices(room, conversation) == ["shop_call_refused"]


async def test_the_job_of_a_killed_worker_is_taken_up_by_another(
    room: DeskRoom, jobs: procrastinate.App
) -> None:
    outbox = Outbox(room.pool, jobs, shop_with(room), room.clock)
    conversation, _ = await request(room, outbox)
    async with room.pool.connection() as conn:
        await conn.execute("update procrastinate_jobs set status = 'doing'")  # its worker is gone
    await jobs.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
    assert await notices(room, conversation) == []
    assert await outbox.retry_abandoned() == 1
    await jobs.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
    assert await notices(room, conversation) == ["shop_call_done"]
