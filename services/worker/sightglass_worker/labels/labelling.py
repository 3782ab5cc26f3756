"""Labels of an analysis: choose frames, paint out their text, ask a provider, and live with no answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import structlog

from sightglass_common.errors import SightglassError
from sightglass_worker.labels.asking import Asking
from sightglass_worker.labels.budget import chosen, wanted
from sightglass_worker.labels.cache import LabelCache
from sightglass_worker.labels.outcome import OFF, Counts, Labelled, outcome
from sightglass_worker.labels.painting import Unpaintable, painted
from sightglass_worker.labels.provider import Box, KeyFrame, LabelProvider
from sightglass_worker.labels.retrying import Patience

_SCENES_AT_ONCE: Final = 4

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SceneFrame:
    """A frame that may be shown to a provider.

    boxes: where it shows text (`showing.boxes_at`); None if nobody has read it, and then it is not shown.
    load: fetches its JPEG, as our decoder made it, when it is needed.
    """

    scene: int
    t_us: int
    boxes: Sequence[Box] | None
    load: Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class LabelLimits:
    """What one analysis may cost. calls: retries among them. max_labels: for each frame."""

    frames_per_scene: int = 1
    frames: int = 60
    calls: int = 120
    max_labels: int = 10


async def labelled(
    provider: LabelProvider | None,
    cache: LabelCache,
    frames: Sequence[SceneFrame],
    limits: LabelLimits,
    *,
    on_progress: Callable[[int, int], Awaitable[None]],
    patience: Patience | None = None,
) -> Labelled:
    """Label the scenes of an analysis.

    frames: in order of scenes, in each the one that stands for it first; no two of one time.
    on_progress: frames done, and all of them.
    Whatever a provider does is told in the result. Raises only what the cache and `on_progress` raise.
    """
    if provider is None:
        return OFF
    counts = Counts()
    mine = _chosen(frames, limits, counts)
    asking = Asking(
        provider,
        cache,
        counts,
        calls=limits.calls,
        max_labels=limits.max_labels,
        patience=patience or Patience(),
    )
    at_once = asyncio.Semaphore(_SCENES_AT_ONCE)
    done = 0

    async def label(own: Sequence[SceneFrame]) -> None:
        nonlocal done
        async with at_once:
            await _label_scene(own, asking, counts)
        done += len(own)
        await on_progress(done, len(mine))

    try:
        async with asyncio.TaskGroup() as group:
            for _, own in groupby(mine, key=lambda frame: frame.scene):
                group.create_task(label(list(own)))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return outcome(asking.labels, counts)


def _chosen(frames: Sequence[SceneFrame], limits: LabelLimits, counts: Counts) -> list[SceneFrame]:
    everything = wanted(frames, limits.frames_per_scene)
    read = wanted([frame for frame in frames if frame.boxes is not None], limits.frames_per_scene)
    mine = chosen(read, limits.frames)
    counts.lose("text_unread", sum(map(len, everything)) - sum(map(len, read)))
    counts.lose("budget", sum(map(len, read)) - len(mine))
    return mine


async def _label_scene(own: Sequence[SceneFrame], asking: Asking, counts: Counts) -> None:
    if asking.stopped:
        counts.lose(asking.stopped, len(own))
        return
    shown: list[KeyFrame] = []
    for frame in own:
        try:
            jpeg = await asyncio.to_thread(painted, await frame.load(), frame.boxes)
        except (SightglassError, Unpaintable) as error:
            _log.warning("labels.picture_unreadable", scene=frame.scene, error=f"{type(error).__name__}: {error}")
            counts.lose("picture_unreadable", 1)
        else:
            shown.append(KeyFrame(jpeg, frame.t_us, frame.scene))
    await asking.ask(shown)
