"""Adds the edges of what stands beside a product to a server."""

import grpc

from catalog.directory import Directory
from catalog.listings.browse import Browser
from catalog.servicers.engagement.alerts import AlertServicer
from catalog.servicers.engagement.questions import (
    ProductQuestionAdminServicer,
    ProductQuestionServicer,
)
from catalog.servicers.engagement.recommendations import RecommendationServicer
from catalog.servicers.engagement.related import RelatedProductAdminServicer
from catalog.servicers.engagement.reviews import ReviewAdminServicer, ReviewServicer
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from sojourn.catalog.v1 import product_questions_pb2_grpc as questions_grpc
from sojourn.catalog.v1 import (
    recommendations_pb2_grpc,
    related_pb2_grpc,
    reviews_pb2_grpc,
    subscriptions_pb2_grpc,
)


def add_engagement(
    server: grpc.aio.Server,
    database: Database,
    verifier: TokenVerifier,
    directory: Directory,
    browser: Browser,
    *,
    allows_test_domains: bool = False,
) -> None:
    """Adds all of them. `allows_test_domains` lets alerts go to addresses under `.test`."""
    subscriptions_pb2_grpc.add_AlertServiceServicer_to_server(
        AlertServicer(database, verifier, directory, allows_test_domains=allows_test_domains),
        server,
    )
    related_pb2_grpc.add_RelatedProductAdminServiceServicer_to_server(
        RelatedProductAdminServicer(database, verifier, directory), server
    )
    recommendations_pb2_grpc.add_RecommendationServiceServicer_to_server(
        RecommendationServicer(database, verifier, directory, browser), server
    )
    questions_grpc.add_ProductQuestionServiceServicer_to_server(
        ProductQuestionServicer(database, verifier, directory), server
    )
    questions_grpc.add_ProductQuestionAdminServiceServicer_to_server(
        ProductQuestionAdminServicer(database, verifier), server
    )
    reviews_pb2_grpc.add_ReviewServiceServicer_to_server(
        ReviewServicer(database, verifier, directory), server
    )
    reviews_pb2_grpc.add_ReviewAdminServiceServicer_to_server(
        ReviewAdminServicer(database, verifier), server
    )
