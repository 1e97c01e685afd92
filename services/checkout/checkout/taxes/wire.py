"""Tax rates, settings and previews as messages, and messages as values."""

from datetime import date
from decimal import Decimal
from typing import Final

from chassis.money import CURRENCIES
from chassis.rpc.wire import EnumCodec
from checkout.errors.taxes import InvalidTaxRate
from checkout.taxes.calculation import Taxes
from checkout.taxes.model import (
    MILLION,
    DeliveryTaxRule,
    HalfRounding,
    ProviderFallback,
    Rounding,
    TaxRate,
    TaxSettings,
    UnconfirmedVatIds,
)
from checkout.vat_ids.model import VatIdCheck, VatIdStatus, normalize_vat_id
from sojourn.checkout.v1 import taxes_pb2 as pb

_ROUNDING: Final = {
    Rounding.ORDER: pb.TAX_ROUNDING_ORDER,
    Rounding.LINE: pb.TAX_ROUNDING_LINE,
}
_HALF_ROUNDING: Final = {
    HalfRounding.EVEN: pb.HALF_ROUNDING_EVEN,
    HalfRounding.UP: pb.HALF_ROUNDING_UP,
}
_ROUNDINGS: Final = {value: key for key, value in _ROUNDING.items()}
_HALF_ROUNDINGS: Final = {value: key for key, value in _HALF_ROUNDING.items()}
_DELIVERY_RULES: Final = EnumCodec(pb.DeliveryTaxRule, DeliveryTaxRule)
_FALLBACKS: Final = EnumCodec(pb.TaxProviderFallback, ProviderFallback)
_UNCONFIRMED: Final = EnumCodec(pb.UnconfirmedVatIds, UnconfirmedVatIds)


def rate_from_proto(message: pb.TaxRate, path: str) -> TaxRate:
    """Returns the rate of a message at a path of the request. Raises InvalidTaxRate."""

    def day(name: str) -> date | None:
        text = getattr(message, name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise InvalidTaxRate(path=f"{path}.{name}", problem="no day of the calendar") from None

    if not message.code or not message.country or not message.tax_class:
        missing = next(
            name for name in ("code", "country", "tax_class") if not getattr(message, name)
        )
        raise InvalidTaxRate(path=f"{path}.{missing}", problem="it is needed")
    valid_from, valid_to = day("valid_from"), day("valid_to")
    if valid_from and valid_to and valid_to <= valid_from:
        raise InvalidTaxRate(path=f"{path}.valid_to", problem="not after valid_from")
    if message.compound and not message.level:
        raise InvalidTaxRate(path=f"{path}.compound", problem="there is no level below the lowest")
    return TaxRate(
        code=message.code,
        country=message.country,
        region=message.region,
        postal_prefix=message.postal_prefix,
        tax_class=message.tax_class,
        titles=dict(sorted(message.titles.items())),
        rate_ppm=int(Decimal(message.rate or "0") * MILLION),
        level=message.level,
        is_compound=message.compound,
        valid_from=valid_from,
        valid_to=valid_to,
        source=message.source,
        source_date=day("source_date"),
    )


def rate_to_proto(rate: TaxRate) -> pb.TaxRate:
    return pb.TaxRate(
        code=rate.code,
        country=rate.country,
        region=rate.region,
        postal_prefix=rate.postal_prefix,
        tax_class=rate.tax_class,
        titles=rate.titles,
        rate=f"{(Decimal(rate.rate_ppm) / MILLION).normalize():f}",
        level=rate.level,
        compound=rate.is_compound,
        valid_from=_text(rate.valid_from),
        valid_to=_text(rate.valid_to),
        source=rate.source,
        source_date=_text(rate.source_date),
        version=rate.version,
    )


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def settings_from_proto(message: pb.TaxSettings) -> TaxSettings:
    """Returns the settings of a message. Raises InvalidVatId."""
    return TaxSettings(
        channel=message.channel,
        rounding=_ROUNDINGS.get(message.rounding, Rounding.ORDER),
        half_rounding=_HALF_ROUNDINGS.get(message.half_rounding, HalfRounding.EVEN),
        delivery_tax_class=message.delivery_tax_class,
        collects_in=sorted(message.collects_in),
        has_one_stop_shop=message.one_stop_shop,
        delivery_tax_rule=_DELIVERY_RULES.decode(message.delivery_tax_rule)
        if message.delivery_tax_rule
        else DeliveryTaxRule.PROPORTIONAL,
        seller_vat_id=normalize_vat_id(message.seller_vat_id, path="settings.seller_vat_id")
        if message.seller_vat_id
        else "",
        unconfirmed_vat_ids=_UNCONFIRMED.decode(message.unconfirmed_vat_ids)
        if message.unconfirmed_vat_ids
        else UnconfirmedVatIds.REFUSE,
        deducts_on_export=message.deduct_tax_from_exports,
        provider=message.provider,
        provider_fallback=_FALLBACKS.decode(message.provider_fallback)
        if message.provider_fallback
        else ProviderFallback.TABLES,
        ioss_number=message.ioss_number,
        ioss_limits=dict(sorted(message.ioss_limits.items())),
    )


def settings_to_proto(settings: TaxSettings, channel: str) -> pb.TaxSettings:
    """Returns the settings that hold in a channel; version 0 where they are not its own."""
    return pb.TaxSettings(
        channel=channel,
        rounding=_ROUNDING[settings.rounding],
        half_rounding=_HALF_ROUNDING[settings.half_rounding],
        delivery_tax_class=settings.delivery_tax_class,
        collects_in=settings.collects_in,
        one_stop_shop=settings.has_one_stop_shop,
        delivery_tax_rule=_DELIVERY_RULES.encode(settings.delivery_tax_rule),
        seller_vat_id=settings.seller_vat_id,
        unconfirmed_vat_ids=_UNCONFIRMED.encode(settings.unconfirmed_vat_ids),
        deduct_tax_from_exports=settings.deducts_on_export,
        provider=settings.provider,
        provider_fallback=_FALLBACKS.encode(settings.provider_fallback),
        ioss_number=settings.ioss_number,
        ioss_limits=settings.ioss_limits,
        version=settings.version if settings.channel == channel else 0,
    )


def day_of_preview(request: pb.PreviewTaxesRequest, today: date) -> date:
    """Returns the day that a preview is for. Raises InvalidTaxRate."""
    try:
        return date.fromisoformat(request.date) if request.date else today
    except ValueError:
        raise InvalidTaxRate(path="date", problem="no day of the calendar") from None


def currency_of_preview(request: pb.PreviewTaxesRequest) -> str:
    """Returns the currency of a preview. Raises InvalidTaxRate."""
    currency = request.currency or "EUR"
    if currency not in CURRENCIES:
        raise InvalidTaxRate(path="currency", problem="no active ISO 4217 code")
    return currency


def vat_id_of_preview(request: pb.PreviewTaxesRequest) -> VatIdCheck | None:
    """Returns the VAT id of a preview, which is taken for valid. Raises InvalidVatId."""
    if not request.vat_id:
        return None
    return VatIdCheck(normalize_vat_id(request.vat_id), VatIdStatus.VALID)


def taxes_to_proto(taxes: Taxes) -> pb.PreviewTaxesResponse:
    return pb.PreviewTaxesResponse(
        taxes=[
            pb.PreviewedTax(
                title=line.title,
                rate=f"{line.rate.normalize():f}",
                amount_minor=line.amount_minor,
                category=line.category,
                reason_code=line.reason_code,
                reason=line.reason,
            )
            for line in taxes.tax_lines
        ],
        of_lines_minor=taxes.of_lines_minor,
        of_delivery_minor=taxes.of_delivery_minor,
        calculated_by=taxes.calculated_by,
        is_fallback=taxes.is_fallback,
    )
