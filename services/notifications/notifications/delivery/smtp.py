"""The channel that speaks SMTP."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import aiosmtplib
import httpx
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.data.connections import require_no_connection
from notifications.delivery.channel import Answer, Knowledge, Letter, Result

# A session must end before the lease of its timer does (30 s), or another replica would begin beside it.
SESSION_SECONDS: Final = 20.0
_ASK_SECONDS: Final = 5.0
log = telemetry.log("smtp")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where the server is. `receipts_url`, where there is one, answers `?message_id=` with `{"deliveries": n}`."""

    host: str
    port: int
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = field(default="", repr=False)
    receipts_url: str = ""
    session_seconds: float = SESSION_SECONDS


class SmtpChannel:
    """One connection for each letter."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._http: httpx.AsyncClient | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    async def offer(self, letter: Letter, before_content: Callable[[], Awaitable[None]]) -> Answer:
        require_no_connection("offer a mail")
        with telemetry.span("offer mail", SpanKind.CLIENT, attributes={"peer.service": "smtp"}) as span:
            answer = await self._offer(letter, before_content)
            span.set_attribute("sojourn.mail.result", answer.result)
            return answer

    async def _offer(self, letter: Letter, before_content: Callable[[], Awaitable[None]]) -> Answer:
        client = self._client()
        is_on_its_way = False
        try:
            async with asyncio.timeout(self._server.session_seconds):
                if obstacle := await self._open(client, letter):
                    return Answer(obstacle)
                await client.rcpt(letter.recipient, encoding="utf-8")
                await before_content()
                is_on_its_way = True
                await client.data(letter.content)
                return Answer(Result.ACCEPTED, 2)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as refusal:
            return Answer.of_code(refusal.code)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            log.info("the server's answer is missing", is_on_its_way=is_on_its_way, exc_info=error)
            return Answer(Result.IN_DOUBT if is_on_its_way else Result.AWAY)
        finally:
            self._leave(client)

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

    async def _open(self, client: aiosmtplib.SMTP, letter: Letter) -> Result | None:
        """Connects and names the sender; returns what stands in the way, or None.

        AWAY where the server refuses us as such: that is never one mail's fault.
        """
        is_international = not letter.recipient.isascii()
        try:
            await client.connect()
            if is_international and client.is_ehlo_or_helo_needed:
                await client.ehlo()
            if is_international and not client.supports_extension("smtputf8"):
                return Result.UNSUPPORTED
            await client.mail(letter.sender, options=["SMTPUTF8"] if is_international else [], encoding="utf-8")
        except aiosmtplib.SMTPResponseException as refusal:
            log.error("the mail server refuses us", code=refusal.code, kind=type(refusal).__name__)
            return Result.AWAY
        return None

    def _leave(self, client: aiosmtplib.SMTP) -> None:
        """Says goodbye without keeping anybody waiting: what the server said is to be written down first."""
        if not client.is_connected:
            client.close()
            return
        task = asyncio.create_task(_quit(client), name="smtp quit")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def ask(self, message_id: str) -> Knowledge:
        if not self._server.receipts_url:
            return Knowledge.UNKNOWN
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=_ASK_SECONDS)
        try:
            reply = await self._http.get(self._server.receipts_url, params={"message_id": message_id})
            deliveries = int(reply.raise_for_status().json()["deliveries"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("the mail server's receipts are away", exc_info=error)
            return Knowledge.AWAY
        return Knowledge.ACCEPTED if deliveries else Knowledge.NOT_ACCEPTED


async def _quit(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit(timeout=2)
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        pass
    finally:
        client.close()
