"""What catalog offers now: the only source of prices, titles and availability."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.client import Peer
from chassis.errors import DeadlineExceeded, Unavailable
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2_grpc as pb_grpc

log = telemetry.log("offers")
LOW_STOCK: Final = 5
# A shopper waits for prices this long; after that the last seen ones are shown, and said to be old.
READ_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers by variant, all in `currency`. `are_current` is false where catalog did not answer."""

    by_variant: Mapping[UUID, pb.Offer]
    currency: str
    are_current: bool = True

    @property
    def tax_included(self) -> bool:
        return all(offer.tax_included for offer in self.by_variant.values())


class Catalog:
    """The catalog, as carts see it."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._stub = peer, peer.stub(pb_grpc.CatalogServiceStub)

    async def offers(self, variant_ids: Iterable[UUID], *, channel: str, locale: str, currency: str, timeout: float = 5) -> Offers:
        """Offers for the variants that exist. Raises catalog's refusals of an unknown channel or currency, and Unavailable."""
        ids = list(dict.fromkeys(str(id) for id in variant_ids))
        view = pb.View(channel=channel, locale=locale, currency=currency)
        reply = await self._peer.ask(self._stub.GetOffers, pb.GetOffersRequest(variant_ids=ids, view=view), timeout=timeout)
        return Offers({UUID(offer.variant_id): offer for offer in reply.offers}, reply.currency)

    async def offers_if_there(self, variant_ids: Iterable[UUID], *, channel: str, locale: str, currency: str) -> Offers:
        """The same for showing only: without offers, and saying so, while catalog is away."""
        try:
            return await self.offers(variant_ids, channel=channel, locale=locale, currency=currency, timeout=READ_SECONDS)
        except (Unavailable, DeadlineExceeded):
            log.warning("catalog is away")
            return Offers({}, currency, are_current=False)


def availability_of(offer: pb.Offer) -> str:
    """in_stock, low_stock or out_of_stock; the count itself is not public."""
    if offer.available <= 0:
        return "out_of_stock"
    return "low_stock" if offer.available <= LOW_STOCK else "in_stock"
