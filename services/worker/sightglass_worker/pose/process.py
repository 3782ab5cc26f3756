"""A pose engine in a process of its own, started with the worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from sightglass_common.sandbox.wire import Message
from sightglass_common.video_errors import DecoderCrashed
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pose.keypoints import Keypoints
from sightglass_worker.domain.pose.people import Person
from sightglass_worker.engines.errors import CallFailed, EngineMissing
from sightglass_worker.engines.process import EngineProcess
from sightglass_worker.pose.engine import MOST_PEOPLE, Picture
from sightglass_worker.pose.limits import PoseLimits
from sightglass_worker.pose.model_file import CheckedModel

_CHILD: Final = "sightglass_worker.pose.child"
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


class PoseFinder:
    """Looks at one picture at a time. A process that fails is ended, and another started for the next picture."""

    def __init__(self, choice: PoseChoice, limits: PoseLimits) -> None:
        self._name = choice.name
        model = choice.model
        greeting = {"name": choice.name, "manifest": model and model.manifest.model_dump(mode="json")}
        self._engine = EngineProcess(_CHILD, greeting, limits, model=model and model.descriptor, ready=self._learn)
        self.names: tuple[str, ...] = ()

    @property
    def pid(self) -> int | None:
        """The engine's process, if there is one."""
        return self._engine.pid

    async def start(self) -> None:
        """Start the process; `names` are known then. Raises EngineMissing."""
        try:
            await self._engine.start()
        except CallFailed as failed:
            raise EngineMissing(f"the engine {self._name} does not start: {failed.reason}") from failed

    async def find(self, picture: Picture) -> list[Person]:
        """The persons in a picture. Raises CallFailed."""
        rows, columns, _ = picture.rgb.shape
        fields = {"width": columns, "height": rows, "first": picture.first}
        try:
            return await self._engine.ask(Message("picture", fields, picture.rgb.tobytes()), self._people)
        except EngineMissing as error:  # it was there when the worker started
            raise CallFailed(DecoderCrashed.code) from error

    def end(self) -> None:
        """End the process, if there is one."""
        self._engine.end()

    def _learn(self, about: Mapping[str, Any]) -> None:
        self.names = _NAMES.validate_python(about.get("names"))

    def _people(self, told: object) -> list[Person]:
        people = _PEOPLE.validate_python(told)
        if any(len(person.points) != len(self.names) for person in people):
            msg = "a person has more or fewer points than there are names"
            raise ValueError(msg)
        return [Person(Box(*person.box), person.weight, Keypoints.of(person.points)) for person in people]
