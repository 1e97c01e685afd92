"""Putting a process of checkout together."""

from dataclasses import dataclass

from chassis.data.database import Database
from chassis.data.timers import TimerHandler
from chassis.rpc.client import Peer, ServiceTokens
from checkout.background import Background
from checkout.checkouts.actions import Expiries
from checkout.orders import cancel as cancelling
from checkout.orders.cancel import Cancellations
from checkout.payments import refund as refunding
from checkout.payments import webhooks as receiving
from checkout.payments.provider import Providers
from checkout.payments.refund import Refunds
from checkout.peers import Carts, Customers, Stock
from checkout.placing import place_order as placing
from checkout.placing.advance import Saga
from checkout.placing.steps import Parties
from checkout.reconciliation.reconcile import Reconciler
from checkout.settings import CheckoutSettings
from checkout.shop import Shop


@dataclass(frozen=True, slots=True)
class Wiring:
    """What stands around."""

    settings: CheckoutSettings
    database: Database
    providers: Providers
    catalog: Peer
    cart: Peer
    identity: Peer
    tokens: ServiceTokens


def compose(wiring: Wiring) -> Shop:
    database, tokens = wiring.database, wiring.tokens
    parties = Parties(Stock(wiring.catalog, tokens), Carts(wiring.cart, tokens), wiring.providers, database.clock)
    saga, refunds = Saga(database, parties), Refunds(database, wiring.providers)
    cancellations = Cancellations(database, parties, refunds, lease_seconds=wiring.settings.resume_after_seconds)
    return Shop(
        settings=wiring.settings,
        parties=parties,
        customers=Customers(wiring.identity, tokens),
        saga=saga,
        refunds=refunds,
        cancellations=cancellations,
        reconciler=Reconciler(database, parties, saga, refunds, cancellations),
        background=Background(database, most_waiters=wiring.settings.complete_waiters),
    )


def timers_of(shop: Shop) -> dict[str, TimerHandler]:
    """What each kind of timer does."""
    return {
        placing.ADVANCE_TIMER: shop.saga.on_timer,
        placing.EXPIRE_TIMER: Expiries(shop.background.database).on_timer,
        cancelling.TIMER: shop.cancellations.on_timer,
        placing.CANCEL_SYNTHETIC_TIMER: shop.cancellations.on_synthetic,
        refunding.TIMER: shop.refunds.on_timer,
        receiving.STRAY_TIMER: shop.reconciler.on_timer,
    }
