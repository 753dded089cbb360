"""NUL characters, which the database cannot store: refused at the edge, for REST and the sockets alike."""

from __future__ import annotations

from collections.abc import Mapping

from desk.errors import InvalidInput


def refuse_nul(value: Mapping[str, object]) -> None:
    """InvalidInput where any text holds a NUL, which the database cannot store; the field is the outermost key."""
    rest: list[tuple[str, object]] = list(value.items())
    while rest:
        field, found = rest.pop()
        if isinstance(found, str) and "\x00" in found:
            raise InvalidInput(f"{field}: must not contain NUL characters.", field=field)
        if isinstance(found, dict):
            rest += [(field, part) for pair in found.items() for part in pair]
        elif isinstance(found, list):
            rest += [(field, part) for part in found]
