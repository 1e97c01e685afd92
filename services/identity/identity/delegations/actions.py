"""Use case of a delegation: issue the token with which staff act in the place of a shopper."""

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from identity.credentials.model import SubjectKind
from identity.customers.queries import get_customer
from identity.delegations.model import Delegation
from identity.errors import OrganizationNotFound
from identity.organizations.model import Membership
from identity.organizations.queries import find_membership
from identity.sessions.tokens import Buyer, DelegatedActor, TokenIssuer


async def delegate_session(
    tx: Tx, delegation: Delegation, issuer: TokenIssuer, *, actor: Caller
) -> str:
    """Returns a short-lived access token of a shopper that names the member of the staff.

    The audit row says who acts for whom. Raises CustomerNotFound, OrganizationNotFound, Denied,
    KeysUnavailable.
    """
    staff_id, buyer = actor.person_id, Buyer()
    if delegation.kind is SubjectKind.CUSTOMER:
        customer = await get_customer(tx, delegation.shopper_id)
        buyer = Buyer(customer.customer_group, await _membership(tx, delegation))
    token = issuer.sign_delegated_token(
        delegation.kind,
        delegation.shopper_id,
        DelegatedActor(staff_id, delegation.via),
        buyer=buyer,
    )
    record_audit(
        tx,
        actor,
        "delegate_session",
        f"{delegation.kind}:{delegation.shopper_id}",
        after={
            "via": delegation.via,
            "organization_id": str(delegation.organization_id or ""),
        },
    )
    return token


async def _membership(tx: Tx, delegation: Delegation) -> Membership | None:
    if delegation.organization_id is None:
        return None
    found = await find_membership(tx, delegation.shopper_id, delegation.organization_id)
    if found is None:
        raise OrganizationNotFound
    return found
