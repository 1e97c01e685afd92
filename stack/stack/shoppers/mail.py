"""Mails that the stack's mail sink got, as their readers see them."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import httpx


class MailMissing(Exception):
    """A mail did not come in time."""


async def mails_to(mailbox_url: str, email: str) -> list[dict[str, Any]]:
    """All mails to an address, newest first, whole."""
    async with httpx.AsyncClient(base_url=mailbox_url) as client:
        body = (await client.get("/messages", params={"to": email})).raise_for_status().json()
        found = body["messages"] if isinstance(body, dict) else body
        return [
            (await client.get(f"/messages/{entry['id']}")).raise_for_status().json()
            for entry in found
        ]


async def mail_to(
    mailbox_url: str, email: str, words: str, *, within: float = 20
) -> dict[str, Any]:
    """The newest mail to an address whose subject has `words`; waits for it. Raises MailMissing."""
    deadline = time.monotonic() + within
    while True:
        for mail in await mails_to(mailbox_url, email):
            if words.lower() in mail["subject"].lower():
                return mail
        if time.monotonic() > deadline:
            raise MailMissing(f"no mail with “{words}” in its subject within {within:.0f} s")
        await asyncio.sleep(0.1)


def token_in(mail: dict[str, Any], page: str) -> str:
    """The secret in the fragment of a mail's link to `page`, e.g. /cart/restore."""
    found = re.search(re.escape(page) + r"\?[^#\s]*#token=([A-Za-z0-9_.\-]+)", mail["text"])
    if found is None:
        raise MailMissing(f"the mail has no link to {page}")
    return found.group(1)
