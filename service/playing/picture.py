"""The small picture that `[image]` stands for."""

from __future__ import annotations

import struct
import zlib

MEDIA_TYPE = "image/png"
SIDE = 16


def small_picture() -> bytes:
    """A grey PNG square."""
    rows = b"".join(b"\x00" + b"\xb0" * SIDE for _ in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    parts = (("IHDR", header), ("IDAT", zlib.compress(rows)), ("IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name.encode(), content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
