"""Tax providers: asked before a transaction, left alone while they fail, and stood in for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from types import ModuleType
from typing import Any

import pytest

from chassis.rpc.errors import VersionMismatch
from checkout.errors.remote import RemoteUnavailable
from checkout.errors.taxes import TaxProviderUnavailable
from checkout.remote.circuit import MOST_FAILURES, Circuit, Patience
from checkout.tax_providers.calculations import TaxCalculations
from checkout.tax_providers.provider import TaxRequest, connect_tax_providers
from checkout.taxes.calculation import Calculator, TaxedLine, Taxes, TaxRule, tax_order
from checkout.taxes.model import Place, ProviderFallback, TaxSettings
from checkout.taxes.relief import GrantedExemption, TaxBuyer
from services.checkout.tests.checkout_world import PACKAGES

RULE = TaxRule(Place("DE"), date(2026, 6, 1), is_included=False)


@pytest.fixture
def acme() -> Iterator[ModuleType]:
    sys.path.append(PACKAGES)
    import acme_taxes

    acme_taxes.ASKED.clear()
    yield acme_taxes
    acme_taxes.FAILURES.clear()
    sys.path.remove(PACKAGES)


def settings(**given: Any) -> TaxSettings:
    return TaxSettings(**{"channel": "", "collects_in": [], "provider": "acme", **given})


def an_order(calculate: Calculator, *, amount_minor: int = 100_00, rule: TaxRule = RULE) -> Taxes:
    return calculate(
        [TaxedLine(amount_minor, "standard")], delivery_minor=0, currency="EUR", rule=rule
    )


def connected() -> TaxCalculations:
    return TaxCalculations(connect_tax_providers("acme", timeout_seconds=1), timeout_seconds=1)


async def test_the_provider_of_another_package_computes_the_taxes_and_is_named(
    acme: ModuleType,
) -> None:
    calculations = connected()

    for _ in range(2):
        calculate = await calculations.prepare(settings(), an_order)
        found = an_order(calculate)

    assert (found.total_minor, found.calculated_by, found.is_fallback) == (10_00, "acme", False)
    # The second review has the answer of the first.
    [asked] = acme.ASKED
    assert (asked.place, asked.lines) == (Place("DE"), (TaxedLine(100_00, "standard"),))


async def test_channels_and_synthetic_shoppers_without_a_provider_have_the_own_rates(
    acme: ModuleType,
) -> None:
    calculations = connected()

    none = await calculations.prepare(settings(provider=""), an_order)
    synthetic = await calculations.prepare(settings(), an_order, is_synthetic=True)

    assert none is synthetic is tax_order
    assert acme.ASKED == []


async def test_the_own_rates_stand_in_for_a_provider_that_fails_and_say_so(
    acme: ModuleType,
) -> None:
    acme.FAILURES.append("down")
    calculations = connected()

    calculate = await calculations.prepare(settings(), an_order)
    gone = await calculations.prepare(settings(provider="gone"), an_order)

    for found in (an_order(calculate), an_order(gone)):
        assert (found.total_minor, found.calculated_by, found.is_fallback) == (
            19_00, "tables", True,
        )  # fmt: skip


async def test_an_order_is_refused_where_the_settings_want_the_provider_alone(
    acme: ModuleType,
) -> None:
    acme.FAILURES.append("down")

    with pytest.raises(TaxProviderUnavailable):
        await connected().prepare(settings(provider_fallback=ProviderFallback.REFUSE), an_order)


async def test_an_answer_that_does_not_add_up_is_none(acme: ModuleType) -> None:
    class Contradictory(acme.AcmeTaxes):  # type: ignore[misc,name-defined]  # a module at run time
        async def calculate(self, request: TaxRequest) -> Taxes:
            return replace(await super().calculate(request), of_delivery_minor=1)

    calculations = TaxCalculations([Contradictory()], timeout_seconds=1)

    found = an_order(await calculations.prepare(settings(), an_order))

    assert found.is_fallback


async def test_an_order_that_changed_after_the_question_is_not_taxed_by_guess(
    acme: ModuleType,
) -> None:
    calculate = await connected().prepare(settings(), an_order)

    with pytest.raises(VersionMismatch):
        an_order(calculate, amount_minor=200_00)


async def test_a_relief_asks_no_provider(acme: ModuleType) -> None:
    rule = replace(RULE, buyer=TaxBuyer(exemption=GrantedExemption("resale", "Resale")))

    calculate = await connected().prepare(settings(), lambda each: an_order(each, rule=rule))
    found = an_order(calculate, rule=rule)

    assert [line.category for line in found.tax_lines] == ["E"]
    assert acme.ASKED == []


async def test_a_service_that_fails_is_left_alone_for_a_pause_and_then_tried_once() -> None:
    now, calls = 0.0, 0
    circuit = Circuit("acme", Patience(1, attempts=1), now=lambda: now)

    async def fails() -> str:
        nonlocal calls
        calls += 1
        raise RemoteUnavailable

    async def works() -> str:
        return "answer"

    for _ in range(MOST_FAILURES + 2):
        with pytest.raises(RemoteUnavailable):
            await circuit.call(fails)
    assert (calls, circuit.is_open) == (MOST_FAILURES, True)
    now = 6.0
    with pytest.raises(RemoteUnavailable):
        await circuit.call(fails)
    assert (calls, circuit.is_open) == (MOST_FAILURES + 1, True)
    now = 60.0
    assert await circuit.call(works) == "answer"
    assert not circuit.is_open


async def test_one_lost_answer_is_asked_for_again() -> None:
    answers = iter([RemoteUnavailable(), "answer"])
    circuit = Circuit("acme", Patience(1))

    async def attempt() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    assert await circuit.call(attempt) == "answer"
