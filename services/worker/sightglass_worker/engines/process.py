"""An engine in a process of its own, kept from film to film. Seen from its parent; see child.py."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from sightglass_common.errors import SightglassError
from sightglass_common.sandbox.wire import Message
from sightglass_common.video_errors import DecoderCrashed, DecodeTimeout
from sightglass_worker.decode.process import Child
from sightglass_worker.engines.errors import CallFailed, EngineMissing
from sightglass_worker.engines.limits import EngineLimits

# Memory that a picture took is given back after it, as by default it would not be once larger ones were seen. To give
# back smaller blocks costs more than to look. No threads beside the one.
_ENVIRONMENT: Final = {
    # Else onnxruntime keeps a database in the home folder, and sends its maker what it is used for.
    "ORT_DISABLE_TELEMETRY": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "16777216",
    "MALLOC_TRIM_THRESHOLD_": "67108864",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
_T = TypeVar("_T")


class EngineProcess:
    """Answers one call at a time. A process that fails is ended, and another started for the next call.

    module: that calls `child.run`. greeting: what it is told of the engine. model: an open file, if it wants one.
    ready: takes what the engine tells of itself whenever one has started; ValueError for what cannot be.
    """

    def __init__(
        self,
        module: str,
        greeting: Mapping[str, object],
        limits: EngineLimits,
        *,
        model: int | None = None,
        ready: Callable[[Mapping[str, Any]], object] = lambda _: None,
    ) -> None:
        self._module = module
        self._greeting = {"memory_bytes": limits.memory_bytes, "call_cpu_s": limits.call_cpu_s, **greeting}
        self._limits = limits
        self._model = model
        self._ready = ready
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The engine's process, if there is one."""
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start the process if there is none. Raises EngineMissing, CallFailed when it does not come to answer."""
        await self._ended_if_it_fails(self._started)

    async def ask(self, request: Message, checked: Callable[[Any], _T]) -> _T:
        """The answer to a call. Raises EngineMissing and CallFailed.

        checked: makes of what came from the process what it should be; ValueError for what cannot be.
        """

        async def answered() -> _T:
            child = await self._started()
            async with asyncio.timeout(self._limits.call_wall_s):
                await child.send(request)
                return _checked(checked, (await _next(child)).fields.get("found"))

        return await self._ended_if_it_fails(answered)

    def end(self) -> None:
        """End the process, if there is one."""
        if self._child is not None:
            self._child.end()
            self._child = None

    async def _ended_if_it_fails(self, call: Callable[[], Awaitable[_T]]) -> _T:
        try:
            return await call()
        except TimeoutError as error:
            self.end()
            raise CallFailed(DecodeTimeout.code) from error
        except SightglassError as error:
            self.end()
            raise CallFailed(error.code) from error
        except BaseException:
            self.end()  # also when this is cancelled: the process would answer to the next call
            raise

    async def _started(self) -> Child:
        if self._child is not None:
            return self._child
        self._child = child = await Child.executed(self._module, _ENVIRONMENT)
        async with asyncio.timeout(self._limits.start_wall_s):
            await child.send(Message("engine", self._greeting))
            answer = await _next(child)
            if answer.kind == "model" and self._model is not None:
                child.hand_over(self._model)
                answer = await _next(child)
        if answer.kind == "missing":
            raise EngineMissing(str(answer.fields.get("detail", ""))[:500])
        _checked(self._ready, answer.fields)
        return child


async def _next(child: Child) -> Message:
    async for message in child.messages():
        return message
    raise await child.fate()


def _checked(check: Callable[[Any], _T], told: object) -> _T:
    try:
        return check(told)
    except ValueError as error:  # a ValidationError is one
        raise DecoderCrashed("The engine sent a result that is none.") from error
