"""Use cases of alerts: ask for one, confirm it, end it."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from catalog.channels.model import Channel, View
from catalog.errors import (
    AlertTokenNotFound,
    AlreadyAvailable,
    InvalidAlert,
    PricesHidden,
    TooManyAlerts,
    VariantNotFound,
)
from catalog.listings.offers import Offer, offers_of
from catalog.subscriptions.causes import TELL
from catalog.subscriptions.events import alert_confirmation_requested
from catalog.subscriptions.model import (
    ASKED_AGAIN_AFTER,
    CONFIRMATION_VALIDITY,
    MOST_OF_ADDRESS,
    Alert,
    AlertKind,
    digest_of,
    new_token,
)
from catalog.subscriptions.queries import alert_of_address, count_of_address, lock_by_token
from chassis.data import timers
from chassis.data.tx import Tx
from chassis.email_addresses import InvalidEmail, normalize_email
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7

FORGET: Final = "alert_expiry"


@dataclass(frozen=True, slots=True)
class AlertWish:
    """An alert as it is asked for. `most_minor` is 0 for any lower price."""

    kind: AlertKind
    variant_id: UUID
    email: str = field(repr=False)
    most_minor: int = 0
    customer_id: UUID | None = None
    is_confirmed: bool = False


async def create_alert(
    tx: Tx, channel: Channel, view: View, wish: AlertWish, *, allows_test_domains: bool
) -> Alert:
    """Begins an alert, or asks the owner of the address to confirm it.

    Who has the alert keeps it. Raises InvalidAlert, VariantNotFound, AlreadyAvailable,
    TooManyAlerts, PricesHidden.
    """
    if wish.kind is AlertKind.PRICE_DROP and wish.customer_id is None and channel.hides_prices:
        raise PricesHidden("log in to be told of prices", by="alert")
    address = _address(wish.email, allows_test_domains=allows_test_domains)
    offers = await offers_of(tx, channel, view, [wish.variant_id])
    if not offers:
        raise VariantNotFound(variant_id=wish.variant_id)
    [offer] = offers
    _require_sense(wish, offer)
    digest = digest_of(address)
    known = await alert_of_address(tx, digest, wish.variant_id, wish.kind, view)
    if known is None:
        if await count_of_address(tx, digest) >= MOST_OF_ADDRESS:
            raise TooManyAlerts("end some alerts first", most=MOST_OF_ADDRESS)
        alert = Alert(
            id=uuid7(),
            kind=wish.kind,
            product_id=offer.product_id,
            variant_id=wish.variant_id,
            channel=view.channel,
            currency=view.currency,
            locale=view.locale,
            email=address,
            email_digest=digest,
            end_token=new_token(),
            is_active=False,
            asked_at=tx.now - ASKED_AGAIN_AFTER,
            created_at=tx.now,
        )
    else:
        alert = known
    if alert.is_active:
        return alert
    alert.baseline_minor = offer.amount_minor if wish.kind is AlertKind.PRICE_DROP else 0
    alert.most_minor, alert.customer_id = wish.most_minor, wish.customer_id
    if wish.is_confirmed:
        alert.is_active = True
    elif alert.asked_at > tx.now - ASKED_AGAIN_AFTER:
        return alert
    token = "" if alert.is_active else new_token()
    if token:
        alert.token_digest, alert.asked_at = digest_of(token), tx.now
    if known is None:
        await tx.insert(alert)
    else:
        await tx.update(alert)
    if token:
        await tx.emit(alert_confirmation_requested(alert, token), key=alert.id)
        await timers.schedule(tx, FORGET, str(alert.id), tx.now + CONFIRMATION_VALIDITY)
    else:
        await timers.schedule(tx, TELL, str(alert.product_id), tx.now)
    return alert


async def confirm_alert(tx: Tx, token: str) -> None:
    """Begins the alert of a link. Idempotent. Raises AlertTokenNotFound."""
    alert = await lock_by_token(tx, digest_of(token))
    if alert is None:
        raise AlertTokenNotFound("the link is invalid, expired, or replaced by a newer one")
    if alert.is_active:
        return
    alert.is_active = True
    await tx.update(alert)
    await timers.cancel(tx, FORGET, str(alert.id))
    # It may have come true meanwhile.
    await timers.schedule(tx, TELL, str(alert.product_id), tx.now)


async def end_alert(tx: Tx, end_token: str) -> None:
    """Ends the alert of a link, and forgets the address. An unknown token is passed over."""
    await tx.run("DELETE FROM alert WHERE end_token = %s", [end_token])


async def delete_my_alert(
    tx: Tx, alert_id: UUID, customer_id: UUID, *, expected_version: int = 0
) -> None:
    """Deletes a customer's alert; an unknown one is passed over. Raises VersionMismatch."""
    alert = await tx.lock(Alert, alert_id)
    if alert is None or alert.customer_id != customer_id:
        return
    if expected_version not in (0, alert.version):
        raise VersionMismatch("the alert changed meanwhile", version=alert.version)
    await tx.delete(alert)


async def forget_unconfirmed(tx: Tx, alert_id: UUID) -> None:
    """Deletes an alert that was not confirmed in time."""
    before = tx.now - CONFIRMATION_VALIDITY
    await tx.run(
        "DELETE FROM alert WHERE id = %s AND NOT is_active AND asked_at <= %s", [alert_id, before]
    )


async def erase_alerts(tx: Tx, customer_id: UUID, email: str = "") -> None:
    """Deletes a customer's alerts, and those of their address where that is known."""
    await tx.run("DELETE FROM alert WHERE customer_id = %s", [customer_id])
    if email:
        address = _address(email, allows_test_domains=True)
        await tx.run("DELETE FROM alert WHERE email_digest = %s", [digest_of(address)])


def _address(email: str, *, allows_test_domains: bool) -> str:
    try:
        return normalize_email(email, allows_test_domains=allows_test_domains)
    except InvalidEmail:
        raise InvalidAlert("not an e-mail address", path="email") from None


def _require_sense(wish: AlertWish, offer: Offer) -> None:
    match wish.kind:
        case AlertKind.BACK_IN_STOCK:
            if wish.most_minor:
                raise InvalidAlert("is for price drops only", path="most_minor")
            if offer.available + offer.promised > 0:
                raise AlreadyAvailable("it can be had now")
        case AlertKind.PRICE_DROP:
            if wish.most_minor >= offer.amount_minor:
                raise InvalidAlert("is below the price of now", path="most_minor")
