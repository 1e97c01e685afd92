"""VAT ids, exemptions and tax providers in checkouts and orders."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import an_address
from checkout import handlers
from checkout.documents.actions import issue_documents
from checkout.documents.packing_slips import read_packing_slip
from checkout.erasures.actions import forget_due_orders
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import PACKAGES, World, total_of
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import tax_exemptions_pb2 as exemptions_pb
from sojourn.checkout.v1 import tax_treatment_pb2 as treatment_pb
from sojourn.checkout.v1 import taxes_pb2
from sojourn.common.v1 import message_pb2
from sojourn.identity.v1.events_pb2 import CustomerErased

VIENNA = an_address(
    address_locality="Wien", postal_code="1010", address_country="AT",
    street_address="Stephansplatz 1",
)  # fmt: skip
# The stand-in takes them for valid, for unknown, and does not answer.
VALID, UNKNOWN, SILENT = "ATU13585627", "IT00000010900", "IT00000010611"
DAY = 24 * 3600
AUTHORITIES = {"vat_authorities": "simulator"}


@pytest.fixture(autouse=True)
def without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)


@pytest.fixture(scope="module", autouse=True)
def acme_is_installed() -> Iterator[None]:
    sys.path.append(PACKAGES)
    yield
    sys.path.remove(PACKAGES)


async def set_taxes(world: World, **given: Any) -> None:
    request = taxes_pb2.PutTaxSettingsRequest(settings=taxes_pb2.TaxSettings(**given))
    await world.ask(world.taxes.PutTaxSettings, request, world.tokens.staff("taxes.write"))


async def update(world: World, checkout_id: str, owner_id: UUID, **changes: Any) -> pb.Checkout:
    request = pb.UpdateCheckoutRequest(checkout_id=checkout_id, **changes)
    return await world.ask(world.checkouts.UpdateCheckout, request, world.shopper(owner_id))


async def shown(world: World, checkout_id: str, owner_id: UUID) -> pb.Checkout:
    request = pb.GetCheckoutRequest(checkout_id=checkout_id)
    return await world.ask(world.checkouts.GetCheckout, request, world.shopper(owner_id))


async def bound_for_vienna(world: World, owner_id: UUID, **changes: Any) -> pb.Checkout:
    begun = await world.ready(owner_id)
    return await update(
        world, begun.id, owner_id, delivery_address=VIENNA, delivery_option_id="standard", **changes
    )


@pytest.mark.parametrize("changed_settings", [AUTHORITIES], indirect=True)
async def test_a_business_of_another_eu_country_pays_no_tax_and_the_order_proves_it(
    world: World,
) -> None:
    await set_taxes(world, seller_vat_id="DE136695976")
    owner_id = uuid7()
    private = await bound_for_vienna(world, owner_id)

    business = await update(world, private.id, owner_id, vat_id="at u13585627")
    order = await world.complete(business, owner_id)

    assert (business.vat_id.vat_id, business.vat_id.status) == (
        VALID, treatment_pb.VAT_ID_STATUS_VALID,
    )  # fmt: skip
    taxed = sum(line.amount.amount_minor for line in private.tax_lines)
    assert taxed > 0
    assert total_of(business).amount_minor == total_of(private).amount_minor - taxed
    [line] = order.tax_lines
    assert (line.category, line.reason_code, line.amount.amount_minor) == ("K", "VATEX-EU-IC", 0)
    assert "Artikel 138" in line.reason
    assert order.taxation.calculated_by == "tables"
    assert order.taxation.vat_id.consultation_number == f"SIM-{VALID}"
    assert order.taxation.vat_id.HasField("checked_at")
    assert total_of(order) == total_of(business)
    assert (await world.provider.sums(order.id))["captured_minor"] == total_of(order).amount_minor


@pytest.mark.parametrize(
    "changed_settings", [{"channels": {"default": {"origin_country": "CH"}}}], indirect=True
)
async def test_goods_of_low_value_from_outside_the_union_are_taxed_under_the_import_scheme(
    world: World,
) -> None:
    number = "IM2760000001"
    owner_id = uuid7()
    await set_taxes(world, collects_in=["CH"], ioss_number=number, ioss_limits={"EUR": 20_00})
    export = await bound_for_vienna(world, owner_id)
    await set_taxes(world, collects_in=["CH"], ioss_number=number)

    checkout = await shown(world, export.id, owner_id)
    order = await world.complete(checkout, owner_id)
    shipment = (await world.ship(order)).shipments[0]
    async with world.database.tx() as tx:
        [invoice] = await issue_documents(tx, UUID(order.id))
        slip = await read_packing_slip(tx, UUID(order.id), UUID(shipment.id))

    assert [line.category for line in export.tax_lines] == ["G"]
    [line] = order.tax_lines
    assert (line.category, line.rate, line.amount.amount_minor > 0) == ("S", "0.2", True)
    assert order.taxation.ioss_number == number
    assert f"(IOSS): {number}" in invoice.content.legal_text
    assert f"(IOSS): {number}" in slip.legal_text


async def test_an_amount_of_the_import_scheme_is_in_a_currency(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        await set_taxes(world, ioss_number="IM2760000001", ioss_limits={"XXY": 1})

    assert refused.value.reason == "INVALID_TAX_SETTINGS"
    assert refused.value.metadata["path"] == "settings.ioss_limits[XXY]"


@pytest.mark.parametrize("changed_settings", [AUTHORITIES], indirect=True)
async def test_an_id_that_cannot_be_is_refused_and_an_unknown_or_unconfirmed_one_is_taxed(
    world: World,
) -> None:
    owner_id = uuid7()
    checkout = await bound_for_vienna(world, owner_id)

    with pytest.raises(DomainError) as refused:
        await update(world, checkout.id, owner_id, vat_id="ATU13585628")
    silent = await update(world, checkout.id, owner_id, vat_id=SILENT)
    unknown = await update(world, checkout.id, owner_id, vat_id=UNKNOWN)
    cleared = await update(world, checkout.id, owner_id, vat_id="")

    assert (refused.value.reason, refused.value.metadata["path"]) == ("INVALID_VAT_ID", "vat_id")
    codes = message_pb2.MessageCode
    for found, status, code in (
        (silent, treatment_pb.VAT_ID_STATUS_UNCONFIRMED, codes.MESSAGE_CODE_VAT_ID_UNCONFIRMED),
        (unknown, treatment_pb.VAT_ID_STATUS_INVALID, codes.MESSAGE_CODE_VAT_ID_INVALID),
    ):
        assert found.vat_id.status == status
        assert code in [message.code for message in found.messages]
        assert found.status == pb.CHECKOUT_STATUS_READY_FOR_COMPLETE
        assert total_of(found) == total_of(checkout)
    assert not cleared.HasField("vat_id")


async def test_without_an_authority_the_settings_decide_on_an_id(world: World) -> None:
    owner_id = uuid7()
    refusing = await bound_for_vienna(world, owner_id, vat_id=VALID)
    accepts = taxes_pb2.UNCONFIRMED_VAT_IDS_ACCEPT
    await set_taxes(world, unconfirmed_vat_ids=accepts)

    accepting = await shown(world, refusing.id, owner_id)

    assert refusing.vat_id.status == treatment_pb.VAT_ID_STATUS_UNCONFIRMED
    assert [line.category for line in refusing.tax_lines] == ["S"]
    assert [line.category for line in accepting.tax_lines] == ["K"]
    assert total_of(accepting).amount_minor < total_of(refusing).amount_minor


@pytest.mark.parametrize("changed_settings", [AUTHORITIES], indirect=True)
async def test_an_answer_is_kept_with_its_date_and_counts_while_the_authority_is_silent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    vat_ids, asked = world.components.vat_ids, []
    first = await vat_ids.check(VALID, "")

    async def silent(question: Any) -> Any:
        asked.append(question)
        raise TimeoutError

    [(authority, _)] = vat_ids._authorities  # the stand-in, to silence it
    monkeypatch.setattr(type(authority), "ask", lambda _self, question: silent(question))
    fresh = await vat_ids.check(VALID, "")
    world.clock.shift_to(2 * DAY)
    stale = await vat_ids.check(VALID, "")
    world.clock.shift_to(33 * DAY)
    gone = await vat_ids.check(VALID, "")

    assert first == fresh == stale
    assert len(asked) > 0
    assert (gone.status, gone.checked_at) == ("unconfirmed", None)


def an_exemption(code: str = "museum", **given: Any) -> exemptions_pb.TaxExemption:
    usual = {"reasons": {"en": "Public museum", "de": "Öffentliches Museum"}}
    return exemptions_pb.TaxExemption(code=code, certificate_number="M-1", **{**usual, **given})


async def staff_asks(world: World, method: str, request: Any) -> Any:
    token = world.tokens.staff("tax_exemptions.write")
    return await world.ask(getattr(world.exemptions, method), request, token)


async def put(
    world: World, exemption: exemptions_pb.TaxExemption, version: int = 0
) -> exemptions_pb.TaxExemption:
    request = exemptions_pb.PutTaxExemptionRequest(
        tax_exemption=exemption, expected_version=version
    )
    return await staff_asks(world, "PutTaxExemption", request)


async def test_an_exempt_customer_is_not_taxed_and_the_order_says_why(world: World) -> None:
    owner_id = uuid7()
    taxed = await world.ready(owner_id)
    await put(world, an_exemption(customer_id=str(owner_id), places=["DE"]))

    exempt = await shown(world, taxed.id, owner_id)
    order = await world.complete(exempt, owner_id)
    abroad = await bound_for_vienna(world, owner_id)

    [line] = order.tax_lines
    assert (line.category, line.reason) == ("E", "Öffentliches Museum")
    tax = sum(each.amount.amount_minor for each in taxed.tax_lines)
    assert total_of(order).amount_minor == total_of(taxed).amount_minor - tax
    assert order.taxation.exemption == treatment_pb.AppliedTaxExemption(
        code="museum", reason="Öffentliches Museum", certificate_number="M-1"
    )
    assert [each.category for each in abroad.tax_lines] == ["S"]


async def test_an_exemption_is_changed_under_its_version_told_and_audited_without_its_text(
    world: World, refusal_of: Any
) -> None:
    owner = str(uuid7())
    first = await put(world, an_exemption(organization_id=owner))
    again = await put(world, an_exemption(organization_id=owner), version=1)
    second = await put(world, an_exemption(organization_id=owner, valid_to="2030-01-01"), version=1)
    stale = put(world, an_exemption(organization_id=owner), version=1)
    listed = await staff_asks(
        world, "ListTaxExemptions", exemptions_pb.ListTaxExemptionsRequest(organization_id=owner)
    )
    read = await staff_asks(
        world, "GetTaxExemption", exemptions_pb.GetTaxExemptionRequest(code="museum")
    )

    assert (first.version, again.version, second.version) == (1, 1, 2)
    assert await refusal_of(stale) == "VERSION_MISMATCH"
    assert list(listed.tax_exemptions) == [read] == [second]
    for _ in range(2):
        await staff_asks(
            world, "DeleteTaxExemption", exemptions_pb.DeleteTaxExemptionRequest(code="museum")
        )
    missing = exemptions_pb.GetTaxExemptionRequest(code="museum")
    refused = await refusal_of(staff_asks(world, "GetTaxExemption", missing))
    assert refused == "TAX_EXEMPTION_NOT_FOUND"
    told = await world.outbox(kind="TaxExemption")
    assert told == ["TaxExemptionChanged", "TaxExemptionChanged", "TaxExemptionDeleted"]
    audit = await world.scalar("SELECT string_agg(audit::text, '' ORDER BY at, id) FROM audit")
    assert audit.count("tax_exemption.put") == 2
    assert "museum" in audit
    assert "M-1" not in audit
    assert "Public museum" not in audit


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({}, "customer_id"),
        ({"customer_id": str(uuid7()), "organization_id": str(uuid7())}, "customer_id"),
        ({"customer_id": str(uuid7()), "valid_from": "2026-02-30"}, "valid_from"),
        (
            {"customer_id": str(uuid7()), "valid_from": "2026-02-01", "valid_to": "2026-02-01"},
            "valid_to",
        ),
    ],
)
async def test_an_exemption_of_nobody_or_of_wrong_days_is_refused_with_its_field(
    world: World, wrong: dict[str, Any], path: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await put(world, an_exemption(**wrong))

    assert refused.value.reason == "INVALID_TAX_EXEMPTION"
    assert refused.value.metadata["path"] == f"tax_exemption.{path}"


@pytest.mark.parametrize("changed_settings", [AUTHORITIES], indirect=True)
async def test_an_erased_customer_s_exemptions_are_forgotten_and_orders_keep_theirs(
    world: World,
) -> None:
    owner_id, other_id = uuid7(), uuid7()
    await put(world, an_exemption(customer_id=str(owner_id)))
    await put(world, an_exemption("other", customer_id=str(other_id)))
    _, order = await world.buy(owner_id)
    open_checkout = await bound_for_vienna(world, owner_id, vat_id=VALID)
    forget = handlers.events(world.components.settings)[CustomerErased]

    for _ in range(2):
        async with world.database.tx() as tx:
            await forget(tx, CustomerErased(customer_id=str(owner_id)), None)  # type: ignore[arg-type]  # it reads no envelope
    read = await world.ask(
        world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id),
        world.tokens.staff("orders.read"),
    )  # fmt: skip

    assert open_checkout.vat_id.status == treatment_pb.VAT_ID_STATUS_VALID
    assert await world.scalar("SELECT count(*) FROM vat_id_answer") == 0
    assert await world.scalar("SELECT count(vat_id) FROM checkout") == 0
    assert await world.scalar("SELECT array_agg(code) FROM tax_exemption") == ["other"]
    assert read.taxation.exemption.certificate_number == "M-1"
    assert await world.outbox(kind="TaxExemptionDeleted") == ["TaxExemptionDeleted"]
    await world.ship(order)
    async with world.database.tx() as tx:
        await tx.run("UPDATE orders SET forget_at = %s", [world.clock.now()])
        assert await forget_due_orders(tx, world.clock.now(), at_most=10) == 1
    left = await world.scalar("SELECT taxation::text FROM orders")
    assert "M-1" not in left
    assert "tables" in left


async def test_other_staff_grant_no_exemption(world: World, refusal_of: Any) -> None:
    request = exemptions_pb.PutTaxExemptionRequest(
        tax_exemption=an_exemption(customer_id=str(uuid7()))
    )

    for token in (world.shopper(uuid7()), world.tokens.staff("taxes.write")):
        refused = await refusal_of(world.ask(world.exemptions.PutTaxExemption, request, token))
        assert refused == "SCOPE_REQUIRED"


@pytest.mark.parametrize("changed_settings", [{"tax_providers": "acme"}], indirect=True)
async def test_a_provider_s_taxes_are_charged_and_the_own_rates_stand_in_for_it(
    world: World, refusal_of: Any
) -> None:
    import acme_taxes

    unknown = set_taxes(world, provider="nobody")
    assert await refusal_of(unknown) == "INVALID_TAX_SETTINGS"
    await set_taxes(world, provider="acme")
    _, order = await world.buy()
    acme_taxes.FAILURES.append("down")
    try:
        _, fallback = await world.buy(quantity=2)
        refuses = taxes_pb2.TAX_PROVIDER_FALLBACK_REFUSE
        await set_taxes(world, provider="acme", provider_fallback=refuses)
        assert await refusal_of(world.ready(uuid7(), quantity=3)) == "TAX_PROVIDER_UNAVAILABLE"
    finally:
        acme_taxes.FAILURES.clear()

    assert [line.title for line in order.tax_lines] == ["Acme tax 10 %"]
    assert (order.taxation.calculated_by, order.taxation.is_fallback) == ("acme", False)
    assert [line.title for line in fallback.tax_lines] == ["MwSt. 19 %"]
    assert (fallback.taxation.calculated_by, fallback.taxation.is_fallback) == ("tables", True)


async def test_a_preview_shows_the_reliefs_of_a_buyer(world: World) -> None:
    customer = str(uuid7())
    await put(world, an_exemption(customer_id=customer))
    request = taxes_pb2.PreviewTaxesRequest(
        country="AT",
        lines=[
            taxes_pb2.PreviewLine(amount_minor=100_00, tax_class="standard"),
            taxes_pb2.PreviewLine(amount_minor=10_00, tax_class="standard", service=True),
        ],
    )

    async def categories(**given: str) -> list[str]:
        asked = taxes_pb2.PreviewTaxesRequest(**given)
        asked.MergeFrom(request)
        found = await world.ask(world.taxes.PreviewTaxes, asked, world.tokens.staff("taxes.write"))
        return [tax.category for tax in found.taxes]

    assert await categories() == ["S"]
    assert await categories(vat_id="FR40303265045") == ["K", "AE"]
    assert await categories(customer_id=customer) == ["E"]


async def test_an_import_of_exemptions_is_all_or_none_and_repeats_change_nothing(
    world: World, refusal_of: Any
) -> None:
    drafts = [an_exemption(f"m-{number}", customer_id=str(uuid7())) for number in range(3)]

    async def imported(
        *exemptions: exemptions_pb.TaxExemption,
    ) -> exemptions_pb.ImportTaxExemptionsResponse:
        request = exemptions_pb.ImportTaxExemptionsRequest(tax_exemptions=exemptions)
        token = world.tokens.staff("tax_exemptions.write")
        return await world.ask(
            world.exemptions.ImportTaxExemptions, request, token, key=str(uuid7())
        )

    first = await imported(*drafts[:2])
    drafts[1].valid_to = "2030-01-01"
    second = await imported(*drafts)
    twice = imported(an_exemption("n-1", customer_id=str(uuid7())), drafts[0], drafts[0])
    wrong = imported(an_exemption("n-1", customer_id=str(uuid7())), an_exemption("n-2"))

    assert (first.created, first.updated, first.unchanged) == (2, 0, 0)
    assert (second.created, second.updated, second.unchanged) == (1, 1, 1)
    assert await refusal_of(twice) == await refusal_of(wrong) == "INVALID_TAX_EXEMPTION"
    assert await world.scalar("SELECT count(*) FROM tax_exemption") == 3
