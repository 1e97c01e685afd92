"""The peers of cart: catalog and identity."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from cart import metrics
from cart.carts.offers import NOT_CURRENT, CatalogContext, Offers
from cart.carts.wire import offer_from_proto
from chassis import telemetry
from chassis.rpc.client import Peer, ServiceTokens
from chassis.rpc.errors import DeadlineExceeded, DomainError, Internal, Unavailable
from sojourn.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from sojourn.catalog.v1.guest_policy_pb2 import GUEST_POLICY_LOOK, GUEST_POLICY_NO_PRICES
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc

log = telemetry.log("peers")

# Less than a shopper's patience, so that a catalogue that hangs still leaves time to answer with
# last seen prices.
_OFFERS_SECONDS: Final = 2.0
# The locale of the profile is a convenience: a cart waits for it only briefly.
_PROFILE_SECONDS: Final = 0.5


class Catalog:
    """Offers of catalog. Offers for a named buyer need a token of this service."""

    def __init__(self, peer: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = peer, tokens
        self._stub = peer.stub(catalog_pb2_grpc.CatalogServiceStub)

    async def get_offers(self, context: CatalogContext, variant_ids: Sequence[UUID]) -> Offers:
        """Returns offers for at most 200 variants, by one call.

        Raises Unavailable, DeadlineExceeded, UnknownChannel.
        """
        request = catalog_pb2.GetOffersRequest(
            variant_ids=[str(id) for id in variant_ids],
            view=catalog_pb2.View(
                channel=context.channel, locale=context.locale, currency=context.currency
            ),
            synthetic=context.is_synthetic,
            organization_id=str(context.organization_id or ""),
            customer_group=context.customer_group,
            for_guest=context.is_guest,
        )
        is_named = context.is_synthetic or context.is_personal
        authorization = await self._tokens.authorization() if is_named else ""
        reply = await self._peer.ask(
            self._stub.GetOffers,
            request,
            authorization=authorization,
            timeout=_OFFERS_SECONDS,
            together=True,
        )
        if context.is_guest and reply.guest_policy == GUEST_POLICY_NO_PRICES:
            # Lines keep the prices that were public when they were added.
            return Offers(reply.currency, {}, frozenset(), may_buy=False)
        offers = Offers.answered(reply.currency, variant_ids, map(offer_from_proto, reply.offers))
        is_refused = context.is_guest and reply.guest_policy == GUEST_POLICY_LOOK
        return replace(offers, may_buy=False) if is_refused else offers

    async def find_offers(self, context: CatalogContext, variant_ids: Sequence[UUID]) -> Offers:
        """Returns the same, or NOT_CURRENT if catalog does not answer.

        Asks nothing if there are no variants.
        """
        if not variant_ids:
            return Offers.answered(context.currency, (), ())
        try:
            return await self.get_offers(context, variant_ids)
        except (Unavailable, DeadlineExceeded, Internal):
            metrics.prices_not_current.inc()
            return NOT_CURRENT


class Customers:
    """Profiles of customers in identity."""

    def __init__(self, peer: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = peer, tokens
        self._stub = peer.stub(identity_pb2_grpc.CustomerServiceStub)

    async def locale_of(self, customer_id: UUID) -> str:
        """Returns the locale of a customer; empty if identity does not answer in time."""
        request = identity_pb2.GetCustomerRequest(customer_id=str(customer_id))
        try:
            authorization = await self._tokens.authorization()
            reply = await self._peer.ask(
                self._stub.GetCustomer,
                request,
                authorization=authorization,
                timeout=_PROFILE_SECONDS,
            )
        except DomainError as error:
            log.warning("the profile is not available", reason=error.reason)
            return ""
        return str(reply.locale)
