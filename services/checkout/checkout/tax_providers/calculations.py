"""Taxes of providers: asked before a transaction opens, used in it.

A review is a pure function that needs taxes in its middle. So it runs until it needs an answer that
is not there, the provider is asked, and it runs again. In the transaction the answers are there.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from cachetools import TTLCache

from chassis.rpc.errors import VersionMismatch
from checkout import metrics
from checkout.errors.remote import RemoteUnavailable
from checkout.errors.taxes import TaxProviderUnavailable
from checkout.remote.circuit import Circuit, Patience
from checkout.tax_providers.provider import (
    TaxProvider,
    TaxRequest,
    request_of,
    require_consistent,
)
from checkout.taxes.calculation import Calculator, TaxedLine, Taxes, TaxRule, tax_order, untaxed
from checkout.taxes.model import ProviderFallback, TaxSettings

# Of one review: its taxes, and those that its prices include.
_MOST_QUESTIONS: Final = 4
# An answer serves the review that is shown and the completion that follows.
_KEPT_SECONDS: Final = 60
_MOST_KEPT: Final = 1_000


class _Unasked(Exception):
    """A review needs taxes that were not asked for yet."""

    def __init__(self, request: TaxRequest, own: Callable[[], Taxes]) -> None:
        super().__init__()
        self.request, self.own = request, own


class _Answers:
    """A Calculator of answers. Once it is final, a missing one is a changed checkout."""

    def __init__(self) -> None:
        self.found: dict[TaxRequest, Taxes] = {}
        self.is_final = False

    def __call__(
        self, lines: Sequence[TaxedLine], *, delivery_minor: int, currency: str, rule: TaxRule
    ) -> Taxes:
        if (relief := rule.relief) is not None:
            return untaxed(lines, relief, rule)
        asked = {"delivery_minor": delivery_minor, "currency": currency, "rule": rule}
        request = request_of(lines, delivery_minor=delivery_minor, currency=currency, rule=rule)
        if (taxes := self.found.get(request)) is not None:
            return taxes
        if self.is_final:
            raise VersionMismatch("the checkout changed: try again")
        raise _Unasked(request, partial(tax_order, lines, **asked))  # type: ignore[arg-type]  # the arguments of this method


class TaxCalculations:
    """The connected providers."""

    def __init__(self, providers: Sequence[TaxProvider], *, timeout_seconds: float) -> None:
        self._providers = {
            each.name: (each, Circuit(each.name, Patience(timeout_seconds))) for each in providers
        }
        self._kept: TTLCache[tuple[str, TaxRequest], Taxes] = TTLCache(_MOST_KEPT, _KEPT_SECONDS)

    @property
    def names(self) -> list[str]:
        return list(self._providers)

    async def prepare(
        self,
        settings: TaxSettings,
        review: Callable[[Calculator], object],
        *,
        is_synthetic: bool = False,
    ) -> Calculator:
        """Returns what computes the taxes of a review, which it may run several times.

        Providers charge for calls: synthetic shoppers have the own rates. Ask without a connection
        out. Raises TaxProviderUnavailable, and what the review raises.
        """
        if not settings.provider or is_synthetic:
            return tax_order
        answers = _Answers()
        for _ in range(_MOST_QUESTIONS):
            try:
                review(answers)
            except _Unasked as unasked:
                answers.found[unasked.request] = await self._ask(settings, unasked)
            else:
                break
        answers.is_final = True
        return answers

    async def close(self) -> None:
        for provider, _ in self._providers.values():
            await provider.close()

    async def _ask(self, settings: TaxSettings, unasked: _Unasked) -> Taxes:
        name, request = settings.provider, unasked.request
        if (kept := self._kept.get((name, request))) is not None:
            return kept
        try:
            taxes = await self._calculate(name, request)
        except RemoteUnavailable:
            metrics.tax_calculations.labels("unavailable").inc()
            if settings.provider_fallback is ProviderFallback.REFUSE:
                raise TaxProviderUnavailable(retry_after_seconds=1) from None
            return replace(unasked.own(), is_fallback=True)
        metrics.tax_calculations.labels("calculated").inc()
        self._kept[name, request] = taxes
        return taxes

    async def _calculate(self, name: str, request: TaxRequest) -> Taxes:
        if name not in self._providers:
            raise RemoteUnavailable(service=name)
        provider, circuit = self._providers[name]

        async def attempt() -> Taxes:
            taxes = await provider.calculate(request)
            require_consistent(taxes, request)
            return taxes

        return replace(await circuit.call(attempt), calculated_by=name, is_fallback=False)
