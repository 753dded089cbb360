"""OrderService on a shop's own REST API; the contract is docs/api/shop-orders.md.

Answers are checked strictly: what is not as agreed counts as unavailable rather than as an order. Calls are tried
twice within one time limit, which is safe because changes carry an idempotency key.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp
from yarl import URL

from desk.orders import Address, Order, ShopAnswer, ShopUnavailable
from desk.shop_answers import ToldAnswer, ToldOrder, ToldOrders, as_order, parse

MAX_ANSWER_BYTES = 2_000_000
"""A page of orders is a few tens of kilobytes; more is not an answer of a shop."""

_TRIES = 2
_PAUSE_S = 0.05
_REFUSED = 409
_NOT_FOUND = 404
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NO_SUCH_ORDER = ShopAnswer(ok=False, code="not_found", message="There is no such order.")


class RestShop:
    """A shop's own API as an OrderService. Close it, or use it as an async context."""

    def __init__(self, base_url: str, token: str, *, timeout_s: float) -> None:
        self._base = base_url.rstrip("/")
        self._timeout_s = timeout_s
        self._headers = {"Accept": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections to the shop."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def find(self, number: str, *, sandbox: str = "") -> Order | None:
        """See OrderService; there are no sandboxes in a real shop."""
        if not _PLAIN.fullmatch(number):
            return None
        status, body = await self._call("GET", f"/orders/{number}")
        if status == _NOT_FOUND:
            return None
        told = parse(ToldOrder, body)
        if told.number != number:
            raise ShopUnavailable("The shop answered with another order than the one asked for.")
        return as_order(told)

    async def list_of(self, customer_shop_id: str, *, sandbox: str = "", limit: int = 20) -> list[Order]:
        """See OrderService."""
        path = f"/customers/{quote(customer_shop_id, safe='')}/orders?limit={limit}"
        status, body = await self._call("GET", path)
        if status == _NOT_FOUND:
            return []
        told = parse(ToldOrders, body).orders
        if any(order.customer_id != customer_shop_id for order in told):
            raise ShopUnavailable("The shop answered with another customer's orders.")
        newest_first = sorted(told, key=lambda order: order.placed_at, reverse=True)
        return [as_order(order) for order in newest_first[:limit]]

    async def cancel(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        """See OrderService."""
        return await self._change(number, "cancel", {}, idempotency_key)

    async def intercept(self, number: str, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        """See OrderService."""
        return await self._change(number, "intercept", {}, idempotency_key)

    async def change_address(
        self, number: str, address: Address, *, idempotency_key: str, sandbox: str = ""
    ) -> ShopAnswer:
        """See OrderService."""
        told = {
            "recipient": address.recipient,
            "phone": address.phone,
            "province": address.province,
            "city": address.city,
            "street": address.street,
        }
        return await self._change(number, "address", told, idempotency_key)

    async def refund(self, number: str, cents: int, *, idempotency_key: str, sandbox: str = "") -> ShopAnswer:
        """See OrderService."""
        return await self._change(number, "refund", {"cents": cents}, idempotency_key)

    async def _change(self, number: str, what: str, told: Mapping[str, Any], key: str) -> ShopAnswer:
        if not _PLAIN.fullmatch(number):
            return _NO_SUCH_ORDER
        path = f"/orders/{number}/{what}"
        status, body = await self._call("POST", path, told, {"Idempotency-Key": key})
        if status == _NOT_FOUND:
            return _NO_SUCH_ORDER
        answer = parse(ToldAnswer, body)
        if answer.ok != (status != _REFUSED):
            raise ShopUnavailable("The shop's status and its answer contradict each other.")
        return ShopAnswer(ok=answer.ok, code=answer.code, message=answer.message)

    async def _call(
        self,
        method: str,
        path: str,
        told: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """One call, tried again after a failure that may pass, all within the time limit."""
        try:
            async with asyncio.timeout(self._timeout_s):
                for tries_left in reversed(range(_TRIES)):
                    try:
                        return await self._try(method, path, told, headers)
                    except _MayPass as failure:
                        if not tries_left:
                            raise ShopUnavailable(str(failure)) from failure
                        await asyncio.sleep(_PAUSE_S)
        except TimeoutError:
            raise ShopUnavailable(f"The shop did not answer within {self._timeout_s:g} s.") from None
        raise AssertionError("unreachable")

    async def _try(
        self,
        method: str,
        path: str,
        told: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        url = URL(self._base + path, encoded=True)
        try:
            async with self._session.request(
                method, url, json=told, headers=headers, allow_redirects=False
            ) as answer:
                body = await _read_body(answer)
                status = answer.status
        except aiohttp.ClientError as error:
            raise _MayPass(f"The shop cannot be reached ({type(error).__name__}).") from error
        if status >= 500 or status == 429:
            raise _MayPass(f"The shop answered {status}.")
        if status in (200, _NOT_FOUND) or (status == _REFUSED and method == "POST"):
            return status, body
        if status in (401, 403):
            raise ShopUnavailable(f"The shop refused our token ({status}); check ANXIN_SHOP_API_TOKEN.")
        raise ShopUnavailable(f"The shop answered {status}, which the contract does not know.")


class _MayPass(Exception):
    """A failure that another try may mend."""


async def _read_body(answer: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise ShopUnavailable("The shop's answer is too large.")
        parts.append(part)
    return b"".join(parts)
