"""Regions of samples, joined to tracks of the things that move."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.association import inside_share, pairs, union_share
from sightglass_worker.domain.motion.kept import HeldTracks, KeptTracks
from sightglass_worker.domain.motion.open_tracks import OpenTrack
from sightglass_worker.domain.motion.samples import STRONG_WEIGHT
from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.domain.pose.keypoints import Keypoints

# Tracks shorter than this, or with fewer samples in all or for the time they last, are noise more
# often than things.
SHORTEST_US: Final = 300_000
_FEWEST: Final = 3
_SPARSEST_US: Final = 300_000
# How long a track waits for its thing: unseen, or in one region with another thing.
_PATIENCE_US: Final = 500_000
_SHARED_PATIENCE_US: Final = 2_500_000
# Overlaps from which a region may continue a track: clear regions, then faint ones.
_STRONG_OVERLAP: Final = 0.2
_WEAK_OVERLAP: Final = 0.4
# A region holds several things if so much of each track's box lies in it, unless it is one track's
# box nearly alone.
_INSIDE: Final = 0.6
_ALONE: Final = 0.6


class Track(NamedTuple):
    """One thing that moves within one scene.

    number: from 0, in order of start. method: how it was found; `motion` knows no pose and no kind
        of thing. samples: ascending; a gap means that it was not seen there. keypoint_names: of the
        key points of each sample, if the method finds any.
    """

    number: int
    method: str
    label: str
    start_us: int
    end_us: int
    samples: Sequence[TrackSample]
    keypoint_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackKind:
    """What tracks are of. merging: whether one region may show several things that touch each other."""

    method: str
    label: str
    merging: bool


MOVING: Final = TrackKind(method="motion", label="moving", merging=True)


class Tracks(Collection[Track]):
    """The tracks of a film in order of start, numbered from 0; each made when it is asked for."""

    def __init__(self, kind: TrackKind, kept: KeptTracks) -> None:
        self._kind = kind
        self._kept = kept

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Track]:
        for number, samples in enumerate(self._kept):
            yield Track(number, self._kind.method, self._kind.label, samples[0].t_us, samples[-1].t_us, samples)

    def __contains__(self, track: object) -> bool:
        return any(track == own for own in self)


class Sighting(Protocol):
    """A thing, or several, in one picture: a Region or a Person."""

    @property
    def box(self) -> Box:
        """Where."""
        ...

    @property
    def weight(self) -> float:
        """How clearly, 0 to 1."""
        ...

    @property
    def keypoints(self) -> Keypoints | None:
        """Its pose, if that is known."""
        ...


class Sample(Protocol):
    """All sightings of one picture: a MotionSample or a PoseSample."""

    @property
    def t_us(self) -> int:
        """When."""
        ...

    @property
    def camera(self) -> tuple[float, float]:
        """How far the whole picture moved since the sample before it."""
        ...

    @property
    def regions(self) -> Sequence[Sighting]:
        """The order means nothing."""
        ...


class TrackBuilder:
    """Joins regions to tracks as samples come; clear regions first, then faint ones to the tracks left over.

    The association in two steps is the idea of ByteTrack (Zhang and others, 2022); only clear
    regions start a track. The order of regions in a sample means nothing. Times must ascend.

    kept: where tracks go that are over; in memory if that is not said.
    """

    def __init__(self, kind: TrackKind = MOVING, kept: KeptTracks | None = None) -> None:
        self._kind = kind
        self._open: list[OpenTrack] = []
        self._kept = HeldTracks() if kept is None else kept
        self._last_us = -1
        self.dropped = 0

    def push(self, sample: Sample, *, scene_break: bool) -> None:
        """Take the next sample. scene_break: a scene began since the one before, so that this one says nothing.

        Raises ValueError when its time does not ascend.
        """
        if sample.t_us <= self._last_us:
            msg = f"sample times must ascend: {sample.t_us} us after {self._last_us} us"
            raise ValueError(msg)
        self._last_us = sample.t_us
        if scene_break:
            self.end_scene()
            return
        for track in self._open:
            track.predict(sample.t_us, sample.camera)
        self._open += self._assign(sorted(sample.regions, key=lambda region: (region.box, region.weight)))
        self._end([track for track in self._open if _is_over(track)])
        self._open = [track for track in self._open if not _is_over(track)]

    def end_scene(self) -> None:
        """What moves in this scene goes on in no other."""
        self._end(self._open)
        self._open = []

    def finish(self) -> Tracks:
        """All tracks, in order of start; those too short are counted in `dropped` instead."""
        self.end_scene()
        return Tracks(self._kind, self._kept)

    def _assign(self, regions: list[Sighting]) -> list[OpenTrack]:
        """Continue tracks with the regions that are theirs; return those that the others start."""
        alone = [region for region in regions if not (self._kind.merging and _share(self._open, region.box))]
        strong = [region for region in alone if region.weight >= STRONG_WEIGHT]
        weak = [region for region in alone if region.weight < STRONG_WEIGHT]
        free = [track for track in self._open if not track.shares_now]
        seen, left = _continued(free, strong, _STRONG_OVERLAP)
        _continued([track for track in free if track not in seen and track.seen_before], weak, _WEAK_OVERLAP)
        return [OpenTrack(self._last_us, region.box, region.keypoints) for region in left]

    def _end(self, tracks: Sequence[OpenTrack]) -> None:
        for track in tracks:
            lasted_us = track.samples[-1].t_us - track.samples[0].t_us
            count = len(track.samples)
            if lasted_us >= SHORTEST_US and count >= _FEWEST and count * _SPARSEST_US >= lasted_us:
                self._kept.add(track.samples)
            else:
                self.dropped += 1


def _is_over(track: OpenTrack) -> bool:
    if len(track.samples) == 1 and not track.sharing:
        return track.unseen_us > 0  # without a speed yet there is nowhere to wait for it
    return track.unseen_us > (_SHARED_PATIENCE_US if track.sharing else _PATIENCE_US)


def _share(tracks: Sequence[OpenTrack], box: Box) -> bool:
    """Whether a region shows the things of several tracks at once, one before or beside another; tell them so."""
    inside = [track for track in tracks if inside_share(track.box, box) >= _INSIDE]
    if len(inside) < 2:
        return False
    if any(union_share(track.box, box) >= _ALONE for track in inside) and not any(track.sharing for track in inside):
        return False
    for track in inside:
        track.share()
    return True


def _continued(
    tracks: Sequence[OpenTrack], regions: Sequence[Sighting], least: float
) -> tuple[list[OpenTrack], list[Sighting]]:
    """Continue each track with the region that is its own; return those tracks, and the regions left over."""
    found = pairs([track.box for track in tracks], [region.box for region in regions], least)
    for here, there in found:
        tracks[here].see(regions[there].box, regions[there].keypoints)
    taken = {there for _, there in found}
    return [tracks[here] for here, _ in found], [region for i, region in enumerate(regions) if i not in taken]
