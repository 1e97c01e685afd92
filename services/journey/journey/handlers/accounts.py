"""Events of accounts: registrations, logins and consents."""

from uuid import UUID

from google.protobuf.message import Message

from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from journey import metrics
from journey.consents.withdraw import erase_customer, record_account_consent
from journey.handlers.recording import Fact, Recorder
from sojourn.identity.v1 import events_pb2 as identity


class AccountHandlers(Recorder):
    """Handlers of identity's events."""

    async def on_registered(
        self, tx: Tx, event: identity.CustomerRegistered, envelope: Envelope
    ) -> None:
        """A registration within a visitor's session makes their history the customer's."""
        fact = Fact(
            kind="account.registered",
            channel=event.channel,
            owner_id=event.guest_id,
            customer_id=event.customer_id,
            keys=self._email_keys(event.email),
        )
        await self._record(tx, envelope, fact)

    async def on_logged_in(
        self, tx: Tx, event: identity.CustomerLoggedIn, envelope: Envelope
    ) -> None:
        fact = Fact(
            kind="account.logged_in", owner_id=event.guest_id, customer_id=event.customer_id
        )
        await self._record(tx, envelope, fact)

    async def on_consent_changed(
        self, tx: Tx, event: identity.ConsentChanged, envelope: Envelope
    ) -> None:
        """Keeps the account's answers; a refusal of analytics deletes what was stored."""
        at, granted = envelope.occurred_at, dict(event.granted)
        if await record_account_consent(
            tx, UUID(event.customer_id), granted, version=event.version, at=at
        ):
            metrics.withdrawals.labels("account").inc()
            return
        fact = Fact(
            kind="account.consent_changed", customer_id=event.customer_id, properties=granted
        )
        await self._record(tx, envelope, fact)

    async def on_erased(self, tx: Tx, event: identity.CustomerErased, envelope: Envelope) -> None:
        """Forgets the customer, and refuses what comes late."""
        email_key = next(iter(self._email_keys(event.email)), None)
        await erase_customer(tx, UUID(event.customer_id), email_key, at=envelope.occurred_at)
        metrics.withdrawals.labels("erasure").inc()

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event."""
        return {
            identity.CustomerRegistered: self.on_registered,
            identity.CustomerLoggedIn: self.on_logged_in,
            identity.ConsentChanged: self.on_consent_changed,
            identity.CustomerErased: self.on_erased,
        }
