"""Events of legal entities."""

from checkout.legal_entities.model import LegalEntity
from sojourn.checkout.v1 import legal_entities_pb2 as pb


def legal_entity_changed(entity: LegalEntity) -> pb.LegalEntityChanged:
    return pb.LegalEntityChanged(code=entity.code, version=entity.version)


def legal_entity_deleted(code: str) -> pb.LegalEntityDeleted:
    return pb.LegalEntityDeleted(code=code)
