"""Results of an analysis as messages: a picture goes as the message's blob, the rest as JSON."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields
from typing import Final, TypeVar

from sightglass_common.sandbox.wire import Message
from sightglass_worker.decode.analysis import Result
from sightglass_worker.decode.preview import PreviewResult
from sightglass_worker.decode.results import Analysis, Preview, PreviewScene, Progress, SceneFound, SpriteSheet
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.pose.people import PoseLook
from sightglass_worker.domain.screen.looks import ScreenLook

R = TypeVar("R")

# Samples in a message: of three seconds of film, 50 kB at most. One by one they took the worker 150 us each.
_SAMPLES_AT_ONCE: Final = 32
_SAMPLE: Final = tuple(field.name for field in fields(MotionSample))


def messages(results: Iterable[R], message: Callable[[R], Message]) -> Iterator[Message]:
    """The messages that carry results, in order; samples of motion that follow each other go together.

    message: makes that of any other result.
    """
    samples: list[MotionSample] = []
    for result in results:
        is_sample = isinstance(result, MotionSample)
        if samples and (not is_sample or len(samples) == _SAMPLES_AT_ONCE):
            yield _motion(samples)
            samples = []
        if is_sample:
            samples.append(result)
        else:
            yield message(result)
    if samples:
        yield _motion(samples)


def message(result: Result | PreviewResult) -> Message:  # noqa: PLR0911 -- one for each kind of result
    """The message that carries a result by itself."""
    values = asdict(result)
    match result:
        case Progress():
            return Message("progress", values)
        case SceneFound() | PreviewScene():
            return Message("scene", values, values["thumbnail"].pop("jpeg"))
        case SpriteSheet():
            return Message("sprite", values, values.pop("jpeg"))
        case MotionSample():
            return _motion([result])
        case ScreenLook():
            return Message("look", values, values.pop("luma"))
        case PoseLook():
            return Message("pose", values, values.pop("rgb"))
        case Preview() | Analysis():
            return Message("preview" if isinstance(result, Preview) else "analysis", values)


def _motion(samples: Iterable[MotionSample]) -> Message:
    """Made without asdict, which would take longer than all else that is done with a sample on its way."""
    return Message("motion", {"samples": [{name: getattr(sample, name) for name in _SAMPLE} for sample in samples]})
