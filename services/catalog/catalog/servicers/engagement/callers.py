"""Callers of what only customers do."""

from uuid import UUID

from catalog.errors import CustomersOnly
from chassis.rpc.auth import Caller


def require_customer(caller: Caller) -> UUID:
    """Returns the id of a signed-in customer. Raises CustomersOnly for anybody else."""
    if caller.kind != "customer" or caller.subject_id is None:
        raise CustomersOnly("sign in first", kind=caller.kind)
    return caller.subject_id
