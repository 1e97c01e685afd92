"""Use case of a delegation: issue the token with which staff act in the place of a shopper."""

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from identity.credentials.model import SubjectKind
from identity.customers.model import NO_CLAIMS, BuyerClaims
from identity.customers.queries import get_customer
from identity.delegations.model import Delegation
from identity.errors import NotOrganizationMember
from identity.sessions.tokens import DelegatedActor, TokenIssuer


async def delegate_session(
    tx: Tx, delegation: Delegation, issuer: TokenIssuer, *, actor: Caller
) -> tuple[str, BuyerClaims]:
    """Returns a short-lived access token of a shopper that names the member of the staff.

    The token's claims come with it. The audit row says who acts for whom. Raises CustomerNotFound,
    NotOrganizationMember, Denied, KeysUnavailable.
    """
    staff_id, claims = actor.person_id, await _claims(tx, delegation)
    token = issuer.sign_delegated_token(
        delegation.kind,
        delegation.shopper_id,
        DelegatedActor(staff_id, delegation.via),
        claims=claims,
    )
    record_audit(
        tx,
        actor,
        "delegate_session",
        f"{delegation.kind}:{delegation.shopper_id}",
        after={
            "via": delegation.via,
            **({"organization_id": claims.as_json["org"]} if claims.organization_id else {}),
        },
    )
    return token, claims


async def _claims(tx: Tx, delegation: Delegation) -> BuyerClaims:
    """Returns the claims of a shopper: as their own token has them, or for a chosen organization.

    Raises CustomerNotFound, NotOrganizationMember.
    """
    chosen = delegation.organization_id
    if delegation.kind is not SubjectKind.CUSTOMER:
        if chosen:
            raise NotOrganizationMember(organization_id=chosen)
        return NO_CLAIMS
    customer = await get_customer(tx, delegation.shopper_id)
    if chosen and chosen not in customer.organization_ids:
        raise NotOrganizationMember(organization_id=chosen)
    usual = next(iter(customer.organization_ids), None)
    return BuyerClaims(customer.customer_group, chosen or usual)
