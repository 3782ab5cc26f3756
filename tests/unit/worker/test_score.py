"""The score of drawn movements, its parts, and when there is none."""

from collections.abc import Callable, Sequence
from math import pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.domain.motion.tracks import Track
from sightglass_worker.domain.score.score import SCORE_VERSION, Part, Score, performance_score
from sightglass_worker.domain.score.subject import subject

STEP_US = 100_000
Way = Callable[[float], tuple[float, float]]


def track(
    way: Way, *, first: int = 0, count: int = 100, number: int = 0, side: float = 0.1, missing: Sequence[int] = ()
) -> Track:
    """A box of `side` whose corner goes the `way` that is given by seconds."""
    samples = [
        TrackSample(n * STEP_US, Box(*way(n / 10), side, side)) for n in range(first, first + count) if n not in missing
    ]
    return Track(number, "motion", "moving", samples[0].t_us, samples[-1].t_us, samples)


def scored(*tracks: Track, count: int = 100, boundaries_us: Sequence[int] = (0,)) -> Score:
    return performance_score(tracks, [n * STEP_US for n in range(count)], boundaries_us)


def part(score: Score, name: str) -> Part:
    (found,) = [found for found in score.parts if found.name == name]
    return found


def swing(period_s: float, reach: float = 0.15) -> Way:
    return lambda t: (0.4 + reach * sin(2 * pi * t / period_s), 0.4)


def still(_: float) -> tuple[float, float]:
    return 0.4, 0.4


def slide(t: float) -> tuple[float, float]:
    return 0.05 + 0.08 * t, 0.4


def test_a_regular_swing_scores_by_hand() -> None:
    score = scored(track(swing(2.0)))
    assert [p.name for p in score.parts] == ["coverage", "smoothness", "range", "tempo", "symmetry"]
    assert part(score, "coverage").raw == 1.0
    # From one end to the other it goes three times its own width; a tenth of the time it is at the very ends.
    assert part(score, "range").raw == pytest.approx(3.0 * sin(0.4 * pi), rel=0.01)
    assert part(score, "tempo").raw == pytest.approx(1.0, abs=0.02)
    # A sine of period P over T: pi^2 / 8 * (2 pi T / P)^4, here of T = 1.9 s, a little less when smoothed.
    assert part(score, "smoothness").raw == pytest.approx(-3.2, abs=0.15)
    known = [p for p in score.parts if p.score is not None]
    expected = sum(p.weight * (p.score or 0) for p in known) / sum(p.weight for p in known)
    assert score.total == pytest.approx(expected, abs=0.06)
    assert (score.version, score.reason) == (SCORE_VERSION, None)


def test_shaking_is_less_smooth_than_a_swing_and_a_slide_is_smoothest() -> None:
    def shaking(t: float) -> tuple[float, float]:
        x, y = swing(4.0)(t)
        return x + 0.02 * sin(2 * pi * 3.1 * t), y

    raws = [part(scored(track(way)), "smoothness").raw for way in (shaking, swing(4.0), slide)]
    assert None not in raws
    assert raws == sorted(raws, key=lambda raw: raw or 0)
    assert raws[0] != raws[1] != raws[2]


def test_the_rounding_of_boxes_does_not_make_a_steady_movement_rough() -> None:
    def rounded(t: float) -> tuple[float, float]:
        return round(slide(t)[0] * 128) / 128, 0.4

    raws = [part(scored(track(way)), "smoothness").raw for way in (rounded, swing(2.0))]
    assert raws[0] is not None
    assert raws[0] > (raws[1] or 0)


def test_a_slide_has_no_tempo() -> None:
    assert (part(scored(track(slide)), "tempo").score or 0) == 0


def test_a_rhythm_is_found_in_what_goes_on_its_way() -> None:
    def stepping(t: float) -> tuple[float, float]:
        return slide(t)[0] + 0.02 * sin(2 * pi * t / 1.0), 0.4

    assert part(scored(track(stepping)), "tempo").raw == pytest.approx(1.0, abs=0.1)


def test_a_missing_part_is_null_and_its_weight_goes_to_the_others() -> None:
    score = scored(track(still))
    for name, reason in (("smoothness", "movement"), ("tempo", "movement"), ("symmetry", "pose")):
        found = part(score, name)
        assert (found.raw, found.score) == (None, None)
        assert reason in (found.missing or "")
    # All that is left: full coverage and no range at all, of equal weight.
    assert score.total == 50.0


def test_there_is_no_score_of_what_was_tracked_for_less_than_a_fifth() -> None:
    assert scored(track(slide, count=20)).total is not None
    short = scored(track(slide, count=19))
    assert (short.total, short.reason) == (None, "nothing tracked for long enough")
    assert part(short, "coverage").raw == 0.19


@pytest.mark.parametrize("count", [0, 50])
def test_a_film_without_tracks_has_no_score_but_all_parts(count: int) -> None:
    score = scored(count=count)
    assert (score.total, len(score.parts)) == (None, 5)
    assert all(p.raw in (None, 0.0) and p.missing != "" for p in score.parts)


def test_a_part_says_what_it_was_made_of() -> None:
    score = scored(track(swing(2.0), first=10, count=60))
    assert [(p.from_us, p.to_us, p.count) for p in score.parts[:4]] == [
        (0, 9_900_000, 100),
        (1_400_000, 6_300_000, 4),
        (1_000_000, 6_900_000, 60),
        (1_000_000, 6_900_000, 60),
    ]


def test_nothing_is_made_up_over_a_gap() -> None:
    gap = range(30, 70)
    score = scored(track(swing(2.0), missing=gap))
    assert part(score, "coverage").raw == 0.6
    # Two runs of three seconds, each shorter by 0.8 s when smoothed, hold a window each.
    assert part(score, "smoothness").count == 2
    assert part(score, "tempo").count == 30


def test_the_subject_has_most_area_and_time() -> None:
    small, large = track(slide, count=90, side=0.1), track(still, number=1, count=30, side=0.2)
    assert subject([small, large], []) == large.samples
    assert subject([small, large._replace(samples=large.samples[:20])], []) == small.samples
    assert subject([], []) == []


def test_a_subject_goes_on_after_a_short_gap_nearby_but_not_over_a_cut() -> None:
    first, later = track(slide, count=40), track(slide, first=45, count=50, number=1)
    assert subject([first, later], [0]) == [*first.samples, *later.samples]
    assert subject([first, later], [0, 4_200_000]) == later.samples
    elsewhere = track(lambda t: (0.05, 0.8), first=45, count=50, number=1)
    assert subject([first, elsewhere], [0]) == elsewhere.samples
    waiting, much_later = track(still, count=40), track(still, first=51, count=50, number=1)
    assert subject([waiting, much_later], [0]) == much_later.samples


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(4, 40), st.floats(0.05, 0.5), st.floats(0.4, 4)),
        max_size=5,
    )
)
def test_every_score_lies_between_0_and_100(
    given_tracks: list[tuple[int, int, float, float]],
) -> None:
    tracks = [
        track(swing(period), first=first, count=count, side=side, number=number)
        for number, (first, count, side, period) in enumerate(sorted(given_tracks))
    ]
    score = scored(*tracks)
    for value in (score.total, *(p.score for p in score.parts)):
        assert value is None or 0 <= value <= 100
    assert all((p.raw is None) == (p.score is None) == (p.missing is not None) for p in score.parts)


def test_the_weights_make_one() -> None:
    assert sum(p.weight for p in scored().parts) == pytest.approx(1.0)
