"""What a long film shows, kept on a disk."""

from collections import deque
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sightglass_common.errors import OutOfDisk
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.film import MotionFold
from sightglass_worker.domain.motion.kept import HeldTracks
from sightglass_worker.domain.motion.samples import MotionSample, Region
from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.spill.file import Spill, Spills
from sightglass_worker.spill.tracks import SpilledTracks
from sightglass_worker.spill.values import SpilledList, SpillingQueue

SIDES = st.sampled_from([0.0, 0.1, 1 / 3, 0.5])
BOXES = st.builds(Box, SIDES, SIDES, SIDES, SIDES)
TRACKS = st.lists(
    st.lists(st.builds(TrackSample, st.integers(0, 5), BOXES, st.none()), min_size=1, max_size=4), max_size=12
)
REGIONS = st.lists(st.builds(Region, BOXES, st.sampled_from([0.3, 0.9])), max_size=3).map(tuple)
SAMPLES = TypeAdapter(list[MotionSample])
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spill")


@given(tracks=TRACKS)
def test_tracks_on_a_disk_come_in_the_order_of_those_in_memory(folder: Path, tracks: list[list[TrackSample]]) -> None:
    held, spilled = HeldTracks(), SpilledTracks(Spill(folder))
    for samples in tracks:
        held.add(samples)
        spilled.add(samples)
    assert len(spilled) == len(tracks)
    for _ in range(2):
        assert [list(samples) for samples in spilled] == list(held)


@given(held=st.integers(1, 4), steps=st.lists(st.booleans(), max_size=60))
def test_the_first_in_is_the_first_out(folder: Path, held: int, steps: list[bool]) -> None:
    queue, expected = SpillingQueue(TypeAdapter(list[int]), Spill(folder), held), deque[int]()
    for number, comes in enumerate(steps):
        if comes:
            queue.append(number)
            expected.append(number)
        elif expected:
            assert queue.popleft() == expected.popleft()
        else:
            with pytest.raises(IndexError):
                queue.popleft()
        assert len(queue) == len(expected)
    assert [queue.popleft() for _ in range(len(queue))] == list(expected)


@given(held=st.integers(1, 4), values=st.lists(st.integers(), max_size=20))
def test_a_list_on_a_disk_is_the_list(folder: Path, held: int, values: list[int]) -> None:
    spilled = SpilledList(TypeAdapter(list[int]), Spill(folder), held)
    for value in values:
        spilled.append(value)
    for _ in range(2):
        assert list(spilled) == values


@given(regions=st.lists(REGIONS, max_size=30), cuts=st.sets(st.integers(1, 29), max_size=4))
def test_what_moves_is_the_same_on_a_disk_and_in_memory(
    folder: Path, regions: list[tuple[Region, ...]], cuts: set[int]
) -> None:
    spilling, holding = MotionFold(SpillingQueue(SAMPLES, Spill(folder), 3), SpilledTracks(Spill(folder))), MotionFold()
    edges = [0, *sorted(cuts), 30]
    for fold in (spilling, holding):
        for n, seen in enumerate(regions):
            fold.sample(MotionSample(n * 100_000, (n - 1) * 100_000, (0.01, 0.0), 0.1, n / 7, seen))
        for start, end in pairwise(edges):
            fold.scene(start * 100_000, end * 100_000)
            fold.follow()
    spilled, held = spilling.finish(), holding.finish()
    assert [track._replace(samples=list(track.samples)) for track in spilled.tracks] == [
        track._replace(samples=list(track.samples)) for track in held.tracks
    ]
    assert (spilled.scenes, spilled.samples_us, spilled.boundaries_us) == (
        held.scenes,
        held.samples_us,
        held.boundaries_us,
    )


def test_what_is_spilled_has_no_name_and_can_be_read(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "made")
    assert spill.append(b"a" * MEGABYTE) == 0
    assert spill.append(b"bc") == MEGABYTE
    assert list((tmp_path / "made").iterdir()) == []
    assert spill.read(MEGABYTE + 1, 1) == b"c"
    assert spill.rewound().read() == b"a" * MEGABYTE + b"bc"
    spill.clear()
    assert spill.append(b"d") == 0
    assert spill.rewound().read() == b"d"


def test_a_disk_that_takes_nothing_is_an_error_with_its_code(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutOfDisk):
        Spill(tmp_path / "file")
    spill = Spill(tmp_path / "folder")
    (tmp_path / "folder").rmdir()
    with pytest.raises(OutOfDisk, match="cannot be kept"):
        spill.append(b"a" * (MEGABYTE + 1))


def test_what_was_spilled_for_work_that_failed_is_gone_with_the_error(tmp_path: Path) -> None:
    def leftovers() -> list[Path]:
        files = (file.readlink() for file in Path("/proc/self/fd").iterdir() if file.is_symlink())
        return [file for file in files if file.is_relative_to(tmp_path)]

    def fails() -> None:
        with Spills(tmp_path) as spills:
            spills.new().append(b"a" * MEGABYTE)
            assert len(leftovers()) == 1
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert leftovers() == []


def test_what_was_spilled_stays_for_as_long_as_it_is_held(tmp_path: Path) -> None:
    with Spills(tmp_path) as spills:
        kept = spills.new()
        kept.append(b"a" * MEGABYTE)
    assert kept.read(0, 1) == b"a"
