"""Samples of motion of drawn pictures, and what those of a scene say together."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.association import union_share
from sightglass_worker.domain.motion.background import evidence
from sightglass_worker.domain.motion.finder import REACH, MotionFinder
from sightglass_worker.domain.motion.maps import STILL, Camera, Luma
from sightglass_worker.domain.motion.regions import MAX_REGIONS, regions
from sightglass_worker.domain.motion.samples import MotionKind, MotionSample, Region, scene_motion

ROWS, COLUMNS = 72, 128
STEP_US = 100_000


def wide(seed: int) -> NDArray[np.floating[Any]]:
    grid = np.random.default_rng(seed).uniform(40, 160, (40, 90))
    blocks = np.kron(grid, np.ones((5, 5)))
    for _ in range(6):
        blocks = (blocks + sum(np.roll(blocks, by, axis) for by in (1, -1) for axis in (0, 1))) / 5
    return blocks


def film(count: int, *, pan: int = 0, speed: int | None = None, noise: float = 1.5, seed: int = 1) -> list[Luma]:
    """Pictures of a wide one, `pan` samples further each time; over it a square of 16 that goes `speed` further."""
    whole, random = wide(seed), np.random.default_rng(seed)
    pictures: list[Luma] = []
    for number in range(count):
        picture = whole[40 : 40 + ROWS, 20 + pan * number : 20 + pan * number + COLUMNS].copy()
        if speed is not None:
            at = 8 + speed * number
            picture[30:46, at : at + 16] = 215
        pictures.append((picture + random.normal(0, noise, picture.shape)).astype(np.float32))
    return pictures


def square(number: int, speed: int) -> Box:
    return Box((8 + speed * number) / COLUMNS, 30 / ROWS, 16 / COLUMNS, 16 / ROWS)


def samples(pictures: list[Luma], *, first: int = 0) -> list[MotionSample]:
    finder = MotionFinder()
    found = [s for i, picture in enumerate(pictures) for s in finder.push(picture, (first + i) * STEP_US)]
    return [*found, *finder.finish()]


@pytest.mark.parametrize("pan", [0, 2, -1])
def test_a_square_is_found_where_it_is_also_while_the_camera_pans(pan: int) -> None:
    if pan < 0:
        found = samples([picture[:, ::-1] for picture in film(40, pan=1, speed=2)])
        found = [mirrored(sample) for sample in found]
    else:
        found = samples(film(40, pan=pan, speed=2))
    assert len(found) == 39
    # Near its edges a pan shows too little before and after to know the background.
    for sample in found[12:27] if pan else found:
        (region,) = sample.regions[:1]
        # Over a pan the edges that look like the background are given up.
        assert union_share(region.box, square(sample.t_us // STEP_US, 2)) > (0.6 if pan else 0.85)
        assert region.weight > 0.5


def mirrored(sample: MotionSample) -> MotionSample:
    regions = tuple(
        Region(Box(1 - r.box.x - r.box.width, r.box.y, r.box.width, r.box.height), r.weight) for r in sample.regions
    )
    return MotionSample(sample.t_us, sample.since_us, sample.camera, sample.residual, sample.magnitude, regions)


def test_a_pan_is_the_camera_and_no_region() -> None:
    found = samples(film(40, pan=3))
    assert all(sample.regions == () for sample in found)
    # The camera goes right, so the picture goes left.
    assert all(sample.camera[0] == pytest.approx(-3 / COLUMNS, abs=0.002) for sample in found)
    summary = scene_motion(found)
    assert summary is not None
    assert summary.kind is MotionKind.CAMERA
    assert summary.mean == pytest.approx(30 / COLUMNS, rel=0.1)


def test_noise_is_no_region() -> None:
    assert all(sample.regions == () for sample in samples(film(30, noise=8)))


def test_a_light_that_is_switched_on_is_no_region() -> None:
    dark, light = film(15), [picture * 1.15 + 8 for picture in film(15, seed=1)]
    assert all(sample.regions == () for sample in samples(dark + light))


def test_the_first_picture_of_a_film_and_of_a_scene_gives_no_sample() -> None:
    found = samples(film(20) + film(20, seed=2))
    assert [sample.t_us // STEP_US for sample in found] == [*range(1, 20), *range(21, 40)]
    assert all(sample.t_us - sample.since_us == STEP_US for sample in found)
    assert all(sample.regions == () for sample in found)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 24, 25, 26])
def test_short_films_give_a_sample_of_each_picture_but_the_first(count: int) -> None:
    assert [sample.t_us for sample in samples(film(count, speed=2))] == [i * STEP_US for i in range(1, count)]


@settings(max_examples=8, deadline=None)
@given(first=st.integers(1, 20), last=st.integers(50, 60))
def test_a_part_of_a_film_gives_the_samples_of_the_whole_but_near_its_ends(first: int, last: int) -> None:
    pictures = film(60, pan=1, speed=1)
    whole = {sample.t_us: sample for sample in samples(pictures)}
    part = samples(pictures[first:last], first=first)
    inner = [s for s in part if (first + REACH) * STEP_US < s.t_us < (last - REACH) * STEP_US]
    assert inner
    assert all(sample == whole[sample.t_us] for sample in inner)


def edge(at: float) -> Luma:
    """Dark on the left, light on the right of a slope of two samples."""
    across = (40 + 120 * np.clip((np.arange(COLUMNS) - at) / 2, 0, 1)).astype(np.float32)
    return np.repeat(across[None], ROWS, 0)


def test_a_camera_that_is_mistaken_by_a_quarter_of_a_sample_makes_no_difference() -> None:
    # By 2.25 samples instead of 2: through this map, the edge is not quite where it is.
    moved = [(edge(62), Camera(1.0, 2.25, 0.0))] * 4
    assert evidence(edge(60), moved).max() < 1
    # Where the camera stands still, so small a movement is one.
    assert evidence(edge(60), [(edge(60.25), STILL)] * 4).max() >= 1


def test_things_apart_are_regions_of_their_own_and_parts_near_each_other_are_one() -> None:
    evidence = np.zeros((ROWS, COLUMNS), np.float32)
    evidence[10:20, 10:30] = 4
    evidence[23:30, 12:28] = 4
    evidence[50:60, 90:100] = 1.2
    first, second = regions(evidence)
    assert first.box == Box(round(10 / 128, 4), round(10 / 72, 4), round(20 / 128, 4), round(20 / 72, 4))
    assert second.box == Box(round(90 / 128, 4), round(50 / 72, 4), round(10 / 128, 4), round(10 / 72, 4))
    assert (first.weight, second.weight) == (1.0, 0.4)


def test_regions_are_few_and_a_background_that_is_wrong_is_none() -> None:
    evidence = np.zeros((ROWS, COLUMNS), np.float32)
    evidence[4::16, 4::16] = evidence[5::16, 4::16] = 3
    for row in range(2, ROWS - 6, 16):
        for column in range(2, COLUMNS - 6, 16):
            evidence[row : row + 4, column : column + 4] = 3
    assert len(regions(evidence)) == MAX_REGIONS
    assert regions(np.full((ROWS, COLUMNS), 2, np.float32)) == ()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_every_box_lies_in_the_picture(seed: int) -> None:
    random = np.random.default_rng(seed)
    evidence = np.kron(random.uniform(0, 1.3, (9, 16)), np.ones((8, 8))).astype(np.float32)
    for region in regions(evidence[:70, :125]):
        assert 0 <= region.box.x < region.box.x + region.box.width <= 1.0001
        assert 0 <= region.box.y < region.box.y + region.box.height <= 1.0001
        assert 0 < region.weight <= 1


def sample(t: int, *, camera: float = 0.0, weight: float | None = None, magnitude: float = 0.0) -> MotionSample:
    found = () if weight is None else (Region(Box(0.1, 0.1, 0.2, 0.2), weight),)
    return MotionSample(t * STEP_US, (t - 1) * STEP_US, (camera, 0.0), 0.0, magnitude, found)


@pytest.mark.parametrize(
    ("camera", "weight", "kind"),
    [(0.0, None, "still"), (0.02, None, "camera"), (0.0, 0.9, "object"), (0.02, 0.9, "both"), (0.002, 0.2, "still")],
)
def test_a_scene_is_named_after_what_moves_in_it(camera: float, weight: float | None, kind: str) -> None:
    found = scene_motion([sample(t, camera=camera, weight=weight) for t in range(1, 11)])
    assert found is not None
    assert found.kind == kind


def test_what_moves_for_less_than_a_quarter_of_a_scene_does_not_name_it() -> None:
    few = [sample(t, camera=0.05 if t <= 2 else 0.0, weight=0.9 if t > 8 else None) for t in range(1, 11)]
    found = scene_motion(few)
    assert found is not None
    assert found.kind is MotionKind.STILL


def test_the_mean_and_the_95th_percentile_are_of_all_samples() -> None:
    found = scene_motion([sample(t, magnitude=t / 100) for t in range(1, 101)])
    assert found is not None
    assert (found.mean, found.p95) == (pytest.approx(0.505), pytest.approx(0.95))


def test_a_scene_without_samples_has_no_motion() -> None:
    assert scene_motion([]) is None
