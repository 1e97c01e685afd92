"""Refusals of products, variants, categories, attributes and pictures."""

from chassis.rpc.errors import Exists, Invalid, NotFound, Refused, Unauthenticated


class InvalidProduct(Invalid):
    """A product or a variant cannot be so; `path` names the place, `most` a bound."""


class ProductNotFound(NotFound):
    """No such product, or not in this channel."""


class VariantNotFound(NotFound):
    """No variant has this SKU."""


class SlugTaken(Exists):
    """Another product or category has this slug; `id` says which."""


class SkuTaken(Exists):
    """Another variant has this SKU; `product_id` says whose."""


class ReferenceTaken(Exists):
    """Another product has this id in that system; `product_id` says which."""


class LastVariant(Refused):
    """A product keeps at least one variant: delete the product, or hide it."""


class InvalidCategory(Invalid):
    """A category cannot be so; `path` names the place."""


class CategoryNotFound(NotFound):
    """No such category."""


class CategoryCycle(Invalid):
    """A category would be below itself; `cycle` says by which slugs."""


class CategoryInUse(Refused):
    """The category has products or children; `products` and `children` say how many."""


class InvalidAttributeDefinition(Invalid):
    """A definition of an attribute makes no sense; `path` names the field."""


class AttributeDefinitionNotFound(NotFound):
    """No attribute of this name is defined."""


class TooManyAttributeDefinitions(Refused):
    """There are as many definitions as may be (`most`): delete some."""


class InvalidBundle(Invalid):
    """A bundle or one of its parts cannot be so; `path` names the place."""


class BundleNotFound(NotFound):
    """The variant is no bundle."""


class InvalidMedia(Invalid):
    """The content is no picture, or one that is too large; `path` and `most` say."""


class InvalidUploadToken(Unauthenticated):
    """The signed upload is forged, or its time is over: ask for another one."""


class MediaNotFound(NotFound):
    """No such picture."""


class MediaUploaded(Refused):
    """The signed upload was used for another picture."""


class MediaUrlRefused(Invalid):
    """A picture is fetched from an address of the internet, by http or https, up to 8 MiB."""


class MediaUrlFailed(Invalid):
    """The other site does not give the picture; the message says why."""
