"""A timeline in characters: whatever the film, each row has the whole width, and nothing is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_client.cli.drawing import Drawing, Film
from sightglass_client.findings import Boundary, Motion, Scene, Span, Text, Track

SECOND = 1_000_000
KINDS = ["start", "cut", "fade", "fade_in", "fade_out", "dissolve", "of a newer server"]


def scene(number: int, start_s: float, end_s: float, kind: str = "cut", motion: str | None = None) -> Scene:
    return Scene(
        number=number,
        start_us=round(start_s * SECOND),
        end_us=round(end_s * SECOND),
        boundary=Boundary(kind=kind),
        motion=Motion(kind=motion) if motion else None,
    )


def text(*spans: tuple[float, float]) -> Text:
    box = (0.0, 0.0, 1.0, 1.0)
    places = tuple(Span(start_us=round(a * SECOND), end_us=round(b * SECOND), box=box) for a, b in spans)
    return Text(number=0, start_us=places[0].start_us, end_us=places[-1].end_us, text="•", spans=places)


def track(start_s: float, end_s: float) -> Track:
    start_us, end_us = round(start_s * SECOND), round(end_s * SECOND)
    return Track(number=0, method="motion", label="moving", start_us=start_us, end_us=end_us)


def film(seconds: float, *found: Scene | Text | Track) -> Film:
    return Film(
        round(seconds * SECOND),
        [one for one in found if isinstance(one, Scene)],
        [one for one in found if isinstance(one, Text)],
        [one for one in found if isinstance(one, Track)],
    )


def drawn(of: Film, width: int = 20) -> dict[str, str]:
    return Drawing(of, width, ascii_only=True).rows()


def test_scenes_are_bars_that_begin_with_their_kind() -> None:
    scenes = [scene(0, 0, 5, "start"), scene(1, 5, 10, "fade_in"), scene(2, 10, 19, "dissolve"), scene(3, 19, 20)]
    assert drawn(film(20, *scenes))["scenes"] == "[0===/1---~2=======|"


def test_boundaries_that_share_a_column_are_shown_as_several() -> None:
    row = drawn(film(20, scene(0, 0, 5.1, "start"), scene(1, 5.1, 5.5), scene(2, 5.5, 20)))["scenes"]
    assert row == "[0===#=============="


def test_texts_are_counted_where_they_stand_and_not_between() -> None:
    assert drawn(film(20, text((0, 2), (10, 12)), text((1, 3))))["texts"] == "121.......11........"


def test_more_than_nine_at_once_are_a_plus() -> None:
    assert drawn(film(20, *[track(0, 1)] * 9, *[track(1, 2)] * 10))["tracks"] == "9+" + "." * 18


def test_motion_shows_the_strongest_kind_of_a_column() -> None:
    kinds = [scene(0, 0, 5, motion="still"), scene(1, 5, 10, motion="camera"), scene(2, 10, 15, motion="object")]
    row = drawn(film(20, *kinds, scene(3, 15, 19, motion="both"), scene(4, 19, 20)))["motion"]
    assert row == "-----cccccooooobbbb."
    assert drawn(film(20, scene(0, 0, 0.4, motion="both"), scene(1, 0.4, 20, motion="still")))["motion"][:2] == "b-"


@pytest.mark.parametrize(
    ("seconds", "width", "ruler"),
    [
        (20, 20, "0:00      0:10      "),
        (1, 40, "0:00.0  0:00.2  0:00.4  0:00.6  0:00.8  "),
        (7200, 40, "0:00:00   0:30:00   1:00:00   1:30:00   "),
        (0.000001, 20, "0:00.0              "),
        (10**9, 20, "0:00:00             "),
    ],
)
def test_the_ruler_tells_times_that_do_not_touch(seconds: float, width: int, ruler: str) -> None:
    assert drawn(film(seconds), width)["time"] == ruler


def test_the_legend_names_what_is_there_and_no_more() -> None:
    shown = Drawing(film(20, scene(0, 0, 5, "start", "camera"), scene(1, 5, 20, "fade_out")), 20, ascii_only=True)
    assert shown.legend() == "scenes: [ start, \\ fade out; motion: c camera; texts and tracks: how many at once"


times = st.integers(min_value=0, max_value=10**11)
spans = st.tuples(times, times).map(lambda ends: (min(ends), max(ends)))


@given(
    duration_us=st.integers(min_value=1, max_value=10**11),
    width=st.integers(min_value=-5, max_value=300),
    scenes=st.lists(st.tuples(spans, st.sampled_from(KINDS), st.sampled_from([None, "still", "both", "newer"]))),
    shown=st.lists(spans),
    ascii_only=st.booleans(),
)
def test_each_row_has_the_whole_width_whatever_is_drawn(
    duration_us: int,
    width: int,
    scenes: list[tuple[tuple[int, int], str, str | None]],
    shown: list[tuple[int, int]],
    ascii_only: bool,
) -> None:
    us = 1 / SECOND
    found = [scene(n, a * us, b * us, kind, motion) for n, ((a, b), kind, motion) in enumerate(scenes)]
    tracks = [track(a * us, b * us) for a, b in shown]
    drawing = Drawing(Film(duration_us, found, [], tracks), width, ascii_only=ascii_only)
    rows = drawing.rows()
    assert {len(row) for row in rows.values()} == {max(width, 20)}
    assert all(row.isascii() for row in rows.values()) or not ascii_only
    assert not shown or any(char.isdigit() or char == "+" for char in rows["tracks"])
    assert set(drawing.styles) == set(rows)


@given(st.lists(st.integers(min_value=1, max_value=5000), min_size=1, max_size=60), st.integers(20, 200))
def test_no_boundary_is_left_out(lengths: list[int], width: int) -> None:
    ends = [sum(lengths[: n + 1]) for n in range(len(lengths))]
    starts = [0, *ends[:-1]]
    scenes = [scene(n, a, b, "cut") for n, (a, b) in enumerate(zip(starts, ends, strict=True))]
    row = drawn(film(ends[-1], *scenes), width)["scenes"]
    columns = {min(width - 1, start * width // ends[-1]) for start in starts}
    assert {column for column, char in enumerate(row) if char in "|#"} == columns
