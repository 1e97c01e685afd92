"""Letters of the mailbox: one SQLite file, committed before the sender gets the answer."""

from __future__ import annotations

import email
import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]
_HREF: Final = re.compile(r'href="([^"]+)"')
_WHERE: Final = (
    " WHERE (:to = '' OR instr(lower(recipients), lower(:to)) > 0) AND (:subject = '' OR "
    "instr(lower(subject), lower(:subject)) > 0)"
    " AND (:message_id = '' OR message_id = :message_id)"
)


@dataclass(frozen=True)
class Delivery:
    """One accepted delivery.

    `deliveries` counts those with its Message-ID, so that 2 is a mail that came twice.
    """

    id: int
    message_id: str
    sender: str
    recipients: list[str]
    subject: str
    received_at: str
    content: bytes
    deliveries: int

    @property
    def summary(self) -> Json:
        """Everything but the content."""
        return {
            "id": self.id,
            "message_id": self.message_id,
            "from": self.sender,
            "to": self.recipients,
            "subject": self.subject,
            "received_at": self.received_at,
            "deliveries": self.deliveries,
        }


class LetterStore:
    """Letters in a file. Not thread-safe."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS delivery (id INTEGER PRIMARY KEY AUTOINCREMENT, message_id "
            "TEXT NOT NULL, sender TEXT NOT NULL,"
            " recipients TEXT NOT NULL, subject TEXT NOT NULL, received_at TEXT NOT NULL, content "
            "BLOB NOT NULL)"
        )
        self._connection.execute(
            "CREATE INDEX IF NOT EXISTS delivery_message_id ON delivery (message_id)"
        )

    def close(self) -> None:
        self._connection.close()

    def store(self, sender: str, recipients: list[str], content: bytes) -> int:
        """Keeps one delivery, on the disk when this returns. Returns its id."""
        message = email.message_from_bytes(content, policy=policy.default)
        cursor = self._connection.execute(
            "INSERT INTO delivery (message_id, sender, recipients, subject, received_at, content) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [
                str(message.get("Message-ID", "")).strip(),
                sender,
                json.dumps(recipients, ensure_ascii=False),
                str(message.get("Subject", "")),
                datetime.now(UTC).isoformat(),
                content,
            ],
        )
        return int(cursor.lastrowid or 0)

    def newest(
        self, *, to: str = "", subject: str = "", message_id: str = "", limit: int = 100
    ) -> list[Delivery]:
        """Deliveries whose recipient and subject contain the given, newest first."""
        criteria = {"to": to, "subject": subject, "message_id": message_id, "limit": limit}
        return [
            _delivery(row)
            for row in self._connection.execute(
                _SELECT + _WHERE + " ORDER BY id DESC LIMIT :limit", criteria
            )
        ]

    def get(self, id: int) -> Delivery | None:
        row = self._connection.execute(_SELECT + " WHERE id = ?", [id]).fetchone()
        return _delivery(row) if row else None

    def counts(self, *, to: str = "", subject: str = "", message_id: str = "") -> dict[str, int]:
        """`deliveries`: how many were accepted; `unique`: how many Message-IDs they have."""
        criteria = {"to": to, "subject": subject, "message_id": message_id}
        query = "SELECT count(*), count(DISTINCT message_id) FROM delivery" + _WHERE
        deliveries, unique = self._connection.execute(query, criteria).fetchone()
        return {"deliveries": deliveries, "unique": unique}

    def clear(self) -> int:
        """Deletes everything. Returns how much there was."""
        return self._connection.execute("DELETE FROM delivery").rowcount


_SELECT: Final = (
    "SELECT id, message_id, sender, recipients, subject, received_at, content,"
    " (SELECT count(*) FROM delivery twin WHERE twin.message_id = delivery.message_id) FROM "
    "delivery"
)


def _delivery(row: Any) -> Delivery:
    id, message_id, sender, recipients, subject, received_at, content, deliveries = row
    return Delivery(
        id, message_id, sender, json.loads(recipients), subject, received_at, content, deliveries
    )


def parts_of(content: bytes) -> Json:
    """Returns `headers` (the last of each name), `text`, `html`, `links` and `attachments`.

    `text` and `html` are None where the letter has no such part.
    """
    message = email.message_from_bytes(content, policy=policy.default)
    text, html = _body(message, "plain"), _body(message, "html")
    links = [unescape(link) for link in _HREF.findall(html or "")] or re.findall(
        r"https?://\S+", text or ""
    )
    return {
        "headers": {name: str(value) for name, value in message.items()},
        "text": text,
        "html": html,
        "links": list(dict.fromkeys(links)),
        "attachments": [part.get_filename() or "" for part in message.iter_attachments()],
    }


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, KeyError, ValueError):
        return None
