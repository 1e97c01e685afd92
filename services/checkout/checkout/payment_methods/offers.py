"""Payment methods that a shopper may choose from, for each order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from checkout.credit_limits.model import Credit
from checkout.payment_methods.model import PaymentMethod, PaymentTerms, fee_of, text_in
from checkout.payments.model import CapturePoint, Settlement
from checkout.payments.provider import Method, PaymentProvider, Providers
from checkout.texts import payment_title


@dataclass(frozen=True, slots=True)
class OfferedMethod:
    """A payment method for an order, in the language of its buyer, with its fee."""

    code: str
    title: str
    description: str
    provider: str
    provider_method: str
    needs_token: bool
    is_preferred: bool
    settlement: Settlement = Settlement.NOW
    credit: Credit | None = None
    fee_minor: int = 0
    can_be_saved: bool = False
    capture_at: CapturePoint = CapturePoint.ORDER


@dataclass(frozen=True, slots=True)
class WantedMethod:
    """A method that a buyer names: by its code, or by the provider's one of a saved instrument."""

    code: str = ""
    provider: str = ""
    provider_method: str = ""

    def is_met_by(self, row: PaymentMethod) -> bool:
        """Returns whether a method is the wanted one."""
        if self.code:
            return row.code == self.code
        return (row.provider, row.provider_method) == (self.provider, self.provider_method)


@dataclass(frozen=True, slots=True)
class PaymentOffers:
    """The methods of a shop, preferred first, and the group and credit of the shopper who asks.

    Those of the till are offered `at_till` alone: where staff act for a shopper in a store.
    """

    methods: tuple[tuple[PaymentMethod, Method], ...]
    customer_group: str = ""
    at_till: bool = False
    credit: Credit | None = None

    @property
    def has_invoices(self) -> bool:
        """Whether a method needs credit."""
        return any(method.settlement is Settlement.INVOICE for _, method in self.methods)

    def has_for_sure(self, channel: str, currency: str, wanted: WantedMethod) -> bool:
        """Returns whether a wanted method fits each order of a channel in a currency.

        One that fits some of them by country or amount may have been changed to fit all.
        """
        return any(
            wanted.is_met_by(row) and row.fits_all_of(channel, currency, self.customer_group)
            for row, _ in self.methods
        )

    def offer(
        self,
        *,
        channel: str,
        country: str,
        currency: str,
        amount_minor: int,
        locale: str,
        fee_share: Fraction = Fraction(1),
    ) -> tuple[OfferedMethod, ...]:
        """Returns the methods with which an order may be paid, preferred first.

        `amount_minor` is what is to be paid without a fee, and `fee_share` what of fixed fees is
        left where the buyer is relieved of tax.
        """
        terms = PaymentTerms(channel, country, currency, amount_minor, self.customer_group)
        return tuple(
            OfferedMethod(
                code=row.code,
                title=text_in(row.titles, locale) or payment_title(method.id, method.title, locale),
                description=text_in(row.descriptions, locale),
                provider=row.provider,
                provider_method=method.id,
                needs_token=method.needs_token,
                is_preferred=row.is_preferred,
                settlement=method.settlement,
                credit=self.credit if method.settlement is Settlement.INVOICE else None,
                fee_minor=fee_of(row, amount_minor, currency, share=fee_share),
                can_be_saved=method.can_be_saved,
                capture_at=row.capture_at,
            )
            for row, method in self.methods
            if row.fits(terms) and self._fits(method, terms)
        )

    def _fits(self, method: Method, terms: PaymentTerms) -> bool:
        """Returns whether the shopper is where the method is for, and has credit if it needs it."""
        if method.settlement is Settlement.TILL:
            return self.at_till
        return method.settlement is not Settlement.INVOICE or (
            self.credit is not None and self.credit.covers(terms.amount_minor, terms.currency)
        )


class PaymentMethodTable:
    """All rows at a revision; None as `rows` where nothing was ever stored."""

    def __init__(self, rows: Sequence[PaymentMethod] | None = None, *, revision: int = 0) -> None:
        self.revision: Final = revision
        self._rows = None if rows is None else sorted(rows, key=lambda row: row.precedence)

    def offers(
        self,
        providers: Providers,
        *,
        is_synthetic: bool,
        customer_group: str = "",
        at_till: bool = False,
    ) -> PaymentOffers:
        """Returns the offers for a shopper.

        Synthetic shoppers pay with the simulator, whatever staff have set. A method whose provider
        is not connected is not offered. Raises SyntheticPaymentsOff.
        """
        provider = providers.for_shopper(is_synthetic=is_synthetic)
        rows = self._rows
        if rows is None or is_synthetic:
            rows = seeded_methods(provider)
        connected = [provider] if is_synthetic else list(providers.of_shoppers)
        return PaymentOffers(tuple(_with_methods(rows, connected)), customer_group, at_till)


def seeded_methods(provider: PaymentProvider) -> list[PaymentMethod]:
    """Returns the methods of a shop whose staff have set none: those of its main provider."""
    return [
        PaymentMethod(
            code=method.id,
            provider=provider.name,
            provider_method=method.id,
            titles={},
            descriptions={},
            channels=[],
            countries=[],
            currencies=[],
            customer_groups=[],
            amount_from_minor=0,
            amount_to_minor=0,
            position=position,
            is_preferred=False,
            is_enabled=True,
        )
        for position, method in enumerate(provider.methods)
        if method.is_usual
    ]


def _with_methods(
    rows: Sequence[PaymentMethod], providers: Sequence[PaymentProvider]
) -> Iterator[tuple[PaymentMethod, Method]]:
    known = {
        (provider.name, method.id): method for provider in providers for method in provider.methods
    }
    for row in rows:
        if method := known.get((row.provider, row.provider_method)):
            yield row, method
