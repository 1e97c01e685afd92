"""The cart service's process."""

from uuid import UUID

from cart.abandoning import abandon
from cart.changing import ABANDON
from cart.handlers import HANDLERS
from cart.offers import Catalog
from cart.order_servicer import CartOrderServicer, PromotionServicer
from cart.servicer import CartServicer
from cart.settings import CartSettings
from chassis.service import Service, main
from chassis.timers import Timer
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc


def build(settings: CartSettings) -> Service:
    """The composition root."""
    service = Service("cart", settings)
    catalog = Catalog(service.peer("catalog", settings.catalog_target))
    database, verifier = service.database, service.verifier
    pb_grpc.add_CartServiceServicer_to_server(CartServicer(database, verifier, catalog, settings), service.server)
    pb_grpc.add_CartOrderServiceServicer_to_server(CartOrderServicer(database, verifier, catalog), service.server)
    pb_grpc.add_PromotionServiceServicer_to_server(PromotionServicer(database, verifier), service.server)

    async def on_silence(timer: Timer) -> None:
        async with database.tx() as tx:
            secret = settings.restore_secret.get_secret_value()
            await abandon(tx, UUID(timer.key), after_seconds=settings.abandon_after_seconds, secret=secret)

    service.time({ABANDON: on_silence})
    service.handle(HANDLERS)
    return service


if __name__ == "__main__":
    main("cart", CartSettings, build)
