"""Use case of a delegation: issue the token with which staff act in the place of a shopper."""

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from identity.credentials.model import SubjectKind
from identity.customers.queries import find_customer_group, get_customer
from identity.delegations.model import Delegation
from identity.sessions.tokens import DelegatedActor, TokenIssuer


async def delegate_session(
    tx: Tx, delegation: Delegation, issuer: TokenIssuer, *, actor: Caller
) -> str:
    """Returns a short-lived access token of a shopper that names the member of the staff.

    The audit row says who acts for whom. Raises CustomerNotFound, Denied, KeysUnavailable.
    """
    staff_id, group = actor.person_id, ""
    if delegation.kind is SubjectKind.CUSTOMER:
        await get_customer(tx, delegation.shopper_id)
        group = await find_customer_group(tx, delegation.shopper_id)
    token = issuer.sign_delegated_token(
        delegation.kind,
        delegation.shopper_id,
        DelegatedActor(staff_id, delegation.via),
        customer_group=group,
    )
    record_audit(
        tx,
        actor,
        "delegate_session",
        f"{delegation.kind}:{delegation.shopper_id}",
        after={"via": delegation.via},
    )
    return token
