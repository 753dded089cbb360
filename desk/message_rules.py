"""What a message may look like; the same rules for every way in."""

from __future__ import annotations

import re

from desk.errors import InvalidInput

_CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_MEANS_NOTHING = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*")


def check_text(text: str, max_characters: int, *, field: str = "text") -> None:
    """Raise InvalidInput unless the text can be stored and says something."""
    if len(text) > max_characters:
        raise InvalidInput(
            f"{field}: at most {max_characters} characters, this has {len(text)}.", field=field
        )
    if "\x00" in text:
        raise InvalidInput(f"{field}: must not contain NUL characters.", field=field)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(f"{field}: is not valid Unicode.", field=field)
    if _MEANS_NOTHING.fullmatch(text):
        raise InvalidInput(f"{field}: must not be empty.", field=field)


def check_client_id(client_id: str) -> None:
    """Raise InvalidInput unless the client id has the form that docs/api/websocket.md gives."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise InvalidInput("client_id: 1 to 64 characters of A-Z a-z 0-9 . _ : -", field="client_id")
