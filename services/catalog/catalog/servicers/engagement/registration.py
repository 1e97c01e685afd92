"""Adds the edges of what stands beside a product to a server."""

import grpc

from catalog.directory import Directory
from catalog.servicers.engagement.related import RelatedProductAdminServicer
from catalog.servicers.engagement.reviews import ReviewAdminServicer, ReviewServicer
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from sojourn.catalog.v1 import related_pb2_grpc, reviews_pb2_grpc


def add_engagement(
    server: grpc.aio.Server, database: Database, verifier: TokenVerifier, directory: Directory
) -> None:
    """Adds all of them."""
    related_pb2_grpc.add_RelatedProductAdminServiceServicer_to_server(
        RelatedProductAdminServicer(database, verifier, directory), server
    )
    reviews_pb2_grpc.add_ReviewServiceServicer_to_server(ReviewServicer(database, verifier), server)
    reviews_pb2_grpc.add_ReviewAdminServiceServicer_to_server(
        ReviewAdminServicer(database, verifier), server
    )
