"""Search and merchandising, as staff tune them: live on every replica within two seconds."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, Endpoint
from sojourn.catalog.v1.search_admin_pb2_grpc import SearchAdminServiceServicer as Admin

_CATALOG: Final = staff("catalog.write")
_PAGE: Final = Parameters(defaults={"page_size": 50})
_SYNONYMS: Final = "/v1/staff/search/synonyms"
_REDIRECTS: Final = "/v1/staff/search/redirects"
_RULES: Final = "/v1/staff/merchandising-rules"
_TEXTS: Final = "/v1/staff/attribute-texts"
_PRODUCT: Final = "0190a6e2-0000-7000-8000-000000000001"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_SYNONYMS,
        rpc=rpc(Admin.ListSynonymSets),
        callers=_CATALOG,
        touchpoint=None,
        query=_PAGE,
        text="Sets of synonyms by code, page by page.",
    ),
    Endpoint(
        method="GET",
        path=f"{_SYNONYMS}/{{code}}",
        rpc=rpc(Admin.GetSynonymSet),
        callers=_CATALOG,
        touchpoint=None,
        text="A set of synonyms.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_SYNONYMS}/{{code}}",
        rpc=rpc(Admin.PutSynonymSet),
        callers=_CATALOG,
        touchpoint=None,
        body="synonym_set",
        paths={"code": "synonym_set.code"},
        is_keyed=True,
        example={"channel": "", "locale": "en", "phrases": ["anorak", "rain jacket"]},
        text="Creates or replaces a set of synonyms: each phrase finds the others too, or, where "
        "there are meanings, these.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_SYNONYMS}/{{code}}",
        rpc=rpc(Admin.DeleteSynonymSet),
        callers=_CATALOG,
        touchpoint=None,
        is_keyed=True,
        status=204,
        text="Deletes a set of synonyms.",
    ),
    Endpoint(
        method="GET",
        path=_REDIRECTS,
        rpc=rpc(Admin.ListSearchRedirects),
        callers=_CATALOG,
        touchpoint=None,
        query=_PAGE,
        text="Redirects of queries by code, page by page.",
    ),
    Endpoint(
        method="GET",
        path=f"{_REDIRECTS}/{{code}}",
        rpc=rpc(Admin.GetSearchRedirect),
        callers=_CATALOG,
        touchpoint=None,
        text="A redirect of queries.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_REDIRECTS}/{{code}}",
        rpc=rpc(Admin.PutSearchRedirect),
        callers=_CATALOG,
        touchpoint=None,
        body="search_redirect",
        paths={"code": "search_redirect.code"},
        is_keyed=True,
        example={"locale": "en", "queries": ["returns"], "target": "url", "value": "/help/returns"},
        text="Creates or replaces a redirect: the answer of a search for one of its queries names "
        "its place in `destination`.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_REDIRECTS}/{{code}}",
        rpc=rpc(Admin.DeleteSearchRedirect),
        callers=_CATALOG,
        touchpoint=None,
        is_keyed=True,
        status=204,
        text="Deletes a redirect of queries.",
    ),
    Endpoint(
        method="GET",
        path=_RULES,
        rpc=rpc(Admin.ListMerchandisingRules),
        callers=_CATALOG,
        touchpoint=None,
        query=_PAGE,
        text="Merchandising rules by code, page by page.",
    ),
    Endpoint(
        method="GET",
        path=f"{_RULES}/{{code}}",
        rpc=rpc(Admin.GetMerchandisingRule),
        callers=_CATALOG,
        touchpoint=None,
        text="A merchandising rule.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_RULES}/{{code}}",
        rpc=rpc(Admin.PutMerchandisingRule),
        callers=_CATALOG,
        touchpoint=None,
        body="merchandising_rule",
        paths={"code": "merchandising_rule.code"},
        is_keyed=True,
        example={
            "queries": ["jacket"],
            "is_active": True,
            "pinned_product_ids": [_PRODUCT],
            "buried": [{"facet": "availability", "value": "out_of_stock"}],
        },
        text="Creates or replaces a rule that pins, boosts, buries or hides products for queries, "
        "for a category's listing, or for a whole channel, within a time.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_RULES}/{{code}}",
        rpc=rpc(Admin.DeleteMerchandisingRule),
        callers=_CATALOG,
        touchpoint=None,
        is_keyed=True,
        status=204,
        text="Deletes a merchandising rule.",
    ),
    Endpoint(
        method="GET",
        path=_TEXTS,
        rpc=rpc(Admin.ListAttributeTexts),
        callers=_CATALOG,
        touchpoint=None,
        query=_PAGE,
        text="Translations of attributes and options by name and language, page by page.",
    ),
    Endpoint(
        method="GET",
        path=f"{_TEXTS}/{{name}}/{{locale}}",
        rpc=rpc(Admin.GetAttributeText),
        callers=_CATALOG,
        touchpoint=None,
        text="The translation of an attribute or option in a language.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_TEXTS}/{{name}}/{{locale}}",
        rpc=rpc(Admin.PutAttributeText),
        callers=_CATALOG,
        touchpoint=None,
        body="attribute_text",
        paths={"name": "attribute_text.name", "locale": "attribute_text.locale"},
        is_keyed=True,
        most_bytes=1024 * KIB,
        example={"label": "Farbe", "values": {"Charcoal": "Anthrazit", "Rust": "Rost"}},
        text="Creates or replaces the translation of an attribute's or option's name and values, "
        "for facets, product pages, carts and search.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_TEXTS}/{{name}}/{{locale}}",
        rpc=rpc(Admin.DeleteAttributeText),
        callers=_CATALOG,
        touchpoint=None,
        is_keyed=True,
        status=204,
        text="Deletes a translation: the stored name and values are shown.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/search/weights/{code}",
        rpc=rpc(Admin.GetSearchWeights),
        callers=_CATALOG,
        touchpoint=None,
        text="How much a match in each part of a product counts in a channel's search.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/search/weights/{code}",
        rpc=rpc(Admin.PutSearchWeights),
        callers=_CATALOG,
        touchpoint=None,
        body="weights",
        paths={"code": "weights.channel"},
        is_keyed=True,
        example={
            "title": 400, "brand": 300, "category": 250, "attributes": 200, "body": 100,
            "sku": 3200, "in_stock": 50,
        },
        text="Sets the weights of a channel's search, in hundredths.",
    ),
)  # fmt: skip
