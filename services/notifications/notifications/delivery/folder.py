"""The channel that writes letters into a folder: for work without a mail server."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from notifications.delivery.channel import Answer, Knowledge, Letter, Result


class FolderChannel:
    """One `.eml` file for each Message-ID, so that a repeated letter replaces itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def offer(self, letter: Letter, before_content: Callable[[], Awaitable[None]]) -> Answer:
        await before_content()
        try:
            await asyncio.to_thread(self._write, letter)
        except OSError:
            return Answer(Result.AWAY)
        return Answer(Result.ACCEPTED, 2)

    async def ask(self, message_id: str) -> Knowledge:
        return Knowledge.ACCEPTED if self._path(message_id).exists() else Knowledge.NOT_ACCEPTED

    def _write(self, letter: Letter) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(letter.message_id)
        unfinished = path.with_suffix(".tmp")
        unfinished.write_bytes(letter.content)
        unfinished.replace(path)

    def _path(self, message_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(message_id.encode()).hexdigest()[:32]}.eml"
