"""Tax rates by place, class and date, and how each channel uses them, as staff keep them."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.tax_exemptions_pb2_grpc import TaxExemptionServiceServicer
from sojourn.checkout.v1.taxes_pb2_grpc import TaxServiceServicer

_WRITE: Final = staff("taxes.write")
_EXEMPT: Final = staff("tax_exemptions.write")
_EXEMPTION: Final = "/v1/staff/tax-exemptions/{code}"
_PATH: Final = "/v1/staff/tax-rates/{code}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/tax-rates",
        rpc=rpc(TaxServiceServicer.ListTaxRates),
        callers=_WRITE,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Tax rates by code, also those of one country or class.",
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(TaxServiceServicer.GetTaxRate),
        callers=_WRITE,
        touchpoint=None,
        text="A tax rate, with its source.",
    ),
    Endpoint(
        method="PUT",
        path=_PATH,
        rpc=rpc(TaxServiceServicer.PutTaxRate),
        callers=_WRITE,
        touchpoint=None,
        body="tax_rate",
        paths={"code": "tax_rate.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces a tax rate by its code. A change of the law is a new rate with a "
        "first day: it counts from then on, and the old one until then.",
    ),
    Endpoint(
        method="DELETE",
        path=_PATH,
        rpc=rpc(TaxServiceServicer.DeleteTaxRate),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a tax rate; orders keep their taxes. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/tax-rates/import",
        rpc=rpc(TaxServiceServicer.ImportTaxRates),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        most_bytes=1024 * KIB,
        text="Creates or replaces tax rates by code, all or none; a repeat changes nothing.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/tax-settings",
        rpc=rpc(TaxServiceServicer.GetTaxSettings),
        callers=_WRITE,
        touchpoint=None,
        text="How a channel's taxes are computed.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/tax-settings",
        rpc=rpc(TaxServiceServicer.PutTaxSettings),
        callers=_WRITE,
        touchpoint=None,
        body="settings",
        key=KeyRule.OPTIONAL,
        text="Sets how a channel's taxes are computed: rounding, the tax of delivery, where taxes "
        "are collected, and the One Stop Shop.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/tax-preview",
        rpc=rpc(TaxServiceServicer.PreviewTaxes),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        text="The taxes of amounts for an address and a day, by the rates of now: changes nothing.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/tax-exemptions",
        rpc=rpc(TaxExemptionServiceServicer.ListTaxExemptions),
        callers=_EXEMPT,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Tax exemptions by code, also those of one customer or organization.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/tax-exemptions/import",
        rpc=rpc(TaxExemptionServiceServicer.ImportTaxExemptions),
        callers=_EXEMPT,
        touchpoint=None,
        body=WHOLE,
        most_bytes=1024 * KIB,
        text="Grants or changes tax exemptions by code, all or none; a repeat changes nothing.",
    ),
    Endpoint(
        method="GET",
        path=_EXEMPTION,
        rpc=rpc(TaxExemptionServiceServicer.GetTaxExemption),
        callers=_EXEMPT,
        touchpoint=None,
        text="A tax exemption with its certificate.",
    ),
    Endpoint(
        method="PUT",
        path=_EXEMPTION,
        rpc=rpc(TaxExemptionServiceServicer.PutTaxExemption),
        callers=_EXEMPT,
        touchpoint=None,
        body="tax_exemption",
        paths={"code": "tax_exemption.code"},
        key=KeyRule.OPTIONAL,
        text="Exempts a customer or an organization from taxes, everywhere or at some places, and "
        "changes an exemption by its code. Orders that are placed keep their taxes.",
    ),
    Endpoint(
        method="DELETE",
        path=_EXEMPTION,
        rpc=rpc(TaxExemptionServiceServicer.DeleteTaxExemption),
        callers=_EXEMPT,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Revokes a tax exemption; orders keep what they say of it. A repeat is fine.",
    ),
)
