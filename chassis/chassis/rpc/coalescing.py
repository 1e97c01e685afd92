"""Several calls in one: what concurrent requests ask of a peer shares a hop.

A unary call costs about as much as everything that a short read does. So where two of them are
under way already, the next ones wait for one of these to end and then go together; a lone caller
never waits. On the other side each question goes through the same edge as the call that it stands
for: its own token, span, metrics and refusal.
"""

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import grpc
from google.protobuf.message import DecodeError

from chassis import telemetry
from chassis.rpc.errors import (
    DETAILS,
    DeadlineExceeded,
    DomainError,
    Internal,
    Invalid,
    TooMany,
    details_of,
    from_status,
    is_lost,
)
from sojourn.common.v1 import batch_pb2 as pb
from sojourn.common.v1 import batch_pb2_grpc as pb_grpc

MOST_QUESTIONS: Final = 256
# A batch carries so many bytes of questions, and so many of answers; what is beyond goes in another
# batch, or alone.
MOST_QUESTION_BYTES: Final = 1024 * 1024
MOST_ANSWER_BYTES: Final = 4 * 1024 * 1024
# How many questions of a failed batch are asked alone at once.
_ALONE_AT_ONCE: Final = 8
# With one, caller and peer would work in turns; more make the batches smaller.
_CALLS_AT_ONCE: Final = 2
# How long a peer of an earlier release, which takes no batches, is not offered any.
_ALONE_SECONDS: Final = 60.0
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
log = telemetry.log("batching")


class UnreadableQuestion(Invalid):
    """A question's bytes are no request of its method."""


class TooManyQuestions(Invalid):
    """A batch has at most 256 questions."""


class AnswerTooLarge(TooMany):
    """The answer does not fit into the batch beside the others: ask alone."""


@dataclass(slots=True)
class _Waiting:
    question: pb.Question
    decode: Callable[[bytes], Any]
    alone: Callable[[], Awaitable[Any]]
    timeout: float
    answer: asyncio.Future[Any]


class Batches:
    """The calls to one peer that may share one."""

    def __init__(self, peer: str, channel: Any) -> None:
        self._peer, self._stub = peer, pb_grpc.BatchServiceStub(channel)
        self._under_way = 0
        self._alone_until = 0.0
        self._waiting: list[_Waiting] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def ask(
        self, method: Any, request: Any, metadata: Mapping[str, str], timeout: float
    ) -> Any:
        """The reply of a stub's method.

        Raises AioRpcError, or the peer's DomainError, DeadlineExceeded among them.
        """

        def alone() -> Awaitable[Any]:
            return cast(
                Awaitable[Any], method(request, timeout=timeout, metadata=tuple(metadata.items()))
            )

        if self._under_way < _CALLS_AT_ONCE or time.monotonic() < self._alone_until:
            self._under_way += 1
            try:
                return await alone()
            finally:
                self._ended()
        question = pb.Question(
            method=method.path, request=request.SerializeToString(), metadata=metadata
        )
        mine = _Waiting(
            question, method.decode, alone, timeout, asyncio.get_running_loop().create_future()
        )
        self._waiting.append(mine)
        try:
            async with asyncio.timeout(timeout):
                return await mine.answer
        except TimeoutError:
            raise DeadlineExceeded(peer=self._peer) from None

    def _ended(self) -> None:
        self._under_way -= 1
        if not self._waiting:
            return
        count = _fitting(self._waiting)
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        self._under_way += 1
        # A batch belongs to no request: it must not stand in the trace of the one that happened to
        # start it.
        task = asyncio.get_running_loop().create_task(
            self._send(batch), context=contextvars.Context()
        )
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, batch: Sequence[_Waiting]) -> None:
        try:
            request = pb.AskRequest(
                questions=[each.question for each in batch], asks_large_alone=True
            )
            response = await self._stub.Ask(request, timeout=max(each.timeout for each in batch))
            too_large = [
                each
                for each, answer in zip(batch, response.answers, strict=True)
                if not self._settle(each, answer)
            ]
            await self._ask_each_alone(too_large)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNIMPLEMENTED:
                self._alone_until = time.monotonic() + _ALONE_SECONDS
            if is_lost(error) or error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                # As it is: whether a call is worth repeating is decided where single ones are.
                self._fail(batch, error)
            else:
                # One question or answer can make the whole call fail; alone it fails alone.
                await self._ask_each_alone(batch)
        except Exception as error:
            log.error("batch failed", peer=self._peer, exc_info=error)
            self._fail(batch, Internal(f"{self._peer} failed", peer=self._peer))
        finally:
            self._ended()

    async def _ask_each_alone(self, batch: Sequence[_Waiting]) -> None:
        for first in range(0, len(batch), _ALONE_AT_ONCE):
            await asyncio.gather(
                *(self._ask_alone(each) for each in batch[first : first + _ALONE_AT_ONCE])
            )

    async def _ask_alone(self, each: _Waiting) -> None:
        try:
            reply = await each.alone()
        except grpc.aio.AioRpcError as error:
            self._fail([each], error)
        else:
            if not each.answer.done():
                each.answer.set_result(reply)

    def _settle(self, each: _Waiting, answer: pb.Answer) -> bool:
        """Gives a caller its answer. Returns False where it has to be asked for alone."""
        if each.answer.done():
            return True
        if answer.code == 0:
            try:
                each.answer.set_result(each.decode(answer.reply))
            except DecodeError as error:
                log.error(
                    "an answer cannot be read",
                    peer=self._peer,
                    method=each.question.method,
                    exc_info=error,
                )
                each.answer.set_exception(Internal(f"{self._peer} failed", peer=self._peer))
            return True
        refusal = from_status(
            _CODES.get(answer.code, grpc.StatusCode.UNKNOWN),
            answer.message,
            answer.details,
            self._peer,
        )
        if refusal.reason == AnswerTooLarge.reason:
            return False
        each.answer.set_exception(refusal)
        return True

    def _fail(self, batch: Sequence[_Waiting], error: Exception) -> None:
        for each in batch:
            if not each.answer.done():
                each.answer.set_exception(error)


def _fitting(waiting: Sequence[_Waiting]) -> int:
    """Returns how many of the first questions go into one batch: at least one."""
    size = 0
    for number, each in enumerate(waiting[:MOST_QUESTIONS]):
        size += len(each.question.request)
        if number and size > MOST_QUESTION_BYTES:
            return number
    return min(len(waiting), MOST_QUESTIONS)


def batching(server: grpc.aio.Server) -> grpc.aio.Server:
    """The server, answering its own unary methods in batches too.

    Servicers are added to what is returned.
    """
    return cast(grpc.aio.Server, _BatchingServer(server))


class _BatchingServer:
    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server
        self._methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
        pb_grpc.add_BatchServiceServicer_to_server(_BatchServicer(self._methods), server)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Called by generated code for each servicer."""
        self._methods.update(
            {
                f"/{service}/{name}": handler
                for name, handler in handlers.items()
                if handler.unary_unary
            }
        )
        cast(Any, self._server).add_registered_method_handlers(service, handlers)


class _BatchServicer(pb_grpc.BatchServiceServicer):
    def __init__(self, methods: Mapping[str, Any]) -> None:
        self._methods = methods

    async def Ask(self, request: pb.AskRequest, context: Any) -> pb.AskResponse:
        if len(request.questions) > MOST_QUESTIONS:
            refusal = TooManyQuestions(most=MOST_QUESTIONS)
            await context.abort(refusal.status, refusal.message, ((DETAILS, details_of(refusal)),))
        answers = await asyncio.gather(
            *(self._answer(question, context) for question in request.questions)
        )
        return pb.AskResponse(answers=_cut(answers) if request.asks_large_alone else answers)

    async def _answer(self, question: pb.Question, context: Any) -> pb.Answer:
        handler = self._methods.get(question.method)
        if handler is None:
            return pb.Answer(code=grpc.StatusCode.UNIMPLEMENTED.value[0], message="no such method")
        call = _CallContext(question.metadata, context)
        try:
            reply = await handler.unary_unary(handler.request_deserializer(question.request), call)
            return pb.Answer(reply=reply.SerializeToString())
        except _Aborted as aborted:
            return pb.Answer(
                code=aborted.code.value[0], message=aborted.message, details=call.details
            )
        except DecodeError:
            return _refused(UnreadableQuestion(method=question.method))
        except Exception as error:
            log.error("a question of a batch failed", method=question.method, exc_info=error)
            return _refused(Internal("internal error", trace_id=telemetry.trace_id()))


def _refused(error: DomainError) -> pb.Answer:
    return pb.Answer(code=error.status.value[0], message=error.message, details=details_of(error))


def _cut(answers: Sequence[pb.Answer]) -> list[pb.Answer]:
    """Returns the answers; one that does not fit beside the earlier ones becomes a refusal.

    The first always fits.
    """
    size, fitting = 0, list[pb.Answer]()
    for answer in answers:
        if fitting and size + len(answer.reply) > MOST_ANSWER_BYTES:
            answer = _refused(AnswerTooLarge(most_bytes=MOST_ANSWER_BYTES))
        size += len(answer.reply)
        fitting.append(answer)
    return fitting


class _Aborted(Exception):
    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class _CallContext:
    """The part of gRPC's context that the edge of a method uses."""

    def __init__(self, metadata: Mapping[str, str], outer: Any) -> None:
        self._metadata, self._outer = metadata, outer
        self.details = b""

    def invocation_metadata(self) -> Sequence[tuple[str, str]]:
        return list(self._metadata.items())

    def time_remaining(self) -> float | None:
        return cast("float | None", self._outer.time_remaining())

    def set_trailing_metadata(self, metadata: Sequence[tuple[str, str | bytes]]) -> None:
        self.details = next(
            (value for name, value in metadata if name == DETAILS and isinstance(value, bytes)), b""
        )

    async def abort(self, code: grpc.StatusCode, message: str) -> None:
        raise _Aborted(code, message)
