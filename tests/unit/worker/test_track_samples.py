"""Samples of tracks, packed."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.track_samples import BYTES_EACH, PackedSamples, TrackSample

SIDES = st.floats(0, 1)
SAMPLES = st.lists(st.builds(TrackSample, st.integers(0, 2**62), st.builds(Box, SIDES, SIDES, SIDES, SIDES), st.none()))


@given(SAMPLES, st.slices(20))
def test_packed_samples_are_the_samples(samples: list[TrackSample], part: slice) -> None:
    found = PackedSamples(samples)
    assert found == samples
    assert list(found) == samples
    assert found[part] == samples[part]
    assert [found[at] for at in range(-len(samples), len(samples))] == 2 * samples


@given(SAMPLES)
def test_samples_come_back_from_their_bytes(samples: list[TrackSample]) -> None:
    data = PackedSamples(samples).tobytes()
    assert len(data) == len(samples) * BYTES_EACH
    assert PackedSamples.of_bytes(data) == samples


def test_a_part_of_a_sample_is_none() -> None:
    with pytest.raises(ValueError, match="within one"):
        PackedSamples.of_bytes(b"\0" * (BYTES_EACH + 8))


def test_other_samples_are_not_equal() -> None:
    sample = TrackSample(1, Box(0, 0, 1, 1))
    assert PackedSamples([sample]) != [sample, sample]
    assert PackedSamples([sample]) != PackedSamples([TrackSample(2, sample.box)])


def test_a_thousand_samples_take_forty_kilobytes() -> None:
    found = PackedSamples(TrackSample(n, Box(0, 0, 1, 1)) for n in range(1000))
    assert sum(sys.getsizeof(part) for part in (found._times_us, found._sides)) < 50_000
