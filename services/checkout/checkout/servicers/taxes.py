"""The edge of staff who keep tax rates and exemptions."""

from functools import partial
from typing import Final

from chassis import pagination
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from checkout.tax_exemptions import wire as exemption_wire
from checkout.tax_exemptions.actions import (
    delete_tax_exemption,
    import_tax_exemptions,
    put_tax_exemption,
)
from checkout.tax_exemptions.queries import (
    find_exemptions_of,
    get_tax_exemption,
    list_tax_exemptions,
)
from checkout.tax_exemptions.wire import id_of
from checkout.taxes import wire
from checkout.taxes.actions import (
    delete_tax_rate,
    import_tax_rates,
    put_tax_rate,
    put_tax_settings,
    require_connected,
)
from checkout.taxes.calculation import Calculator, TaxedLine, Taxes, TaxRule
from checkout.taxes.model import Place
from checkout.taxes.queries import GROUP, get_tax_rate, list_tax_rates, load_table
from checkout.taxes.relief import TaxBuyer
from checkout.taxes.seeds import SEEDED
from checkout.taxes.table import taxing_place
from checkout.wiring import Components
from sojourn.checkout.v1 import tax_exemptions_pb2 as exemptions_pb
from sojourn.checkout.v1 import tax_exemptions_pb2_grpc as exemptions_grpc
from sojourn.checkout.v1 import taxes_pb2 as pb
from sojourn.checkout.v1 import taxes_pb2_grpc as pb_grpc

_SCOPE: Final = "taxes.write"
_EXEMPT: Final = "tax_exemptions.write"


class TaxServicer(Servicer, pb_grpc.TaxServiceServicer):
    """Tax rates and settings for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._settings, self._calculations = components.settings, components.tax_calculations

    @read(scope=_SCOPE)
    async def ListTaxRates(
        self, request: pb.ListTaxRatesRequest, call: Call
    ) -> pb.ListTaxRatesResponse:
        size = pagination.size_of(request.page.size, default=50)
        async with call.read() as found:
            rates = await list_tax_rates(
                found,
                country=request.country,
                tax_class=request.tax_class,
                after=pagination.code_of(request.page.token),
                size=size + 1,
            )
        page, token = pagination.page_by_code(rates, size)
        return pb.ListTaxRatesResponse(
            tax_rates=map(wire.rate_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetTaxRate(self, request: pb.GetTaxRateRequest, call: Call) -> pb.TaxRate:
        async with call.read() as found:
            return wire.rate_to_proto(await get_tax_rate(found, request.code))

    @write(scope=_SCOPE)
    async def PutTaxRate(self, request: pb.PutTaxRateRequest, call: Call) -> pb.TaxRate:
        draft = wire.rate_from_proto(request.tax_rate, "tax_rate")
        async with call.tx() as tx:
            rate = await put_tax_rate(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.rate_to_proto(rate)

    @write(scope=_SCOPE)
    async def DeleteTaxRate(
        self, request: pb.DeleteTaxRateRequest, call: Call
    ) -> pb.DeleteTaxRateResponse:
        async with call.tx() as tx:
            await delete_tax_rate(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteTaxRateResponse()

    @write(scope=_SCOPE, needs_key=True)
    async def ImportTaxRates(
        self, request: pb.ImportTaxRatesRequest, call: Call
    ) -> pb.ImportTaxRatesResponse:
        drafts = [
            wire.rate_from_proto(rate, f"tax_rates[{index}]")
            for index, rate in enumerate(request.tax_rates)
        ]
        async with call.tx() as tx:
            done = await import_tax_rates(tx, drafts, actor_id=call.caller.person_id)
        return pb.ImportTaxRatesResponse(
            created=done.created, updated=done.updated, unchanged=done.unchanged
        )

    @read(scope=_SCOPE)
    async def GetTaxSettings(self, request: pb.GetTaxSettingsRequest, call: Call) -> pb.TaxSettings:
        channel = request.channel or self._settings.default_channel
        async with call.read() as found:
            revision = await GROUP.find_revision(found)
            table = SEEDED if revision is None else await load_table(found, revision)
        return wire.settings_to_proto(table.settings_of(channel), channel)

    @write(scope=_SCOPE)
    async def PutTaxSettings(self, request: pb.PutTaxSettingsRequest, call: Call) -> pb.TaxSettings:
        if not request.settings.channel:
            request.settings.channel = self._settings.default_channel
        draft = wire.settings_from_proto(request.settings)
        require_connected(draft, self._calculations.names)
        async with call.tx() as tx:
            found = await put_tax_settings(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.settings_to_proto(found, found.channel)

    @read(scope=_SCOPE)
    async def PreviewTaxes(
        self, request: pb.PreviewTaxesRequest, call: Call
    ) -> pb.PreviewTaxesResponse:
        channel = request.channel or self._settings.default_channel
        customer_id, organization_id = map(id_of, (request.customer_id, request.organization_id))
        async with call.read() as found:
            # Staff see what they just changed, without waiting for the cached table.
            revision = await GROUP.find_revision(found)
            table = SEEDED if revision is None else await load_table(found, revision)
            exemptions = await find_exemptions_of(found, customer_id, organization_id)
        place = Place(request.country, request.region, request.postal_code)
        settings, day = table.settings_of(channel), self.database.clock.now().date()
        day, origin = wire.day_of_preview(request, day), self._settings.channel(channel)
        taxed_at = taxing_place(place, origin.origin_country, settings) or place
        rule = TaxRule(
            place,
            day,
            is_included=request.tax_included,
            table=table,
            settings=settings,
            origin=origin.origin_country,
            buyer=TaxBuyer(
                wire.vat_id_of_preview(request),
                exemptions.find(customer_id, organization_id, place=taxed_at, day=day, locale=""),
            ),
        )
        currency = wire.currency_of_preview(request)
        rule = rule.with_import_scheme(_lines_of_preview(request), currency)
        tax = partial(_tax_preview, request, currency=currency, rule=rule)
        return wire.taxes_to_proto(tax(await self._calculations.prepare(settings, tax)))


def _lines_of_preview(request: pb.PreviewTaxesRequest) -> list[TaxedLine]:
    return [TaxedLine(line.amount_minor, line.tax_class, line.service) for line in request.lines]


def _tax_preview(
    request: pb.PreviewTaxesRequest, calculate: Calculator, *, currency: str, rule: TaxRule
) -> Taxes:
    return calculate(
        _lines_of_preview(request),
        delivery_minor=request.delivery_minor,
        currency=currency,
        rule=rule,
    )


class TaxExemptionServicer(Servicer, exemptions_grpc.TaxExemptionServiceServicer):
    """Tax exemptions for staff."""

    @read(scope=_EXEMPT)
    async def ListTaxExemptions(
        self, request: exemptions_pb.ListTaxExemptionsRequest, call: Call
    ) -> exemptions_pb.ListTaxExemptionsResponse:
        size = pagination.size_of(request.page.size, default=50)
        async with call.read() as found:
            rows = await list_tax_exemptions(
                found,
                customer_id=exemption_wire.id_of(request.customer_id),
                organization_id=exemption_wire.id_of(request.organization_id),
                after=pagination.code_of(request.page.token),
                size=size + 1,
            )
        page, token = pagination.page_by_code(rows, size)
        return exemptions_pb.ListTaxExemptionsResponse(
            tax_exemptions=map(exemption_wire.exemption_to_proto, page), next_page_token=token
        )

    @read(scope=_EXEMPT)
    async def GetTaxExemption(
        self, request: exemptions_pb.GetTaxExemptionRequest, call: Call
    ) -> exemptions_pb.TaxExemption:
        async with call.read() as found:
            return exemption_wire.exemption_to_proto(await get_tax_exemption(found, request.code))

    @write(scope=_EXEMPT)
    async def PutTaxExemption(
        self, request: exemptions_pb.PutTaxExemptionRequest, call: Call
    ) -> exemptions_pb.TaxExemption:
        draft = exemption_wire.exemption_from_proto(request.tax_exemption)
        async with call.tx() as tx:
            exemption = await put_tax_exemption(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return exemption_wire.exemption_to_proto(exemption)

    @write(scope=_EXEMPT, needs_key=True)
    async def ImportTaxExemptions(
        self, request: exemptions_pb.ImportTaxExemptionsRequest, call: Call
    ) -> exemptions_pb.ImportTaxExemptionsResponse:
        drafts = exemption_wire.exemptions_from_proto(request)
        async with call.tx() as tx:
            done = await import_tax_exemptions(tx, drafts, actor_id=call.caller.person_id)
        return exemptions_pb.ImportTaxExemptionsResponse(
            created=done.created, updated=done.updated, unchanged=done.unchanged
        )

    @write(scope=_EXEMPT)
    async def DeleteTaxExemption(
        self, request: exemptions_pb.DeleteTaxExemptionRequest, call: Call
    ) -> exemptions_pb.DeleteTaxExemptionResponse:
        async with call.tx() as tx:
            await delete_tax_exemption(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return exemptions_pb.DeleteTaxExemptionResponse()
