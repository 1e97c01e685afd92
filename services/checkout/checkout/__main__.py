"""The composition root:

`python -m checkout serve | work | all | migrate | dead-letters | ledger`.
"""

from functools import partial

from chassis.runtime.cli import main
from chassis.runtime.service import Service
from checkout import crashes, handlers
from checkout.erasures.forget_orders import run_forgetting
from checkout.payments.provider import connect_all
from checkout.reconciliation.ledger import LEDGER
from checkout.servicers.account_offers import AccountOfferServicer
from checkout.servicers.addresses.addresses import AddressServicer
from checkout.servicers.after_sale.claims import ClaimServicer
from checkout.servicers.after_sale.exchanges import ExchangeServicer
from checkout.servicers.after_sale.return_pictures import ReturnPictureServicer
from checkout.servicers.after_sale.returns import ReturnReasonServicer, ReturnServicer
from checkout.servicers.after_sale.settings import AfterSaleServicer
from checkout.servicers.bank_transfers import BankTransferServicer
from checkout.servicers.checkouts.checkouts import CheckoutServicer
from checkout.servicers.checkouts.quick_orders import QuickOrderServicer
from checkout.servicers.credit_limits.credit_limits import CreditLimitServicer
from checkout.servicers.delivery import DeliveryServicer
from checkout.servicers.digital_goods import OrderDigitalGoodsServicer
from checkout.servicers.documents.documents import DocumentServicer
from checkout.servicers.documents.legal_entities import LegalEntityServicer
from checkout.servicers.feed_terms import FeedTermServicer
from checkout.servicers.fraud.disputes import PaymentDisputeServicer
from checkout.servicers.fraud.fraud import FraudServicer
from checkout.servicers.fraud.reviews import OrderReviewServicer
from checkout.servicers.gift_cards import GiftCardServicer, ShopperGiftCardServicer
from checkout.servicers.loyalty.loyalty import LoyaltyServicer
from checkout.servicers.order_desk.bulk_shipments import BulkShipmentServicer
from checkout.servicers.order_desk.desk import OrderDeskServicer, OrderTimelineServicer
from checkout.servicers.order_desk.draft_orders import DraftOrderLinkServicer, DraftOrderServicer
from checkout.servicers.order_desk.exports import OrderExportServicer
from checkout.servicers.order_desk.order_edits import OrderEditServicer
from checkout.servicers.order_links import OrderLinkServicer
from checkout.servicers.orders import OrderServicer
from checkout.servicers.payment_methods import PaymentMethodServicer
from checkout.servicers.payments.captures import PaymentCaptureServicer
from checkout.servicers.payments.refund_failures import RefundFailureServicer
from checkout.servicers.payments.saved_payments import SavedPaymentMethodServicer
from checkout.servicers.pickups import PickupServicer
from checkout.servicers.shipping.shipment_labels import ShipmentLabelServicer
from checkout.servicers.shipping.tracking import TrackingServicer
from checkout.servicers.store_credit import StoreCreditServicer
from checkout.servicers.taxes import TaxExemptionServicer, TaxServicer
from checkout.settings import CheckoutSettings
from checkout.wiring import Peers, build_components
from sojourn.checkout.v1 import account_offers_pb2_grpc as offers_grpc
from sojourn.checkout.v1 import addresses_pb2_grpc as addresses_grpc
from sojourn.checkout.v1 import after_sale_pb2_grpc as after_sale_grpc
from sojourn.checkout.v1 import bank_transfers_pb2_grpc as transfers_grpc
from sojourn.checkout.v1 import bulk_shipments_pb2_grpc as bulk_grpc
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc
from sojourn.checkout.v1 import claims_pb2_grpc as claims_grpc
from sojourn.checkout.v1 import credit_limits_pb2_grpc as credit_grpc
from sojourn.checkout.v1 import delivery_pb2_grpc as delivery_grpc
from sojourn.checkout.v1 import digital_goods_pb2_grpc as digital_grpc
from sojourn.checkout.v1 import disputes_pb2_grpc as disputes_grpc
from sojourn.checkout.v1 import documents_pb2_grpc as documents_grpc
from sojourn.checkout.v1 import draft_orders_pb2_grpc as drafts_grpc
from sojourn.checkout.v1 import exchanges_pb2_grpc as exchanges_grpc
from sojourn.checkout.v1 import feed_terms_pb2_grpc as feed_grpc
from sojourn.checkout.v1 import fraud_pb2_grpc as fraud_grpc
from sojourn.checkout.v1 import gift_cards_pb2_grpc as gift_cards_grpc
from sojourn.checkout.v1 import legal_entities_pb2_grpc as entities_grpc
from sojourn.checkout.v1 import loyalty_pb2_grpc as loyalty_grpc
from sojourn.checkout.v1 import order_desk_pb2_grpc as desk_grpc
from sojourn.checkout.v1 import order_edits_pb2_grpc as edits_grpc
from sojourn.checkout.v1 import order_exports_pb2_grpc as exports_grpc
from sojourn.checkout.v1 import payment_captures_pb2_grpc as captures_grpc
from sojourn.checkout.v1 import payment_methods_pb2_grpc as methods_grpc
from sojourn.checkout.v1 import pickup_service_pb2_grpc as pickup_grpc
from sojourn.checkout.v1 import quick_orders_pb2_grpc as quick_grpc
from sojourn.checkout.v1 import refund_failures_pb2_grpc as failures_grpc
from sojourn.checkout.v1 import return_pictures_pb2_grpc as pictures_grpc
from sojourn.checkout.v1 import returns_pb2_grpc as returns_grpc
from sojourn.checkout.v1 import saved_payment_methods_pb2_grpc as saved_grpc
from sojourn.checkout.v1 import shipment_labels_pb2_grpc as labels_grpc
from sojourn.checkout.v1 import store_credit_pb2_grpc as store_credit_grpc
from sojourn.checkout.v1 import tax_exemptions_pb2_grpc as exemptions_grpc
from sojourn.checkout.v1 import taxes_pb2_grpc as taxes_grpc
from sojourn.checkout.v1 import tracking_pb2_grpc as tracking_grpc


def build(settings: CheckoutSettings) -> Service:
    """Builds the service, ready to run in any role."""
    crashes.arm(settings)
    service = Service("checkout", settings)
    providers = connect_all(
        settings.payment_provider,
        with_simulator=settings.synthetic_payments,
        timeout_seconds=settings.payment_timeout_seconds,
    )
    catalog, cart = (
        service.peer("catalog", settings.catalog_target),
        service.peer("cart", settings.cart_target),
    )
    components = build_components(
        settings,
        service.database,
        providers,
        Peers(catalog, cart, service.identity, service.tokens),
    )
    checkouts = CheckoutServicer(service.database, service.verifier, components)
    pb_grpc.add_CheckoutServiceServicer_to_server(checkouts, service.server)
    quick_grpc.add_QuickOrderServiceServicer_to_server(
        QuickOrderServicer(service.database, service.verifier, components, checkouts),
        service.server,
    )
    pb_grpc.add_OrderServiceServicer_to_server(
        OrderServicer(service.database, service.verifier, components), service.server
    )
    pb_grpc.add_OrderLinkServiceServicer_to_server(
        OrderLinkServicer(
            service.database,
            service.verifier,
            allows_test_domains=settings.environment == "development",
        ),
        service.server,
    )
    bulk_grpc.add_BulkShipmentServiceServicer_to_server(
        BulkShipmentServicer(service.database, service.verifier, components), service.server
    )
    labels_grpc.add_ShipmentLabelServiceServicer_to_server(
        ShipmentLabelServicer(service.database, service.verifier, components), service.server
    )
    tracking_grpc.add_TrackingServiceServicer_to_server(
        TrackingServicer(service.database, service.verifier, components), service.server
    )
    drafts_grpc.add_DraftOrderServiceServicer_to_server(
        DraftOrderServicer(service.database, service.verifier, components), service.server
    )
    drafts_grpc.add_DraftOrderLinkServiceServicer_to_server(
        DraftOrderLinkServicer(service.database, service.verifier, components, checkouts),
        service.server,
    )
    exports_grpc.add_OrderExportServiceServicer_to_server(
        OrderExportServicer(service.database, service.verifier, settings), service.server
    )
    desk_grpc.add_OrderDeskServiceServicer_to_server(
        OrderDeskServicer(service.database, service.verifier), service.server
    )
    desk_grpc.add_OrderTimelineServiceServicer_to_server(
        OrderTimelineServicer(service.database, service.verifier), service.server
    )
    after_sale_grpc.add_AfterSaleServiceServicer_to_server(
        AfterSaleServicer(service.database, service.verifier, settings), service.server
    )
    returns_grpc.add_ReturnServiceServicer_to_server(
        ReturnServicer(service.database, service.verifier, components), service.server
    )
    claims_grpc.add_ClaimServiceServicer_to_server(
        ClaimServicer(service.database, service.verifier, components), service.server
    )
    edits_grpc.add_OrderEditServiceServicer_to_server(
        OrderEditServicer(service.database, service.verifier, components), service.server
    )
    exchanges_grpc.add_ExchangeServiceServicer_to_server(
        ExchangeServicer(service.database, service.verifier, components), service.server
    )
    returns_grpc.add_ReturnReasonServiceServicer_to_server(
        ReturnReasonServicer(service.database, service.verifier), service.server
    )
    taxes_grpc.add_TaxServiceServicer_to_server(
        TaxServicer(service.database, service.verifier, components), service.server
    )
    exemptions_grpc.add_TaxExemptionServiceServicer_to_server(
        TaxExemptionServicer(service.database, service.verifier), service.server
    )
    delivery_grpc.add_DeliveryServiceServicer_to_server(
        DeliveryServicer(service.database, service.verifier, settings), service.server
    )
    feed_grpc.add_FeedTermServiceServicer_to_server(
        FeedTermServicer(service.database, service.verifier, components), service.server
    )
    pickup_grpc.add_PickupServiceServicer_to_server(
        PickupServicer(service.database, service.verifier), service.server
    )
    methods_grpc.add_PaymentMethodServiceServicer_to_server(
        PaymentMethodServicer(service.database, service.verifier, components), service.server
    )
    transfers_grpc.add_BankTransferServiceServicer_to_server(
        BankTransferServicer(service.database, service.verifier), service.server
    )
    offers_grpc.add_AccountOfferServiceServicer_to_server(
        AccountOfferServicer(service.database, service.verifier), service.server
    )
    digital_grpc.add_OrderDigitalGoodsServiceServicer_to_server(
        OrderDigitalGoodsServicer(service.database, service.verifier, components.digital_goods),
        service.server,
    )
    gift_cards_grpc.add_GiftCardServiceServicer_to_server(
        GiftCardServicer(service.database, service.verifier, components), service.server
    )
    gift_cards_grpc.add_ShopperGiftCardServiceServicer_to_server(
        ShopperGiftCardServicer(service.database, service.verifier, components), service.server
    )
    store_credit_grpc.add_StoreCreditServiceServicer_to_server(
        StoreCreditServicer(service.database, service.verifier, components), service.server
    )
    addresses_grpc.add_AddressServiceServicer_to_server(
        AddressServicer(service.database, service.verifier), service.server
    )
    pictures_grpc.add_ReturnPictureServiceServicer_to_server(
        ReturnPictureServicer(service.database, service.verifier), service.server
    )
    loyalty_grpc.add_LoyaltyServiceServicer_to_server(
        LoyaltyServicer(service.database, service.verifier, components), service.server
    )
    credit_grpc.add_CreditLimitServiceServicer_to_server(
        CreditLimitServicer(service.database, service.verifier), service.server
    )
    fraud_grpc.add_FraudServiceServicer_to_server(
        FraudServicer(service.database, service.verifier, components), service.server
    )
    fraud_grpc.add_OrderReviewServiceServicer_to_server(
        OrderReviewServicer(service.database, service.verifier, components), service.server
    )
    disputes_grpc.add_PaymentDisputeServiceServicer_to_server(
        PaymentDisputeServicer(service.database, service.verifier), service.server
    )
    saved_grpc.add_SavedPaymentMethodServiceServicer_to_server(
        SavedPaymentMethodServicer(service.database, service.verifier, components), service.server
    )
    failures_grpc.add_RefundFailureServiceServicer_to_server(
        RefundFailureServicer(service.database, service.verifier), service.server
    )
    captures_grpc.add_PaymentCaptureServiceServicer_to_server(
        PaymentCaptureServicer(service.database, service.verifier), service.server
    )
    entities_grpc.add_LegalEntityServiceServicer_to_server(
        LegalEntityServicer(service.database, service.verifier), service.server
    )
    documents_grpc.add_DocumentServiceServicer_to_server(
        DocumentServicer(service.database, service.verifier), service.server
    )
    service.before_ready(components.taxes.seed)
    service.before_ready(components.delivery.seed)
    service.handle(handlers.events(settings))
    service.time(handlers.timers(service.database, components))
    every, after = settings.reconcile_every_seconds, settings.reconcile_after_seconds
    service.beside_working(
        partial(components.reconciler.run, every_seconds=every, after_seconds=after)
    )
    service.beside_working(partial(run_forgetting, service.database))
    service.on_stop(components.background.drain)
    service.on_stop(components.vat_ids.close)
    service.on_stop(components.carriers.close)
    service.on_stop(components.tax_calculations.close)
    service.on_stop(components.fraud_scores.close)
    return service


if __name__ == "__main__":
    main("checkout", CheckoutSettings, build, ledger=LEDGER)
