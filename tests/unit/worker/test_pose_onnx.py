"""A user's own model: its input, what it gives, and what is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests import onnx_models
from tests.onnx_models import HEIGHT, NAMES, WIDTH, constant_model, heatmap_model, manifest_of, simcc_model
from tests.poses import COLUMNS, ROWS, drawn_person, person

from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.pose.people import Person
from sightglass_worker.engines.errors import EngineMissing
from sightglass_worker.pose.decoders import DECODERS, Size, heatmap, simcc, yolo_pose
from sightglass_worker.pose.engine import MOST_PEOPLE, Picture
from sightglass_worker.pose.letterbox import letterboxed
from sightglass_worker.pose.manifest import Manifest
from sightglass_worker.pose.onnx_engine import OnnxEngine

SMALL = Size(width=64, height=32, points=2)


def engine(model: bytes, decoder: str, **changes: Any) -> OnnxEngine:
    return OnnxEngine(Manifest.model_validate(manifest_of(model, decoder, **changes)), model)


def found(model: bytes, decoder: str, rgb: Pixels, **changes: Any) -> list[Person]:
    return engine(model, decoder, **changes).find(Picture(rgb, first=True))


@pytest.mark.parametrize(
    ("model", "decoder"), [(heatmap_model, "heatmap"), (simcc_model, "simcc")], ids=["heatmap", "simcc"]
)
def test_a_body_is_found_where_it_is(model: Callable[[], bytes], decoder: str) -> None:
    places = person(20, 60)
    (one,) = found(model(), decoder, drawn_person(places))
    # A step of the maps is 4 pixels of the input, which is half the picture.
    for name, point in zip(NAMES, one.keypoints, strict=True):
        assert abs(point.x * COLUMNS - places[name][0]) <= 8, name
        assert abs(point.y * ROWS - places[name][1]) <= 8, name
        assert point.confidence > 0.9
    assert one.weight > 0.9
    assert found(model(), decoder, np.zeros((ROWS, COLUMNS, 3), np.uint8)) == []


def test_channels_layout_mean_and_deviation_are_those_of_the_manifest() -> None:
    rgb = drawn_person(person(20, 60))
    (one,) = found(heatmap_model(), "heatmap", rgb)
    (other,) = found(heatmap_model(), "heatmap", rgb[:, :, ::-1], channels="bgr")
    assert one == other
    (without_red,) = found(heatmap_model(), "heatmap", rgb, mean=[255, 0, 0])
    assert [point.confidence > 0.5 for point in without_red.keypoints] == [False, True, True, False, True, False]
    assert found(heatmap_model(), "heatmap", rgb, std=[2550, 2550, 2550]) == []
    table = np.zeros((1, 5 + 3 * len(NAMES), 1))
    last = constant_model(table, (1, HEIGHT, WIDTH, 3))
    assert found(last, "yolo-pose", rgb, layout="nhwc") == []
    with pytest.raises(EngineMissing, match="does not fit"):
        engine(last, "yolo-pose")


def column(left: float, top: float, weight: float, points: float = 1.0) -> list[float]:
    """A person of 40 x 40 pixels of the input, all of whose key points are its middle."""
    middle = [left + 20, top + 20]
    return [*middle, 40, 40, weight, *[*middle, points] * len(NAMES)]


@pytest.mark.parametrize("turned", [False, True])
def test_several_persons_are_found_each_once(turned: bool) -> None:
    rows = [column(60, 30, 0.8), column(62, 31, 0.9), column(10, 30, 0.3), column(110, 30, 0.2)]
    table = np.array([rows]) if turned else np.array([rows]).transpose(0, 2, 1)
    rgb = np.full((180, 320, 3), 255, np.uint8)
    people = found(constant_model(table), "yolo-pose", rgb)
    assert [round(p.weight, 6) for p in people] == [0.9, 0.3]
    # The picture fills the width, and has three rows of gray above it.
    assert people[0].box == pytest.approx((62 / 160, 28 / 90, 40 / 160, 40 / 90), abs=1e-6)
    assert next(iter(people[1].keypoints)) == pytest.approx((30 / 160, 47 / 90, 1.0), abs=1e-6)


def test_what_lies_outside_of_the_picture_was_not_seen() -> None:
    table = np.array([[column(-30, 30, 0.9), column(200, 30, 0.8)]]).transpose(0, 2, 1)
    (one,) = found(constant_model(table), "yolo-pose", np.full((180, 320, 3), 255, np.uint8))
    assert one.box == pytest.approx((0, 27 / 90, 10 / 160, 40 / 90), abs=1e-6)
    assert {point.confidence for point in one.keypoints} == {0.0}


@pytest.mark.parametrize(
    ("model", "decoder", "says"),
    [
        (heatmap_model(), "simcc", "this model gives"),
        (simcc_model(), "heatmap", "this model gives"),
        (heatmap_model(), "yolo-pose", "this model gives"),
        (constant_model(np.zeros((1, 17, 8, 8))), "heatmap", "this model gives"),
        (constant_model(np.zeros((1, 6, 8, 8)), (1, 3, 32, 32)), "heatmap", "32"),
        (b"no model", "heatmap", "does not fit"),
        (onnx_models.with_outside_weights(), "heatmap", "does not fit"),
    ],
    ids=["simcc", "heatmap", "yolo", "points", "size", "garbage", "outside"],
)
def test_a_model_that_does_not_fit_its_manifest_is_refused_and_says_why(model: bytes, decoder: str, says: str) -> None:
    with pytest.raises(EngineMissing, match=says):
        engine(model, decoder)


def test_a_point_of_a_heatmap_leans_towards_its_higher_neighbour() -> None:
    maps = np.zeros((1, 2, 8, 16))
    maps[0, :, 3, 5], maps[0, :, 3, 6], maps[0, :, 2, 5] = 0.9, 0.5, 0.4
    (body,) = heatmap([maps], SMALL)
    assert body.points[0] == pytest.approx(((5.5 + 0.25) * 4, (3.5 - 0.25) * 4, 0.9))


def test_a_coordinate_of_simcc_is_as_certain_as_the_less_certain_of_both() -> None:
    across, down = np.zeros((1, 2, 128)), np.zeros((1, 2, 64))
    across[0, :, 100], down[0, :, 40] = 0.9, 0.6
    (body,) = simcc([across, down], SMALL)
    assert body.points[0] == pytest.approx((50, 20, 0.6))
    assert body.weight == pytest.approx(0.6)
    down[:] /= 3
    assert simcc([across, down], SMALL) == []


ANY = st.floats(width=32)


@settings(max_examples=50, deadline=None)
@given(st.data(), st.sampled_from(sorted(DECODERS)))
def test_whatever_a_model_gives_comes_out_within_bounds(data: st.DataObject, decoder: str) -> None:
    shapes = {
        "simcc": [(1, 2, 12), (1, 2, 8)],
        "heatmap": [(1, 2, 3, 4)],
        "yolo-pose": [(1, 11, 14)],
    }
    outputs = [data.draw(arrays(np.float32, shape, elements=ANY)) for shape in shapes[decoder]]
    with np.errstate(all="raise", under="ignore"):
        bodies = DECODERS[decoder](outputs, SMALL)
    assert len(bodies) <= MOST_PEOPLE
    for body in bodies:
        assert 0.25 <= body.weight <= 1
        assert np.isfinite(body.points).all()


def test_no_two_persons_of_a_model_are_one() -> None:
    rng = np.random.default_rng(3)
    table = np.concatenate([rng.uniform(0, 60, (400, 4)), rng.uniform(0, 1, (400, 7))], axis=1)
    bodies = yolo_pose([table.T[np.newaxis]], SMALL)
    assert len(bodies) == MOST_PEOPLE
    weights = [body.weight for body in bodies]
    assert weights == sorted(weights, reverse=True)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(16, 64), st.integers(16, 64))
def test_places_in_the_input_lead_back_to_the_picture(rows: int, columns: int, width: int, height: int) -> None:
    fitted, placing = letterboxed(np.full((rows, columns, 3), 255, np.uint8), width, height)
    assert fitted.shape == (height, width, 3)
    white = np.argwhere((fitted == 255).all(axis=2))
    corners = np.array([white.min(axis=0)[::-1], white.max(axis=0)[::-1] + 1])
    assert placing.back(corners.astype(float)).ravel() == pytest.approx([0, 0, 1, 1])
    assert width in (placing.width, placing.left * 2 + placing.width) or placing.height == height
