"""Refusals of search, its settings and filters. The class name is the reason."""

from chassis.rpc.errors import Invalid, NotFound, Refused


class InvalidFilter(Invalid):
    """A facet filter cannot be read."""


class InvalidSynonyms(Invalid):
    """A set of synonyms lacks a phrase (`path`)."""


class SynonymSetNotFound(NotFound):
    """No set of synonyms has this code."""


class InvalidRedirect(Invalid):
    """A redirect has no query, or leads nowhere (`path`)."""


class SearchRedirectNotFound(NotFound):
    """No redirect has this code."""


class InvalidRule(Invalid):
    """A merchandising rule does nothing, or names what does not exist (`path`, `product_id`)."""


class MerchandisingRuleNotFound(NotFound):
    """No merchandising rule has this code."""


class InvalidAttributeText(Invalid):
    """A translation has no text or no language tag (`path`)."""


class AttributeTextNotFound(NotFound):
    """No translation of this attribute in this language."""


class TooManySearchSettings(Refused):
    """There are as many settings of this kind as every replica holds (`most`): delete some."""
