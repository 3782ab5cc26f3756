"""The worker's pose engines: one warm process for each film that is looked at at a time."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Literal

from sightglass_worker.engines.errors import EngineMissing
from sightglass_worker.pose.film import FilmPoses
from sightglass_worker.pose.limits import PoseLimits
from sightglass_worker.pose.mediapipe_parts import installed
from sightglass_worker.pose.model_file import held, read_model
from sightglass_worker.pose.process import PoseChoice, PoseFinder

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

PoseEngineName = Literal["none", "mediapipe", "onnx"]


class PoseFinders:
    """Hands out finders, one a film, and takes them back warm. first: one that is started."""

    def __init__(self, choice: PoseChoice, limits: PoseLimits, first: PoseFinder) -> None:
        self._choice = choice
        self._limits = limits
        self._names = first.names
        self._idle = [first]

    @asynccontextmanager
    async def film(self) -> AsyncGenerator[FilmPoses]:
        """A film's poses. Its finder goes to the next film."""
        finder = self._idle.pop() if self._idle else PoseFinder(self._choice, self._limits)
        try:
            yield FilmPoses(finder.find, self._names)
        finally:
            self._idle.append(finder)

    def end(self) -> None:
        """End the processes of all finders that no film has."""
        while self._idle:
            self._idle.pop().end()


@asynccontextmanager
async def pose_finders(
    engine: PoseEngineName, model: str | None, s3: "S3Client", limits: PoseLimits | None = None
) -> AsyncGenerator[PoseFinders | None]:
    """Finders with this engine; None if no poses are to be found.

    model: path or `s3://bucket/key` of the engine `onnx`. The first process is started at once, so that
    whatever is wrong shows now, not in the first film. Raises EngineMissing.
    """
    if engine == "none":
        yield None
        return
    limits = limits or PoseLimits()
    async with AsyncExitStack() as stack:
        choice = await _chosen(engine, model, s3, stack)
        first = PoseFinder(choice, limits)
        await first.start()
        finders = PoseFinders(choice, limits, first)
        stack.callback(finders.end)
        yield finders


async def _chosen(engine: PoseEngineName, model: str | None, s3: "S3Client", stack: AsyncExitStack) -> PoseChoice:
    if engine == "mediapipe":
        installed()
        return PoseChoice(engine)
    if not model:
        raise EngineMissing("the engine onnx needs a model: SIGHTGLASS_POSE_MODEL")
    manifest, content = await read_model(model, s3)
    return PoseChoice(engine, stack.enter_context(held(manifest, content, model)))
