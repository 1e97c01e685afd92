"""Callers of what only customers do, and the channel's rule for what they write."""

from uuid import UUID

from catalog.channels.model import ContributionApproval
from catalog.directory import Directory
from catalog.errors import CustomersOnly
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller


def require_customer(caller: Caller) -> UUID:
    """Returns the id of a signed-in customer. Raises CustomersOnly for anybody else."""
    if caller.kind != "customer" or caller.subject_id is None:
        raise CustomersOnly("sign in first", kind=caller.kind)
    return caller.subject_id


async def approval_of(tx: Tx, directory: Directory, channel: str) -> ContributionApproval:
    """Returns how a channel approves what customers write. Raises UnknownChannel."""
    return (await directory.context(tx)).channels.channel(channel).contribution_approval
