"""Which pages may talk to us: our own for everything, the allowed storefronts for the chat.

A request without an Origin comes from no page (a program, a test) that no visitor was tricked into.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from service.settings import ServiceSettings

CHAT_PREFIXES = ("/api/chat/", "/widget.js", "/assets/widget/", "/assets/shared/")
"""What other origins may read: the chat, and the files that the widget consists of."""


def origin_of(address: str) -> str:
    """`scheme://authority` of an address, lower case, as browsers write it in Origin."""
    parts = urlsplit(address.lower())
    return f"{parts.scheme}://{parts.netloc}"


def is_own_origin(request: web.Request, service: ServiceSettings) -> bool:
    """True when the page is ours (or there is no page)."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    if service.public_url:
        return origin.lower() == origin_of(service.public_url)
    return origin.lower() in (f"http://{request.host.lower()}", f"https://{request.host.lower()}")


def is_chat_origin(request: web.Request, service: ServiceSettings) -> bool:
    """True when the page may chat: ours, or an allowed storefront."""
    if is_own_origin(request, service):
        return True
    origin = (request.headers.get("Origin") or "").lower()
    return origin in {origin_of(allowed) for allowed in service.allowed_origins}


def is_for_storefronts(path: str) -> bool:
    """True for the addresses that allowed storefronts may read from their own pages."""
    return path.startswith(CHAT_PREFIXES)


def allowed_foreign_origin(request: web.Request, service: ServiceSettings) -> str | None:
    """The Origin to name in Access-Control-Allow-Origin, or None where none is to be named."""
    origin = request.headers.get("Origin")
    if origin is None or not is_for_storefronts(request.path):
        return None
    return origin if is_chat_origin(request, service) else None
