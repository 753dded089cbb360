"""Structured logs: event names plus ids. Texts, names, phones and addresses are refused here, not by good will.

Traces are written without the exceptions' messages, for a database error repeats the row that it refused.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from service.settings import LogSettings

REFUSED = frozenset(
    """
    text texts message messages content body name names customer_name login phone phones
    phone_tail address addresses recipient email password passwords token tokens secret
    identity cookie authorization csrf_token brief summary note reply replies query url
    path order_number tracking_number number refs references
    """.split()  # noqa: SIM905 (a list of words reads better as words)
)
"""Keys whose values are never written, whoever logs them."""

LONGEST_VALUE = 300
"""A longer value is no id."""

QUIET = ("asyncio", "aiohttp.access", "procrastinate", "psycopg.pool", "rasa_sdk", "urllib3")
"""Libraries whose chatter below a warning is not written."""


def refuse_personal_data(_: object, __: str, event: EventDict) -> EventDict:
    """Drop refused keys, at any depth, and say which."""
    refused: set[str] = set()
    kept = _without_refused(event, refused)
    if refused:
        kept["refused_keys"] = sorted(refused)
    return kept


def _without_refused(values: MutableMapping[str, Any], refused: set[str]) -> dict[str, Any]:
    kept = {}
    for key, value in values.items():
        if key.lower() in REFUSED:
            refused.add(key)
        else:
            kept[key] = _short(value, refused)
    return kept


def _short(value: Any, refused: set[str]) -> Any:
    if isinstance(value, dict):
        return _without_refused(value, refused)
    if isinstance(value, list | tuple | set | frozenset):
        return [_short(part, refused) for part in value]
    return value[:LONGEST_VALUE] if isinstance(value, str) else value


def trace_without_messages(_: object, __: str, event: EventDict) -> EventDict:
    """`exc_info` as the exceptions' classes and the lines they came through."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if info is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["trace"] = _trace(error)
    return event


def _trace(error: BaseException) -> list[str]:
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(lines) < 200:
        lines.append(type(seen).__qualname__)
        lines += [f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(seen.__traceback__)]
        if isinstance(seen, BaseExceptionGroup):
            for part in seen.exceptions:
                lines += _trace(part)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return lines


def template_of_foreign_records(_: object, __: str, event: EventDict) -> EventDict:
    """Of libraries' log records only the template is kept: their arguments may hold anything."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["event"] = (
            str(record.msg)[:LONGEST_VALUE]
            if record.args or event.get("_from_structlog")
            else (str(record.msg).splitlines()[0][:LONGEST_VALUE] if str(record.msg) else "")
        )
        event["logger"] = record.name
    return event


def processors() -> list[Processor]:
    """What every log line goes through before it is rendered."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        trace_without_messages,
        refuse_personal_data,
    ]


def configure(settings: LogSettings) -> None:
    """Set up structlog and the standard library's logging, once per process; lines go to stderr."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[template_of_foreign_records, *processors()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        use_get_message=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    # A line that cannot be written would be printed with its arguments, and the error's with its message.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
