"""The composition root: `python -m cart serve | work | all | migrate | dead-letters`."""

from datetime import timedelta

from cart import handlers
from cart.carts.links import RestoreLinks
from cart.peers import Catalog, Customers
from cart.servicers.carts import CartServicer
from cart.servicers.orders import CartOrderServicer
from cart.servicers.price_overrides import PriceOverrideServicer
from cart.servicers.promotions import PromotionServicer
from cart.servicers.reorders import ReorderServicer
from cart.settings import Settings
from cart.wiring import Wiring
from chassis.runtime.cli import main
from chassis.runtime.service import Service
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc
from sojourn.cart.v1 import price_overrides_pb2_grpc, reorders_pb2_grpc


def build(settings: Settings) -> Service:
    """The service, ready to run in any role."""
    service = Service("cart", settings)
    links = RestoreLinks(settings.restore_secret.get_secret_value())
    catalog = Catalog(service.peer("catalog", settings.catalog_target), service.tokens)
    wiring = Wiring(
        catalog,
        Customers(service.identity, service.tokens),
        links,
        timedelta(seconds=settings.abandon_after_seconds),
        settings.default_channel,
        allows_test_domains=settings.environment == "development",
    )
    if settings.grpc_port:
        pb_grpc.add_CartServiceServicer_to_server(
            CartServicer(service.database, service.verifier, wiring), service.server
        )
        pb_grpc.add_CartOrderServiceServicer_to_server(
            CartOrderServicer(service.database, service.verifier, wiring), service.server
        )
        pb_grpc.add_PromotionServiceServicer_to_server(
            PromotionServicer(service.database, service.verifier), service.server
        )
        price_overrides_pb2_grpc.add_PriceOverrideServiceServicer_to_server(
            PriceOverrideServicer(service.database, service.verifier, wiring), service.server
        )
        reorders_pb2_grpc.add_ReorderServiceServicer_to_server(
            ReorderServicer(service.database, service.verifier, wiring), service.server
        )
    service.handle(handlers.EVENTS)
    service.time(handlers.timers(service.database, links))
    return service


if __name__ == "__main__":
    main("cart", Settings, build)
