"""Typed references to the methods of the services' contracts."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, Generic, TypeVar, cast

from google.protobuf.descriptor import Descriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

Req = TypeVar("Req", bound=Message)
Rep = TypeVar("Rep", bound=Message)


@dataclass(frozen=True, slots=True)
class Rpc(Generic[Req, Rep]):
    """A method of a contract: its full name on the wire, its request and its reply.

    `package` is the short name of the contract's package, e.g. cart. `description` is the
    contract's comment, `service_description` its service's.
    """

    path: str
    package: str
    request: type[Req]
    reply: type[Rep]
    description: str
    service_description: str

    @property
    def name(self) -> str:
        """Returns the method's own name, e.g. AddLine."""
        return self.path.rpartition("/")[2]


def rpc(method: Callable[[Any, Req, Any], Rep | Awaitable[Rep]]) -> Rpc[Req, Rep]:
    """Returns the reference to a servicer's method, e.g. `CartServiceServicer.AddLine`.

    The generated servicers are the one place where a method is an attribute of a class, so that a
    misspelt name is a type error.
    """
    owner, _, name = method.__qualname__.partition(".")
    grpc_module = sys.modules[method.__module__]
    messages = sys.modules[method.__module__.removesuffix("_grpc")]
    services = cast(dict[str, ServiceDescriptor], messages.DESCRIPTOR.services_by_name)
    service = services[owner.removesuffix("Servicer")]
    described = service.methods_by_name[name]
    return Rpc(
        path=f"/{service.full_name}/{name}",
        package=service.full_name.split(".")[1],
        request=cast(type[Req], message_class(described.input_type)),
        reply=cast(type[Rep], message_class(described.output_type)),
        description=getdoc(method) or "",
        service_description=getdoc(vars(grpc_module)[owner]) or "",
    )


def descriptor_of(message: type[Message]) -> Descriptor:
    """Returns the descriptor of a message's class."""
    return cast(Descriptor, message.DESCRIPTOR)


def message_class(descriptor: Descriptor) -> type[Message]:
    """Returns the class of a message."""
    return GetMessageClass(descriptor)
