"""Request bodies: their shape is checked here, their meaning in the services.

Texts arrive in Unicode normal form C and without control characters (see `body_texts`). Numbers and
booleans are strict: `"1"`, `true` and `1000.0` are no quantities.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationError,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from chassis.rpc.borders import require_valid_time
from chassis.rpc.errors import DomainError
from chassis.text import normalize, printable, require_plain_name
from gateway.enums import NameOf
from sojourn.checkout.v1 import checkout_pb2
from sojourn.identity.v1 import identity_pb2
from sojourn.journey.v1 import events_pb2


def _checked(check: Callable[[Any], Any]) -> AfterValidator:
    """Returns a validator whose refusal is the field's error, with the reason of the rule that was
    broken.
    """

    def validate(value: Any) -> Any:
        try:
            return check(value)
        except DomainError as error:
            raise PydanticCustomError(
                error.reason.lower(), "{message}", {"message": error.message}
            ) from error

    return AfterValidator(validate)


OneLine = _checked(lambda text: normalize(text, one_line=True))
Integer = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Time = Annotated[AwareDatetime, _checked(require_valid_time)]
Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), OneLine
]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120), OneLine]
# Of a person, or of a part of their address: on one line, and no advertisement.
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=120),
    _checked(lambda text: require_plain_name(text, path="")),
]
OrganizationName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=120),
    _checked(lambda text: require_plain_name(text, path="", may_be_domain=True)),
]
Phone = Annotated[str, StringConstraints(max_length=40), OneLine]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$"
    ),
]
Password = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[\x21-\x7e]+$")]
UuidText = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Quantity = Annotated[Integer, Field(ge=1, le=1_000_000)]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), OneLine]


class Body(BaseModel):
    """Unknown fields are refused: a typo is an error, not a surprise."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)


def _example(**value: Any) -> ConfigDict:
    return ConfigDict(
        extra="forbid", str_max_length=20_000, json_schema_extra={"examples": [value]}
    )


_DEVICE = "the device token of an earlier session, for clients without cookies"


class Registration(Body):
    model_config = _example(
        email="sarah@example.com",
        password="long enough to be safe",
        first_name="Sarah",
        last_name="Jones",
    )

    email: Email
    password: Password = Field(description="10 to 128 characters")
    first_name: Name = ""
    last_name: Name = ""
    locale: Locale | None = None
    device_token: Token | None = Field(default=None, description=_DEVICE)


class Credentials(Body):
    model_config = _example(email="sarah@example.com", password="long enough to be safe")

    email: Email
    password: Password
    device_token: Token | None = Field(default=None, description=_DEVICE)


class LoginLink(Body):
    model_config = _example(token="l1.example")

    token: Token = Field(description="the secret of the link in the mail")
    device_token: Token | None = Field(default=None, description=_DEVICE)


class EmailConfirmation(Body):
    model_config = _example(token="c1.example")

    token: Token = Field(description="the secret of the link in the mail")
    password: Password | None = Field(
        default=None, description="the account's; not needed with the token of that customer"
    )


class AddressConfirmation(Body):
    model_config = _example(token="c1.example")

    token: Token = Field(description="the secret of the link in the mail")


class RefreshToken(Body):
    model_config = _example(refresh_token="r1.example")

    refresh_token: Token


class ApiKey(Body):
    model_config = _example(api_key="sojourn_example")

    api_key: Token


class NewApiKey(Body):
    model_config = _example(name="probe in Frankfurt", role="synthetic")

    name: Annotated[str, Field(min_length=1, max_length=100), OneLine]
    role: Annotated[str, NameOf(identity_pb2.ApiKeyRole)] = Field(description="what it is for")


class ProfileChange(Body):
    model_config = _example(first_name="Sarah", phone_number="+49 30 901820")

    first_name: Name = ""
    last_name: Name = ""
    phone_number: Phone = ""
    locale: Locale | None = None


class AddressInput(Body):
    model_config = _example(
        first_name="Sarah",
        last_name="Jones",
        street_address="Hauptstr. 5",
        address_locality="Berlin",
        postal_code="10827",
        address_country="DE",
    )

    first_name: Name = ""
    last_name: Name = ""
    organization: OrganizationName = ""
    street_address: Line = ""
    address_locality: Name = ""
    address_region: Name = ""
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] = ""
    address_country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    phone_number: Phone = ""


class CustomerAddressInput(Body):
    model_config = _example(
        address=AddressInput.model_config["json_schema_extra"]["examples"][0],  # type: ignore[index]
        is_default=True,
    )

    address: AddressInput
    is_default: Flag = False


class ConsentsInput(Body):
    model_config = _example(granted={"analytics": True, "marketing": False})

    granted: dict[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")], Flag] = Field(
        max_length=20
    )


class CartLine(Body):
    model_config = _example(variant_id="0190a6e2-0000-7000-8000-000000000001", quantity=1)

    variant_id: UuidText
    quantity: Quantity = 1


class NewCart(Body):
    model_config = _example(currency="EUR", lines=[])

    currency: Currency | None = None
    locale: Locale | None = None
    lines: list[CartLine] = Field(default=[], max_length=100)


class LineQuantity(Body):
    model_config = _example(quantity=2)

    quantity: Integer = Field(ge=0, le=1_000_000, description="0 removes the line")


Marks = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"), OneLine]


class BeaconTouchpoint(Body):
    model_config = _example(
        id="0190a6e2-0000-7000-8000-000000000001", kind="video.play", subject="trail-film"
    )

    id: UuidText
    kind: Annotated[
        str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=60)
    ]
    occurred_at: Time | None = Field(
        default=None, description="when it happened; now where it is missing"
    )
    subject: Marks = ""
    outcome: Annotated[str, NameOf(events_pb2.Outcome)] = "ok"
    duration_ms: Integer = Field(default=0, ge=0, le=3_600_000)
    utm_source: Marks = ""
    utm_medium: Marks = ""
    utm_campaign: Marks = ""
    utm_term: Marks = ""
    utm_content: Marks = ""
    click_id: Marks = ""
    referrer_host: Annotated[str, StringConstraints(max_length=200, pattern=r"^[a-z0-9.\-]*$")] = ""
    properties: dict[
        Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")], Marks
    ] = Field(default={}, max_length=16)


@dataclass(frozen=True, slots=True)
class RejectedTouchpoint:
    """A touchpoint that makes no sense, by its first wrong field; the others of its batch are
    stored.
    """

    field: str
    reason: str
    message: str


def _touchpoint(
    value: Any, handler: Callable[[Any], BeaconTouchpoint]
) -> BeaconTouchpoint | RejectedTouchpoint:
    try:
        return handler(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = printable(".".join(map(str, first["loc"])))
        return RejectedTouchpoint(field[:100], first["type"].upper(), first["msg"])


class Beacon(Body):
    """Touchpoints of a front end. One that makes no sense does not take the others with it."""

    # Each touchpoint's texts are checked on their own.
    reads_texts: ClassVar[bool] = True
    model_config = _example(
        touchpoints=[BeaconTouchpoint.model_config["json_schema_extra"]["examples"][0]]  # type: ignore[index]
    )

    touchpoints: list[Annotated[BeaconTouchpoint, WrapValidator(_touchpoint)]] = Field(
        min_length=1, max_length=50
    )


class Feedback(Body):
    model_config = _example(token="s1.example", score=9, comment="Quick and friendly.")

    token: Token
    score: Integer = Field(ge=0, le=10, description="how likely they are to recommend the shop")
    comment: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")] = ""


class Preferences(Body):
    model_config = _example(wanted={"reminders": False})

    wanted: dict[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")], Flag] = Field(
        max_length=20
    )


class JourneyMapInput(Body):
    """A map in the JSON form of the contract `JourneyMap`."""

    model_config = _example(map={"name": {"en": "Gifts"}, "stages": []})

    map: dict[str, Any]


class Coupon(Body):
    model_config = _example(code="WELCOME10")

    code: Code


class SavedCart(Body):
    model_config = _example(email="sarah@example.com", remind=True)

    email: Email
    remind: Flag = False


class RestoredCart(Body):
    model_config = _example(restore_token="t1.example")

    restore_token: Token


class CheckoutChange(Body):
    model_config = _example(
        delivery_option_id="standard", payment_method_id="card", payment_token="pm_card_ok"
    )

    email: Email | None = None
    delivery_address: AddressInput | None = None
    delivery_option_id: Code | None = None
    payment_method_id: Code | None = None
    payment_token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{3,200}$")] | None = (
        Field(default=None, description="the provider's token for the instrument; never card data")
    )


class NewCheckout(CheckoutChange):
    """Facts that are known already may come along; with all of them, the checkout is ready to
    complete.
    """

    model_config = _example(cart_id="0190a6e2-0000-7000-8000-000000000001")

    cart_id: UuidText


class Amount(Body):
    model_config = _example(amount_minor=1000, currency="EUR")

    amount_minor: Integer = Field(ge=1, le=10**12)
    currency: Currency


class Completion(Body):
    model_config = _example()

    expected_total: Amount | None = Field(
        default=None, description="refused with PRICE_CHANGED where the total is another now"
    )


class Cancellation(Body):
    model_config = _example(reason="buyer_request")

    reason: Annotated[str, NameOf(checkout_pb2.OrderReason)] = "buyer_request"


class ShipmentLineInput(Body):
    order_line_id: UuidText
    quantity: Quantity


class NewShipment(Body):
    model_config = _example(carrier="DHL", tracking_number="00340434161094042557")

    carrier: Label
    tracking_number: Label
    tracking_url: Annotated[
        str, StringConstraints(max_length=500, pattern=r"^(https://[^\s<>\"']+)?$")
    ] = ""
    lines: list[ShipmentLineInput] = Field(default=[], max_length=200)


class Refund(Body):
    model_config = _example(amount={"amount_minor": 500, "currency": "EUR"}, reason="buyer_request")

    amount: Amount | None = None
    reason: Annotated[str, NameOf(checkout_pb2.OrderReason)] = "buyer_request"


class Stock(Body):
    model_config = _example(on_hand=20)

    on_hand: Integer = Field(ge=0, le=10**9)
    warehouse: Annotated[str, StringConstraints(max_length=64)] = ""


class Redrive(Body):
    model_config = _example(service="cart", sequences=[])

    service: Code
    sequences: list[Annotated[Integer, Field(ge=1, le=2**62)]] = Field(
        default=[], max_length=200, description="empty means all"
    )


class PromotionInput(Body):
    model_config = _example(
        label={"en": "10 % off your first order"}, percent_basis_points=1000, first_order_only=True
    )

    label: dict[Locale, Annotated[str, StringConstraints(max_length=200)]] = Field(
        min_length=1, max_length=20
    )
    percent_basis_points: Integer = Field(ge=1, le=10_000)
    first_order_only: Flag = False
    minimum_subtotals: list[Amount] = Field(default=[], max_length=20)
    coupon_codes: list[Code] = Field(default=[], max_length=1000)
    category_slugs: list[Code] = Field(default=[], max_length=100)
    usage_limit: Integer = Field(default=0, ge=0, le=10**9)
    active: Flag = True


class LandingPage(Body):
    model_config = _example(title={"en": "Summer"}, body={"en": "Light things."}, product_slugs=[])

    title: dict[Locale, Annotated[str, StringConstraints(max_length=200)]] = Field(
        min_length=1, max_length=20
    )
    body: dict[Locale, str] = Field(min_length=1, max_length=20)
    product_slugs: list[Annotated[str, StringConstraints(max_length=200)]] = Field(
        default=[], max_length=50
    )


class ProductImport(Body):
    """Products in the JSON form of the contract `ProductInput`."""

    model_config = _example(
        source="erp",
        products=[
            {
                "external_id": "shirt-1",
                "title": {"en": "Shirt"},
                "published": True,
                "variants": [
                    {
                        "prices": [{"price": {"amount_minor": 1999, "currency": "EUR"}}],
                        "initial_stock": {"": 5},
                    }
                ],
            }
        ],
    )

    source: Code
    products: list[dict[str, Any]] = Field(min_length=1, max_length=500)


class CategoryImport(Body):
    """Categories in the JSON form of the contract `CategoryInput`."""

    model_config = _example(categories=[{"slug": "shirts", "name": {"en": "Shirts"}}])

    categories: list[dict[str, Any]] = Field(min_length=1, max_length=5000)
