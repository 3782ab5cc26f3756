"""MediaPipe's pose graph: one person, followed from picture to picture."""

import struct
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.pose.keypoints import Keypoints
from sightglass_worker.domain.pose.people import Person, box_around
from sightglass_worker.pose.engine import Picture
from sightglass_worker.pose.mediapipe_parts import COMPLEXITY, open_graph

_LANDMARKS: Final = "pose_landmarks"
# Landmarks come only if MediaPipe holds them for a body with at least this; how certain it is it does not tell.
_CERTAIN: Final = 0.5
_SIDES: Final = ("left", "right")
_LIMBS: Final = ("shoulder", "elbow", "wrist", "pinky", "index", "thumb", "hip", "knee", "ankle", "heel", "foot_index")
# The order of its landmarks (BlazePose, 33 points).
_NAMES: Final = (
    "nose",
    *(f"{side}_{part}" for side in _SIDES for part in ("eye_inner", "eye", "eye_outer")),
    *(f"{side}_{part}" for part in ("ear", "mouth", *_LIMBS) for side in _SIDES),
)
# NormalizedLandmarkList: field 1 repeated, of NormalizedLandmark: floats x = 1, y = 2, z = 3, visibility = 4.
_LIST_ITEM: Final = 0x0A
_FLOATS: Final = {0x0D: "x", 0x15: "y", 0x1D: "z", 0x25: "visibility", 0x2D: "presence"}


class MediaPipeEngine:
    """Loads its models when it is made, from the installed package alone. Raises EngineMissing."""

    def __init__(self) -> None:
        compiled, self._graph = open_graph()
        self._make = compiled._packet_creator  # noqa: SLF001 -- see mediapipe_parts
        self._read = compiled._packet_getter  # noqa: SLF001 -- as above
        self._rgb = compiled.image_frame.ImageFormat.SRGB
        self._t = 0
        self._found: Any = None
        self._graph.observe_output_stream(_LANDMARKS, self._note)
        no, yes = (self._make.create_bool(value) for value in (False, True))
        self._graph.start_run(
            {
                "model_complexity": self._make.create_int(COMPLEXITY),
                "use_prev_landmarks": yes,
                "smooth_landmarks": no,
                "enable_segmentation": no,
                "smooth_segmentation": no,
            }
        )
        # Models are loaded when they are first needed.
        self._landmarks(np.zeros((64, 64, 3), np.uint8))

    @property
    def names(self) -> tuple[str, ...]:
        """See PoseEngine."""
        return _NAMES

    def find(self, picture: Picture) -> list[Person]:
        """See PoseEngine. One person at most."""
        if picture.first:
            # It looks first where somebody was in the picture before, and there is nobody in this one.
            self._landmarks(np.zeros_like(picture.rgb))
        serialised = self._landmarks(picture.rgb)
        keypoints = Keypoints.of(landmarks(serialised))
        box = box_around(keypoints) if len(keypoints) == len(_NAMES) else None
        return [] if box is None else [Person(box, _CERTAIN, keypoints)]

    def _landmarks(self, rgb: Pixels) -> bytes:
        self._found = None
        self._t += 1
        packet = self._make._create_image_frame_from_pixel_data(  # noqa: SLF001 -- as above
            self._rgb, np.ascontiguousarray(rgb), copy=True
        )
        self._graph.add_packet_to_input_stream("image", packet.at(self._t))
        self._graph.wait_until_idle()
        if self._found is None or self._found.is_empty():
            return b""
        return self._read._get_serialized_proto(self._found)  # noqa: SLF001 -- as above

    def _note(self, _: str, packet: Any) -> None:
        self._found = packet


def landmarks(serialised: bytes) -> Iterator[tuple[float, float, float]]:
    """x, y and visibility of each landmark of a NormalizedLandmarkList. Raises ValueError when it is none."""
    at = 0
    while at < len(serialised):
        if serialised[at] != _LIST_ITEM or at + 2 > len(serialised):
            raise ValueError("no list of landmarks")
        size = serialised[at + 1]  # below 128: five floats take 25 bytes
        values = _floats(serialised[at + 2 : at + 2 + size])
        yield values.get("x", 0.0), values.get("y", 0.0), values.get("visibility", 0.0)
        at += 2 + size


def _floats(item: bytes) -> dict[str, float]:
    if len(item) % 5:
        raise ValueError("no landmark")
    return {_FLOATS.get(tag, ""): value for tag, value in struct.iter_unpack("<Bf", item)}
