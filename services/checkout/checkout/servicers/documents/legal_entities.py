"""The edge of staff who keep legal entities."""

from typing import Final

from chassis import pagination
from chassis.rpc.server import Call, Servicer, read, write
from checkout.legal_entities import wire
from checkout.legal_entities.actions import (
    delete_legal_entity,
    import_legal_entities,
    put_legal_entity,
)
from checkout.legal_entities.queries import find_legal_entities, get_legal_entity
from sojourn.checkout.v1 import legal_entities_pb2 as pb
from sojourn.checkout.v1 import legal_entities_pb2_grpc as pb_grpc

_SCOPE: Final = "documents.write"


class LegalEntityServicer(Servicer, pb_grpc.LegalEntityServiceServicer):
    """Legal entities for staff."""

    @read(scope=_SCOPE)
    async def ListLegalEntities(
        self, request: pb.ListLegalEntitiesRequest, call: Call
    ) -> pb.ListLegalEntitiesResponse:
        size = pagination.size_of(request.page.size, default=50)
        after = pagination.code_of(request.page.token)
        async with call.read() as found:
            entities = [each for each in await find_legal_entities(found) if each.code > after]
        page, token = pagination.page_by_code(entities, size)
        return pb.ListLegalEntitiesResponse(
            legal_entities=map(wire.entity_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetLegalEntity(self, request: pb.GetLegalEntityRequest, call: Call) -> pb.LegalEntity:
        async with call.read() as found:
            return wire.entity_to_proto(await get_legal_entity(found, request.code))

    @write(scope=_SCOPE)
    async def PutLegalEntity(self, request: pb.PutLegalEntityRequest, call: Call) -> pb.LegalEntity:
        draft = wire.entity_from_proto(request.legal_entity, "legal_entity")
        async with call.tx() as tx:
            entity = await put_legal_entity(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.entity_to_proto(entity)

    @write(scope=_SCOPE)
    async def DeleteLegalEntity(
        self, request: pb.DeleteLegalEntityRequest, call: Call
    ) -> pb.DeleteLegalEntityResponse:
        async with call.tx() as tx:
            await delete_legal_entity(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteLegalEntityResponse()

    @write(scope=_SCOPE, needs_key=True)
    async def ImportLegalEntities(
        self, request: pb.ImportLegalEntitiesRequest, call: Call
    ) -> pb.ImportLegalEntitiesResponse:
        drafts = [
            wire.entity_from_proto(entity, f"legal_entities[{index}]")
            for index, entity in enumerate(request.legal_entities)
        ]
        async with call.tx() as tx:
            done = await import_legal_entities(tx, drafts, actor_id=call.caller.person_id)
        return pb.ImportLegalEntitiesResponse(
            created=done.created, updated=done.updated, unchanged=done.unchanged
        )
