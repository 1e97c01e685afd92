"""Edge of PeopleService."""

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id, parse_optional_id
from chassis.rpc.server import Call, Servicer, read, write
from chassis.rpc.wire import timestamp
from journey.people.find import MOST_PEOPLE, FoundPerson, PersonQuery, find_people
from journey.people.keys import EmailKeys
from journey.people.separate import rejoin_handle, separate_handle
from journey.settings import Settings
from sojourn.journey.v1 import people_pb2 as pb
from sojourn.journey.v1 import people_pb2_grpc as pb_grpc


class PeopleServicer(Servicer, pb_grpc.PeopleServiceServicer):
    """Staff find people, part and join them."""

    def __init__(self, database: Database, verifier: TokenVerifier, settings: Settings) -> None:
        super().__init__(database, verifier)
        self._email_keys = EmailKeys(settings.people_key)

    @read(scope="journeys.read")
    async def FindPeople(self, request: pb.FindPeopleRequest, call: Call) -> pb.FindPeopleResponse:
        query = PersonQuery(
            email=request.email.strip(),
            order_number=request.order_number.strip(),
            customer_id=parse_optional_id(request.customer_id, "customer_id"),
            imported_id=request.imported_id.strip(),
        )
        async with call.read() as read:
            found = await find_people(read, query, self._email_keys)
        return pb.FindPeopleResponse(people=[_person(one) for one in found])

    @write(scope="journeys.write")
    async def SeparateHandle(
        self, request: pb.SeparateHandleRequest, call: Call
    ) -> pb.SeparateHandleResponse:
        handle_id = parse_id(request.handle_id, "handle_id")
        async with call.tx() as tx:
            await separate_handle(tx, handle_id, actor_id=call.caller.person_id)
        return pb.SeparateHandleResponse()

    @write(scope="journeys.write")
    async def RejoinHandle(
        self, request: pb.RejoinHandleRequest, call: Call
    ) -> pb.RejoinHandleResponse:
        handle_id = parse_id(request.handle_id, "handle_id")
        async with call.tx() as tx:
            await rejoin_handle(tx, handle_id, actor_id=call.caller.person_id)
        return pb.RejoinHandleResponse()


def _person(found: FoundPerson) -> pb.FoundPerson:
    return pb.FoundPerson(
        person_id=str(found.person.id),
        is_customer=found.person.is_customer,
        handles=[str(id) for id in found.person.handles[:MOST_PEOPLE]],
        touchpoints=found.touchpoints,
        first_at=timestamp(found.first_at),
        last_at=timestamp(found.last_at),
    )
