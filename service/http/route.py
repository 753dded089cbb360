"""One route as a value, and how a table of them becomes aiohttp's routes.

The table itself is service/http/route_table.py. A route without a rule about who may call it fails at start.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from service.http.access import Access
from service.http.calls import WRITES, Call, read_call
from service.http.errors import STATUS_OF_CODE

CallHandler = Callable[[Call], Awaitable[web.StreamResponse]]
JSON = "application/json"
_ID = re.compile(r"\{(\w*id)\}")
_TEXT_ID = re.compile(r"\{(entry|figure|gap)\}")
_NUMBER = re.compile(r"\{(seq)\}")


class RouteTableError(Exception):
    """The route table is not in order; the message names every route at fault."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method and a path, what they take and give, and who may.

    `errors` names codes beyond those that follow from the other fields. `kind`: api (JSON), socket, page (files).
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: CallHandler
    access: Access | None
    summary: str
    answer: type[BaseModel] | None = None
    status: int = 200
    also: tuple[int, ...] = ()
    body: type[BaseModel] | None = None
    media_types: tuple[str, ...] = ()
    reads_itself: bool = False
    """The handler reads the body, to a limit of its own."""
    query: type[BaseModel] | None = None
    errors: tuple[str, ...] = ()
    answer_types: tuple[str, ...] = (JSON,)
    kind: Literal["api", "socket", "page"] = "api"
    demo_only: bool = False

    @property
    def id_names(self) -> tuple[str, ...]:
        """Names of the ids in the path."""
        return tuple(_ID.findall(self.path))

    @property
    def text_id_names(self) -> tuple[str, ...]:
        """Names of those ids in the path that people have given."""
        return tuple(_TEXT_ID.findall(self.path))

    @property
    def number_names(self) -> tuple[str, ...]:
        """Names of the numbers in the path: which message of a conversation."""
        return tuple(_NUMBER.findall(self.path))

    def error_codes(self) -> frozenset[str]:
        """Every code that this route may answer with."""
        codes = set(self.errors)
        if self.kind == "api":
            codes |= {"too_fast", "unavailable", "internal"} if self.path.startswith("/api/") else set()
            codes |= {"bad_origin"} if self.path.startswith("/api/chat/") or self.method in WRITES else set()
        if self.access is not None:
            codes |= self._access_codes(self.access)
        if self.body is not None:
            codes |= {"invalid_json", "invalid_input", "too_large"}
        if self.media_types:
            codes |= {"too_large", "unsupported_media"}
        if self.query is not None:
            codes.add("invalid_input")
        if self.id_names or self.text_id_names or self.number_names:
            codes.add("not_found")
        return frozenset(codes)

    def _access_codes(self, access: Access) -> set[str]:
        if access.kind == "customer":
            return {"bad_token"}
        if access.kind == "people":
            codes = {"not_signed_in", "forbidden"} | ({"bad_csrf"} if self.method in WRITES else set())
            return codes | (set() if access.with_first_password else {"password_change_needed"})
        return {"forbidden"} if access.kind == "operators" else set()

    def statuses(self) -> list[int]:
        """Every HTTP status that this route may answer with, successes first."""
        return [self.status, *self.also, *sorted({STATUS_OF_CODE[code] for code in self.error_codes()})]


def check(routes: Sequence[Route]) -> None:
    """Raise RouteTableError for routes without a rule, twins, people's rules without roles, customers' without an id."""
    problems = []
    seen: set[tuple[str, str]] = set()
    for route in routes:
        name = f"{route.method} {route.path}"
        if route.access is None:
            problems.append(f"{name}: no rule says who may call it")
        elif route.access.kind == "people" and not route.access.roles:
            problems.append(f"{name}: no role may call it")
        elif route.access.kind == "customer" and "id" not in route.id_names:
            problems.append(f"{name}: a customer's token needs the conversation's {{id}} in the path")
        if (route.method, route.path) in seen:
            problems.append(f"{name}: stands there twice")
        if unknown := route.error_codes() - set(STATUS_OF_CODE):
            problems.append(f"{name}: unknown error codes {sorted(unknown)}")
        seen.add((route.method, route.path))
    if problems:
        raise RouteTableError("; ".join(problems))


def register(app: web.Application, routes: Sequence[Route]) -> None:
    """Check the table and hang it into the application; nothing else may add routes."""
    check(routes)
    for route in routes:
        if route.method == "GET":
            app.router.add_get(route.path, _bind(route), allow_head=route.kind != "socket")
        else:
            app.router.add_route(route.method, route.path, _bind(route))


def _bind(route: Route) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await route.handler(await read_call(route, request))

    return handle
