"""Notifications in the test's process, on a real database and a real mailbox."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from google.protobuf.message import Message
from sqlmodel import col, select

from chassis.data.database import Database
from chassis.data.timers import TimerRunner
from chassis.events.broker import Broker, subject_of
from chassis.events.consumer import Consumer, EventHandler
from chassis.runtime.clock import uuid7
from chassis.testing import ServiceUnderTest, an_email, eventually, migrated, running
from checkout.testing import an_order
from notifications.delivery.channel import MailChannel, MimeMessage, ReceiptStatus, SubmissionResult
from notifications.delivery.smtp import MailServer, SmtpChannel
from notifications.handlers import Handlers
from notifications.mails.model import DELIVERY_TIMER, Mail
from notifications.mails.queries import get_message
from notifications.mails.recipients import digest_address
from notifications.preferences.actions import record_confirmed_address
from notifications.preferences.model import ConfirmedBy
from notifications.settings import Settings
from notifications.staff_handlers import StaffHandlers
from notifications.wiring import Wiring
from sojourn.cart.v1 import events_pb2 as cart_pb2
from sojourn.checkout.v1 import checkout_pb2, events_pb2
from sojourn.identity.v1 import events_pb2 as identity_pb2
from stack.mailbox.letters import Delivery, parts_of
from stack.mailbox.server import Mailbox
from stack.ports import free_port

PUBLIC_URL = "https://shop.example"
SECRET = "a-secret-of-tests-0123456789"


@dataclass
class Postbox:
    """A mailbox that listens for SMTP and for HTTP."""

    mailbox: Mailbox
    smtp_port: int
    http_port: int

    @property
    def receipts_url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}/receipts"

    def to(self, address: str = "") -> list[Delivery]:
        return self.mailbox.store.newest(to=address)

    def counts(self, address: str = "") -> tuple[int, int]:
        """Accepted deliveries, and Message-IDs among them."""
        counts = self.mailbox.store.counts(to=address)
        return counts["deliveries"], counts["unique"]

    def misbehave(self, mode: str, **more: Any) -> None:
        self.mailbox.misbehaviour.apply({"mode": mode, **more})

    @property
    def has_misbehaved(self) -> bool:
        """Whether mails met the requested misbehaviour as often as requested."""
        return bool(self.mailbox.misbehaviour.as_json["mode"] == "none")

    async def hang_up(self) -> None:
        await self.mailbox.hang_up()

    async def listen(self) -> None:
        await self.mailbox.listen("127.0.0.1", self.smtp_port)


@asynccontextmanager
async def postbox_at(path: Path) -> AsyncIterator[Postbox]:
    mailbox, http_port = Mailbox(path), free_port()
    smtp_port = await mailbox.listen("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(
            mailbox.app,
            host="127.0.0.1",
            port=http_port,
            log_config=None,
            access_log=False,
            lifespan="off",
        )
    )
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    try:
        yield Postbox(mailbox, smtp_port, http_port)
    finally:
        server.should_exit = True
        await serving
        await mailbox.hang_up()
        mailbox.close()


def settings(postbox: Postbox | None = None, **changes: Any) -> Settings:
    defaults: dict[str, Any] = {
        "environment": "development",
        "smtp_host": "127.0.0.1",
        "smtp_port": postbox.smtp_port if postbox else 1025,
        "smtp_tls": "none",
        "receipts_url": postbox.receipts_url if postbox else "",
        "mail_from": "Sojourn <shop@sojourn.example>",
        "public_url": PUBLIC_URL,
        "unsubscribe_secret": SECRET,
        "survey_secret": SECRET,
        "max_tries": 4,
        "retry_backoff_seconds": 0.05,
        "doubt_seconds": 0.1,
    }
    return Settings(**{**defaults, **changes})


class World:
    """The working half of the service: consumer and timers."""

    def __init__(self, service: ServiceUnderTest, postbox: Postbox) -> None:
        self.service, self.database, self.postbox = service, service.database, postbox

    def wiring(self, channel: MailChannel | None = None, **changes: Any) -> Wiring:
        return Wiring.from_settings(
            settings(self.postbox, **changes), self.database, channel or self.channel(**changes)
        )

    def channel(self, *, session_seconds: float = 5, **changes: Any) -> SmtpChannel:
        receipts_url = changes.get("receipts_url", self.postbox.receipts_url)
        return SmtpChannel(
            MailServer(
                "127.0.0.1",
                self.postbox.smtp_port,
                receipts_url=receipts_url,
                session_seconds=session_seconds,
            )
        )

    def timers(self, wiring: Wiring | None = None) -> Callable[[], Awaitable[None]]:
        return TimerRunner(
            self.database, {DELIVERY_TIMER: (wiring or self.wiring()).worker.deliver_mail}
        ).run

    @asynccontextmanager
    async def working(self, wiring: Wiring | None = None) -> AsyncIterator[None]:
        async with running(self.timers(wiring)):
            yield

    def consumer(self, broker: Broker) -> Callable[[], Awaitable[None]]:
        return migrated(Consumer("notifications", self.database, broker, self.handlers))

    @cached_property
    def handlers(self) -> dict[type[Message], EventHandler]:
        rules = self.wiring().rules
        return {**Handlers(rules).events, **StaffHandlers(rules, stock_minutes=15).events}

    async def confirm(self, *emails: str) -> None:
        await confirm(self.database, *emails)

    async def handle(self, *events: Message) -> None:
        """Handles events as the consumer does, without a broker."""
        for event in events:
            async with self.database.tx() as tx:
                await self.handlers[type(event)](tx, event, None)  # type: ignore[arg-type]

    async def mails(self) -> list[Mail]:
        """All mails, oldest first."""
        async with self.database.read() as read:
            return await read.all(select(Mail).order_by(col(Mail.id)))

    async def states(self) -> list[tuple[str, str, str]]:
        """Template, state and reason of each mail, oldest first."""
        return [(mail.template, mail.state, mail.reason) for mail in await self.mails()]

    def token_in(self, address: str, page: str) -> str:
        """The secret of the link to a page in a mail to an address."""
        words = " ".join(content_of(letter)["text"] for letter in self.postbox.to(address)).split()
        link = next(word for word in words if page in word)
        return link.partition("#token=")[2]

    async def mail(self) -> Mail:
        """The only mail."""
        (mail,) = await self.mails()
        return mail

    async def is_(self, state: str) -> Mail | None:
        """The only mail if it exists and is in that state, else None."""
        mails = await self.mails()
        assert len(mails) < 2
        return mails[0] if mails and mails[0].state == state else None

    async def becomes(self, state: str, *, within: float = 8) -> Mail:
        found = await eventually(lambda: self.is_(state), within=within)
        assert found
        return found

    async def attempts(self) -> list[tuple[str, int]]:
        """Outcome and code class of each attempt of all mails."""
        async with self.database.read() as read:
            return [
                (str(outcome), int(code))
                for outcome, code in await read.fetch(
                    "SELECT outcome, code_class FROM attempt ORDER BY number"
                )
            ]

    async def forget_leases(self) -> None:
        """Ends the lease of each timer, which would otherwise last 30 s."""
        async with self.database.tx() as tx:
            await tx.run("UPDATE timer SET leased_until = clock_timestamp()")

    async def timers_left(self) -> int:
        async with self.database.read() as read:
            found = await read.fetch_one("SELECT count(*) FROM timer")
            return int(found[0]) if found else 0

    async def events(self, kind: type[Message]) -> list[Any]:
        """Events in the outbox, oldest first."""
        return list(await self.service.events(kind))

    async def mail_with_id(self, mail_id: str) -> Mail:
        async with self.database.read() as read:
            return await get_message(read, UUID(mail_id))


class Stopping:
    """A channel that stops at one point of a submission until it is cancelled.

    Points: `connecting`; `content`, where the mail is `sending` and none of it is submitted;
    `accepted`, where the result is not stored.
    """

    def __init__(self, channel: MailChannel, point: str) -> None:
        self._channel, self._point = channel, point
        self.is_there = asyncio.Event()

    async def submit(
        self, message: MimeMessage, before_content: Callable[[], Awaitable[None]]
    ) -> SubmissionResult:
        async def then_stop() -> None:
            await before_content()
            await self._stop("content")

        await self._stop("connecting")
        result = await self._channel.submit(message, then_stop)
        await self._stop("accepted")
        return result

    async def find_receipt(self, message_id: str) -> ReceiptStatus:
        return await self._channel.find_receipt(message_id)

    async def _stop(self, point: str) -> None:
        if point == self._point:
            self.is_there.set()
            await asyncio.Event().wait()


async def confirm(database: Database, *emails: str) -> None:
    """Records addresses as confirmed."""
    async with database.tx() as tx:
        for email in emails:
            await record_confirmed_address(tx, digest_address(email), ConfirmedBy.LINK)


async def publish(
    broker: Broker,
    event: Message,
    *,
    event_id: UUID | None = None,
    traceparent: str = "",
    synthetic: bool = False,
) -> UUID:
    """Publishes an event as the relay of another service does.

    With the id of an earlier event it is a redelivery.
    """
    event_id, name = event_id or uuid7(), event.DESCRIPTOR.full_name
    headers = {
        "Nats-Msg-Id": str(uuid7()),
        "ce-id": str(event_id),
        "ce-type": name,
        "ce-subject": "key",
        "ce-time": "2026-03-02T09:30:00+00:00",
        **({"traceparent": traceparent} if traceparent else {}),
    }
    await broker.jetstream.publish(
        subject_of(name, synthetic=synthetic), event.SerializeToString(), headers=headers
    )
    return event_id


def placed(
    order: checkout_pb2.Order | None = None, locale: str = "de-DE"
) -> events_pb2.OrderPlaced:
    return events_pb2.OrderPlaced(order=order or an_order(), locale=locale, cart_id=str(uuid7()))


def registered(email: str = "", **changes: Any) -> identity_pb2.CustomerRegistered:
    fields: dict[str, Any] = {
        "customer_id": str(uuid7()),
        "email": email or an_email(),
        "first_name": "Ana",
        "locale": "en",
        "channel": "de",
    }
    return identity_pb2.CustomerRegistered(**{**fields, "confirmation_requested": True, **changes})


def confirmed(email: str = "", **changes: Any) -> identity_pb2.EmailConfirmed:
    fields = {
        "customer_id": str(uuid7()),
        "email": email or an_email(),
        "first_name": "Ana",
        "locale": "en",
        "channel": "de",
    }
    return identity_pb2.EmailConfirmed(**{**fields, **changes})


def reminder_requested(email: str, **changes: Any) -> cart_pb2.CartReminderRequested:
    fields = {
        "cart_id": str(uuid7()),
        "version": 2,
        "owner_id": str(uuid7()),
        "email": email,
        "locale": "en",
        "channel": "de",
    }
    return cart_pb2.CartReminderRequested(**{**fields, **changes})


def content_of(delivery: Delivery) -> dict[str, Any]:
    return parts_of(delivery.content)
