"""A shop's own server for tests: speaks docs/api/shop-orders.md over real HTTP, with the demo shop behind it.

`fails_next` makes it answer wrongly, as shops do.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from desk.demo_shop import DemoShop
from desk.orders import Address, Order, ShopAnswer, as_text

TOKEN = "a-shop-token"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ShopServer:
    """Start it, point a RestShop at `url`, look at `calls`."""

    def __init__(self, shop: DemoShop) -> None:
        self._shop = shop
        self.calls: list[tuple[str, str, str | None]] = []  # method, path, idempotency key
        self.fails_next: deque[Handler] = deque()
        application = web.Application(middlewares=[self._guard])
        application.router.add_get("/orders/{number}", self._find)
        application.router.add_get("/customers/{customer_id}/orders", self._list)
        application.router.add_post("/orders/{number}/{what}", self._change)
        self._server = TestServer(application)

    async def start(self) -> None:
        await self._server.start_server()

    async def stop(self) -> None:
        await self._server.close()

    @property
    def url(self) -> str:
        return str(self._server.make_url("/")).rstrip("/")

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.calls.append((request.method, request.path, request.headers.get("Idempotency-Key")))
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"message": "wrong token"}, status=401)
        if self.fails_next:
            return await self.fails_next.popleft()(request)
        return await handler(request)

    async def _find(self, request: web.Request) -> web.Response:
        order = await self._shop.find(request.match_info["number"])
        return _json(order_as_told(order)) if order else web.Response(status=404)

    async def _list(self, request: web.Request) -> web.Response:
        limit = int(request.query["limit"])
        orders = await self._shop.list_of(request.match_info["customer_id"], limit=limit)
        return _json({"orders": [order_as_told(order) for order in orders]})

    async def _change(self, request: web.Request) -> web.Response:
        number, key = request.match_info["number"], request.headers["Idempotency-Key"]
        told = await request.json()
        match request.match_info["what"]:
            case "cancel":
                answer = await self._shop.cancel(number, idempotency_key=key)
            case "intercept":
                answer = await self._shop.intercept(number, idempotency_key=key)
            case "address":
                answer = await self._shop.change_address(number, Address(**told), idempotency_key=key)
            case "refund":
                answer = await self._shop.refund(number, told["cents"], idempotency_key=key)
            case _:
                return web.Response(status=404)
        if answer.code == "not_found":
            return web.Response(status=404)
        return _answer(answer)


def status(code: int) -> Handler:
    """A failure: this status."""

    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=code, text="sorry")

    return handler


def text(body: str) -> Handler:
    """A failure: 200 with this body."""

    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=body, content_type="application/json")

    return handler


def sleep(seconds: float) -> Handler:
    """A failure: nothing for so long."""

    async def handler(_: web.Request) -> web.Response:
        await asyncio.sleep(seconds)
        return web.Response(status=204)

    return handler


async def hang_up(request: web.Request) -> web.Response:
    """A failure: the connection is closed without an answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def order_as_told(order: Order) -> dict[str, Any]:
    """An order as a shop's API sends it."""
    told = asdict(order) | {"customer_id": order.customer_shop_id, "an_unknown_field": [1, 2]}
    del told["customer_shop_id"], told["phone_tail"]
    return told


def _answer(answer: ShopAnswer) -> web.Response:
    return web.json_response(asdict(answer), status=200 if answer.ok else 409)


def _json(told: Any) -> web.Response:
    def default(value: Any) -> str:
        assert isinstance(value, datetime)
        return as_text(value)

    return web.Response(text=json.dumps(told, default=default), content_type="application/json")
