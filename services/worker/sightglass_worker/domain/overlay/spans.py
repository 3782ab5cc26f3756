"""What a player draws over a film: at each time of the media the boxes and labels that are to be seen."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace, merge
from itertools import islice, zip_longest
from typing import Any, Final

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.domain.motion.tracks import Track

# A box stays until its track's next sample, but no longer than two of its method's are apart.
_HOLD_US: Final = {"motion": 200_000, "pose": 400_000}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """Something shown from start_us to end_us: a box with its label, such as a text's, or a label alone."""

    start_us: int
    end_us: int
    label: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """All that is to be seen from t_us to end_us. boxes: each as JSON, with `label`, `box` and perhaps more."""

    t_us: int
    end_us: int
    boxes: list[Json]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class _Shown:
    start_us: int
    end_us: int
    box: Json | None
    label: str


def frames(
    tracks: Iterable[Track], duration_us: int, *, spans: Iterable[Span] = (), boundaries_us: Sequence[int] = ()
) -> Iterator[Frame]:
    """Frames that tile `[0, duration_us)`, empty ones too. A frame starts where something comes, moves or goes.

    tracks: in order of start, of which only those that have begun are looked into: a long film has thousands.
    boundaries_us: where scenes start, ascending; no track's box is held beyond one.
    """
    coming = merge(_of_tracks(tracks, boundaries_us), map(_of_span, sorted(spans, key=_start)), key=_start)
    following = next(coming, None)
    seen: list[_Shown] = []
    t_us = 0
    while t_us < duration_us:
        seen = [shown for shown in seen if shown.end_us > t_us]
        while following and following.start_us <= t_us:
            if following.end_us > t_us:
                seen.append(following)
            following = next(coming, None)
        ends = [shown.end_us for shown in seen]
        end_us = min([*ends, following.start_us] if following else ends, default=duration_us)
        end_us = min(end_us, duration_us)
        yield _frame(t_us, end_us, seen)
        t_us = end_us


def _start(shown: Span | _Shown) -> int:
    return shown.start_us


def _frame(t_us: int, end_us: int, seen: Sequence[_Shown]) -> Frame:
    boxes = [shown.box for shown in seen if shown.box is not None]
    # By track, so that the order does not tell which of them was seen last.
    boxes.sort(key=lambda box: (box.get("track", -1), box["box"], box["label"]))
    return Frame(t_us, end_us, boxes, sorted({shown.label for shown in seen if shown.box is None}))


def _of_span(span: Span) -> _Shown:
    box = None if span.box is None else {"label": span.label, "box": _rounded(span.box)}
    return _Shown(span.start_us, span.end_us, box, span.label)


def _of_tracks(tracks: Iterable[Track], boundaries_us: Sequence[int]) -> Iterator[_Shown]:
    """What tracks show, by when it starts."""
    begun: list[tuple[int, int, _Shown, Iterator[_Shown]]] = []
    for order, track in enumerate(tracks):
        yield from _until(track.start_us, begun)
        shown = _of_track(track, boundaries_us)
        for first in shown:
            heappush(begun, (first.start_us, order, first, shown))
            break
    yield from _until(None, begun)


def _until(end_us: int | None, begun: list[tuple[int, int, _Shown, Iterator[_Shown]]]) -> Iterator[_Shown]:
    while begun and (end_us is None or begun[0][0] < end_us):
        _, order, shown, following = begun[0]
        yield shown
        after = next(following, None)
        if after is None:
            heappop(begun)
        else:
            heapreplace(begun, (after.start_us, order, after, following))


def _of_track(track: Track, boundaries_us: Sequence[int]) -> Iterator[_Shown]:
    for here, after in zip_longest(track.samples, islice(track.samples, 1, None)):
        scene = bisect_right(boundaries_us, here.t_us)
        end_us = here.t_us + _HOLD_US[track.method]
        if after is not None:
            end_us = min(end_us, after.t_us)
        if scene < len(boundaries_us):
            end_us = min(end_us, boundaries_us[scene])
        yield _Shown(here.t_us, end_us, _box(track, here), track.label)


def _box(track: Track, sample: TrackSample) -> Json:
    box: Json = {"track": track.number, "label": track.label, "box": _rounded(sample.box)}
    if sample.keypoints is not None:
        points = zip(track.keypoint_names, sample.keypoints, strict=True)
        box["keypoints"] = {name: _rounded(point) for name, point in points}
    return box


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(value, 4) for value in values]
