"""Robots' rules, sitemaps and product feeds, to pass on at a storefront's host."""

from typing import Final

from gateway.composed.discovery.product_feed import TSV, stream_feed, stream_table
from gateway.composed.discovery.sitemaps import (
    TEXT,
    XML,
    index_answer,
    robots_answer,
    stream_sitemap,
)
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC
from gateway.endpoints.endpoint import Endpoint
from sojourn.catalog.v1.discovery_pb2_grpc import DiscoveryServiceServicer

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/robots.txt",
        rpc=rpc(DiscoveryServiceServicer.GetRobots),
        callers=PUBLIC,
        touchpoint=None,
        compose=robots_answer,
        answer_media=TEXT,
        sends_token=False,
        text="What robots may ask for, as robots.txt.",
    ),
    Endpoint(
        method="GET",
        path="/v1/sitemap.xml",
        rpc=rpc(DiscoveryServiceServicer.ListSitemaps),
        callers=PUBLIC,
        touchpoint=None,
        compose=index_answer,
        answer_media=XML,
        sends_token=False,
        text="The sitemap index of the channel.",
    ),
    Endpoint(
        method="GET",
        path="/v1/sitemaps/{name}",
        rpc=rpc(DiscoveryServiceServicer.ReadSitemap),
        callers=PUBLIC,
        touchpoint=None,
        hidden=frozenset({"part_token"}),
        ask=stream_sitemap,
        answer_media=XML,
        sends_token=False,
        text="A sitemap file: at most 50,000 addresses, each with its languages (hreflang).",
    ),
    Endpoint(
        method="GET",
        path="/v1/feeds/google",
        rpc=rpc(DiscoveryServiceServicer.ReadProductFeed),
        callers=PUBLIC,
        touchpoint=None,
        hidden=frozenset({"part_token"}),
        ask=stream_feed,
        answer_media=XML,
        sends_token=False,
        text="The product feed of the channel for the Google Merchant Center, as RSS 2.0, in a "
        "language and a currency. One item is a variant; those without a picture are left out.",
    ),
    Endpoint(
        method="GET",
        path="/v1/feeds/google.tsv",
        rpc=rpc(DiscoveryServiceServicer.ReadProductFeed),
        callers=PUBLIC,
        touchpoint=None,
        hidden=frozenset({"part_token"}),
        ask=stream_table,
        answer_media=TSV,
        sends_token=False,
        name="ReadProductFeedTable",
        text="The same feed as tab-separated values, with the names of the attributes in the "
        "first line.",
    ),
)
