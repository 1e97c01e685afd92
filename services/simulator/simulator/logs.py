"""Logs as one JSON object a line on standard error."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final

from simulator import clock

_OWN_ATTRIBUTES: Final = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "color_message",
}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The record and its `extra` members. No bodies, keys or tokens are ever passed in."""
        members = {
            name: value for name, value in vars(record).items() if name not in _OWN_ATTRIBUTES
        }
        line = {
            "timestamp": clock.iso(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **members,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure(level: str) -> None:
    """Sends every logger's records to standard error.

    httpx logs only warnings, because it logs the address of each request.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
