"""Alerts of customers, who are written to at their own address."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.exchange import Exchange
from gateway.peers import CallOptions
from sojourn.catalog.v1 import subscriptions_pb2 as pb
from sojourn.identity.v1 import identity_pb2
from sojourn.identity.v1.identity_pb2_grpc import CustomerServiceServicer

GET_CUSTOMER: Final = rpc(CustomerServiceServicer.GetCustomer)


async def prepare_alert(exchange: Exchange[pb.CreateAlertRequest]) -> None:
    """Adds the account's address, and whether it is confirmed. A guest gives an address."""
    if exchange.context.caller.kind != "customer":
        return
    message = identity_pb2.GetCustomerRequest()
    customer = await exchange.ask(GET_CUSTOMER, message, CallOptions())
    exchange.message.email = customer.email
    exchange.message.address_confirmed = customer.email_confirmed
