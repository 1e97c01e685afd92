"""Bundles as messages, and back."""

from typing import Final

from catalog.bundles.actions import BundleDraft, KeptBundle
from catalog.bundles.model import BundlePricing
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import bundles_pb2 as pb

PRICINGS: Final = EnumCodec(pb.BundlePricing, BundlePricing, unspecified=BundlePricing.OWN)


def decode_bundle(request: pb.PutBundleRequest) -> BundleDraft:
    return BundleDraft(
        request.sku,
        [(part.sku, part.quantity) for part in request.parts],
        PRICINGS.decode(request.pricing),
        request.discount_basis_points,
    )


def encode_bundle(kept: KeptBundle) -> pb.Bundle:
    return pb.Bundle(
        sku=kept.sku,
        variant_id=str(kept.bundle.variant_id),
        parts=[pb.BundlePart(sku=part.sku, quantity=part.quantity) for part in kept.parts],
        pricing=PRICINGS.encode(kept.bundle.pricing),
        discount_basis_points=kept.bundle.discount_basis_points,
        updated_at=timestamp(kept.bundle.updated_at),
        version=kept.bundle.version,
    )
