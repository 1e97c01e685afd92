"""Stock levels and movements as messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from catalog.stock.actions import Adjustment, Rules, Transfer
from catalog.stock.ledger import StockReason
from catalog.stock.model import StockLevel
from catalog.stock.policies import PolicyKind, StockPolicy
from catalog.stock.queries import LevelFilter, LevelOfVariant, MovementFilter, MovementOfVariant
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import stock_admin_pb2 as admin_pb

_REASONS: Final = EnumCodec(admin_pb.StockReason, StockReason)
POLICY_KINDS: Final = EnumCodec(admin_pb.StockPolicyKind, PolicyKind, unspecified=PolicyKind.NONE)


def encode_stock_level(level: StockLevel, sku: str) -> pb.StockLevel:
    return pb.StockLevel(
        variant_id=str(level.variant_id),
        sku=sku,
        warehouse=level.warehouse,
        on_hand=level.on_hand,
        reserved=level.reserved,
    )


def encode_stock_level_detail(found: LevelOfVariant) -> admin_pb.StockLevelDetail:
    level = found.level
    return admin_pb.StockLevelDetail(
        variant_id=str(level.variant_id),
        sku=found.sku,
        warehouse=level.warehouse,
        on_hand=level.on_hand,
        reserved=level.reserved,
        safety_stock=level.safety_stock,
        available=level.available,
        low_stock_at_most=level.low_stock_at_most,
        is_low=level.is_low,
        version=level.version,
        scale=found.scale,
        unit_code=found.unit_code,
    )


def encode_stock_movement(found: MovementOfVariant) -> admin_pb.StockMovement:
    movement = found.movement
    return admin_pb.StockMovement(
        id=str(movement.id),
        variant_id=str(movement.variant_id),
        sku=found.sku,
        warehouse=movement.warehouse,
        quantity=movement.quantity,
        on_hand_after=movement.on_hand_after,
        reason=_REASONS.encode(movement.reason),
        reference=movement.reference,
        note=movement.note,
        actor_id=str(movement.actor_id or ""),
        created_at=timestamp(movement.created_at),
    )


def encode_stock_movements(
    reference: str, found: Sequence[MovementOfVariant]
) -> admin_pb.StockMovements:
    return admin_pb.StockMovements(reference=reference, movements=map(encode_stock_movement, found))


def encode_stock_policy(
    policy: StockPolicy, promised: StockLevel | None, sku: str
) -> admin_pb.StockPolicy:
    return admin_pb.StockPolicy(
        variant_id=str(policy.variant_id),
        sku=sku,
        kind=POLICY_KINDS.encode(policy.kind),
        most=policy.most,
        expected_at=timestamp(policy.expected_at),
        owed=policy.owed(promised),
        reserved=promised.reserved if promised else 0,
        version=policy.version,
    )


def decode_kind(request: admin_pb.PutStockPolicyRequest) -> PolicyKind:
    return POLICY_KINDS.decode(request.kind)


def decode_level_filter(
    request: admin_pb.ListStockLevelsRequest, changed_since: datetime | None
) -> LevelFilter:
    return LevelFilter(
        skus=list(request.skus),
        warehouse=request.warehouse,
        is_low=request.low,
        changed_since=changed_since,
    )


def decode_movement_filter(request: admin_pb.ListStockMovementsRequest) -> MovementFilter:
    return MovementFilter(
        sku=request.sku,
        warehouse=request.warehouse,
        reason=_REASONS.decode(request.reason) if request.reason else None,
        reference=request.reference,
    )


def decode_rules(request: admin_pb.UpdateStockRulesRequest) -> Rules:
    return Rules(
        safety_stock=request.safety_stock if request.HasField("safety_stock") else None,
        low_stock_at_most=request.low_stock_at_most
        if request.HasField("low_stock_at_most")
        else None,
    )


def decode_adjustments(request: admin_pb.AdjustStockRequest) -> list[Adjustment]:
    return [
        Adjustment(
            line.sku,
            line.warehouse,
            line.quantity,
            _REASONS.decode(line.reason),
            f"lines[{number}]",
        )
        for number, line in enumerate(request.lines)
    ]


def decode_transfer(request: admin_pb.TransferStockRequest) -> Transfer:
    return Transfer(
        request.source,
        request.destination,
        [(line.sku, line.quantity) for line in request.lines],
    )


def position_after_level(found: LevelOfVariant) -> list[str]:
    """Returns the position that a page token holds to continue after a level."""
    return [str(found.level.variant_id), found.level.warehouse]


def level_position(variant_id: object, warehouse: object) -> tuple[UUID, str]:
    """Raises ValueError for a position of another list."""
    return UUID(str(variant_id)), str(warehouse)
