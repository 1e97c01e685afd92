"""Channels as messages, and back."""

from typing import Any, Final

from catalog.channels.actions import FIELDS
from catalog.channels.model import Channel, ContributionApproval, GuestPolicy, TaxDisplay
from catalog.errors import InvalidChannel
from catalog.products.own_data import document_of, struct_of
from chassis.rpc.wire import EnumCodec
from sojourn.catalog.v1 import channels_pb2 as pb
from sojourn.catalog.v1 import contribution_approval_pb2 as approval_pb
from sojourn.catalog.v1.guest_policy_pb2 import GuestPolicy as GuestPolicyMessage

_DISPLAYS: Final = EnumCodec(pb.TaxDisplay, TaxDisplay)
_APPROVALS: Final = EnumCodec(approval_pb.ContributionApproval, ContributionApproval)
GUEST_POLICIES: Final = EnumCodec(GuestPolicyMessage, GuestPolicy)


def values_of(message: pb.ChannelInput, names: tuple[str, ...] | list[str]) -> dict[str, Any]:
    """Returns fields of a channel by name. Raises InvalidChannel for a field that is none."""
    found: dict[str, Any] = {}
    for name in names:
        if name not in FIELDS:
            raise InvalidChannel(f"a field is one of {', '.join(FIELDS)}", path="update_mask")
        value = getattr(message, name)
        match name:
            case "tax_display":
                found[name] = _DISPLAYS.decode(value) if value else None
            case "guest_policy":
                found[name] = GUEST_POLICIES.decode(value) if value else None
            case "contribution_approval":
                found[name] = _APPROVALS.decode(value) if value else None
            case "metadata":
                found[name] = document_of(value)
            case "name" | "price_list" | "is_default":
                found[name] = value
            case _:
                found[name] = list(value)
    return found


def encode_channel(channel: Channel, *, is_publishing: bool) -> pb.StaffChannel:
    return pb.StaffChannel(
        code=channel.code,
        name=channel.name,
        is_default=channel.is_default,
        locales=channel.locales,
        currencies=channel.currencies,
        countries=channel.countries,
        tax_display=_DISPLAYS.encode(channel.tax_display),
        warehouses=channel.warehouses,
        hosts=channel.hosts,
        price_list=channel.price_list,
        is_publishing=is_publishing,
        guest_policy=GUEST_POLICIES.encode(channel.guest_policy),
        contribution_approval=_APPROVALS.encode(channel.contribution_approval),
        version=channel.version,
        metadata=struct_of(channel.own_data),
    )
