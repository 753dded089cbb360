"""From a request to a handler's Call: limits, origin, who it is, ids, query and body, all as the route says.

A handler is only called with what its route promised, so it checks nothing of this again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from desk.errors import NotFound
from desk.sign_ins import SignedIn
from service import keys
from service.http.access import check_csrf
from service.http.client_address import address_of, is_within, parse_networks
from service.http.errors import BadOrigin, BadToken, Forbidden, InvalidJson, TooLarge, invalid_field
from service.http.nul import refuse_nul
from service.http.origins import is_chat_origin, is_own_origin

if TYPE_CHECKING:
    from service.http.route import Route

M = TypeVar("M", bound=BaseModel)
TEXT_ID = r"^[a-z][a-z0-9_.]{0,79}$"
"""What an entry or a figure may be called; the knowledge base is stricter when one is made."""
BIGGEST_NUMBER = 10**15 - 1
"""Of a message in its conversation, from 1; more digits than these would be lost in browsers."""
NUMBER = r"^[1-9][0-9]{0,14}$"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, kw_only=True)
class Call:
    """One checked request."""

    request: web.Request
    now: datetime
    address: str
    ids: Mapping[str, UUID]
    text_ids: Mapping[str, str]
    numbers: Mapping[str, int]
    query: BaseModel | None
    body: BaseModel | None
    content: bytes
    signed_in: SignedIn | None

    def query_as(self, model: type[M]) -> M:
        """The query, which the route declares to be this model."""
        assert isinstance(self.query, model)
        return self.query

    def body_as(self, model: type[M]) -> M:
        """The body, which the route declares to be this model."""
        assert isinstance(self.body, model)
        return self.body

    @property
    def me(self) -> SignedIn:
        """Who is signed in; only on routes for people."""
        assert self.signed_in is not None
        return self.signed_in


def json_answer(value: object, status: int = 200) -> web.Response:
    """A JSON body."""
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


def no_content() -> web.Response:
    """204."""
    return web.Response(status=204)


async def read_call(route: Route, request: web.Request) -> Call:
    """Check everything that the route demands; raises the documented error for the first thing that is wrong."""
    address = address_of(request, request.app[keys.TRUSTED])
    if request.path.startswith("/api/"):
        request.app[keys.LIMITS].requests.take(address)
    _check_origin(route, request)
    signed_in = await _check_access(route, request, address)
    ids, text_ids = _ids(route, request), _text_ids(route, request)
    _check_token(route, request, ids)
    content = await _content(route, request)
    return Call(
        request=request,
        now=request.app[keys.CLOCK].now(),
        address=address,
        ids=ids,
        text_ids=text_ids,
        numbers=_numbers(route, request),
        query=_query(route, request),
        body=_body(route.body, content),
        content=content,
        signed_in=signed_in,
    )


def _check_origin(route: Route, request: web.Request) -> None:
    if route.kind == "socket":
        return  # the socket refuses with a close code
    service = request.app[keys.SETTINGS].sections.service
    if route.path.startswith("/api/chat/"):
        is_allowed = is_chat_origin(request, service)
    else:
        is_allowed = route.method not in WRITES or is_own_origin(request, service)
    if not is_allowed:
        raise BadOrigin("Pages of this origin may not do this; service.allowed_origins names those that may.")


async def _check_access(route: Route, request: web.Request, address: str) -> SignedIn | None:
    assert route.access is not None
    if route.access.kind == "operators":
        networks = parse_networks(request.app[keys.SETTINGS].sections.service.metrics_from)
        if not is_within(address, networks):
            raise Forbidden("service.metrics_from does not name this address.")
    if route.access.kind != "people":
        return None
    signed_in = await request.app[keys.PEOPLE].signed_in(request, route.access)
    if route.method in WRITES:
        check_csrf(request, signed_in)
    return signed_in


def _check_token(route: Route, request: web.Request, ids: Mapping[str, UUID]) -> None:
    assert route.access is not None
    if route.access.kind != "customer":
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise BadToken("Authorization: Bearer <token of the conversation> is missing.")
    if request.app[keys.TOKENS].check(token.strip()) != ids["id"]:
        raise BadToken("The token belongs to another conversation.")


def _ids(route: Route, request: web.Request) -> dict[str, UUID]:
    ids = {}
    for name in route.id_names:
        try:
            ids[name] = UUID(request.match_info[name])
        except ValueError:
            if route.access is not None and route.access.kind == "customer":
                raise BadToken("The token belongs to another conversation.") from None
            raise NotFound("There is no such thing; the id is not one.") from None
    return ids


def _text_ids(route: Route, request: web.Request) -> dict[str, str]:
    found = {name: request.match_info[name] for name in route.text_id_names}
    if not all(re.fullmatch(TEXT_ID, text) for text in found.values()):
        raise NotFound("There is no such thing; the id is not one.")
    return found


def _numbers(route: Route, request: web.Request) -> dict[str, int]:
    found = {name: request.match_info[name] for name in route.number_names}
    if not all(re.fullmatch(NUMBER, text) for text in found.values()):
        raise NotFound("There is no such thing; the number is not one.")
    return {name: int(text) for name, text in found.items()}


async def _content(route: Route, request: web.Request) -> bytes:
    if route.reads_itself or (route.body is None and not route.media_types):
        return b""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        limit = request.app[keys.SETTINGS].sections.limits.body_bytes
        raise TooLarge(f"The body is larger than {limit} bytes.") from None


def _query(route: Route, request: web.Request) -> BaseModel | None:
    if route.query is None:
        return None
    given = dict(request.query)
    refuse_nul(given)
    try:
        return route.query.model_validate(given)
    except ValidationError as error:
        raise invalid_field(error) from None


def _body(model: type[BaseModel] | None, content: bytes) -> BaseModel | None:
    return None if model is None else parse_body(model, content)


def parse_body(model: type[M], content: bytes) -> M:
    """The body as its model; InvalidJson or InvalidInput."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise InvalidJson("The body is not a JSON object in UTF-8.") from None
    if not isinstance(value, dict):
        raise InvalidJson("The body must be a JSON object.")
    refuse_nul(value)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise invalid_field(error) from None
