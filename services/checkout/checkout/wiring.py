"""Builds the components of a process from its settings."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.data.database import Database
from chassis.rpc.auth import Caller
from chassis.rpc.client import Peer, ServiceTokens
from checkout.background import Background
from checkout.cancellations.actions import LineCancellations
from checkout.captures.captures import Captures
from checkout.carriers.integration import CarrierIntegrations, connect_carriers
from checkout.checkouts.review import PriceTables
from checkout.contact_points import is_at_till
from checkout.credit_limits.credits import Credits
from checkout.delivery.directory import DeliveryDirectory
from checkout.disputes.record import Disputes
from checkout.fraud.directory import FraudDirectory
from checkout.fraud.reviews import Reviews
from checkout.fraud.scorer import connect_scorers
from checkout.fraud.scoring import FraudScores
from checkout.fraud.screen import FraudScreen
from checkout.gift_cards.codes import GiftCardCodes
from checkout.legal_entities.directory import LegalEntityDirectory
from checkout.loyalty.directory import LoyaltyDirectory
from checkout.orders.cancel import Cancellations
from checkout.payment_methods.directory import PaymentMethodDirectory
from checkout.payment_methods.offers import PaymentOffers
from checkout.payments.provider import Providers
from checkout.payments.refund import Refunds
from checkout.peers import Carts, Customers, DigitalGoods, Offers, PickupStores, Stock
from checkout.placing.place_order import OrderSaga
from checkout.placing.steps import Participants
from checkout.reconciliation.reconcile import Completions, Reconciler
from checkout.refund_failures.record import RefundFailures
from checkout.returns.refund import ReturnCompletions
from checkout.saved_payments.saved import SavedPayments
from checkout.settings import CheckoutSettings
from checkout.shipment_labels.complete import Labels
from checkout.shipments.promises import Promises
from checkout.tax_exemptions.directory import ExemptionDirectory
from checkout.tax_providers.calculations import TaxCalculations
from checkout.tax_providers.provider import connect_tax_providers
from checkout.taxes.directory import TaxDirectory
from checkout.vat_ids.authority import connect_authorities
from checkout.vat_ids.check import VatIds


@dataclass(frozen=True, slots=True)
class Peers:
    """The channels to other services, and the tokens for them."""

    catalog: Peer
    cart: Peer
    identity: Peer
    tokens: ServiceTokens


@dataclass(frozen=True, slots=True)
class Components:
    """The components that servicers and timers share."""

    settings: CheckoutSettings
    participants: Participants
    customers: Customers
    saga: OrderSaga
    refunds: Refunds
    cancellations: Cancellations
    line_cancellations: LineCancellations
    returns: ReturnCompletions
    reconciler: Reconciler
    background: Background
    taxes: TaxDirectory
    delivery: DeliveryDirectory
    stores: PickupStores
    payment_methods: PaymentMethodDirectory
    digital_goods: DigitalGoods
    offers: Offers
    gift_card_codes: GiftCardCodes
    vat_ids: VatIds
    tax_exemptions: ExemptionDirectory
    tax_calculations: TaxCalculations
    legal_entities: LegalEntityDirectory
    credits: Credits
    loyalty: LoyaltyDirectory
    fraud_scores: FraudScores
    reviews: Reviews
    disputes: Disputes
    carriers: CarrierIntegrations
    labels: Labels
    saved_payments: SavedPayments
    captures: Captures
    refund_failures: RefundFailures

    async def promises(self) -> Promises:
        """Returns the days of delivery that hold now. Ask without a connection out."""
        channels = self.settings.channels
        return Promises(
            await self.delivery.current(),
            {code: channel.origin_country for code, channel in channels.items()},
            self.settings.channel("").origin_country,
        )

    async def tables(self) -> PriceTables:
        """Returns the tables that hold now. Ask without a connection out."""
        return PriceTables(
            await self.delivery.current(),
            await self.taxes.current(),
            exemptions=await self.tax_exemptions.current(),
        )

    async def payment_offers(self, caller: Caller, *, is_latest: bool = False) -> PaymentOffers:
        """Returns the payment methods that a shopper may be offered now.

        `is_latest` is for a method that they may not have yet: every change that is committed
        counts. Ask without a connection out. Raises SyntheticPaymentsOff.
        """
        directory = self.payment_methods
        table = await (directory.latest() if is_latest else directory.current())
        return table.offers(
            self.participants.providers,
            is_synthetic=caller.is_synthetic,
            customer_group=caller.customer_group,
            at_till=is_at_till(caller),
        )


def build_components(
    settings: CheckoutSettings, database: Database, providers: Providers, peers: Peers
) -> Components:
    """Builds the components."""
    stock, carts = Stock(peers.catalog, peers.tokens), Carts(peers.cart, peers.tokens)
    participants = Participants(
        stock,
        carts,
        providers,
        database.clock,
        timedelta(days=settings.authorization_days),
    )
    legal_entities = LegalEntityDirectory(database)
    scores = FraudScores(
        connect_scorers(
            settings.fraud_scorers, timeout_seconds=settings.fraud_scorer_timeout_seconds
        ),
        timeout_seconds=settings.fraud_scorer_timeout_seconds,
    )
    screen = FraudScreen(database, FraudDirectory(database), scores)
    saga = OrderSaga(database, participants, legal_entities, screen)
    refunds, captures = Refunds(database, providers), Captures(database, providers)
    failures = RefundFailures(database, providers)
    cancellations = Cancellations(
        database, stock, carts, refunds, providers, lease_seconds=settings.resume_after_seconds
    )
    carriers = connect_carriers(settings.carriers, timeout_seconds=settings.carrier_timeout_seconds)
    return Components(
        settings=settings,
        participants=participants,
        customers=Customers(peers.identity, peers.tokens),
        saga=saga,
        refunds=refunds,
        cancellations=cancellations,
        line_cancellations=LineCancellations(database, stock, refunds),
        returns=ReturnCompletions(database, stock, refunds),
        reconciler=Reconciler(
            database,
            participants,
            Completions(saga, refunds, cancellations, (captures.watch, failures.watch)),
        ),
        background=Background(database, max_waiters=settings.complete_waiters),
        taxes=TaxDirectory(database),
        delivery=DeliveryDirectory(database),
        stores=PickupStores(peers.catalog, peers.tokens),
        payment_methods=PaymentMethodDirectory(database),
        digital_goods=DigitalGoods(peers.catalog, peers.tokens),
        offers=Offers(peers.catalog, peers.tokens),
        gift_card_codes=GiftCardCodes(settings.gift_card_master_key),
        vat_ids=VatIds(
            database,
            connect_authorities(
                settings.vat_authorities, timeout_seconds=settings.vat_authority_timeout_seconds
            ),
            timeout_seconds=settings.vat_authority_timeout_seconds,
            fresh=timedelta(hours=settings.vat_answer_hours),
            kept=timedelta(days=settings.vat_answer_kept_days),
        ),
        tax_exemptions=ExemptionDirectory(database),
        tax_calculations=TaxCalculations(
            connect_tax_providers(
                settings.tax_providers, timeout_seconds=settings.tax_provider_timeout_seconds
            ),
            timeout_seconds=settings.tax_provider_timeout_seconds,
        ),
        legal_entities=legal_entities,
        credits=Credits(database),
        loyalty=LoyaltyDirectory(database),
        fraud_scores=scores,
        disputes=Disputes(database, providers),
        carriers=carriers,
        labels=Labels(database, carriers, settings),
        saved_payments=SavedPayments(database, providers),
        captures=captures,
        refund_failures=failures,
        reviews=Reviews(
            database, providers, cancellations, lease_seconds=settings.resume_after_seconds
        ),
    )
