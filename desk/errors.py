"""The desk's one family of errors.

Each error has a stable `code`; service maps codes to HTTP and WebSocket answers in one place.
This is not where texts for people live: pages translate codes, the API adds the English message.
"""

from __future__ import annotations


class DeskError(Exception):
    """Something the caller asked for cannot be done; nothing was changed.

    `code` is stable and documented in docs/api/errors.md. `field` names the input at fault, if one is.
    """

    code = "desk_error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(DeskError):
    """No such thing, or not yours: the two are never told apart."""

    code = "not_found"


class Conflict(DeskError):
    """Somebody else was faster: the epoch, version or owner is not the one that was expected."""

    code = "conflict"


class ConversationClosed(Conflict):
    """The conversation is closed and this cannot be done to a closed one."""

    code = "conversation_closed"


class OverCapacity(Conflict):
    """The agent has no room for one more conversation."""

    code = "over_capacity"


class InvalidInput(DeskError):
    """The input breaks a rule; `field` names it and the message says the fix."""

    code = "invalid_input"


class StaleTurn(Conflict):
    """A turn id that is not, or no longer, the claimed turn of its conversation."""

    code = "stale_turn"


class Locked(DeskError):
    """Too many wrong tries; `retry_after_s`, where it is told, says when again."""

    code = "locked"

    def __init__(self, message: str, *, field: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message, field=field)
        self.retry_after_s = retry_after_s
