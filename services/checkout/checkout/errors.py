"""Errors of checkout."""

from chassis.rpc.errors import Exists, Invalid, NotFound, Refused, Unauthenticated, Unavailable


class CheckoutNotFound(NotFound):
    """There is no such checkout, or it is not the caller's."""


class CartNotFound(NotFound):
    """There is no such cart, or it is not the caller's."""


class OrderNotFound(NotFound):
    """There is no such order, or it is not the caller's."""


class ShipmentNotFound(NotFound):
    """The order has no such shipment."""


class ReturnNotFound(NotFound):
    """There is no such return, or it is not the caller's."""


class OrderNoteNotFound(NotFound):
    """The order has no such note."""


class DraftOrderNotFound(NotFound):
    """There is no such draft order, or its link ended or was replaced by another."""


class OrderLineNotFound(NotFound):
    """The order has no such line."""


class OrderLinkNotFound(NotFound):
    """The link to the order is unknown, expired or used: ask for another."""


class CreditLimitNotFound(NotFound):
    """No credit limit has this code."""


class CountryNotFound(NotFound):
    """No country has this ISO 3166-1 code."""


class DocumentLinkNotFound(NotFound):
    """The link to the document is unknown or expired: ask the shop for another."""


class TaxRateNotFound(NotFound):
    """No tax rate has this code."""


class TaxRateExists(Exists):
    """Another rate (`code`) has the same place, class, level and first day; `path` says where."""


class TaxExemptionNotFound(NotFound):
    """No tax exemption has this code."""


class PaymentMethodNotFound(NotFound):
    """No payment method has this code."""


class LegalEntityNotFound(NotFound):
    """No legal entity has this code."""


class DocumentNotFound(NotFound):
    """There is no such document, or it is not of the order."""


class DeliveryZoneNotFound(NotFound):
    """No delivery zone has this code."""


class DeliveryCalendarNotFound(NotFound):
    """No delivery calendar has this code."""


class DeliveryMethodNotFound(NotFound):
    """No delivery method has this code."""


class DeliveryRateNotFound(NotFound):
    """No delivery rate has this code."""


class DeliveryRateExists(Exists):
    """Another rate (`code`) has the same method, zone and currency; `path` says where."""


class GiftCardNotFound(NotFound):
    """There is no such gift card, or no card has this code."""


class GiftCardExists(Exists):
    """Another gift card (`gift_card_id`) has the code; `path` says where it stands."""


class UnknownProvider(NotFound):
    """No payment provider of that name is connected."""


class CartEmpty(Refused):
    """The cart has no lines."""


class CartNotOpen(Refused):
    """The cart was ordered or merged already."""


class CheckoutNotOpen(Refused):
    """The checkout is completed, canceled or expired."""


class CheckoutNotReady(Refused):
    """A notice blocks the checkout: `code` and `path` are those of the first one."""


class OutOfStock(Refused):
    """Less is available of the variant than the checkout has."""


class PriceChanged(Refused):
    """The total differs from the one that the buyer saw."""


class PaymentMethodNotOffered(Refused):
    """The chosen payment method is not offered for this order any more: choose another."""


class PaymentDeclined(Refused):
    """The payment provider or the buyer's bank declined; `decline_code` is the reason."""


class PaymentOutstanding(Refused):
    """The transfer that pays the order has not come: the order ships once it has."""


class GiftCardNotUsable(Refused):
    """The gift card cannot pay of the checkout; `problem` says why."""


class GiftCardBalanceChanged(Refused):
    """The gift cards pay another part of the order than the buyer saw: show the checkout again."""


class GiftCardUsed(Refused):
    """The gift card (`gift_card_id`) that the order bought was used: it is not taken back."""


class GiftCardNotSold(Refused):
    """No order bought the gift card: disable it instead."""


class GiftCardBalanceTooLow(Refused):
    """Less is on the gift card than that; `available_minor` is what orders do not hold."""


class WrongGiftCardStatus(Refused):
    """The status of the gift card does not allow the change."""


class TooManyGiftCards(Refused):
    """At most `most` gift cards pay of one checkout in this channel."""


class LegalEntityInUse(Refused):
    """The legal entity issued documents: set `active` to false instead of deleting it."""


class OrderExpired(Refused):
    """The reservation of the stock ended before the order was paid."""


class CancellationNotOffered(Refused):
    """The channel lets buyers cancel no more: staff may, `until` says when it ended."""


class OrderCancelledByBuyer(Refused):
    """The buyer cancelled the order before it was paid."""


class NotPickedUp(Refused):
    """The order is delivered to an address, not picked up in a store."""


class NotReadyForPickup(Refused):
    """The store has not said yet that the order is ready: it has no code."""


class PickedUpInStore(Refused):
    """The order is picked up in a store: say that it is ready instead of shipping it."""


class PickupUnavailable(Refused):
    """The store does not have all of the goods now: choose another one, or delivery."""


class OrderOnHold(Refused):
    """Staff hold the order, `hold_reason` says why: release it first."""


class OrderNumberAmbiguous(Refused):
    """Orders of two channels have the number: name the channel."""


class TooManyOrderTags(Refused):
    """An order (`order_id`) has at most `most` tags: take others off first."""


class TooManyOrderNotes(Refused):
    """An order has at most `most` notes: delete one first."""


class ChannelWithoutSeller(Refused):
    """No legal entity sells in the channel: name one for it."""


class CreditLimitExceeded(Refused):
    """The buyer owes too much to pay the order by invoice; `available_minor` is left."""


class OrderWithoutEmail(Refused):
    """The order has no e-mail address, or no longer: its buyer's account was erased."""


class OrderInvoiced(Refused):
    """The order has an invoice, whose `number` and `document_id` are named."""


class SyntheticOrder(Refused):
    """The order is a synthetic shopper's: it is never shipped."""


class SyntheticMismatch(Refused):
    """The cart is synthetic and the caller is not, or the other way round."""


class SyntheticPaymentsOff(Refused):
    """No simulator is connected, with which synthetic shoppers pay."""


class WrongOrderStatus(Refused):
    """The status of the order does not allow the change."""


class WrongPaymentStatus(Refused):
    """The status of the payment does not allow the change."""


class WrongCheckoutStatus(Refused):
    """The status of the checkout does not allow the change."""


class QuantityExceedsOrdered(Refused):
    """The quantity exceeds the part of the line that has not shipped."""


class NothingToShip(Refused):
    """All lines of the order have shipped."""


class QuantityExceedsReturnable(Refused):
    """The quantity exceeds the part of the line that shipped and is not asked back yet."""


class WrongReturnStatus(Refused):
    """The status of the return does not allow the change."""


class ReturnPeriodOver(Refused):
    """The days for returns by buyers are over, `until` says when they ended: staff may."""


class TooManyReturnReasons(Refused):
    """A shop has at most `most` reasons for returns: delete one first."""


class RefundExceedsCaptured(Refused):
    """The amount exceeds the captured amount that is left to refund."""


class ProviderRefused(Refused):
    """The provider refuses a call; `code` is its reason."""


class TariffNotSet(Refused):
    """No delivery rate is set for the currency: set one, or sell in another currency."""


class DeliverySettingInUse(Refused):
    """Another setting (`code`) uses the zone or calendar: change or delete that first."""


class TaxRateNotSet(Refused):
    """No tax rate is set for the country, the state or the tax class."""


class InvalidDeliverySetting(Invalid):
    """A zone, calendar, method or rate cannot be so; `path` names the field, `problem` says why."""


class InvalidTaxRate(Invalid):
    """A tax rate has a wrong rate, schedule or code, or is there twice; `path` names the field."""


class InvalidPaymentMethod(Invalid):
    """A payment method names what cannot be; `path` names the field, `problem` what is wrong."""


class InvalidLegalEntity(Invalid):
    """A legal entity cannot be so; `path` names the field, `problem` says what is wrong."""


class InvalidDocumentFilter(Invalid):
    """A day of the period is none; `path` names the field, `problem` says why."""


class InvalidGiftCard(Invalid):
    """A gift card cannot be so; `path` names the field, `problem` says why."""


class InvalidGiftCardDelivery(Invalid):
    """A gift card cannot be mailed so; `path` names the field, `problem` says why."""


class InvalidCreditLimit(Invalid):
    """A credit limit cannot be so; `path` names the field, `problem` says why."""


class InvalidGiftMessage(Invalid):
    """A gift message cannot be so; `path` names the field, `problem` says why."""


class InvalidGiftCardSettings(Invalid):
    """The settings name a channel that cannot be; `path` names the field."""


class InvalidBankTransfer(Invalid):
    """A line of an import cannot be; `path` names its field, `problem` what is wrong."""


class InvalidTaxSettings(Invalid):
    """The settings name a channel or a place that cannot be; `path` names the field."""


class InvalidTaxExemption(Invalid):
    """A tax exemption names nobody, two owners or wrong days; `path` names the field."""


class InvalidVatId(Invalid):
    """The VAT id cannot be one of its country; `path` names the field, `problem` says why."""


class InvalidAfterSaleSettings(Invalid):
    """The settings name a channel that cannot be; `path` names the field."""


class InvalidReturnReason(Invalid):
    """A reason for returns has no code; `path` names the field."""


class UnknownReturnReason(Invalid):
    """No reason for returns that buyers may give has this code; `path` says where it stands."""


class InvalidOrderSearch(Invalid):
    """Filters or sorting of orders do not fit; `path` names the field, `problem` says why."""


class InvalidJournalAccounts(Invalid):
    """Accounts name a role that is none, or are empty; `path` names the role."""


class InvalidShipmentFile(Invalid):
    """A CSV of shipments has no sense; `path` names row and column, `problem` says why."""


class InvalidOrderTag(Invalid):
    """The tag has other characters than tags have; `path` names the field."""


class WrongIncrement(Invalid):
    """The goods are sold in steps of `increment`: give a multiple, or all that is left."""


class InvalidAddress(Invalid):
    """The address is incomplete, invalid or not served.

    `path` names the address, `fields` lists the problems, `allowed_<field>` what may be meant.
    """


class InvalidAmount(Invalid):
    """The amount is not positive or not in the currency of the order."""


class UnknownDeliveryOption(Invalid):
    """The option is not offered for the address and the cart."""


class UnknownPickupLocation(Invalid):
    """There is no such pick-up location, or the channel does not deliver to its country."""


class WrongPickupCode(Invalid):
    """The code is not that of the order."""


class UnknownPaymentMethod(Invalid):
    """The method is not offered for this checkout."""


class InvalidPaymentToken(Invalid):
    """The token is not an opaque token of the provider."""


class InvalidReturnUrl(Invalid):
    """The page to return to is no https URL, or http one of this machine."""


class CardDataRefused(Invalid):
    """The token looks like a card number: send the provider's token instead."""


class ExpectedTotalRequired(Invalid):
    """The total that the buyer saw, or the version that showed it, is required. HTTP 428."""


class WrongSignature(Unauthenticated):
    """The webhook's signature is not the provider's, or is too old."""


class MalformedWebhook(Invalid):
    """The provider signed the webhook, but its body is not an event."""


class ProviderUnavailable(Unavailable):
    """The payment provider is unavailable; the call had no effect as far as is known."""


class PaymentInDoubt(Unavailable):
    """The payment provider did not answer in time; the call may have had an effect."""


class RemoteUnavailable(Unavailable):
    """A service on the internet, such as an authority or a tax provider, does not answer."""


class TaxProviderUnavailable(Unavailable):
    """The tax provider does not answer, and the channel's settings refuse orders without it."""
