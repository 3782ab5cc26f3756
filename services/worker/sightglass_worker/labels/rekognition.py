"""Labels by Amazon Rekognition: calibrated, with boxes for what can be counted."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from sightglass_common.provider_errors import AnswerUnusable
from sightglass_worker.labels.answers import tidy
from sightglass_worker.labels.aws import answered
from sightglass_worker.labels.provider import Box, KeyFrame, Label

# Rekognition's own default, in percent.
_MIN_CONFIDENCE: Final = 55.0


class _BoundingBox(BaseModel):
    Left: float
    Top: float
    Width: float
    Height: float


class _Instance(BaseModel):
    BoundingBox: _BoundingBox
    Confidence: float


class _Label(BaseModel):
    Name: str
    Confidence: float = Field(ge=0, le=100)
    Instances: list[_Instance] = []


class _Answer(BaseModel):
    Labels: list[_Label]


class Rekognition:
    """Asks DetectLabels. client: aiobotocore's of `rekognition`."""

    frames_per_call: int = 1
    identity: str = f"rekognition detect_labels {_MIN_CONFIDENCE:g}"

    def __init__(self, client: Any) -> None:
        self._client = client

    async def label(self, frames: Sequence[KeyFrame], max_labels: int) -> Sequence[Label]:
        """See LabelProvider."""
        (frame,) = frames
        answer = await answered(
            self._client.detect_labels(Image={"Bytes": frame.jpeg}, MaxLabels=max_labels, MinConfidence=_MIN_CONFIDENCE)
        )
        try:
            found = _Answer.model_validate(answer)
        except ValidationError:
            raise AnswerUnusable("no labels") from None
        return tidy(_labels(found, frame), max_labels)


def _labels(answer: _Answer, frame: KeyFrame) -> Iterator[Label]:
    for label in answer.Labels:
        surest = max(label.Instances, key=lambda instance: instance.Confidence, default=None)
        box = _box(surest.BoundingBox) if surest else None
        yield Label(label.Name, label.Confidence / 100, frame.t_us, frame.scene, box)


def _box(found: _BoundingBox) -> Box:
    """The part inside the picture: Rekognition's boxes may reach beyond its edges."""
    left, top = _share(found.Left), _share(found.Top)
    return left, top, _share(found.Left + found.Width) - left, _share(found.Top + found.Height) - top


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
