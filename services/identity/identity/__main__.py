"""`python -m identity serve | work | all | migrate | dead-letters | create-staff | rotate-keys`."""

from functools import partial

from chassis.runtime.cli import main
from chassis.runtime.service import Service
from identity import cleanup as sweeping
from identity import commands
from identity.servicers.api_keys import ApiKeyServicer
from identity.servicers.customers import CustomerServicer
from identity.servicers.identity import IdentityServicer, KeyServicer
from identity.settings import Settings
from identity.wiring import Parts
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc


def build(settings: Settings) -> Service:
    service = Service("identity", settings)
    parts = Parts.of(settings, service.database)
    service.verifier = parts.verifier
    pb_grpc.add_IdentityServiceServicer_to_server(IdentityServicer(parts), service.server)
    pb_grpc.add_CustomerServiceServicer_to_server(CustomerServicer(parts), service.server)
    pb_grpc.add_KeyServiceServicer_to_server(KeyServicer(parts), service.server)
    pb_grpc.add_ApiKeyServiceServicer_to_server(ApiKeyServicer(parts), service.server)
    service.before_ready(parts.prepare)
    service.beside_serving(parts.keys.follow)
    service.beside_working(partial(sweeping.sweep, service.database, settings))
    return service


if __name__ == "__main__":
    own = {"migrate": commands.migrate, "rotate-keys": commands.rotate_keys, "create-staff": commands.create_staff}
    main("identity", Settings, build, **own)
