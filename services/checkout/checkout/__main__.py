"""The composition root: `python -m checkout serve | work | all | migrate | dead-letters`."""

from functools import partial

from chassis.runtime.cli import main
from chassis.runtime.service import Service
from checkout import crashes as crashing
from checkout.payments import provider as providers
from checkout.servicers.checkouts import CheckoutServicer
from checkout.servicers.orders import OrderServicer
from checkout.settings import CheckoutSettings
from checkout.wiring import Wiring, compose, timers_of
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc


def build(settings: CheckoutSettings) -> Service:
    """A process of checkout."""
    crashing.arm(settings)
    service = Service("checkout", settings)
    paid_at = providers.connect_all(
        settings.payment_provider, with_simulator=settings.synthetic_payments, timeout_seconds=settings.payment_timeout_seconds
    )
    catalog, cart = service.peer("catalog", settings.catalog_target), service.peer("cart", settings.cart_target)
    shop = compose(Wiring(settings, service.database, paid_at, catalog, cart, service.identity, service.tokens))
    checkouts = CheckoutServicer(service.database, service.verifier, shop)
    pb_grpc.add_CheckoutServiceServicer_to_server(checkouts, service.server)
    pb_grpc.add_OrderServiceServicer_to_server(OrderServicer(service.database, service.verifier, shop), service.server)
    service.time(timers_of(shop))
    every, after = settings.reconcile_every_seconds, settings.reconcile_after_seconds
    service.beside_working(partial(shop.reconciler.run, every_seconds=every, after_seconds=after))
    service.on_stop(shop.background.drain)
    return service


if __name__ == "__main__":
    main("checkout", CheckoutSettings, build)
