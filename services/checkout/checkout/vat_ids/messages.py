"""Checks of VAT ids as messages."""

from typing import Final

from chassis.rpc.wire import EnumCodec, timestamp
from checkout.vat_ids.model import VatIdCheck, VatIdStatus
from sojourn.checkout.v1 import tax_treatment_pb2 as pb

_STATUSES: Final = EnumCodec(pb.VatIdStatus, VatIdStatus)


def check_to_proto(check: VatIdCheck) -> pb.VatIdCheck:
    return pb.VatIdCheck(
        vat_id=check.vat_id,
        status=_STATUSES.encode(check.status),
        checked_at=timestamp(check.checked_at),
        consultation_number=check.consultation_number,
        authority=check.authority,
    )
