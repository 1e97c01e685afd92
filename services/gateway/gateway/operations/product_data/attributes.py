"""Definitions of products' attributes: kinds, units, choices and labels."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, Endpoint
from sojourn.catalog.v1.attributes_pb2_grpc import AttributeDefinitionServiceServicer

_CATALOG: Final = staff("catalog.write")
_DEFINITIONS: Final = "/v1/staff/attribute-definitions"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_DEFINITIONS,
        rpc=rpc(AttributeDefinitionServiceServicer.ListAttributeDefinitions),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="All definitions of attributes, by name.",
    ),
    Endpoint(
        method="GET",
        path=f"{_DEFINITIONS}/{{name}}",
        rpc=rpc(AttributeDefinitionServiceServicer.GetAttributeDefinition),
        callers=_CATALOG,
        touchpoint=None,
        text="The definition of an attribute.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_DEFINITIONS}/{{name}}",
        rpc=rpc(AttributeDefinitionServiceServicer.PutAttributeDefinition),
        callers=_CATALOG,
        touchpoint=None,
        body="definition",
        paths={"name": "definition.name"},
        is_keyed=True,
        most_bytes=512 * KIB,
        example={
            "kind": "number",
            "label": {"en": "Weight", "de": "Gewicht"},
            "unit": "kg",
            "minimum": "0",
            "is_facet": True,
            "is_compared": True,
        },
        text="Creates or replaces a definition. Products are held against it when they are next "
        "written; facets, pages and comparisons show its labels.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_DEFINITIONS}/{{name}}",
        rpc=rpc(AttributeDefinitionServiceServicer.DeleteAttributeDefinition),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a definition: the attribute is any text again.",
    ),
)
