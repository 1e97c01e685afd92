"""Sellers, buyers and receivers as documents name them."""

from collections.abc import Mapping

from checkout.documents.content import Account, Party
from checkout.legal_entities.model import LegalEntity
from checkout.orders.model import Order


def seller_of(entity: LegalEntity, vat_id: str) -> Party:
    """Returns the seller; `vat_id` stands in where the entity has none."""
    address = entity.address
    return Party(
        name=entity.name,
        country=address.address_country,
        street_address=address.street_address,
        postal_code=address.postal_code,
        address_locality=address.address_locality,
        address_region=address.address_region,
        vat_id=entity.vat_id or vat_id,
        tax_number=entity.tax_number,
        registration=entity.registration,
        email=entity.email,
        phone_number=entity.phone_number,
    )


def account_of(entity: LegalEntity) -> Account | None:
    """Returns the account for transfers, if the seller has one."""
    account = entity.bank_account
    if not account.iban:
        return None
    return Account(account.iban, account.bic, account.holder or entity.name)


def buyer_of(order: Order, seller: Party) -> Party:
    """Returns the buyer: whom the order is billed to, and the VAT id that relieved it.

    That is the address of the delivery where there is no other. An order without an address is the
    e-mail address's, in the country of its store or seller.
    """
    vat_id = order.taxation.vat_id if order.taxation else None
    country = order.pickup.store.country if order.pickup else seller.country
    return _party(
        order.billing_address or order.delivery_address,
        order.email,
        country,
        vat_id=vat_id.vat_id if vat_id else "",
    )


def receiver_of(order: Order) -> Party | None:
    """Returns to whom and where the goods go; None for what is not sent."""
    if order.pickup is not None:
        store = order.pickup.store
        return Party(
            name=store.name,
            country=store.country,
            street_address=store.street_address,
            postal_code=store.postal_code,
            address_locality=store.address_locality,
            address_region=store.address_region,
        )
    if not order.delivery_address:
        return None
    return _party(order.delivery_address, "", "", vat_id="")


def _party(address: Mapping[str, str], email: str, country: str, *, vat_id: str) -> Party:
    def part(name: str) -> str:
        return address.get(name) or ""

    person = f"{part('first_name')} {part('last_name')}".strip()
    organization = part("organization")
    return Party(
        name=organization or person or email,
        country=part("address_country") or country,
        street_address=part("street_address"),
        postal_code=part("postal_code"),
        address_locality=part("address_locality"),
        address_region=part("address_region"),
        contact=person if organization else "",
        vat_id=vat_id,
        email=email,
    )
