"""A channel that speaks SMTP."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import aiosmtplib
import httpx
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.data.connections import require_no_connection
from notifications.delivery.channel import (
    MimeMessage,
    ReceiptStatus,
    SubmissionResult,
    SubmissionStatus,
)

# A session must end before the lease of its timer (30 s), or another replica would submit the same
# mail.
SESSION_SECONDS: Final = 20.0
_RECEIPT_SECONDS: Final = 5.0
log = telemetry.log("smtp")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Address and credentials of a server.

    `receipts_url` is optional; it answers `?message_id=` with `{"deliveries": n}`.
    """

    host: str
    port: int
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = field(default="", repr=False)
    receipts_url: str = ""
    session_seconds: float = SESSION_SECONDS


class SmtpChannel:
    """Opens one connection for each mail."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._http: httpx.AsyncClient | None = None
        self._quitting: set[asyncio.Task[None]] = set()

    async def submit(
        self, message: MimeMessage, before_content: Callable[[], Awaitable[None]]
    ) -> SubmissionResult:
        require_no_connection("offer a mail")
        with telemetry.span(
            "offer mail", SpanKind.CLIENT, attributes={"peer.service": "smtp"}
        ) as span:
            result = await self._submit(message, before_content)
            span.set_attribute("sojourn.mail.result", result.status)
            return result

    async def _submit(
        self, message: MimeMessage, before_content: Callable[[], Awaitable[None]]
    ) -> SubmissionResult:
        client = self._client()
        has_sent_content = False
        try:
            async with asyncio.timeout(self._server.session_seconds):
                if failure := await self._open(client, message):
                    return SubmissionResult(failure)
                await client.rcpt(message.recipient, encoding="utf-8")
                await before_content()
                has_sent_content = True
                await client.data(message.content)
                return SubmissionResult(SubmissionStatus.ACCEPTED, 2)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as refusal:
            return SubmissionResult.from_reply_code(refusal.code)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            log.info(
                "the server's answer is missing", has_sent_content=has_sent_content, exc_info=error
            )
            return SubmissionResult(
                SubmissionStatus.IN_DOUBT if has_sent_content else SubmissionStatus.AWAY
            )
        finally:
            self._quit(client)

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            username=server.user or None,
            password=server.password or None,
            timeout=server.session_seconds,
        )

    async def _open(self, client: aiosmtplib.SMTP, message: MimeMessage) -> SubmissionStatus | None:
        """Connects and sends the sender's address. Returns a status if that ends the submission.

        A refusal at this point concerns us and not one mail, so it counts as AWAY.
        """
        is_international = not message.recipient.isascii()
        try:
            await client.connect()
            if is_international and client.is_ehlo_or_helo_needed:
                await client.ehlo()
            if is_international and not client.supports_extension("smtputf8"):
                return SubmissionStatus.UNSUPPORTED
            await client.mail(
                message.sender, options=["SMTPUTF8"] if is_international else [], encoding="utf-8"
            )
        except aiosmtplib.SMTPResponseException as refusal:
            log.error("the mail server refuses us", code=refusal.code, kind=type(refusal).__name__)
            return SubmissionStatus.AWAY
        return None

    def _quit(self, client: aiosmtplib.SMTP) -> None:
        """Ends the session in the background, because the caller has to store the result first."""
        if not client.is_connected:
            client.close()
            return
        task = asyncio.create_task(_quit(client), name="smtp quit")
        self._quitting.add(task)
        task.add_done_callback(self._quitting.discard)

    async def find_receipt(self, message_id: str) -> ReceiptStatus:
        if not self._server.receipts_url:
            return ReceiptStatus.UNKNOWN
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=_RECEIPT_SECONDS)
        try:
            reply = await self._http.get(
                self._server.receipts_url, params={"message_id": message_id}
            )
            deliveries = int(reply.raise_for_status().json()["deliveries"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("the receipts of the mail server are unavailable", exc_info=error)
            return ReceiptStatus.AWAY
        return ReceiptStatus.ACCEPTED if deliveries else ReceiptStatus.NOT_ACCEPTED


async def _quit(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit(timeout=2)
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        pass
    finally:
        client.close()
