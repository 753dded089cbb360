"""Answers Rasa's action calls, on a listener of its own: bearer token, time limit, stale turns refused.

The actions themselves are in bot/actions; none of them writes.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import structlog
from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot.actions.fallback import Inform, NotUnderstood, OfferPerson
from bot.actions.human import AskHuman
from bot.actions.order_lookup import AskOrder, OrderLookup, ValidateOrderForm
from bot.actions.return_eligibility import REQUEST_RETURN, SayReturnEligibility
from bot.actions.small_talk import Affirm, Stop
from bot.actions.track_order import TRACK_ORDER, ShowOrderStatus
from bot.desk_reads import BotAction, DeskReads, OrderProofs
from desk.eligibility import PolicySource
from desk.errors import StaleTurn
from desk.orders import OrderService

log = structlog.get_logger()

LARGEST_CALL_BYTES = 4_000_000
ORDER_FORMS = (TRACK_ORDER, REQUEST_RETURN)
"""The forms that begin by finding an order."""


def build_action_app(
    *,
    orders: OrderService,
    desk: DeskReads,
    proofs: OrderProofs,
    policy: PolicySource,
    token: str,
    timeout_s: float,
    zone: ZoneInfo,
    lock_minutes: int = 30,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> web.Application:
    """The listener's application: POST /webhook for Rasa, GET /health."""
    lookup = OrderLookup(
        orders=orders,
        desk=desk,
        proofs=proofs,
        policy=policy,
        clock=clock,
        zone=zone,
        lock_minutes=lock_minutes,
    )
    listener = _Listener(_executor(lookup), desk=desk, token=token, timeout_s=timeout_s, clock=clock)
    app = web.Application(client_max_size=LARGEST_CALL_BYTES)
    app.router.add_post("/webhook", listener.answer)
    app.router.add_get("/health", _health)
    return app


def actions(lookup: OrderLookup) -> list[BotAction]:
    """All actions of the bot."""
    return [
        Affirm(),
        Stop(),
        AskHuman(),
        OfferPerson(),
        NotUnderstood(),
        Inform(),
        AskOrder(lookup, ORDER_FORMS),
        *(ValidateOrderForm(lookup, form) for form in ORDER_FORMS),
        ShowOrderStatus(lookup),
        SayReturnEligibility(lookup),
    ]


def _executor(lookup: OrderLookup) -> ActionExecutor:
    executor = ActionExecutor()
    for action in actions(lookup):
        executor.register_function(action.name(), action.run)
    return executor


class _Listener:
    def __init__(
        self,
        executor: ActionExecutor,
        *,
        desk: DeskReads,
        token: str,
        timeout_s: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._executor = executor
        self._desk = desk
        self._authorization = f"Bearer {token}".encode()
        self._timeout_s = timeout_s
        self._clock = clock

    async def answer(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, self._authorization):
            return _error(401, "not_signed_in", "The bearer token is missing or wrong.")
        try:
            call = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            return _error(400, "invalid_json", "A JSON object is needed.")
        if not isinstance(call, dict):
            return _error(400, "invalid_json", "A JSON object is needed.")
        return await self._run(call)

    async def _run(self, call: dict[str, Any]) -> web.Response:
        name = call.get("next_action")
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._refuse_stale(call)
                result = await self._executor.run(call)
        except StaleTurn as error:
            return _error(409, error.code, error.message)
        except TimeoutError:
            log.warning("action_timed_out", action=name)
            return _error(504, "internal", "The action took too long.")
        except ActionNotFoundException:
            return _error(404, "not_found", "There is no such action.")
        except ActionExecutionRejection as error:
            return _rejection(error)
        answer = result.model_dump() if result else {"events": [], "responses": []}
        return web.Response(body=orjson.dumps(answer), content_type="application/json")

    async def _refuse_stale(self, call: dict[str, Any]) -> None:
        """An action may only run for the turn that is claimed now."""
        latest = (call.get("tracker") or {}).get("latest_message") or {}
        try:
            turn_id = UUID(str((latest.get("metadata") or {}).get("turn_id")))
        except ValueError:
            raise StaleTurn("the call names no turn") from None
        if await self._desk.read_context(turn_id, now=self._clock()) is None:
            raise StaleTurn("the turn is over")


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def _rejection(error: ActionExecutionRejection) -> web.Response:
    return web.json_response({"error": str(error), "action_name": error.action_name}, status=400)
