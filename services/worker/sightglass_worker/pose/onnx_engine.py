"""A user's own model, run by onnxruntime on one thread."""

from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.pose.keypoints import Keypoints
from sightglass_worker.domain.pose.people import Person, box_around
from sightglass_worker.engines.errors import EngineMissing
from sightglass_worker.pose.decoders import DECODERS, Body, Size, WrongOutput
from sightglass_worker.pose.engine import Picture
from sightglass_worker.pose.letterbox import Placing, letterboxed
from sightglass_worker.pose.manifest import Manifest


class OnnxEngine:
    """model: a checked file's bytes. Opens no file, and makes no thread. Raises EngineMissing.

    Models of the decoders simcc and heatmap find one person, who fills the picture.
    """

    def __init__(self, manifest: Manifest, model: bytes) -> None:
        cv2.setNumThreads(0)
        self._manifest = manifest
        self._size = Size(manifest.input.width, manifest.input.height, len(manifest.keypoints))
        self._mean, self._std = (np.array(by, np.float32) for by in (manifest.input.mean, manifest.input.std))
        self._decode = DECODERS[manifest.decoder]
        try:
            self._session: Any = _session(model)
            (self._input,) = (taken.name for taken in self._session.get_inputs())
            # What does not fit shows now, not in the first film.
            self.find(Picture(np.zeros((64, 64, 3), np.uint8), first=True))
        except Exception as error:  # onnxruntime raises types of its own, which share no other base
            raise EngineMissing(f"the model does not fit its manifest: {_said(error)}") from error

    @property
    def names(self) -> tuple[str, ...]:
        """See PoseEngine."""
        return self._manifest.keypoints

    def find(self, picture: Picture) -> list[Person]:
        """See PoseEngine."""
        fitted, placing = letterboxed(picture.rgb, self._size.width, self._size.height)
        outputs = self._session.run(None, {self._input: self._normalised(fitted)})
        found = (_person(body, placing) for body in self._decode(outputs, self._size))
        return [person for person in found if person is not None]

    def _normalised(self, rgb: Pixels) -> NDArray[np.float32]:
        taken = self._manifest.input
        values = rgb if taken.channels == "rgb" else rgb[:, :, ::-1]
        floats = (values.astype(np.float32) - self._mean) / self._std
        return np.ascontiguousarray((floats.transpose(2, 0, 1) if taken.layout == "nchw" else floats)[np.newaxis])


def _session(model: bytes) -> onnxruntime.InferenceSession:
    runtime: Any = onnxruntime  # its stubs do not name what its compiled part brings
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _person(body: Body, placing: Placing) -> Person | None:
    keypoints = Keypoints.of(placing.back(body.points).tolist())
    box = box_around(keypoints) if body.box is None else _within(body, placing)
    return None if box is None else Person(box, body.weight, keypoints)


def _within(body: Body, placing: Placing) -> Box | None:
    """The model's own box, as far as it lies in the picture."""
    if body.box is None:
        return None
    corners = np.stack([body.box[:2], body.box[:2] + body.box[2:]])
    (left, top), (right, bottom) = np.clip(placing.back(corners), 0.0, 1.0).tolist()
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _said(error: Exception) -> str:
    text = str(error) if isinstance(error, WrongOutput) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:250]
