"""Tax rates as staff keep them: checkouts follow, orders keep theirs, nothing is half done."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.merchant_settings import directory
from checkout.taxes.seeds import seeded_rates
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import checkout_pb2 as orders_pb
from sojourn.checkout.v1 import taxes_pb2 as pb

STAFF = "taxes.write"


def a_rate(code: str = "de-books", **given: Any) -> pb.TaxRate:
    usual = {"country": "DE", "tax_class": "books", "titles": {"en": "VAT"}, "rate": "0.05"}
    return pb.TaxRate(code=code, **{**usual, **given})


async def ask(world: World, method: str, request: Any, *, key: str = "") -> Any:
    token = world.tokens.staff(STAFF)
    return await world.ask(getattr(world.taxes, method), request, token, key=key)


async def put(world: World, rate: pb.TaxRate, version: int = 0) -> pb.TaxRate:
    request = pb.PutTaxRateRequest(tax_rate=rate, expected_version=version)
    return await ask(world, "PutTaxRate", request)


async def codes(world: World, **asked: Any) -> list[str]:
    found, token = [], ""
    while True:
        request = pb.ListTaxRatesRequest(**asked)
        request.page.size, request.page.token = 20, token
        page = await ask(world, "ListTaxRates", request)
        found += [rate.code for rate in page.tax_rates]
        if not (token := page.next_page_token):
            return found


async def test_the_seeded_rates_are_rows_once_with_their_source(world: World) -> None:
    await world.components.taxes.seed()
    await world.components.taxes.seed()
    await ask(world, "DeleteTaxRate", pb.DeleteTaxRateRequest(code="de-reduced"))
    await world.components.taxes.seed()

    assert await codes(world) == sorted({rate.code for rate in seeded_rates()} - {"de-reduced"})
    assert await codes(world, country="DE") == ["de-standard"]
    rate = await ask(world, "GetTaxRate", pb.GetTaxRateRequest(code="us-ca-standard"))
    assert (rate.region, rate.rate, rate.version) == ("CA", "0.0725", 1)
    assert "Tax Foundation" in rate.source
    assert rate.source_date == "2026-01-15"


async def test_a_rate_is_put_changed_under_its_version_and_deleted(
    world: World, refusal_of: Any
) -> None:
    first = await put(world, a_rate(valid_from="2026-01-01", source="a law"))
    again = await put(world, a_rate(valid_from="2026-01-01", source="a law"), version=1)
    second = await put(world, a_rate(rate="0.06"), version=1)

    assert (first.version, again.version, second.version) == (1, 1, 2)
    assert (second.rate, second.valid_from) == ("0.06", "")
    assert await refusal_of(put(world, a_rate(rate="0.07"), version=1)) == "VERSION_MISMATCH"
    delete = pb.DeleteTaxRateRequest(code="de-books", expected_version=1)
    assert await refusal_of(ask(world, "DeleteTaxRate", delete)) == "VERSION_MISMATCH"
    for _ in range(2):
        await ask(world, "DeleteTaxRate", pb.DeleteTaxRateRequest(code="de-books"))
    missing = ask(world, "GetTaxRate", pb.GetTaxRateRequest(code="de-books"))
    assert await refusal_of(missing) == "TAX_RATE_NOT_FOUND"
    actions = await world.scalar("SELECT array_agg(action ORDER BY at, id) FROM audit")
    assert actions == ["tax_rate.put", "tax_rate.put", "tax_rate.delete"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"valid_from": "2026-02-30"}, "tax_rate.valid_from"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-02-01"}, "tax_rate.valid_to"),
        ({"compound": True}, "tax_rate.compound"),
        ({"country": ""}, "tax_rate.country"),
    ],
)
async def test_a_wrong_rate_is_refused_with_its_place(
    world: World, wrong: dict[str, Any], path: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await put(world, a_rate(**wrong))

    assert refused.value.reason in ("INVALID_TAX_RATE", "INVALID_FIELD")
    assert path in str(refused.value.metadata)
    assert await codes(world, tax_class="books") == []


async def test_two_rates_of_one_place_class_level_and_day_are_refused(world: World) -> None:
    await put(world, a_rate())

    with pytest.raises(DomainError) as refused:
        await put(world, a_rate("de-books-2"))
    await put(world, a_rate("de-books-2", level=1))

    assert refused.value.reason == "TAX_RATE_EXISTS"
    assert refused.value.metadata["code"] == "de-books"


async def test_an_import_is_stored_whole_or_not_at_all_and_a_repeat_changes_nothing(
    world: World, refusal_of: Any
) -> None:
    rates = [a_rate(f"us-{place}", country="US", postal_prefix=place) for place in ("900", "787")]

    first = await ask(world, "ImportTaxRates", pb.ImportTaxRatesRequest(tax_rates=rates), key="1")
    rates[1].rate = "0.01"
    second = await ask(world, "ImportTaxRates", pb.ImportTaxRatesRequest(tax_rates=rates), key="2")
    broken = [a_rate("at-books", country="AT"), a_rate("x", valid_from="2026-13-01")]
    twice = [a_rate("at-books", country="AT"), a_rate("at-books", country="FR")]

    assert (first.created, first.updated, first.unchanged) == (2, 0, 0)
    assert (second.created, second.updated, second.unchanged) == (0, 1, 1)
    for wrong in (broken, twice):
        request = pb.ImportTaxRatesRequest(tax_rates=wrong)
        refusal = await refusal_of(ask(world, "ImportTaxRates", request, key=str(uuid7())))
        assert refusal == "INVALID_TAX_RATE"
    assert await codes(world, tax_class="books") == ["us-787", "us-900"]


async def test_a_checkout_follows_a_new_rate_and_an_order_keeps_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    _, order = await world.buy()
    owner_id = uuid7()
    begun = await world.ready(owner_id)
    rate = a_rate("de-new", tax_class="standard", rate="0.5", titles={"de": "Steuer"})
    await world.components.taxes.seed()
    await put(world, a_rate("de-new", **{**as_dict(rate), "valid_from": "2020-01-01"}))

    async def follows() -> bool:
        token = world.shopper(owner_id)
        request = orders_pb.GetCheckoutRequest(checkout_id=begun.id)
        shown = await world.ask(world.checkouts.GetCheckout, request, token)
        assert [line.title for line in shown.tax_lines] == ["Steuer 50 %"]
        return True

    await eventually(follows)
    assert [line.title for line in order.tax_lines] == ["MwSt. 19 %"]
    kept = await world.ask(
        world.orders.GetOrder, orders_pb.GetOrderRequest(order_id=order.id),
        world.tokens.staff("orders.read"),
    )  # fmt: skip
    assert [line.title for line in kept.tax_lines] == ["MwSt. 19 %"]


def as_dict(rate: pb.TaxRate) -> dict[str, Any]:
    return {
        "country": rate.country, "tax_class": rate.tax_class, "rate": rate.rate,
        "titles": dict(rate.titles),
    }  # fmt: skip


async def test_settings_of_a_channel_are_put_and_previewed(world: World, refusal_of: Any) -> None:
    usual = await ask(world, "GetTaxSettings", pb.GetTaxSettingsRequest())
    wanted = pb.TaxSettings(
        channel=usual.channel, rounding=pb.TAX_ROUNDING_LINE, half_rounding=pb.HALF_ROUNDING_UP,
        delivery_tax_class="standard", collects_in=["FR", "DE"], one_stop_shop=True,
    )  # fmt: skip
    put_first = await ask(world, "PutTaxSettings", pb.PutTaxSettingsRequest(settings=wanted))
    read = await ask(world, "GetTaxSettings", pb.GetTaxSettingsRequest())
    stale = pb.PutTaxSettingsRequest(settings=wanted, expected_version=7)
    preview = pb.PreviewTaxesRequest(
        country="AT", lines=[pb.PreviewLine(amount_minor=100_00, tax_class="reduced")],
        delivery_minor=10_00,
    )  # fmt: skip
    shown = await ask(world, "PreviewTaxes", preview)
    preview.country = "US"
    abroad = await ask(world, "PreviewTaxes", preview)

    assert (usual.version, put_first.version) == (0, 1)
    assert read == put_first
    assert list(read.collects_in) == ["DE", "FR"]
    assert await refusal_of(ask(world, "PutTaxSettings", stale)) == "VERSION_MISMATCH"
    assert [(tax.title, tax.rate, tax.amount_minor) for tax in shown.taxes] == [
        ("VAT 20 %", "0.2", 2_00), ("VAT 10 %", "0.1", 10_00),
    ]  # fmt: skip
    assert (list(shown.of_lines_minor), shown.of_delivery_minor) == ([10_00], 2_00)
    assert [(tax.category, tax.amount_minor) for tax in abroad.taxes] == [("G", 0)]


async def test_strangers_and_other_staff_change_no_rate(world: World, refusal_of: Any) -> None:
    request = pb.PutTaxRateRequest(tax_rate=a_rate())

    for token in (world.shopper(uuid7()), world.tokens.staff("orders.write")):
        refused = await refusal_of(world.ask(world.taxes.PutTaxRate, request, token))
        assert refused == "SCOPE_REQUIRED"
