"""Refusals of the catalogue. The class name is the reason."""

from chassis.rpc.errors import (
    Denied,
    Exists,
    Internal,
    Invalid,
    NotFound,
    Refused,
    Unauthenticated,
)


class UnknownChannel(Invalid):
    """No channel has this code."""


class UnsupportedCurrency(Invalid):
    """The channel does not sell in this currency."""


class PricesHidden(Denied):
    """Guests see no prices in this channel: log in to order or filter by them."""


class InvalidFilter(Invalid):
    """A facet filter cannot be read."""


class InvalidReservation(Invalid):
    """The lines or the expiry of a reservation make no sense."""


class InvalidImport(Invalid):
    """A batch is refused; `line` (from 1), `field`, `path` name the place, `most` a bound."""


class InvalidImportOptions(Invalid):
    """Options of an import or export make no sense; `path` names the one."""


class CatalogImportNotFound(NotFound):
    """No such import of a catalogue file."""


class CatalogImportHasBegun(Refused):
    """The import's file is complete: no part can be added (`state`)."""


class CatalogImportHasEnded(Refused):
    """The import is over (`state`); begin another one."""


class FileTooLarge(Refused):
    """A file is larger than `most_bytes`."""


class InvalidAttributeDefinition(Invalid):
    """A definition of an attribute makes no sense; `path` names the field."""


class AttributeDefinitionNotFound(NotFound):
    """No attribute of this name is defined."""


class TooManyAttributeDefinitions(Refused):
    """There are as many definitions as may be (`most`): delete some."""


class InvalidBundle(Invalid):
    """A bundle or one of its parts cannot be so; `path` names the place."""


class BundleNotFound(NotFound):
    """The variant is no bundle."""


class InvalidGiftCardVariant(Invalid):
    """The variant cannot be a gift card; `path` names the place."""


class InvalidDigitalGood(Invalid):
    """The variant cannot be a digital good; `path` names the place."""


class GiftCardVariantNotFound(NotFound):
    """The variant is no gift card."""


class DigitalGoodNotFound(NotFound):
    """The variant is no digital good."""


class DigitalGoodInUse(Refused):
    """The digital good has free licence keys: revoke them first."""


class InvalidLicenceKey(Invalid):
    """A licence key has 1 to 500 printable characters; `path` names the place."""


class LicenceKeyNotFound(NotFound):
    """No such licence key."""


class LicenceKeyAssigned(Refused):
    """The order of the licence key is being placed (`order_id`): try again."""


class DigitalFileNotFound(NotFound):
    """No such file, or it was deleted."""


class DigitalFileComplete(Refused):
    """Buyers get the file already: begin another one of its name to replace it."""


class DigitalFileIncomplete(Refused):
    """A part of the file did not come (`part`)."""


class InvalidDigitalFilePart(Invalid):
    """A part of a file has 1 byte to 8 MiB."""


class TooManyDigitalFiles(Refused):
    """A digital good has at most `most` files."""


class DigitalGoodsNotDelivered(NotFound):
    """The order brought no digital goods, or not this one."""


class InvalidDownloadToken(Unauthenticated):
    """The link is forged, or its time is over: take another one from the order."""


class DownloadLimitReached(Refused):
    """The order downloaded the file as often as it may (`download_limit`)."""


class DownloadOver(Refused):
    """The order was refunded, or its time to download is over."""


class InvalidMedia(Invalid):
    """The content is no picture, or one that is too large; `path` and `most` say."""


class InvalidUploadToken(Unauthenticated):
    """The signed upload is forged, or its time is over: ask for another one."""


class MediaNotFound(NotFound):
    """No such picture."""


class MediaUploaded(Refused):
    """The signed upload was used for another picture."""


class MediaUrlRefused(Invalid):
    """A picture is fetched from an address of the internet, by http or https, up to 8 MiB."""


class MediaUrlFailed(Invalid):
    """The other site does not give the picture; the message says why."""


class InvalidProduct(Invalid):
    """A product or a variant cannot be so; `path` names the place, `most` a bound."""


class SlugTaken(Exists):
    """Another product or category has this slug; `id` says which."""


class SkuTaken(Exists):
    """Another variant has this SKU; `product_id` says whose."""


class ReferenceTaken(Exists):
    """Another product has this id in that system; `product_id` says which."""


class LastVariant(Refused):
    """A product keeps at least one variant: delete the product, or hide it."""


class InvalidCategory(Invalid):
    """A category cannot be so; `path` names the place."""


class CategoryCycle(Invalid):
    """A category would be below itself; `cycle` says by which slugs."""


class CategoryInUse(Refused):
    """The category has products or children; `products` and `children` say how many."""


class InvalidChannel(Invalid):
    """A channel cannot be so; `path` names the place, `why` says what may be there."""


class ChannelNotFound(NotFound):
    """No channel has this code."""


class ChannelExists(Exists):
    """A channel has this code already."""


class ChannelInUse(Refused):
    """The channel cannot go; `by` says why: default, price_list, reservations or pages."""


class InvalidPage(Invalid):
    """A landing page lacks a part, is too large (`path`, `most`), or shows an unknown product."""


class InvalidSeoSetting(Invalid):
    """A text for search engines has a wrong language or URL part; `path` names the place."""


class InvalidStorefront(Invalid):
    """A path lacks {slug} or has another placeholder, or a currency is none; `path` names it."""


class InvalidShareLink(Invalid):
    """A short link leads to nothing, or expires in the past; `path` names the field."""


class StorefrontHasNoHost(Refused):
    """Addresses for others are absolute: give the channel a host, or its storefront a base URL."""


class InvalidMenu(Invalid):
    """An entry of a menu has no label, no place or a wrong depth; `path` names it."""


class InvalidSynonyms(Invalid):
    """A set of synonyms lacks a phrase (`path`)."""


class InvalidRedirect(Invalid):
    """A redirect has no query, or leads nowhere (`path`)."""


class InvalidRule(Invalid):
    """A merchandising rule does nothing, or names what does not exist (`path`, `product_id`)."""


class InvalidAttributeText(Invalid):
    """A translation has no text or no language tag (`path`)."""


class ProductNotFound(NotFound):
    """No such product, or not in this channel."""


class CategoryNotFound(NotFound):
    """No such category."""


class PageNotFound(NotFound):
    """No such landing page in this channel."""


class SlugMoved(NotFound):
    """It was renamed: `slug` is its URL part now. The gateway answers 301 with its new path."""


class SeoOwnerNotFound(NotFound):
    """No product, category or page has this id."""


class PageVersionNotFound(NotFound):
    """The page has no version of this number."""


class PreviewNotFound(NotFound):
    """The preview link is wrong or has expired, or its page is gone."""


class SitemapNotFound(NotFound):
    """No sitemap file has this name."""


class ShareLinkNotFound(NotFound):
    """No short link has this code, or it has expired, or its page is not shown."""


class ShareLinkExists(Exists):
    """Another short link has this code."""


class MenuNotFound(NotFound):
    """No menu has this code in this channel and language, or this id."""


class MenuExists(Exists):
    """Another menu has this code in this channel and language."""


class VariantNotFound(NotFound):
    """No variant has this SKU."""


class WarehouseNotFound(NotFound):
    """No warehouse has this code."""


class StockLevelNotFound(NotFound):
    """The variant never was in this warehouse."""


class PickupLocationNotFound(NotFound):
    """No pick-up location has this code."""


class PlaceNotFound(NotFound):
    """No pick-up location of the country has a postal code that begins alike."""


class PriceListNotFound(NotFound):
    """No price list has this code."""


class ReservationNotFound(NotFound):
    """No such reservation."""


class SynonymSetNotFound(NotFound):
    """No set of synonyms has this code."""


class SearchRedirectNotFound(NotFound):
    """No redirect has this code."""


class MerchandisingRuleNotFound(NotFound):
    """No merchandising rule has this code."""


class AttributeTextNotFound(NotFound):
    """No translation of this attribute in this language."""


class TooManySearchSettings(Refused):
    """There are as many settings of this kind as every replica holds (`most`): delete some."""


class OutOfStock(Refused):
    """Less is available than asked; `variant_id` and `available` say of what and how much."""


class ReservationReleased(Refused):
    """The reservation was given back before."""


class ReservationExpired(Refused):
    """The reservation ran out of time."""


class BelowReserved(Refused):
    """More is reserved, or kept for orders, than the new count; `reserved` says how much."""


class NotEnoughFree(Refused):
    """Less is free in the warehouse than a transfer takes: `free` at the line `path`."""


class TooMuchStock(Refused):
    """A level would be beyond 10^9 steps; `path` names the line."""


class InvalidStockChange(Invalid):
    """A line (`path`) changes nothing, repeats a SKU, or has the sign of another reason."""


class InvalidStockPolicy(Invalid):
    """A limit or a date belongs to a backorder or a preorder, which has one; `path` names it."""


class InvalidPickupLocation(Invalid):
    """A pick-up location has a wrong name, place, time zone or hours; `path` names the field."""


class InvalidPlace(Invalid):
    """A search for pick-up locations names degrees or a postal code, and one of the two."""


class InvalidPrice(Invalid):
    """A price is below zero, not below the one before, or names something twice; `path` says."""


class InvalidPriceList(Invalid):
    """A price list has a wrong audience or schedule, or must stay; `path` names the field."""


class PriceListExists(Exists):
    """Another price list has this code."""


class PriceListInUse(Refused):
    """The price list is a channel's own, or counts now and is too large to end at once."""


class UnknownSku(Invalid):
    """A line names a SKU that no variant has; `path` says where."""


class UnknownWarehouse(Invalid):
    """The request names a warehouse that does not exist; `path` says where."""


class InvalidWarehouse(Invalid):
    """A warehouse has a name, a country and a known time zone; `path` names the field."""


class WarehouseExists(Exists):
    """Another warehouse has this code."""


class WarehouseInUse(Refused):
    """It is the default, holds stock, serves a channel or a pick-up location: the metadata says."""


class ReviewNotFound(NotFound):
    """No such review, or not one that the caller may see or change."""


class CustomersOnly(Denied):
    """Only customers who are signed in do this."""


class NotABuyer(Denied):
    """Only customers who bought the product review it."""


class AlreadyReviewed(Exists):
    """The customer reviewed this product before; `review_id` says by which review."""


class OwnAnswer(Refused):
    """A customer votes on answers of others."""


class OwnReview(Refused):
    """Nobody votes on a review of their own."""


class InvalidReview(Invalid):
    """A review or its answer has no text, or a picture that cannot be shown; `path` says where."""


class InvalidModeration(Invalid):
    """A rejection has a reason, and no other decision has one."""


class InvalidRelation(Invalid):
    """A related product is unknown, named twice, or the product itself; `path` says which."""


class InvalidRelationRule(Invalid):
    """A rule finds products of one category or another, at most above the least; `path` says."""


class RelationRuleNotFound(NotFound):
    """No rule of related products has this code."""


class InvalidAlert(Invalid):
    """An alert has an e-mail address, and a price below that of now; `path` says which is wrong."""


class AlreadyAvailable(Refused):
    """The variant can be had: no alert is needed."""


class TooManyAlerts(Refused):
    """The address has as many alerts as it may (`most`)."""


class AlertTokenNotFound(NotFound):
    """The link is invalid, expired, or replaced by a newer one."""


class QuestionNotFound(NotFound):
    """No such question about a product, or not one that the caller may answer."""


class AnswerNotFound(NotFound):
    """No such answer to a question about a product."""


class InvalidQuestion(Invalid):
    """A question or an answer has a text; `path` names the field."""


class TooManyQuestions(Refused):
    """As many of the customer's questions and answers wait for staff as may (`most`)."""


class Oversold(Internal):
    """A defect: a stock level, though locked, did not have what was allocated from it."""
