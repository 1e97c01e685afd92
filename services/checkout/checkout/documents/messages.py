"""Kinds of documents as messages, in replies and in events."""

from typing import Final

from chassis.rpc.wire import EnumCodec
from checkout.documents.model import DocumentKind
from sojourn.checkout.v1 import documents_pb2 as pb

KINDS: Final = EnumCodec(pb.DocumentKind, DocumentKind)
