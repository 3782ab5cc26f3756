"""Samples of tracks, packed."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.open_tracks import TrackSample
from sightglass_worker.domain.motion.packed import PackedSamples, packed
from sightglass_worker.domain.pose.keypoints import Keypoints

SIDES = st.floats(0, 1)
SAMPLES = st.lists(st.builds(TrackSample, st.integers(0, 2**62), st.builds(Box, SIDES, SIDES, SIDES, SIDES)))


@given(SAMPLES, st.slices(20))
def test_packed_samples_are_the_samples(samples: list[TrackSample], part: slice) -> None:
    found = packed(samples)
    assert found == samples
    assert list(found) == samples
    assert found[part] == samples[part]
    assert [found[at] for at in range(-len(samples), len(samples))] == 2 * samples


def test_other_samples_are_not_equal() -> None:
    sample = TrackSample(1, Box(0, 0, 1, 1))
    assert packed([sample]) != [sample, sample]
    assert packed([sample]) != packed([TrackSample(2, sample.box)])


def test_samples_with_key_points_stay_as_they_are() -> None:
    samples = [TrackSample(1, Box(0, 0, 1, 1), Keypoints.of([(0.5, 0.5, 1.0)]))]
    assert packed(samples) is samples


def test_a_thousand_samples_take_forty_kilobytes() -> None:
    found = PackedSamples(TrackSample(n, Box(0, 0, 1, 1)) for n in range(1000))
    assert sum(sys.getsizeof(part) for part in (found._times_us, found._sides)) < 50_000
