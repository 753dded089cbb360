"""Around every request: its id, the one error shape, security headers, CORS for the widget, the log line.

Who may do what is the route table's; this knows only addresses and headers.
"""

from __future__ import annotations

import time
from uuid import uuid4

import orjson
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from service import keys
from service.http.errors import error_json, is_unexpected, retry_after_of, status_of
from service.http.origins import allowed_foreign_origin, is_for_storefronts, is_own_origin
from service.settings import ServiceSettings

log = structlog.get_logger(__name__)

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "media-src 'self' data: blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
"""For our own pages: everything from here, nothing inline, nobody frames them."""

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For all that is no page: JSON, pictures, scripts opened by themselves."""

CORS_METHODS = "GET, POST"
CORS_HEADERS = "Authorization, Content-Type"
CORS_AGE_S = 600


@web.middleware
async def every_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware."""
    request_id = uuid4().hex
    request[keys.REQUEST_ID] = request_id
    structlog.contextvars.bind_contextvars(request_id=request_id)
    started = time.perf_counter()
    try:
        response = await _answer(request, handler, request_id)
    finally:
        structlog.contextvars.unbind_contextvars("request_id")
    if not response.prepared:
        _add_headers(request, response, request_id)
    _count(request, response, request_id, time.perf_counter() - started)
    return response


async def _answer(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    try:
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return _preflight(request)
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return error_answer(error, request_id)
    except Exception as error:
        if is_unexpected(error):
            log.error("request_failed", route=_route_name(request), exc_info=error)
        return error_answer(error, request_id)


def error_answer(error: BaseException, request_id: str) -> web.Response:
    """Any exception as the response that docs/api/errors.md promises."""
    body = orjson.dumps({"error": error_json(error, request_id)})
    answer = web.Response(body=body, status=status_of(error), content_type="application/json")
    if isinstance(error, web.HTTPMethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    if (retry_after_s := retry_after_of(error)) is not None:
        answer.headers["Retry-After"] = str(retry_after_s)
    if answer.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer" if "token" in str(body) else "Session"
    return answer


def _preflight(request: web.Request) -> web.Response:
    """What a browser asks before a storefront's page may call the chat; without CORS headers it says no."""
    service = request.app[keys.SETTINGS].sections.service
    answer = web.Response(status=204)
    if allowed_foreign_origin(request, service) is not None:
        answer.headers["Access-Control-Allow-Methods"] = CORS_METHODS
        answer.headers["Access-Control-Allow-Headers"] = CORS_HEADERS
        answer.headers["Access-Control-Max-Age"] = str(CORS_AGE_S)
    return answer


def _add_headers(request: web.Request, response: web.StreamResponse, request_id: str) -> None:
    service = request.app[keys.SETTINGS].sections.service
    is_page = response.content_type == "text/html"
    headers = response.headers
    headers["X-Request-Id"] = request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else DATA_POLICY)
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    is_shared = is_for_storefronts(request.path)
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if is_shared else "same-origin"
    if is_page:
        headers["X-Frame-Options"] = "DENY"
    if request.path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
    if service.public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    _add_cors(request, response, service)


def _add_cors(request: web.Request, response: web.StreamResponse, service: ServiceSettings) -> None:
    if not is_for_storefronts(request.path):
        return
    response.headers["Vary"] = "Origin"
    origin = allowed_foreign_origin(request, service)
    if origin is not None and not is_own_origin(request, service):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "X-Request-Id, Retry-After"


def _count(request: web.Request, response: web.StreamResponse, request_id: str, took_s: float) -> None:
    route = _route_name(request)
    request.app[keys.METRICS].requests.labels(route=route, status=str(response.status)).inc()
    log.debug(
        "request",
        method=request.method,
        route=route,
        status=response.status,
        took_ms=round(took_s * 1000, 1),
        request_id=request_id,
    )


def _route_name(request: web.Request) -> str:
    """The route's path with its placeholders; never the address as it came, which may hold anything."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"
