"""Labels that a tenant has paid for already."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from sightglass_worker.labels.provider import KeyFrame, Label


class LabelCache(Protocol):
    """Labels by the picture and the question; of one tenant, as whoever else has the picture must not be known."""

    async def get(self, keys: Sequence[bytes]) -> Mapping[bytes, Sequence[Label]]:
        """What is known of these; a picture that shows nothing worth a name has an empty list."""
        ...

    async def put(self, found: Mapping[bytes, Sequence[Label]]) -> None:
        """Keep what was found, where nothing is kept yet."""
        ...


def cache_key(frame: KeyFrame, identity: str, max_labels: int) -> bytes:
    """SHA-256 of the painted picture, who was asked, and for how many labels."""
    picture = hashlib.sha256(frame.jpeg).hexdigest()
    return hashlib.sha256(f"{picture}\n{max_labels}\n{identity}".encode()).digest()


def placed(labels: Sequence[Label], frame: KeyFrame) -> list[Label]:
    """Labels of an equal picture, as labels of this one."""
    return [replace(label, t_us=frame.t_us, scene=frame.scene) for label in labels]


def of_frame(labels: Sequence[Label], frame: KeyFrame) -> list[Label]:
    """Those of the labels that are this frame's."""
    return [label for label in labels if (label.scene, label.t_us) == (frame.scene, frame.t_us)]
