"""The one mapping from errors to codes, HTTP statuses and the JSON shape of docs/api/errors.md.

REST and the sockets both use it. It decides nothing about who may do what.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import psycopg
from aiohttp import web
from pydantic import ValidationError

from desk.errors import Conflict, DeskError, InvalidInput
from knowledge_base.errors import (
    ContentError,
    GateStopped,
    IdTaken,
    KnowledgeBaseError,
    OwnDraft,
    Problem,
    ReviewNeeded,
    TooManyPinned,
    UnknownEntry,
    UnknownPinned,
    UnknownRevision,
    UnknownRun,
    UnusableContent,
    UnusableSchedule,
)
from knowledge_base.exchange.imports import UnknownImport
from knowledge_base.exchange.tables import UnreadableFile
from knowledge_base.exchange.workbooks import CellTooLong
from knowledge_base.exporting import CannotExport
from knowledge_base.policy import UnknownFigure
from service.http.gate_json import run_json

STATUS_OF_CODE: Mapping[str, int] = {
    "invalid_json": 400,
    "invalid_input": 422,
    "invalid_content": 422,
    "unknown_type": 422,
    "not_signed_in": 401,
    "bad_token": 401,
    "bad_identity": 401,
    "wrong_password": 401,
    "forbidden": 403,
    "password_change_needed": 403,
    "bad_csrf": 403,
    "bad_origin": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "conversation_closed": 409,
    "over_capacity": 409,
    "stale_turn": 409,
    "gate_stopped": 409,
    "review_needed": 409,
    "too_large": 413,
    "unsupported_media": 415,
    "locked": 423,
    "too_fast": 429,
    "internal": 500,
    "unavailable": 503,
    "shop_unavailable": 503,
}
"""Every code that leaves the program; docs/api/errors.md is held against it by a test."""

_CODE_OF_STATUS: Mapping[int, str] = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_MESSAGE_OF_CODE: Mapping[str, str] = {
    "not_found": "There is nothing at this address.",
    "method_not_allowed": "This address exists, but not with this method.",
    "too_large": "The body is larger than the limit.",
    "internal": "Something went wrong here; the request id finds it in the logs.",
    "unavailable": "The database is not reachable just now; nothing was taken, send it again.",
}


class RequestError(DeskError):
    """A request that was refused before the desk saw it; the base of the errors that HTTP and sockets add."""

    code = "invalid_input"


class InvalidJson(RequestError):
    """The body or socket message is not a JSON object in UTF-8."""

    code = "invalid_json"


class UnknownType(RequestError):
    """A socket message of a type that does not exist."""

    code = "unknown_type"


class NotSignedIn(RequestError):
    """No session, or it has ended."""

    code = "not_signed_in"


class BadToken(RequestError):
    """Customer token missing, wrongly signed, expired, or of another conversation."""

    code = "bad_token"


class BadIdentity(RequestError):
    """The signed identity is unsigned, wrongly signed, expired or incomplete."""

    code = "bad_identity"


class Forbidden(RequestError):
    """The role may not do this."""

    code = "forbidden"


class PasswordChangeNeeded(RequestError):
    """Signed in with a first password that must be changed before anything else."""

    code = "password_change_needed"


class BadCsrf(RequestError):
    """X-CSRF-Token is missing or old."""

    code = "bad_csrf"


class BadOrigin(RequestError):
    """The page's origin is not allowed."""

    code = "bad_origin"


class EditedMeanwhile(Conflict):
    """Somebody else changed the entry or figure; `current` is how the API shows it now."""

    def __init__(self, message: str, *, current: Mapping[str, object]) -> None:
        super().__init__(message)
        self.current = current


class TooLarge(RequestError):
    """Body, picture or socket message is larger than the limit."""

    code = "too_large"


class UnsupportedMedia(RequestError):
    """The picture is not PNG, JPEG, WebP or GIF."""

    code = "unsupported_media"


class TooFast(RequestError):
    """A rate limit was reached; `retry_after_s` says when again."""

    code = "too_fast"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


_CODE_OF_KNOWLEDGE: Mapping[type[KnowledgeBaseError], str] = {
    UnknownEntry: "not_found",
    UnknownFigure: "not_found",
    UnknownRevision: "not_found",
    IdTaken: "conflict",
    GateStopped: "gate_stopped",
    ReviewNeeded: "review_needed",
    OwnDraft: "forbidden",
    UnusableSchedule: "invalid_input",
    UnknownRun: "not_found",
    UnknownPinned: "not_found",
    TooManyPinned: "conflict",
    UnusableContent: "invalid_input",
    UnreadableFile: "invalid_input",
    CannotExport: "not_found",
    CellTooLong: "invalid_input",
    UnknownImport: "not_found",
    ContentError: "invalid_content",
}
"""What of the knowledge base's errors a request can bring about; all others are unexpected."""


def code_of(error: BaseException) -> str:
    """The documented code of any exception; `internal` for what nobody expected."""
    if isinstance(error, DeskError):
        return error.code if error.code in STATUS_OF_CODE else "internal"
    if isinstance(error, KnowledgeBaseError):
        return next(
            (code for kind, code in _CODE_OF_KNOWLEDGE.items() if isinstance(error, kind)), "internal"
        )
    if isinstance(error, ValidationError):
        return "invalid_input"
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return "unavailable"
    if isinstance(error, web.HTTPException):
        return _CODE_OF_STATUS.get(error.status, "internal")
    return "internal"


def is_unexpected(error: BaseException) -> bool:
    """True for errors that belong into the log with their trace."""
    return code_of(error) == "internal"


def status_of(error: BaseException) -> int:
    """The HTTP status that belongs to the exception's code."""
    return STATUS_OF_CODE[code_of(error)]


def error_json(error: BaseException, request_id: str) -> dict[str, object]:
    """What stands under `error` in a REST body or a socket's answer; never says more than the code allows."""
    code = code_of(error)
    if isinstance(error, ValidationError):
        error = invalid_field(error)
    shape: dict[str, object] = {
        "code": code,
        "message": _message_of(error, code),
        "field": getattr(error, "field", None) if code != "internal" else None,
        "request_id": request_id,
    }
    retry_after_s = retry_after_of(error)
    if retry_after_s is not None:
        shape["retry_after_s"] = retry_after_s
    if isinstance(error, EditedMeanwhile):
        shape["current"] = dict(error.current)
    if isinstance(error, GateStopped):
        shape["run"] = run_json(error.run, holds_up=True)
    if isinstance(error, ContentError):
        shape["problems"] = [problem_json(problem) for problem in error.problems]
    if isinstance(error, UnreadableFile):
        shape["problems"] = [_file_problem_json(error)]
    return shape


def _message_of(error: BaseException, code: str) -> str:
    if code == "internal" or not isinstance(error, DeskError | KnowledgeBaseError):
        return _MESSAGE_OF_CODE[code]
    if isinstance(error, ContentError):
        return "There are problems; each names its field and the fix."
    return error.message if isinstance(error, DeskError) else str(error)


def problem_json(problem: Problem) -> dict[str, object]:
    """What is wrong with an entry or figure, as the API shows it."""
    return {
        "field": problem.field,
        "code": problem.code,
        "values": dict(problem.values),
        "message": problem.message,
        "fix": problem.fix,
    }


def _file_problem_json(error: UnreadableFile) -> dict[str, object]:
    shape = {"field": "file", "code": error.reason, "values": dict(error.values)}
    return {**shape, "message": error.what, "fix": error.fix}


def retry_after_of(error: BaseException) -> int | None:
    """Whole seconds until another try may work, for the errors that know it."""
    found = getattr(error, "retry_after_s", None)
    return max(1, round(found)) if isinstance(found, int | float) else None


def invalid_field(error: ValidationError) -> InvalidInput:
    """The first problem that pydantic found, as our own error: field path and rule, never the value."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"] if not _is_of_pydantic(part)) or None
    message = first["msg"].removeprefix("Value error, ")
    return InvalidInput(f"{field}: {message}." if field else f"{message}.", field=field)


_OF_PYDANTIC = re.compile(
    r"[A-Z].*|\[key\]|(?:constrained-|function-|nullable|list\[|dict\[|literal\[|tuple\[).*|int|str|bool|float"
)
"""Names of models, of kinds in a union, and the mark of a key: no part of what was sent is called this."""


def _is_of_pydantic(part: int | str) -> bool:
    return isinstance(part, str) and _OF_PYDANTIC.fullmatch(part) is not None
