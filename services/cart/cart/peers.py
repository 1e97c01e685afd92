"""The peer that the cart asks: catalog."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cart import messages, metrics
from cart.offers import NOT_CURRENT, Offers, View
from chassis.rpc.client import Peer, ServiceTokens
from chassis.rpc.errors import DeadlineExceeded, Internal, Unavailable
from sojourn.catalog.v1 import catalog_pb2, catalog_pb2_grpc

# Less than a shopper's patience, so that a catalogue that hangs still leaves time to answer with last seen prices.
_OFFERS_SECONDS: Final = 2.0


class Catalog:
    """Catalog's offers. It gives those for synthetic shoppers to who may speak for them: what we ask as ourselves."""

    def __init__(self, peer: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = peer, tokens
        self._stub = peer.stub(catalog_pb2_grpc.CatalogServiceStub)

    async def offers(self, view: View, variant_ids: Sequence[UUID]) -> Offers:
        """Offers for at most 200 variants, in one call. Raises Unavailable, DeadlineExceeded, and what catalog refuses of the view."""
        request = catalog_pb2.GetOffersRequest(
            variant_ids=[str(id) for id in variant_ids],
            view=catalog_pb2.View(channel=view.channel, locale=view.locale, currency=view.currency),
            synthetic=view.is_synthetic,
        )
        authorization = await self._tokens.authorization() if view.is_synthetic else ""
        reply = await self._peer.ask(self._stub.GetOffers, request, authorization=authorization, timeout=_OFFERS_SECONDS, together=True)
        return Offers.of(reply.currency, variant_ids, map(messages.offer_from_proto, reply.offers))

    async def offers_if_up(self, view: View, variant_ids: Sequence[UUID]) -> Offers:
        """The same, or NOT_CURRENT where catalog does not answer. Asks nothing for no variants."""
        if not variant_ids:
            return Offers.of(view.currency, (), ())
        try:
            return await self.offers(view, variant_ids)
        except (Unavailable, DeadlineExceeded, Internal):
            metrics.prices_not_current.inc()
            return NOT_CURRENT
