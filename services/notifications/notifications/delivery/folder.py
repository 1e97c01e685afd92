"""A channel that writes mails into a folder, for development without a mail server."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from notifications.delivery.channel import (
    MimeMessage,
    ReceiptStatus,
    SubmissionResult,
    SubmissionStatus,
)


class FolderChannel:
    """Writes one `.eml` file for each Message-ID. A repeated submission replaces the file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def submit(
        self, message: MimeMessage, before_content: Callable[[], Awaitable[None]]
    ) -> SubmissionResult:
        await before_content()
        try:
            await asyncio.to_thread(self._write, message)
        except OSError:
            return SubmissionResult(SubmissionStatus.AWAY)
        return SubmissionResult(SubmissionStatus.ACCEPTED, 2)

    async def find_receipt(self, message_id: str) -> ReceiptStatus:
        return (
            ReceiptStatus.ACCEPTED
            if self._path(message_id).exists()
            else ReceiptStatus.NOT_ACCEPTED
        )

    def _write(self, message: MimeMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(message.message_id)
        unfinished = path.with_suffix(".tmp")
        unfinished.write_bytes(message.content)
        unfinished.replace(path)

    def _path(self, message_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(message_id.encode()).hexdigest()[:32]}.eml"
