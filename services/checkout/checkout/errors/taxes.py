"""Refusals of taxes, exemptions and VAT ids."""

from chassis.rpc.errors import Exists, Invalid, NotFound, Refused, Unavailable


class TaxRateNotFound(NotFound):
    """No tax rate has this code."""


class TaxRateExists(Exists):
    """Another rate (`code`) has the same place, class, level and first day; `path` says where."""


class TaxExemptionNotFound(NotFound):
    """No tax exemption has this code."""


class TaxRateNotSet(Refused):
    """No tax rate is set for the country, the state or the tax class."""


class InvalidTaxRate(Invalid):
    """A tax rate has a wrong rate, schedule or code, or is there twice; `path` names the field."""


class InvalidTaxSettings(Invalid):
    """The settings name a channel or a place that cannot be; `path` names the field."""


class InvalidTaxExemption(Invalid):
    """A tax exemption names nobody, two owners or wrong days; `path` names the field."""


class InvalidVatId(Invalid):
    """The VAT id cannot be one of its country; `path` names the field, `problem` says why."""


class TaxProviderUnavailable(Unavailable):
    """The tax provider does not answer, and the channel's settings refuse orders without it."""
