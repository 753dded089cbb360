"""Pictures that customers send: their first bytes decide what they are, not their name or Content-Type."""

from __future__ import annotations

from aiohttp import web

from service.http.errors import TooLarge, UnsupportedMedia

MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
SHORTEST = 16
"""No picture of these formats is shorter."""


def media_type_of(content: bytes, *, max_bytes: int) -> str:
    """The picture's media type; TooLarge or UnsupportedMedia."""
    if len(content) > max_bytes:
        raise TooLarge(f"The picture is larger than {max_bytes} bytes.")
    found = _by_first_bytes(content[:SHORTEST]) if len(content) >= SHORTEST else None
    if found is None:
        raise UnsupportedMedia("The picture must be PNG, JPEG, WebP or GIF.")
    return found


def _by_first_bytes(start: bytes) -> str | None:
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    return "image/gif" if start[:6] in (b"GIF87a", b"GIF89a") else None


def picture_answer(media_type: str, content: bytes) -> web.Response:
    """The picture, to be shown and never to be run."""
    answer = web.Response(body=content, content_type=media_type)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Content-Disposition"] = "inline; filename=picture"
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer
