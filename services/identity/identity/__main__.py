"""The command line: `python -m identity COMMAND`.

Commands are serve, work, all, migrate, dead-letters, create-staff and rotate-keys.
"""

from functools import partial

from chassis.runtime.cli import main
from chassis.runtime.service import Service
from identity.cleanup import delete_expired_periodically
from identity.commands import create_staff_command, migrate_command, rotate_keys_command
from identity.servicers.api_keys import ApiKeyServicer
from identity.servicers.customer_groups import CustomerGroupServicer
from identity.servicers.customers import CustomerServicer
from identity.servicers.delegations import DelegationServicer
from identity.servicers.erasures import ErasureServicer
from identity.servicers.identity import IdentityServicer
from identity.servicers.keys import KeyServicer
from identity.servicers.staff import StaffServicer
from identity.settings import Settings
from identity.wiring import Wiring
from sojourn.identity.v1 import customer_groups_pb2_grpc as groups_grpc
from sojourn.identity.v1 import delegations_pb2_grpc as delegations_grpc
from sojourn.identity.v1 import erasures_pb2_grpc as erasures_grpc
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc
from sojourn.identity.v1 import staff_pb2_grpc as staff_grpc


def build(settings: Settings) -> Service:
    """Builds the service of the settings."""
    service = Service("identity", settings)
    wiring = Wiring.from_settings(settings, service.database)
    service.verifier = wiring.verifier
    pb_grpc.add_IdentityServiceServicer_to_server(IdentityServicer(wiring), service.server)
    pb_grpc.add_CustomerServiceServicer_to_server(CustomerServicer(wiring), service.server)
    groups_grpc.add_CustomerGroupServiceServicer_to_server(
        CustomerGroupServicer(wiring), service.server
    )
    delegations_grpc.add_DelegationServiceServicer_to_server(
        DelegationServicer(wiring), service.server
    )
    erasures_grpc.add_ErasureServiceServicer_to_server(ErasureServicer(wiring), service.server)
    pb_grpc.add_KeyServiceServicer_to_server(KeyServicer(wiring), service.server)
    pb_grpc.add_ApiKeyServiceServicer_to_server(ApiKeyServicer(wiring), service.server)
    staff_grpc.add_StaffServiceServicer_to_server(StaffServicer(wiring), service.server)
    service.before_ready(wiring.prepare)
    service.beside_serving(wiring.keys.reload_periodically)
    service.beside_working(partial(delete_expired_periodically, service.database, settings))
    return service


if __name__ == "__main__":
    own = {
        "migrate": migrate_command,
        "rotate-keys": rotate_keys_command,
        "create-staff": create_staff_command,
    }
    main("identity", Settings, build, **own)
