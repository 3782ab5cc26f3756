"""The symmetry part of the score, and a person as the score's subject."""

from collections.abc import Callable
from math import cos, pi, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.onnx_models import NAMES
from tests.poses import COLUMNS, ROWS, person

from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.domain.motion.tracks import Track
from sightglass_worker.domain.pose.keypoints import Keypoints
from sightglass_worker.domain.pose.people import box_around
from sightglass_worker.domain.score.parts import Measured
from sightglass_worker.domain.score.runs import POSE_GAP_US
from sightglass_worker.domain.score.score import Part, Score, performance_score
from sightglass_worker.domain.score.symmetry import symmetry

STEP_US = 200_000
ASPECT = COLUMNS / ROWS
Bend = Callable[[float], float]


def swing(reach: float, period_s: float = 2.0, phase: float = 0.0) -> Bend:
    return lambda t: reach / 2 * (1 - cos(2 * pi * (t / period_s + phase)))


def samples(left: Bend, right: Bend, *, count: int = 50) -> list[TrackSample]:
    """Somebody whose elbows bend by so many degrees at each time, in seconds."""
    found: list[TrackSample] = []
    for number in range(count):
        t = number * STEP_US / 1e6
        places = person(left(t), right(t), 160 + 12 * sin(2 * pi * t / 2))
        points = Keypoints.of((x / COLUMNS, y / ROWS, 1.0) for x, y in (places[name] for name in NAMES))
        box = box_around(points)
        assert box is not None
        found.append(TrackSample(number * STEP_US, box, points))
    return found


def measured(left: Bend, right: Bend, count: int = 50) -> Measured:
    return symmetry(samples(left, right, count=count), NAMES, ASPECT)


def test_both_sides_alike_are_1_and_half_as_far_is_a_half() -> None:
    alike = measured(swing(80), swing(80))
    assert alike.raw == pytest.approx(1.0, abs=1e-4)
    assert (alike.missing, alike.from_us, alike.to_us, alike.count) == (None, 0, 9_800_000, 50)
    assert measured(swing(80), swing(40)).raw == pytest.approx(0.5, abs=0.02)
    assert measured(swing(80), swing(0)).raw == pytest.approx(0.0, abs=0.02)


@given(st.floats(20, 120), st.floats(0, 120), st.floats(0, 1))
def test_it_is_how_far_each_side_bends_whichever_it_is_and_whenever(one: float, other: float, phase: float) -> None:
    raw = measured(swing(one), swing(other)).raw
    assert raw is not None
    assert 0 <= raw <= 1
    assert measured(swing(other), swing(one)).raw == pytest.approx(raw, abs=1e-3)
    # The percentiles fall between other samples of a moved swing.
    assert measured(swing(one, phase=phase), swing(other, phase=0.5)).raw == pytest.approx(raw, abs=0.1)


def test_angles_are_those_of_the_picture_not_of_its_square() -> None:
    tilted = [(radians(a), radians(a + 60)) for a in range(50)]

    def pose(one: float, other: float, aspect: float) -> Keypoints:
        middle = (0.5, 0.5)
        ends = [(0.5 + 0.1 * cos(a) / aspect, 0.5 + 0.1 * sin(a)) for a in (one, other)]
        side = [ends[0], middle, ends[1]]
        return Keypoints.of((x, y, 1.0) for x, y in [*side, *side])

    for aspect in (0.5, 1.0, 2.4):
        turning = [TrackSample(n * STEP_US, box, pose(a, b, aspect)) for n, (a, b) in enumerate(tilted)
                   if (box := box_around(pose(a, b, aspect)))]  # fmt: skip
        # An arm that turns as a whole does not bend.
        assert symmetry(turning, NAMES, aspect).missing == "hardly any joint bends"


def test_what_cannot_be_told_is_missing_and_says_why() -> None:
    held = swing(0)
    assert measured(held, held).missing == "hardly any joint bends"
    assert measured(swing(80), swing(80), count=9).missing == "no joint seen on both sides for two seconds"
    found = samples(swing(80), swing(80))
    hidden = [s._replace(keypoints=Keypoints.of((p.x, p.y, 0.29) for p in s.keypoints or ())) for s in found]
    assert symmetry(hidden, NAMES, ASPECT).missing == "no joint seen on both sides for two seconds"
    assert symmetry(found, tuple(f"point_{n}" for n in range(6)), ASPECT).raw is None
    assert symmetry([], NAMES, ASPECT).missing == "nothing tracked"
    assert symmetry([], (), ASPECT).missing == "needs a pose"


def scored(found: list[TrackSample]) -> Score:
    track = Track(3, "pose", "person", found[0].t_us, found[-1].t_us, found, NAMES)
    looks = [sample.t_us for sample in found]
    return performance_score([track], looks, [0], gap_us=POSE_GAP_US, aspect=ASPECT)


def part(score: Score, name: str) -> Part:
    (found,) = [found for found in score.parts if found.name == name]
    return found


def test_a_person_scores_in_all_five_parts() -> None:
    score = scored(samples(swing(80), swing(60)))
    assert all(part.score is not None for part in score.parts)
    assert part(score, "symmetry").raw == pytest.approx(0.75, abs=0.02)
    assert part(score, "symmetry").score == pytest.approx(50, abs=4)
    assert part(score, "coverage").raw == 1.0
    assert score.total == pytest.approx(sum(p.weight * (p.score or 0) for p in score.parts), abs=0.06)


def test_one_picture_without_the_person_is_no_gap() -> None:
    found = samples(swing(80), swing(80))
    some = [sample for number, sample in enumerate(found) if number % 5]
    whole, thinner = scored(found), scored(some)
    assert part(thinner, "tempo").count >= part(whole, "tempo").count - 2
    assert part(thinner, "smoothness").raw == pytest.approx(part(whole, "smoothness").raw, abs=0.3)
