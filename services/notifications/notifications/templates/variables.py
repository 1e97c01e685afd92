"""The variables of each template. They are validated and stored with the mail as JSON."""

from datetime import date
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from chassis.money import UnknownCurrency, exponent
from chassis.quantity import PIECE
from notifications.errors import InvalidVariables

Text = Annotated[str, Field(max_length=500)]


def _web_url(url: str) -> str:
    """Returns an HTTP URL unchanged, and an empty text for another scheme such as `javascript:`."""
    parts = urlsplit(url)
    return url if parts.scheme in ("https", "http") and parts.netloc else ""


def _currency(code: str) -> str:
    try:
        exponent(code)
    except UnknownCurrency:
        raise ValueError("not an ISO 4217 code") from None
    return code


WebUrl = Annotated[str, Field(max_length=2_000), AfterValidator(_web_url)]


class Variables(BaseModel):
    """Base class of variables. Unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Amount(Variables):
    amount_minor: int
    currency: Annotated[str, AfterValidator(_currency)]


class Line(Variables):
    """A line item. Its quantity is in 10^-`scale` units of `unit_code`.

    Unit codes are those of UN/ECE Recommendation 20.
    """

    title: Text
    options: Text = ""
    quantity: int
    scale: Annotated[int, Field(ge=0, le=6)] = 0
    unit_code: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}$")] = PIECE
    total: Amount | None = None
    image_url: WebUrl = ""


class Total(Variables):
    """A total of an order. `label` replaces the usual name of the type.

    `type` is one of the Universal Commerce Protocol, or `tax_included`.
    """

    type: Text
    label: Text = ""
    amount: Amount


class Delivery(Variables):
    title: Text = ""
    earliest_on: date | None = None
    latest_on: date | None = None


class PlannedShipment(Variables):
    """Goods of an order that leave together; without days where it is not known when."""

    titles: Annotated[list[Text], Field(max_length=500)]
    earliest_on: date | None = None
    latest_on: date | None = None


Lines = Annotated[list[Line], Field(max_length=500)]


class Welcome(Variables):
    first_name: Text = ""


class OrderVariables(Variables):
    """Variables that every mail about an order has."""

    number: Text
    first_name: Text = ""
    lines: Lines = []


class Transfer(Variables):
    """A transfer that the buyer is to make, with the reference that the shop finds it by."""

    amount: Amount
    reference: Text
    instructions: Annotated[str, Field(max_length=1_000)] = ""
    due_on: date | None = None


class GiftMessage(Variables):
    """A giver's message; `title` is that of its line, empty for the whole order."""

    title: Text = ""
    message: Text
    sender_name: Text = ""
    recipient_name: Text = ""


class OrderConfirmation(OrderVariables):
    """Variables of a placed order. `shipments` are there where goods leave on several days."""

    placed_on: date
    totals: Annotated[list[Total], Field(max_length=20)] = []
    delivery: Delivery = Delivery()
    shipments: Annotated[list[PlannedShipment], Field(max_length=500)] = []
    address_lines: Annotated[list[Text], Field(max_length=10)] = []
    country: Text = ""
    is_picked_up: bool = False
    transfer: Transfer | None = None
    gift_messages: Annotated[list[GiftMessage], Field(max_length=50)] = []


class OrderShipped(OrderVariables):
    carrier: Text = ""
    tracking_number: Text = ""
    tracking_url: WebUrl = ""


class ShipmentLate(OrderShipped):
    """Variables of a parcel that has not come on its promised day."""

    promised_on: date | None = None


class OrderReadyForPickup(OrderVariables):
    """Variables of an order that waits in its store. The buyer shows `code` there."""

    keeps_until: date | None = None
    code: Annotated[str, Field(min_length=1, max_length=20)]
    address_lines: Annotated[list[Text], Field(max_length=10)] = []
    country: Text = ""


class OrderDelivered(OrderVariables):
    """Variables of a delivery. `asks_survey` is set once the whole order is delivered."""

    asks_survey: bool = False


class OrderCancelled(OrderVariables):
    """Variables of a cancellation. `is_paid` says that there is money to give back."""

    total: Amount | None = None
    is_paid: bool = True


class OrderRefunded(OrderVariables):
    """Variables of a refund. `to_store_credit` says that it does not go to the payments."""

    amount: Amount
    to_store_credit: bool = False


class OrderLinesCancelled(OrderVariables):
    """Variables of cancelled lines: what is refunded, and what is no longer to be paid."""

    refunded: Amount | None = None
    voided: Amount | None = None


class OrderReturn(OrderVariables):
    """Variables of a return, by the status that it reached.

    `shop_note` is the shop's to the buyer.

    `address_lines` and `country` say where to send the goods.
    """

    status: Literal["requested", "accepted", "rejected", "cancelled", "received", "refunded"]
    shop_note: Annotated[str, Field(max_length=1_000)] = ""
    label_url: WebUrl = ""
    carrier: Text = ""
    tracking_number: Text = ""
    address_lines: Annotated[list[Text], Field(max_length=10)] = []
    country: Text = ""
    refunded: Amount | None = None
    voided: Amount | None = None
    deduction: Amount | None = None
    deduction_reason: Text = ""
    to_store_credit: bool = False
    exchanged: Amount | None = None


class CartReminder(Variables):
    first_name: Text = ""
    lines: Lines
    subtotal: Amount | None = None
    restore_token: Annotated[str, Field(min_length=1, max_length=500)]


class Survey(Variables):
    """A survey's question and the token to answer it. `highest` 0 asks for no score."""

    token: Annotated[str, Field(min_length=1, max_length=200)]
    question: Text
    lowest: Annotated[int, Field(ge=0, le=10)] = 0
    highest: Annotated[int, Field(ge=0, le=10)] = 0


class SecretLink(Variables):
    """A secret link. No other variable exists, so that a stranger cannot put text into the mail."""

    token: Annotated[str, Field(min_length=1, max_length=500)]


class AlertLink(SecretLink):
    """A link that starts an alert, and the token of the one that ends it."""

    end_token: Annotated[str, Field(min_length=1, max_length=500)]


class ProductAlert(Variables):
    """A product that is back in stock or costs less; `end_token` ends the alert.

    `price` is not set where the reader may not see prices.
    """

    title: Text
    options: Text = ""
    image_url: WebUrl = ""
    product_slug: Annotated[str, Field(max_length=200)]
    price: Amount | None = None
    price_before: Amount | None = None
    end_token: Annotated[str, Field(min_length=1, max_length=500)]


class OrderLink(SecretLink):
    number: Text


class OrderDocument(Variables):
    """An invoice or a credit note, and the secret of its link."""

    kind: Literal["invoice", "credit_note"]
    number: Text
    issued_on: date | None = None
    amount: Amount
    token: Annotated[str, Field(min_length=1, max_length=500)]


class OrderDocuments(Variables):
    """Variables of documents of an order. Their links are good until `links_end_on`."""

    number: Text
    first_name: Text = ""
    documents: Annotated[list[OrderDocument], Field(min_length=1, max_length=50)]
    links_end_on: date


class DraftOrderLink(SecretLink):
    """Variables of a draft order: what it costs, and the day on which its link ends."""

    total: Amount
    expires_on: date


class DigitalFile(Variables):
    """A file, and the secret of its link."""

    name: Text
    token: Annotated[str, Field(min_length=1, max_length=1_000)]


class DigitalGood(Variables):
    """Keys and files that a line of an order brought."""

    title: Text
    options: Text = ""
    licence_keys: Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=100)] = []
    files: Annotated[list[DigitalFile], Field(max_length=100)] = []


class DigitalGoodsDelivered(Variables):
    """Variables of digital goods that are paid.

    The links of files are good until `links_end_on`. `has_more` says that the order has more than
    the mail.
    """

    number: Text
    first_name: Text = ""
    goods: Annotated[list[DigitalGood], Field(max_length=100)]
    links_end_on: date
    has_more: bool = False


class GiftCard(Variables):
    """Variables of a gift card: of its buyer with the order's number, or of another person."""

    code: Text
    amount: Amount
    recipient_name: Text = ""
    sender_name: Text = ""
    message: Text = ""
    expires_on: date | None = None
    number: Text = ""


class OrganizationInvitation(Variables):
    """Variables of an invitation to buy for an organization, good until the end of a day."""

    organization: Text
    expires_on: date


class LowLevel(Variables):
    """A stock level that is low, with the steps that are left."""

    sku: Text
    warehouse: Text
    left: int


class StaffNotice(Variables):
    """Variables of a notice for the staff, by its kind.

    `due_on` and `due_time`, in UTC, are those of a dispute's evidence or of an order's review.
    `levels` are of stock that is low; `more` counts those beyond them.
    """

    kind: Literal[
        "dispute_opened",
        "evidence_due",
        "dispute_won",
        "dispute_lost",
        "order_under_review",
        "refund_owed",
        "stock_low",
    ]
    number: Text = ""
    amount: Amount | None = None
    reason: Text = ""
    due_on: date | None = None
    due_time: Text = ""
    levels: Annotated[list[LowLevel], Field(max_length=200)] = []
    more: int = 0


class NoVariables(Variables):
    """Variables of a mail whose text is fixed."""


_LARGEST_ERROR_PATH: Final = 100


def validate_variables(kind: type[Variables], values: object) -> Variables:
    """Returns `values` as variables of a kind. Raises InvalidVariables."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        # The text of `error` quotes personal data.
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"]))[:_LARGEST_ERROR_PATH]
        raise InvalidVariables(
            "a variable is missing or has the wrong shape", field=field
        ) from None
