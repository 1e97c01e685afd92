"""Delivery of one mail: prepare it, submit it to the mail server, record the result.

The aim is exactly one delivery. The mail is committed as SENDING right before its content is
submitted, and as SENT right after the server accepted it. No transaction is open during the
submission.

- A process that dies before the first commit has sent nothing.
- A process that dies between the two commits leaves a SENDING mail. The next process asks the
  server for a receipt (RECEIPTS_URL) and submits the mail again only if the server has not accepted
  it.
- Without receipts the mail is submitted again with the same Message-ID, by which receivers commonly
  drop the duplicate. The mail is never lost; a duplicate is possible but rare.
"""

import asyncio
import time
from typing import Final
from uuid import UUID

import psycopg
from jinja2 import TemplateError

from chassis import telemetry
from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import LEASE_SECONDS, Timer
from chassis.data.tx import Read
from chassis.rpc.errors import Invalid, Stale, Unavailable
from notifications import metrics
from notifications.delivery.attempts import start_attempt
from notifications.delivery.channel import (
    MailChannel,
    ReceiptStatus,
    SubmissionResult,
    SubmissionStatus,
)
from notifications.delivery.mime import MimeEncoder
from notifications.delivery.renderer import Renderer
from notifications.delivery.results import RetryPolicy, record_result, refuse_mail
from notifications.errors import Superseded
from notifications.mails.model import (
    DELIVERY_TIMER,
    ENDED,
    Mail,
    MailReason,
    MailState,
)
from notifications.preferences.model import Topic
from notifications.preferences.queries import allows_analytics, get_wanted_topics

log = telemetry.log("delivery")
# Another process may have claimed the mail if this one was suspended for longer than this.
_FENCE_SECONDS: Final = LEASE_SECONDS - 5.0
_PAUSE_SECONDS: Final = 0.1


class DeliveryWorker:
    """Delivers mails through a channel. Several replicas may run."""

    def __init__(
        self,
        database: Database,
        channel: MailChannel,
        renderer: Renderer,
        encoder: MimeEncoder,
        policy: RetryPolicy,
        *,
        tracks_mails: bool = False,
    ) -> None:
        self._database, self._channel, self._renderer, self._encoder, self._policy = (
            database,
            channel,
            renderer,
            encoder,
            policy,
        )
        self._tracks_mails = tracks_mails
        self._running: set[asyncio.Task[object]] = set()
        self._is_draining = False

    async def deliver_mail(self, timer: Timer) -> None:
        """Handles the timer of a mail."""
        if self._is_draining:
            async with self._database.tx() as tx:
                await timers.schedule(tx, DELIVERY_TIMER, timer.key, timer.due_at, lease_seconds=1)
            return
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await _Delivery(
                self._database,
                self._channel,
                self._renderer,
                self._encoder,
                self._policy,
                timer,
                tracks_mails=self._tracks_mails,
            ).run()
        finally:
            self._running.discard(task)

    async def drain(self) -> None:
        """Starts no further delivery, and waits until the results of running ones are stored."""
        self._is_draining = True
        while self._running:
            await asyncio.sleep(_PAUSE_SECONDS)


class _Delivery:
    """One delivery of one mail."""

    def __init__(
        self,
        database: Database,
        channel: MailChannel,
        renderer: Renderer,
        encoder: MimeEncoder,
        policy: RetryPolicy,
        timer: Timer,
        *,
        tracks_mails: bool,
    ) -> None:
        self._database, self._channel, self._renderer, self._encoder, self._policy = (
            database,
            channel,
            renderer,
            encoder,
            policy,
        )
        self._timer, self._tracks_mails = timer, tracks_mails
        self._has_started_attempt = False
        self._deadline = time.monotonic() + _FENCE_SECONDS

    async def run(self) -> None:
        async with self._database.read() as read:
            prepared = await _prepare_mail(
                read, UUID(self._timer.key), self._renderer, tracks_mails=self._tracks_mails
            )
        if prepared is None:
            metrics.mails.labels("skipped").inc()
            return
        mail, reason = prepared
        if reason is not None:
            async with self._database.tx() as tx:
                outcome = await refuse_mail(tx, mail, reason)
            metrics.mails.labels(outcome).inc()
            return
        result = await self._recover_result(mail) or await self._submit(mail)
        if result is not None:
            await self._store_result(mail, result)

    async def _recover_result(self, mail: Mail) -> SubmissionResult | None:
        """Returns the earlier result of a SENDING mail; None if the mail is to be submitted."""
        if mail.state is not MailState.SENDING:
            return None
        match await self._channel.find_receipt(self._encoder.message_id(mail)):
            case ReceiptStatus.ACCEPTED:
                metrics.mails.labels("recovered").inc()
                return SubmissionResult(SubmissionStatus.ACCEPTED, 2)
            case ReceiptStatus.AWAY:
                return SubmissionResult(SubmissionStatus.AWAY)
            case ReceiptStatus.NOT_ACCEPTED:
                return None
            case ReceiptStatus.UNKNOWN:
                metrics.mails.labels("repeated_in_doubt").inc()
                return None

    async def _submit(self, mail: Mail) -> SubmissionResult | None:
        """Submits a mail. Returns None if another process delivers it."""
        try:
            return await self._channel.submit(
                self._encoder.encode(mail), lambda: self._start_attempt(mail)
            )
        except Superseded:
            return None

    async def _start_attempt(self, mail: Mail) -> None:
        """Commits the mail as SENDING.

        Raises Superseded if another process changed the mail or may have claimed it.
        """
        try:
            async with self._database.tx() as tx:
                mail.become(MailState.SENDING)
                mail.tries += 1
                await tx.update(mail)
                start_attempt(tx, mail.id)
        except Stale:
            raise Superseded from None
        self._has_started_attempt = True
        if time.monotonic() > self._deadline:
            raise Superseded

    async def _store_result(self, mail: Mail, result: SubmissionResult) -> None:
        """Stores a result. Retries while the database is unavailable: no other process knows it."""
        while True:
            try:
                async with self._database.tx() as tx:
                    outcome = await record_result(
                        tx,
                        mail,
                        result,
                        self._policy,
                        has_started_attempt=self._has_started_attempt,
                    )
                    if outcome == "sent":
                        self._timer.end(tx)
                break
            except (Unavailable, psycopg.Error):
                if time.monotonic() > self._deadline:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
        if outcome:
            metrics.mails.labels(outcome).inc()
        if outcome == "sent":
            self._observe_duration(mail)

    def _observe_duration(self, mail: Mail) -> None:
        now = self._database.clock.now()
        metrics.sending_seconds.observe(max(0.0, (now - mail.driven_at).total_seconds()))
        if mail.caused_at is not None:
            metrics.confirmation_seconds.observe(max(0.0, (now - mail.caused_at).total_seconds()))


async def _prepare_mail(
    read: Read, mail_id: UUID, renderer: Renderer, *, tracks_mails: bool
) -> tuple[Mail, MailReason | None] | None:
    """Returns a rendered mail, or a mail with the reason not to submit it; None if it has ended.

    The mail is not locked: the transaction that writes it next compares its version.
    """
    mail = await read.get(Mail, mail_id)
    if mail is None or mail.state in ENDED:
        return None
    if mail.state is MailState.SENDING:
        return mail, None
    wanted = await get_wanted_topics(read, mail.email_digest)
    if not wanted.get(mail.topic, True):
        return mail, MailReason.UNSUBSCRIBED
    if mail.expires_at is not None and mail.expires_at <= read.now:
        return mail, MailReason.EXPIRED
    if mail.is_rendered and (mail.unsubscribe_topic != Topic.SURVEYS or wanted[Topic.SURVEYS]):
        return mail, None
    may_be_tracked = tracks_mails and await allows_analytics(read, mail.owner_id)
    try:
        rendering = renderer.render(
            mail, wants_surveys=wanted[Topic.SURVEYS], may_be_tracked=may_be_tracked
        )
    except (TemplateError, Invalid) as error:
        log.error("template is broken", template=mail.template, exc_info=error)
        return mail, MailReason.NOT_RENDERED
    # `_start_attempt` stores the texts. Until then the mail may be rendered again.
    mail.subject, mail.body_text, mail.body_html = rendering.subject, rendering.text, rendering.html
    mail.unsubscribe_topic = rendering.unsubscribe_topic or ""
    return mail, None
