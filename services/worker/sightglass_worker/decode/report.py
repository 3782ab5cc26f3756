"""Results of an analysis as messages: a picture goes as the message's blob, the rest as JSON."""

from dataclasses import asdict

from sightglass_worker.decode.analysis import Result
from sightglass_worker.decode.preview import PreviewResult
from sightglass_worker.decode.results import Analysis, Preview, PreviewScene, Progress, SceneFound, SpriteSheet
from sightglass_worker.decode.wire import Message
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.pose.people import PoseLook
from sightglass_worker.domain.screen.looks import ScreenLook


def message(result: Result | PreviewResult) -> Message:  # noqa: PLR0911 -- one for each kind of result
    """The message that carries a result."""
    fields = asdict(result)
    match result:
        case Progress():
            return Message("progress", fields)
        case SceneFound() | PreviewScene():
            return Message("scene", fields, fields["thumbnail"].pop("jpeg"))
        case SpriteSheet():
            return Message("sprite", fields, fields.pop("jpeg"))
        case MotionSample():
            return Message("motion", fields)
        case ScreenLook():
            return Message("look", fields, fields.pop("luma"))
        case PoseLook():
            return Message("pose", fields, fields.pop("rgb"))
        case Preview() | Analysis():
            return Message("preview" if isinstance(result, Preview) else "analysis", fields)
