"""A pose engine in a process of its own, started with the worker and kept from film to film."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from sightglass_common.errors import DecoderCrashed, DecodeTimeout, SightglassError
from sightglass_worker.decode.process import Decoder
from sightglass_worker.decode.wire import Message
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pose.keypoints import Keypoints
from sightglass_worker.domain.pose.people import Person
from sightglass_worker.pose.engine import MOST_PEOPLE, Picture, PoseEngineMissing
from sightglass_worker.pose.limits import PoseLimits
from sightglass_worker.pose.model_file import CheckedModel

_T = TypeVar("_T")
_CHILD: Final = "sightglass_worker.pose.child"
# As for the text engine: nothing is told to the maker of onnxruntime, one arena, memory given back after large
# pictures, no threads of linear algebra.
_ENVIRONMENT: Final = {
    "ORT_DISABLE_TELEMETRY": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "16777216",
    "MALLOC_TRIM_THRESHOLD_": "67108864",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Side = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class _Told:
    box: tuple[_Share, _Share, _Side, _Side]
    weight: _Share
    points: list[tuple[_Share, _Share, _Share]]


_PEOPLE: Final = TypeAdapter(Annotated[list[_Told], Field(max_length=MOST_PEOPLE)])
_NAMES: Final = TypeAdapter(tuple[str, ...])


@dataclass(frozen=True, slots=True)
class PoseChoice:
    """An engine. model: of an engine that needs one."""

    name: str
    model: CheckedModel | None = None


class LookFailed(Exception):
    """A picture was not looked at: the engine crashed, or took too long. reason: an error code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PoseFinder:
    """Looks at one picture at a time. A process that fails is ended, and another started for the next picture."""

    def __init__(self, choice: PoseChoice, limits: PoseLimits) -> None:
        self._choice = choice
        self._limits = limits
        self._child: Decoder | None = None
        self.names: tuple[str, ...] = ()

    @property
    def pid(self) -> int | None:
        """The engine's process, if there is one."""
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start the process; `names` are known then. Raises PoseEngineMissing."""
        try:
            await self._start()
        except (TimeoutError, SightglassError) as error:
            self.end()
            reason = error.code if isinstance(error, SightglassError) else DecodeTimeout.code
            raise PoseEngineMissing(f"the engine {self._choice.name} does not start: {reason}") from error
        except BaseException:
            self.end()
            raise

    async def find(self, picture: Picture) -> list[Person]:
        """The persons in a picture. Raises LookFailed."""
        try:
            child = self._child or await self._start()
            async with asyncio.timeout(self._limits.call_wall_s):
                return await _found(child, picture, len(self.names))
        except TimeoutError as error:
            self.end()
            raise LookFailed(DecodeTimeout.code) from error
        except SightglassError as error:
            self.end()
            raise LookFailed(error.code) from error
        except PoseEngineMissing as error:  # it was there when the worker started
            self.end()
            raise LookFailed(DecoderCrashed.code) from error
        except BaseException:
            self.end()  # also when this is cancelled: the process would answer to the next picture
            raise

    def end(self) -> None:
        """End the process, if there is one."""
        if self._child is not None:
            self._child.end()
            self._child = None

    async def _start(self) -> Decoder:
        model = self._choice.model
        greeting = {
            "name": self._choice.name,
            "memory_bytes": self._limits.memory_bytes,
            "call_cpu_s": self._limits.call_cpu_s,
            "manifest": model and model.manifest.model_dump(mode="json"),
        }
        self._child = child = await Decoder.start(_CHILD, _ENVIRONMENT)
        async with asyncio.timeout(self._limits.start_wall_s):
            await child.send(Message("engine", greeting))
            answer = await _answer(child)
            if answer.kind == "model" and model is not None:
                child.hand_over(model.descriptor)
                answer = await _answer(child)
        if answer.kind == "missing":
            raise PoseEngineMissing(str(answer.fields.get("detail", ""))[:500])
        self.names = _checked(_NAMES, answer.fields.get("names"))
        return child


async def _found(child: Decoder, picture: Picture, points: int) -> list[Person]:
    rows, columns, _ = picture.rgb.shape
    fields = {"width": columns, "height": rows, "first": picture.first}
    await child.send(Message("picture", fields, picture.rgb.tobytes()))
    told = _checked(_PEOPLE, (await _answer(child)).fields.get("people"))
    if any(len(person.points) != points for person in told):
        raise DecoderCrashed("The engine sent a result that is none.")
    return [Person(Box(*person.box), person.weight, Keypoints.of(person.points)) for person in told]


def _checked(adapter: TypeAdapter[_T], value: object) -> _T:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise DecoderCrashed("The engine sent a result that is none.") from error


async def _answer(child: Decoder) -> Message:
    async for message in child.messages():
        return message
    raise await child.fate()
