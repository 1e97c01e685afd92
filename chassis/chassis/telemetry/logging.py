"""Logs: JSON lines on stderr that carry the current trace. Nothing personal may be logged."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from chassis.telemetry.tracing import trace_id


def configure_logs(level: str, service: str, instance: str) -> None:
    """Sets up JSON logs on stderr, in which an exception has a type and a place but no text."""

    def add_context(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if current := trace_id():
            event["trace_id"] = current
        event["service"], event["instance"] = service, instance
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_context,
    ]
    structlog.configure(
        processors=[*shared, _exception_type_only, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _exception_type_only,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # A broker that is away is told of by our own metrics and log lines, once, not at each attempt
    # to reconnect.
    logging.getLogger("nats").setLevel(logging.CRITICAL)


def _exception_type_only(
    _: Any, __: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keeps an exception's type and place, not its text: a database error quotes the row."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        frames = []
        tb = error.__traceback__
        while tb is not None:
            frames.append(f"{tb.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{tb.tb_lineno}")
            tb = tb.tb_next
        event["at"] = frames[-6:]
        # What psycopg says of an error without quoting values.
        event["sqlstate"] = getattr(error, "sqlstate", None)
    return {key: value for key, value in event.items() if value is not None}


def log(name: str) -> Any:
    """A JSON logger. Never pass personal data."""
    return structlog.get_logger(component=name)
