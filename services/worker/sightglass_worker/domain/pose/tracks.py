"""Persons of samples, joined to tracks by the association that joins what moves."""

from collections.abc import Iterable, Sequence
from typing import Final

from sightglass_worker.domain.motion.tracks import Track, TrackBuilder, TrackKind
from sightglass_worker.domain.pose.people import PoseSample

PERSON: Final = TrackKind(method="pose", label="person", merging=False)


def person_tracks(
    samples: Iterable[PoseSample], boundaries_us: Sequence[int], names: tuple[str, ...], first_number: int
) -> list[Track]:
    """The tracks of all persons, in order of start, none beyond a scene.

    boundaries_us: where scenes start, ascending. names: of the key points. first_number: of the first track.
    """
    builder = TrackBuilder(PERSON)
    coming = iter(boundaries_us)
    boundary_us = next(coming, None)
    for sample in samples:
        while boundary_us is not None and boundary_us <= sample.t_us:
            builder.end_scene()
            boundary_us = next(coming, None)
        builder.push(sample, scene_break=False)
    return [track._replace(number=first_number + track.number, keypoint_names=names) for track in builder.finish()]
