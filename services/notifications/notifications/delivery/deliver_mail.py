"""Sending: what the timer of a mail does.

Exactly one mail is what is aimed at; what can be promised is this. The mail is committed as `sending` right before its content goes out, and
as `sent` right after the server took it. Who dies before the first commit has sent nothing. Who dies between the two leaves a mail whose fate
the server alone knows: the next one asks it (RECEIPTS_URL), and offers the mail again only if it was not accepted. Where there is nobody to
ask it is offered again under the same Message-ID, by which receivers commonly drop the second: never none, at the price of a rare two.
"""

import asyncio
import time
from typing import Final
from uuid import UUID

import psycopg

from chassis import telemetry
from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import LEASE_SECONDS, Timer
from chassis.rpc.errors import Stale, Unavailable
from notifications import metrics
from notifications.delivery import steps as delivering
from notifications.delivery.channel import Answer, Knowledge, MailChannel, Result
from notifications.delivery.mime import Letterhead
from notifications.delivery.renderer import Renderer
from notifications.delivery.steps import Patience
from notifications.errors import Superseded
from notifications.mails.model import SEND, Mail, MailState

log = telemetry.log("sending")
# A process that slept longer than this since it claimed the mail may not be the only one any more.
_FENCE_SECONDS: Final = LEASE_SECONDS - 5.0
_PAUSE_SECONDS: Final = 0.1


class Sender:
    """Sends mails through a channel. Several replicas may run."""

    def __init__(self, database: Database, channel: MailChannel, renderer: Renderer, letterhead: Letterhead, patience: Patience) -> None:
        self._database, self._channel, self._renderer, self._patience = database, channel, renderer, patience
        self._letterhead = letterhead
        self._at_work: set[asyncio.Task[object]] = set()
        self._is_draining = False

    async def send(self, timer: Timer) -> None:
        """Handles the timer of a mail."""
        if self._is_draining:
            async with self._database.tx() as tx:
                await timers.schedule(tx, SEND, timer.key, timer.due_at, lease_seconds=1)
            return
        task = asyncio.current_task()
        assert task is not None
        self._at_work.add(task)
        try:
            await _Delivery(self, timer).run()
        finally:
            self._at_work.discard(task)

    async def drain(self) -> None:
        """Begins no more, and returns once what was begun is written down."""
        self._is_draining = True
        while self._at_work:
            await asyncio.sleep(_PAUSE_SECONDS)


class _Delivery:
    """One mail on its way."""

    def __init__(self, sender: Sender, timer: Timer) -> None:
        self._database, self._channel, self._patience = sender._database, sender._channel, sender._patience
        self._renderer, self._letterhead = sender._renderer, sender._letterhead
        self._timer, self._mail_id = timer, UUID(timer.key)
        self._has_begun = False
        self._deadline = time.monotonic() + _FENCE_SECONDS

    async def run(self) -> None:
        async with self._database.read() as read:
            prepared = await delivering.prepare(read, self._mail_id, self._renderer)
        if prepared is None:
            metrics.mails.labels("skipped").inc()
            return
        mail, reason = prepared
        if reason is not None:
            async with self._database.tx() as tx:
                counted = await delivering.give_up(tx, mail, reason)
            metrics.mails.labels(counted).inc()
            return
        answer = await self._known(mail) or await self._offered(mail)
        if answer is not None:
            await self._conclude(mail, answer)

    async def _known(self, mail: Mail) -> Answer | None:
        """What became of an earlier attempt whose end nobody saw; None where the mail is to be offered (again)."""
        if mail.state is not MailState.SENDING:
            return None
        match await self._channel.ask(self._letterhead.message_id(mail)):
            case Knowledge.ACCEPTED:
                metrics.mails.labels("recovered").inc()
                return Answer(Result.ACCEPTED, 2)
            case Knowledge.AWAY:
                return Answer(Result.AWAY)
            case Knowledge.NOT_ACCEPTED:
                return None
            case Knowledge.UNKNOWN:
                metrics.mails.labels("repeated_in_doubt").inc()
                return None

    async def _offered(self, mail: Mail) -> Answer | None:
        try:
            return await self._channel.offer(self._letterhead.letter(mail), lambda: self._begin(mail))
        except Superseded:
            return None

    async def _begin(self, mail: Mail) -> None:
        try:
            async with self._database.tx() as tx:
                await delivering.begin(tx, mail)
        except Stale:
            raise Superseded from None
        self._has_begun = True
        if time.monotonic() > self._deadline:
            raise Superseded

    async def _conclude(self, mail: Mail, answer: Answer) -> None:
        """Writes the answer down, through a short absence of the database: it is known here and nowhere else."""
        while True:
            try:
                async with self._database.tx() as tx:
                    counted = await delivering.conclude(tx, mail, answer, patience=self._patience, has_begun=self._has_begun)
                    if counted == "sent":
                        self._timer.end(tx)
                break
            except (Unavailable, psycopg.Error):
                if time.monotonic() > self._deadline:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
        if counted:
            metrics.mails.labels(counted).inc()
        if counted == "sent":
            self._measure(mail)

    def _measure(self, mail: Mail) -> None:
        now = self._database.clock.now()
        metrics.sending_seconds.observe(max(0.0, (now - mail.driven_at).total_seconds()))
        if mail.caused_at is not None:
            metrics.confirmation_seconds.observe(max(0.0, (now - mail.caused_at).total_seconds()))
