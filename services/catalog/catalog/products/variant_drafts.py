"""Drafts of variants: what an import or a member of the staff says of one, validated."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.listings.facets import RESERVED_NAMES
from catalog.product_content.pictures import image_urls_of
from catalog.products.model import (
    PIECE,
    STANDARD_TAX_CLASS,
    TAX_CLASSES,
    Option,
    OptionValue,
    UnitCost,
)
from catalog.products.own_data import given_data
from catalog.products.refusals import NO_LINE, refuse, require_at_most, short_text
from catalog.slugs import slug_of
from catalog.stock.model import MOST_ON_HAND
from chassis.money import MOST_MINOR, UnknownCurrency, exponent
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.common.v1.money_pb2 import Money

MOST_VARIANTS: Final = 2_000
# Of one variant.
MOST_OPTIONS: Final = 10
MOST_PRICES: Final = 200
MOST_WAREHOUSES: Final = 100
# A hundred tonnes: the mass of a full cart of it fits 64 bits.
MOST_WEIGHT_GRAMS: Final = 10**8
# A hundred cubic metres.
MOST_VOLUME_CM3: Final = 10**8
# The most that a cart takes of a variant, in 10^-scale units.
MOST_INCREMENT: Final = 1_000_000
_OPTION_RULE: Final = "a name is not empty, no facet's of every product, and has no equals sign"


@dataclass(frozen=True, slots=True)
class DraftPrice:
    """`price_list` is empty for the default channel's list."""

    price_list: str
    currency: str
    amount_minor: int
    compare_at_minor: int | None


@dataclass(frozen=True, slots=True)
class DraftVariant:
    """A variant to be.

    `stock` is what to put on hand by warehouse code where nothing is known yet; `own_data` of None
    leaves what is there.
    """

    sku: str
    options: list[OptionValue]
    prices: list[DraftPrice]
    stock: dict[str, int]
    weight_grams: int
    tax_class: str
    barcode: str
    unit_code: str
    scale: int
    increment: int
    is_active: bool = True
    image_urls: list[str] = field(default_factory=list)
    unit_cost: UnitCost | None = None
    sells_beyond_stock: bool = False
    own_data: dict[str, Any] | None = None
    volume_cm3: int = 0


def require_sold(
    variants: Sequence[DraftVariant], *, line: int, currencies: Collection[str]
) -> None:
    """Refuses a price in a currency in which no channel sells."""
    for number, variant in enumerate(variants):
        for position, price in enumerate(variant.prices):
            if price.currency not in currencies:
                refuse(
                    line,
                    f"variants[{number}].prices[{position}].price.currency",
                    f"no channel sells in {price.currency}",
                )


def variants_of(
    given: pb.ProductInput, line: int, identity: str, *, needs_prices: bool = True
) -> list[DraftVariant]:
    """Returns the variants of a product: SKUs are made from `identity` where there are none.

    Raises InvalidImport, or InvalidProduct without a line.
    """
    if not 0 < len(given.variants) <= MOST_VARIANTS:
        refuse(line, "variants", f"must be 1 to {MOST_VARIANTS}", most=MOST_VARIANTS)
    variants = [
        variant_of(each, line, f"variants[{number}]", identity, needs_prices=needs_prices)
        for number, each in enumerate(given.variants)
    ]
    names = [name for name, _ in variants[0].options]
    seen: set[tuple[str, ...]] = set()
    skus: set[str] = set()
    urls = {image.url for image in given.images}
    for number, variant in enumerate(variants):
        if [name for name, _ in variant.options] != names:
            refuse(
                line,
                f"variants[{number}].options",
                "must have the same names, in the same order, as the first variant's",
            )
        values = tuple(value for _, value in variant.options)
        if values in seen:
            refuse(line, f"variants[{number}].options", "another variant has the same values")
        if variant.sku in skus:
            refuse(line, f"variants[{number}].sku", "another variant has the same SKU")
        image_urls_of(variant.image_urls, urls, line=line, field=f"variants[{number}].image_urls")
        seen.add(values)
        skus.add(variant.sku)
    return variants


def variant_of(
    given: pb.VariantInput, line: int, field: str, identity: str, *, needs_prices: bool = True
) -> DraftVariant:
    """Returns one variant; `field` is its place.

    Raises InvalidImport, or InvalidProduct without a line.
    """
    require_at_most(MOST_OPTIONS, len(given.options), line, f"{field}.options", "options")
    options = option_values(given.options, line, f"{field}.options")
    if not 0 <= given.weight_grams <= MOST_WEIGHT_GRAMS:
        refuse(
            line,
            f"{field}.weight_grams",
            f"must be 0 to {MOST_WEIGHT_GRAMS}",
            most=MOST_WEIGHT_GRAMS,
        )
    if not 0 <= given.volume_cm3 <= MOST_VOLUME_CM3:
        refuse(line, f"{field}.volume_cm3", f"must be 0 to {MOST_VOLUME_CM3}", most=MOST_VOLUME_CM3)
    if not 0 <= given.scale <= 6:
        refuse(line, f"{field}.scale", "must be 0 to 6", most=6)
    if not 0 <= given.increment <= MOST_INCREMENT:
        refuse(line, f"{field}.increment", f"must be 0 to {MOST_INCREMENT}", most=MOST_INCREMENT)
    require_at_most(
        MOST_WAREHOUSES, len(given.initial_stock), line, f"{field}.initial_stock", "warehouses"
    )
    for warehouse, count in given.initial_stock.items():
        if not 0 <= count <= MOST_ON_HAND:
            refuse(
                line,
                f"{field}.initial_stock[{warehouse[:40]!r}]",
                f"must be 0 to {MOST_ON_HAND}",
                most=MOST_ON_HAND,
            )
    return DraftVariant(
        sku=short_text(given.sku, line, f"{field}.sku") or _made_sku(identity, options),
        options=options,
        prices=_prices(given.prices, line, f"{field}.prices", is_needed=needs_prices),
        stock=dict(given.initial_stock),
        weight_grams=given.weight_grams,
        tax_class=tax_class_of(given.tax_class, line, f"{field}.tax_class"),
        barcode=short_text(given.barcode, line, f"{field}.barcode"),
        unit_code=short_text(given.unit_code, line, f"{field}.unit_code") or PIECE,
        scale=given.scale,
        increment=given.increment or 1,
        is_active=not given.inactive,
        image_urls=list(given.image_urls),
        unit_cost=unit_cost_of(given.unit_cost, line, f"{field}.unit_cost")
        if given.HasField("unit_cost")
        else None,
        sells_beyond_stock=given.sells_beyond_stock,
        own_data=given_data(given, line, f"{field}.metadata"),
        volume_cm3=given.volume_cm3,
    )


def unit_cost_of(given: Money, line: int, field: str) -> UnitCost | None:
    """Returns a cost; None for an empty message. Raises InvalidImport or InvalidProduct."""
    if not given.currency and not given.amount_minor:
        return None
    try:
        exponent(given.currency)
    except UnknownCurrency:
        refuse(line, f"{field}.currency", "is not an active ISO 4217 code")
    if not 0 <= given.amount_minor <= MOST_MINOR:
        refuse(line, f"{field}.amount_minor", f"must be 0 to {MOST_MINOR}", most=MOST_MINOR)
    return UnitCost(given.amount_minor, given.currency)


def is_option_name(name: str) -> bool:
    """Returns whether an option may be called so."""
    return bool(name) and "=" not in name and name not in RESERVED_NAMES


def require_option_name(name: str, field: str) -> None:
    """Raises InvalidProduct unless an option may be called so."""
    if not is_option_name(name):
        refuse(NO_LINE, field, _OPTION_RULE)


def option_values(given: Sequence[pb.OptionValue], line: int, field: str) -> list[OptionValue]:
    """Returns the values of a variant's options. Raises InvalidImport or InvalidProduct."""
    options = [
        OptionValue(
            short_text(each.name, line, f"{field}.name"),
            short_text(each.value, line, f"{field}.value"),
        )
        for each in given
    ]
    if not all(is_option_name(name) and value for name, value in options):
        refuse(line, field, f"{_OPTION_RULE}; a value is not empty")
    if len({name for name, _ in options}) < len(options):
        refuse(line, field, "an option is there twice")
    return options


def tax_class_of(given: str, line: int, field: str) -> str:
    """Returns the class in the tax tables. Raises InvalidImport or InvalidProduct."""
    found = given.strip() or STANDARD_TAX_CLASS
    if found not in TAX_CLASSES:
        refuse(line, field, f"must be one of {', '.join(TAX_CLASSES)}")
    return found


def _made_sku(identity: str, options: Iterable[OptionValue]) -> str:
    return "-".join([identity, *(slug_of(value) or value for _, value in options)])[:255]


def _prices(
    given: Sequence[pb.PriceInput], line: int, field: str, *, is_needed: bool
) -> list[DraftPrice]:
    if is_needed and not given:
        refuse(line, field, "must have at least one price")
    require_at_most(MOST_PRICES, len(given), line, field, "prices")
    found: dict[tuple[str, str], DraftPrice] = {}
    for number, each in enumerate(given):
        where = f"{field}[{number}]"
        try:
            exponent(each.price.currency)
        except UnknownCurrency:
            refuse(line, f"{where}.price.currency", "is not an active ISO 4217 code")
        if not 0 <= each.price.amount_minor <= MOST_MINOR:
            refuse(
                line, f"{where}.price.amount_minor", f"must be 0 to {MOST_MINOR}", most=MOST_MINOR
            )
        before = each.compare_at.amount_minor if each.HasField("compare_at") else None
        if before is not None and (
            each.compare_at.currency != each.price.currency or before <= each.price.amount_minor
        ):
            refuse(line, f"{where}.compare_at", "must be above the price, in its currency")
        if before is not None and before > MOST_MINOR:
            refuse(
                line,
                f"{where}.compare_at.amount_minor",
                f"must be at most {MOST_MINOR}",
                most=MOST_MINOR,
            )
        if (each.price_list, each.price.currency) in found:
            refuse(line, where, "another price has the same list and currency")
        found[each.price_list, each.price.currency] = DraftPrice(
            each.price_list, each.price.currency, each.price.amount_minor, before
        )
    return list(found.values())


def options_of(variants: Sequence[DraftVariant]) -> list[Option]:
    """Returns the options of a product with all values of its variants."""
    values: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.options:
            values.setdefault(name, {})[value] = None
    return [Option(name, list(found)) for name, found in values.items()]
