"""Calls to the shop's own systems, made after the turn that asked for them is committed.

A call is a row (turn, n) and a job in the same transaction; the job calls the shop with that key, so that a
repeated call does nothing twice, and tells the customer how it went. The bot itself only says «requested».
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import procrastinate
import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from desk.conversations import Pool
from desk.locked_conversation import flush, lock
from desk.orders import Address, OrderService, ShopAnswer, ShopUnavailable

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8
"""With waits of 2, 4, … 128 s a call is tried for about four minutes before the customer is told that it failed."""
STALLED_S = 30.0
"""A worker that gave no sign of life for this long is dead; Procrastinate's workers give one every 10 s."""

_WHAT: Mapping[str, Mapping[str, str]] = {
    "cancel_order": {"zh-Hans": "取消订单", "zh-Hant-HK": "取消訂單", "en": "cancelling the order"},
    "intercept_parcel": {"zh-Hans": "拦截包裹", "zh-Hant-HK": "攔截包裹", "en": "intercepting the parcel"},
    "change_address": {"zh-Hans": "修改收货地址", "zh-Hant-HK": "更改收貨地址", "en": "changing the address"},
    "refund": {"zh-Hans": "退款", "zh-Hant-HK": "退款", "en": "the refund"},
}
_WHY_UNREACHABLE = {
    "zh-Hans": "店铺系统暂时没有响应",
    "zh-Hant-HK": "店舖系統暫時沒有回應",
    "en": "the shop's system does not answer",
}
_WHY_REFUSED = {
    "zh-Hans": "订单现在的状态不允许",
    "zh-Hant-HK": "訂單現時的狀態不允許",
    "en": "the order's state does not allow it",
}


@dataclass(frozen=True, kw_only=True)
class ShopCall:
    """A call that a turn asks for. `arguments` holds number, and address or cents where the call needs them."""

    call: str
    arguments: Mapping[str, Any]


class Outbox:
    """Writes requested calls and makes them. `jobs` is the Procrastinate app whose worker runs in the service."""

    def __init__(
        self, pool: Pool, jobs: procrastinate.App, orders: OrderService, clock: Callable[[], datetime]
    ) -> None:
        self._pool = pool
        self._orders = orders
        self._clock = clock
        self._jobs = jobs
        # Whatever goes wrong is tried again: the shop keeps the answer by its key, and a call without an outcome would
        # leave the customer with «requested» for ever.
        self._task = jobs.task(
            name="make_shop_call",
            retry=procrastinate.RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=2),
        )(self.make)

    async def request(
        self,
        conn: AsyncConnection[Any],
        conversation_id: UUID,
        turn_id: UUID,
        calls: Sequence[ShopCall],
        now: datetime,
    ) -> None:
        """Write the calls and their jobs in the caller's transaction."""
        for n, call in enumerate(calls):
            await conn.execute(
                "insert into outbox (turn_id, n, conversation_id, call, arguments, requested_at) values (%s, %s, %s, %s, %s, %s)",
                (turn_id, n, conversation_id, call.call, orjson.dumps(dict(call.arguments)).decode(), now),
            )
            await self._task.configure(connection=conn).defer_async(turn_id=str(turn_id), n=n)

    async def make(self, turn_id: str, n: int) -> None:
        """Make one call and write its outcome; raises whatever went wrong, to be tried again."""
        async with self._pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_NEXT_ATTEMPT, (UUID(turn_id), n))
            row = await cursor.fetchone()
        if row is None:
            return
        try:
            answer = await self._call(row, f"{turn_id}:{n}")
        except Exception as error:
            if row["attempts"] < MAX_ATTEMPTS:
                raise
            if not isinstance(error, ShopUnavailable):
                log.exception("shop_call_failed", turn_id=turn_id, n=n, call=row["call"])
            await self._finish(row, "failed", None)
            return
        await self._finish(row, "done" if answer.ok else "refused", answer)

    async def retry_abandoned(self) -> int:
        """Give the jobs of workers that were killed to others; returns how many. The app must be open."""
        abandoned = list(await self._jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S))
        for job in abandoned:
            await self._jobs.job_manager.retry_job(job)
        return len(abandoned)

    async def _call(self, row: Mapping[str, Any], key: str) -> ShopAnswer:
        arguments, sandbox = row["arguments"], row["sandbox"]
        number = str(arguments["number"])
        match row["call"]:
            case "cancel_order":
                return await self._orders.cancel(number, idempotency_key=key, sandbox=sandbox)
            case "intercept_parcel":
                return await self._orders.intercept(number, idempotency_key=key, sandbox=sandbox)
            case "change_address":
                address = Address(**arguments["address"])
                return await self._orders.change_address(
                    number, address, idempotency_key=key, sandbox=sandbox
                )
            case _:
                return await self._orders.refund(
                    number, int(arguments["cents"]), idempotency_key=key, sandbox=sandbox
                )

    async def _finish(self, row: Mapping[str, Any], state: str, answer: ShopAnswer | None) -> None:
        now = self._clock()
        async with self._pool.connection() as conn, conn.transaction():
            conversation = (await lock(conn, [row["conversation_id"]]))[row["conversation_id"]]
            stored = orjson.dumps({"ok": answer.ok, "code": answer.code} if answer else {}).decode()
            cursor = await conn.execute(_FINISH, (state, stored, now, row["turn_id"], row["n"]))
            if cursor.rowcount == 0:
                return
            language = conversation.language
            values = {"what": _WHAT[row["call"]][language], "order_number": str(row["arguments"]["number"])}
            if state == "done":
                conversation.append_notice("shop_call_done", now, **values)
            else:
                why = _WHY_REFUSED if state == "refused" else _WHY_UNREACHABLE
                conversation.append_notice("shop_call_refused", now, why=why[language], **values)
            await flush(conn, [conversation])
        log.info("shop_call_finished", turn_id=str(row["turn_id"]), n=row["n"], call=row["call"], state=state)


_NEXT_ATTEMPT = """
update outbox o set attempts = attempts + 1 from conversations c
 where o.turn_id = %s and o.n = %s and o.state = 'requested' and c.id = o.conversation_id
returning o.turn_id, o.n, o.conversation_id, o.call, o.arguments, o.attempts, c.sandbox
"""

_FINISH = """
update outbox set state = %s, answer = %s, finished_at = %s where turn_id = %s and n = %s and state = 'requested'
"""
