"""The overlay: frames over the whole film, chunks that stand alone, and WebVTT that players take."""

import json
import re
from collections.abc import Iterable
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.domain.motion.tracks import Track
from sightglass_worker.domain.overlay.files import chunks, packed, webvtt
from sightglass_worker.domain.overlay.spans import Frame, Span, frames
from sightglass_worker.domain.pose.keypoints import Keypoints

BOX = Box(0.1, 0.2, 0.3, 0.4)


def track(times: list[int], number: int = 0, box: Box = BOX) -> Track:
    return Track(number, "motion", "moving", times[0], times[-1], [TrackSample(t, box) for t in times])


def told(found: list[Frame]) -> list[tuple[int, int, list[int]]]:
    return [(f.t_us, f.end_us, [box["track"] for box in f.boxes]) for f in found]


TIMES = st.lists(st.integers(0, 3_000_000), min_size=1, max_size=8, unique=True).map(sorted)
FILMS = st.lists(TIMES, max_size=4).map(lambda films: [track(times, n) for n, times in enumerate(sorted(films))])
SPANS = st.lists(
    st.builds(
        Span, st.integers(0, 2_000_000), st.integers(0, 4_000_000), st.text(max_size=12), st.sampled_from([None, BOX])
    ),
    max_size=4,
)


def test_a_box_holds_until_the_next_sample_or_its_time_is_over() -> None:
    found = list(frames([track([0, 100_000, 900_000])], 2_000_000))
    assert told(found) == [
        (0, 100_000, [0]),
        (100_000, 300_000, [0]),
        (300_000, 900_000, []),
        (900_000, 1_100_000, [0]),
        (1_100_000, 2_000_000, []),
    ]


def test_no_box_is_held_beyond_its_scene_or_the_film() -> None:
    found = list(frames([track([0, 100_000]), track([950_000], 1)], 1_000_000, boundaries_us=[0, 150_000]))
    assert told(found) == [
        (0, 100_000, [0]),
        (100_000, 150_000, [0]),
        (150_000, 950_000, []),
        (950_000, 1_000_000, [1]),
    ]


def test_texts_come_with_their_boxes_and_labels_without() -> None:
    spans = [Span(500_000, 900_000, "card number", Box(0.123456, 0, 0.5, 0.1)), Span(0, 700_000, "indoors")]
    found = list(frames([], 1_000_000, spans=spans))
    card = {"label": "card number", "box": [0.1235, 0, 0.5, 0.1]}
    assert [(f.t_us, f.boxes, f.labels) for f in found] == [
        (0, [], ["indoors"]),
        (500_000, [card], ["indoors"]),
        (700_000, [card], []),
        (900_000, [], []),
    ]


def test_key_points_are_shown_by_name_and_a_pose_holds_for_two_of_its_samples() -> None:
    sample = TrackSample(0, BOX, Keypoints.of([(0.51234567, 0.2, 0.9), (0.5, 0.25, 0.0)]))
    person = Track(0, "pose", "person", 0, 0, [sample], ("nose", "left_eye"))
    (frame, _) = found = list(frames([person], 1_000_000))
    assert frame.boxes[0]["keypoints"] == {"nose": [0.5123, 0.2, 0.9], "left_eye": [0.5, 0.25, 0.0]}
    assert told(found) == [(0, 400_000, [0]), (400_000, 1_000_000, [])]
    ((_, _, payload),) = cues(written(found))
    assert payload["boxes"] == frame.boxes


def test_chunks_stand_alone_and_cover_the_film_also_where_nothing_is_to_be_seen() -> None:
    spans = [Span(9_000_000, 21_000_000, "sign", BOX)]
    found = list(chunks(frames([], 35_000_000, spans=spans)))
    assert [(n, c["start_us"], c["end_us"]) for n, c in found] == [
        (0, 0, 10_000_000),
        (1, 10_000_000, 20_000_000),
        (2, 20_000_000, 30_000_000),
        (3, 30_000_000, 35_000_000),
    ]
    sign = [{"label": "sign", "box": [0.1, 0.2, 0.3, 0.4]}]
    assert [[(f["t_us"], f["boxes"]) for f in c["frames"]] for _, c in found] == [
        [(0, []), (9_000_000, sign)],
        [(10_000_000, sign)],
        [(20_000_000, sign), (21_000_000, [])],
        [(30_000_000, [])],
    ]
    assert all(c["version"] == 1 for _, c in found)


def test_a_chunk_is_small_json() -> None:
    (_, chunk), *_ = chunks(frames([track([0], box=Box(1 / 3, 0, 1, 1))], 100_000))
    assert packed(chunk) == (
        b'{"version":1,"start_us":0,"end_us":100000,"frames":'
        b'[{"t_us":0,"boxes":[{"track":0,"label":"moving","box":[0.3333,0,1,1]}],"labels":[]}]}'
    )


@given(FILMS, SPANS, st.integers(1, 5_000_000))
def test_frames_tile_the_film_and_show_what_was_sampled(
    tracks: list[Track], spans: list[Span], duration_us: int
) -> None:
    found = list(frames(tracks, duration_us, spans=spans))
    assert found[0].t_us == 0
    assert found[-1].end_us == duration_us
    assert all(
        a.end_us == b.t_us and a.t_us < a.end_us for a, b in pairwise([*found, Frame(duration_us, 2**60, [], [])])
    )
    starts = {f.t_us: f for f in found}
    for shown in tracks:
        for sample in shown.samples:
            if sample.t_us < duration_us:
                assert shown.number in [box["track"] for box in starts[sample.t_us].boxes if "track" in box]


@given(FILMS, SPANS, st.integers(1, 5_000_000), st.integers(100_000, 2_000_000))
def test_chunks_show_at_every_time_what_the_frames_show(
    tracks: list[Track], spans: list[Span], duration_us: int, chunk_us: int
) -> None:
    whole = list(frames(tracks, duration_us, spans=spans))
    found = dict(chunks(whole, chunk_us))
    assert list(found) == list(range(-(-duration_us // chunk_us)))
    for frame in whole:
        for t_us in (frame.t_us, frame.end_us - 1):
            shown = [f for f in found[t_us // chunk_us]["frames"] if f["t_us"] <= t_us][-1]
            assert (shown["boxes"], shown["labels"]) == (frame.boxes, frame.labels)


def written(found: Iterable[Frame]) -> str:
    """The file of cues that is written while frames are handed on."""
    text = BytesIO()
    shown = list(found)
    assert list(webvtt(shown, text.write)) == shown
    return text.getvalue().decode("ascii")


def cues(text: str) -> list[tuple[str, str, Any]]:
    """Cues as a player reads them: blocks between blank lines, of a line of times and a payload."""
    head, *blocks = re.split(r"\n{2,}", text.strip("\n"))
    assert head == "WEBVTT"
    found: list[tuple[str, str, Any]] = []
    for block in blocks:
        times, payload = block.split("\n")
        start, end = times.split(" --> ")
        assert "-->" not in payload
        found.append((start, end, json.loads(payload)))
    return found


def test_webvtt_has_a_cue_for_each_frame_that_shows_anything() -> None:
    text = written(frames([track([3_723_456_789])], 3_724_000_000))
    assert cues(text) == [
        (
            "01:02:03.456",
            "01:02:03.656",
            {"boxes": [{"track": 0, "label": "moving", "box": [0.1, 0.2, 0.3, 0.4]}], "labels": []},
        )
    ]


@pytest.mark.parametrize("label", ["a --> b", "two\n\nlines", "\r\r", "\u2028", "naïve ☃ <b>&amp;", '"quoted"'])
def test_no_label_breaks_a_cue(label: str) -> None:
    ((_, _, payload),) = cues(written(frames([], 1_000_000, spans=[Span(0, 1_000_000, label)])))
    assert payload["labels"] == [label]


@given(FILMS, SPANS, st.integers(1, 5_000_000))
def test_webvtt_is_well_formed_and_its_cues_ascend(tracks: list[Track], spans: list[Span], duration_us: int) -> None:
    text = written(frames(tracks, duration_us, spans=spans))
    found = cues(text) if text != "WEBVTT\n\n" else []
    assert all(start < end for start, end, _ in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
