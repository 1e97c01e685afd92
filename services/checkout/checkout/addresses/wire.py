"""Formats and checks of addresses as messages."""

from collections.abc import Mapping

from chassis.postal_addresses import FIELDS, AddressFormat, describe_problems
from checkout.orders.messages import address_to_proto
from sojourn.checkout.v1 import addresses_pb2 as pb


def format_to_proto(format: AddressFormat) -> pb.AddressFormat:
    return pb.AddressFormat(
        country=format.country,
        order=format.order,
        required=format.required,
        regions=[pb.AddressRegion(code=code, name=name) for code, name in format.regions],
        region_kind=format.region_kind,
        locality_kind=format.locality_kind,
        postal_code_kind=format.postal_code_kind,
        postal_code_examples=format.postal_code_examples,
    )


def check_to_proto(
    typed: Mapping[str, str], normal: Mapping[str, str], problems: Mapping[str, str]
) -> pb.CheckAddressResponse:
    """Returns a checked address, with the fields that differ from what was typed."""
    facts = describe_problems(normal, problems)
    return pb.CheckAddressResponse(
        address=address_to_proto(normal),
        changed=[name for name in FIELDS if normal[name] != typed[name]],
        problems=[
            pb.AddressProblem(
                field=name,
                problem=problem,
                allowed=[each for each in facts.get(f"allowed_{name}", "").split(", ") if each],
                example=facts.get(f"example_{name}", ""),
            )
            for name, problem in sorted(problems.items())
        ],
    )
