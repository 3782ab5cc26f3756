"""Labels of an analysis: choose frames, paint out their text, ask a provider, and live with no answer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import structlog

from sightglass_common.errors import SightglassError
from sightglass_worker.engines.errors import CallFailed
from sightglass_worker.labels.asking import Asking
from sightglass_worker.labels.budget import chosen, wanted
from sightglass_worker.labels.cache import LabelCache
from sightglass_worker.labels.choice import LabelLimits
from sightglass_worker.labels.outcome import OFF, Counts, Labelled, Withheld, outcome
from sightglass_worker.labels.painting import Unpaintable, painted
from sightglass_worker.labels.provider import Box, KeyFrame, LabelProvider
from sightglass_worker.labels.retrying import Patience

_SCENES_AT_ONCE: Final = 4

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Still:
    """A frame's picture, as our decoder made it, and all boxes in which it may show text."""

    jpeg: bytes
    boxes: Sequence[Box]


@dataclass(frozen=True, slots=True)
class SceneFrame:
    """A frame that may be shown to a provider.

    withheld: why not, if so (`showing.withheld_at`). load: fetches the picture of a time when it is needed; raises
    SightglassError or Unpaintable when there is none, CallFailed when its text cannot be looked for.
    """

    scene: int
    t_us: int
    withheld: Withheld | None
    load: Callable[[int], Awaitable[Still]]


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
    read = wanted([frame for frame in frames if frame.withheld is None], limits.frames_per_scene)
    mine = chosen(read, limits.frames)
    counts.lose("budget", sum(map(len, read)) - len(mine))
    for reason in _not_replaced(frames, limits.frames_per_scene):
        counts.lose(reason, 1)
    return mine


def _not_replaced(frames: Sequence[SceneFrame], per_scene: int) -> Iterator[Withheld]:
    """Why so many frames of each scene are withheld that others of it do not make up for them."""
    for _, group in groupby(frames, key=lambda frame: frame.scene):
        own = list(group)
        free = sum(frame.withheld is None for frame in own)
        reasons: list[Withheld] = [frame.withheld for frame in own if frame.withheld is not None]
        yield from reasons[: max(0, min(per_scene, len(own)) - free)]


async def _label_scene(own: Sequence[SceneFrame], asking: Asking, counts: Counts) -> None:
    if asking.stopped:
        counts.lose(asking.stopped, len(own))
        return
    shown: list[KeyFrame] = []
    for frame in own:
        try:
            still = await frame.load(frame.t_us)
            jpeg = await asyncio.to_thread(painted, still.jpeg, still.boxes)
        except CallFailed as error:
            _log.warning("labels.text_not_found_out", scene=frame.scene, error=str(error))
            counts.lose("text_failed", 1)
        except (SightglassError, Unpaintable) as error:
            _log.warning("labels.picture_unreadable", scene=frame.scene, error=f"{type(error).__name__}: {error}")
            counts.lose("picture_unreadable", 1)
        else:
            shown.append(KeyFrame(jpeg, frame.t_us, frame.scene))
    await asking.ask(shown)
