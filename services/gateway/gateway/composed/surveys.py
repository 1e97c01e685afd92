"""Surveys of a visitor: the gateway adds the visitor."""

from gateway.endpoints.exchange import Exchange
from sojourn.journey.v1 import surveys_pb2 as pb


async def prepare_listing(exchange: Exchange[pb.ListDueSurveysRequest]) -> None:
    """Adds the visitor."""
    exchange.message.visitor_id = exchange.context.visitor_id


async def prepare_asking(exchange: Exchange[pb.AskSurveyRequest]) -> None:
    """Adds the visitor."""
    exchange.message.visitor_id = exchange.context.visitor_id
