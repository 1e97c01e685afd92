"""Bank transfers as values, and their outcomes as messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chassis.money import CURRENCIES, Money
from chassis.rpc import wire
from chassis.rpc.wire import EnumCodec
from checkout.bank_transfers.model import TransferLine, TransferOutcome, TransferResult
from checkout.errors.payments import InvalidBankTransfer
from checkout.orders.model import Order
from checkout.payments.model import Payment, Settlement
from sojourn.checkout.v1 import bank_transfers_pb2 as pb

_OUTCOMES: Final = EnumCodec(pb.BankTransferOutcome, TransferOutcome)


def lines_from_proto(request: pb.ImportBankTransfersRequest) -> list[TransferLine]:
    """Returns the lines of a request. Raises InvalidBankTransfer with the place of a wrong one."""
    lines, seen = list[TransferLine](), set[str]()
    for index, each in enumerate(request.lines):
        path = f"lines[{index}]"
        if each.id in seen:
            raise InvalidBankTransfer(path=f"{path}.id", problem="it is there twice")
        seen.add(each.id)
        if each.amount.currency not in CURRENCIES:
            raise InvalidBankTransfer(path=f"{path}.amount", problem="no active ISO 4217 code")
        if each.amount.amount_minor <= 0:
            raise InvalidBankTransfer(path=f"{path}.amount", problem="no credit")
        lines.append(TransferLine(each.id, Money.from_proto(each.amount), each.text))
    return lines


def outstanding_to_proto(
    payment: Payment, order: Order, now: datetime
) -> pb.OutstandingBankTransfer:
    placed_at = order.placed_at or order.created_at
    return pb.OutstandingBankTransfer(
        order_id=str(order.id),
        number=order.number or "",
        channel=order.channel_id,
        payment_method_id=payment.method_id,
        reference=payment.reference or "",
        amount=wire.money(payment.amount_minor, payment.currency),
        placed_at=wire.timestamp(placed_at),
        days=(now - placed_at).days,
        due_at=wire.timestamp(payment.due_at),
        cancels=payment.settlement is Settlement.TRANSFER,
    )


def results_to_proto(results: Sequence[TransferResult]) -> pb.ImportBankTransfersResponse:
    return pb.ImportBankTransfersResponse(
        settled=sum(each.outcome is TransferOutcome.SETTLED for each in results),
        results=[
            pb.BankTransferResult(
                id=each.id,
                outcome=_OUTCOMES.encode(each.outcome),
                order_id=str(each.order_id or ""),
                number=each.number,
                expected=wire.money(each.expected.amount_minor, each.expected.currency)
                if each.expected
                else None,
            )
            for each in results
        ],
    )
