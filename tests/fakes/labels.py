"""Parts to label with: a provider that does as it is told, a cache in memory, and pictures."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image as Pillow
from tests.films import Image

from sightglass_worker.labels.labelling import SceneFrame, Still
from sightglass_worker.labels.outcome import Withheld
from sightglass_worker.labels.provider import Box, KeyFrame, Label
from sightglass_worker.labels.retrying import Patience


@dataclass(slots=True)
class ScriptedProvider:
    """Sees a bicycle in everything. script: what the next calls raise; None: an answer."""

    script: deque[Exception | None] = field(default_factory=deque[Exception | None])
    identity: str = "scripted 1"
    frames_per_call: int = 3
    calls: list[list[KeyFrame]] = field(default_factory=list[list[KeyFrame]])
    stalls: bool = False

    async def label(self, frames: Sequence[KeyFrame], max_labels: int) -> Sequence[Label]:
        """See LabelProvider."""
        self.calls.append(list(frames))
        if self.stalls:
            await asyncio.Event().wait()
        if self.script and (failure := self.script.popleft()) is not None:
            raise failure
        return [Label("bicycle", 0.9, frame.t_us, frame.scene) for frame in frames][:max_labels]

    @property
    def shown(self) -> list[KeyFrame]:
        """All frames that it was ever shown."""
        return [frame for call in self.calls for frame in call]


@dataclass(slots=True)
class MemoryCache:
    """A cache that forgets nothing."""

    kept: dict[bytes, Sequence[Label]] = field(default_factory=dict[bytes, Sequence[Label]])

    async def get(self, keys: Sequence[bytes]) -> Mapping[bytes, Sequence[Label]]:
        """See LabelCache."""
        return {key: self.kept[key] for key in keys if key in self.kept}

    async def put(self, found: Mapping[bytes, Sequence[Label]]) -> None:
        """See LabelCache."""
        for key, labels in found.items():
            self.kept.setdefault(key, labels)


@dataclass(slots=True)
class Pauses:
    """Pauses that are noted and not made."""

    made: list[float] = field(default_factory=list[float])

    async def __call__(self, seconds: float) -> None:
        self.made.append(seconds)

    def patience(self, **changes: Any) -> Patience:
        """Patience with such pauses."""
        return Patience(sleep=self, **changes)


async def quiet(done: int, total: int) -> None:
    """Progress that nobody watches."""


def noise(seed: int, *, rows: int = 90, columns: int = 160) -> Image:
    """A bright picture, in which nothing is nearly black."""
    return np.random.default_rng(seed).integers(128, 256, (rows, columns, 3), dtype=np.uint8)


def jpeg_of(image: Image, **options: Any) -> bytes:
    """As a JPEG file."""
    file = BytesIO()
    Pillow.fromarray(image).save(file, "JPEG", **{"quality": 90} | options)
    return file.getvalue()


def scene_frame(
    scene: int,
    t_us: int | None = None,
    *,
    picture: bytes | None = None,
    boxes: Sequence[Box] = (),
    withheld: Withheld | None = None,
    load: Callable[[], bytes] | None = None,
) -> SceneFrame:
    """A frame of a scene, with a picture of its own unless one is given."""
    t_us = scene * 1_000_000 if t_us is None else t_us

    async def loaded(t_us: int) -> Still:
        return Still(load() if load else picture or jpeg_of(noise(t_us, rows=48, columns=64)), boxes)

    return SceneFrame(scene, t_us, withheld, loaded)
