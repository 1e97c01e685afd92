"""Events of delivery settings."""

from sojourn.checkout.v1 import delivery_events_pb2 as pb


def setting_changed(kind: str, code: str, version: int) -> pb.DeliverySettingChanged:
    return pb.DeliverySettingChanged(kind=kind, code=code, version=version)


def setting_deleted(kind: str, code: str) -> pb.DeliverySettingDeleted:
    return pb.DeliverySettingDeleted(kind=kind, code=code)
