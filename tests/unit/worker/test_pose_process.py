"""The pose engine's process: what it finds, how it fails, and what is refused when the worker starts."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from tests.onnx_models import NAMES, heatmap_model, manifest_of, written
from tests.poses import COLUMNS, ROWS, drawn_person, person
from tests.processes import children

from sightglass_worker.domain.pose.people import Person, PoseLook
from sightglass_worker.engines.errors import CallFailed, EngineMissing
from sightglass_worker.pose import mediapipe_parts
from sightglass_worker.pose.engine import Picture
from sightglass_worker.pose.film import FilmPoses
from sightglass_worker.pose.finders import PoseEngineName, PoseFinders, pose_finders
from sightglass_worker.pose.limits import PoseLimits
from sightglass_worker.pose.manifest import parsed_manifest
from sightglass_worker.pose.model_file import held
from sightglass_worker.pose.process import PoseChoice, PoseFinder

Finder = Callable[..., PoseFinder]
NO_S3: Any = None
MODEL = heatmap_model()
RGB = drawn_person(person(20, 60))


@pytest.fixture(autouse=True)
async def no_process_left() -> AsyncIterator[None]:
    before = children()
    yield
    assert children() <= before


@pytest.fixture
def finder() -> Any:
    """A finder with the model of coloured dots; ended after the test."""
    manifest = parsed_manifest(json.dumps(manifest_of(MODEL, "heatmap")).encode(), "a")
    made: list[PoseFinder] = []

    def make(**limits: Any) -> PoseFinder:
        made.append(PoseFinder(PoseChoice("onnx", model), PoseLimits(**limits)))
        return made[-1]

    with held(manifest, MODEL, "a") as model:
        yield make
        for one in made:
            one.end()


def look(t_us: int) -> PoseLook:
    return PoseLook(t_us, COLUMNS, ROWS, RGB.tobytes())


async def test_a_process_that_dies_fails_one_picture_and_the_next_gets_a_new_one(finder: Finder) -> None:
    one = finder()
    await one.start()
    assert one.names == NAMES
    before = await one.find(Picture(RGB, first=True))
    assert len(before) == 1
    assert one.pid is not None
    os.kill(one.pid, signal.SIGKILL)
    with pytest.raises(CallFailed) as failed:
        await one.find(Picture(RGB, first=False))
    assert (failed.value.reason, one.pid) == ("out_of_memory", None)
    assert await one.find(Picture(RGB, first=False)) == before


async def test_a_process_that_hangs_is_ended_in_time(finder: Finder) -> None:
    one = finder(call_wall_s=0.3)
    await one.start()
    assert one.pid is not None
    os.kill(one.pid, signal.SIGSTOP)
    with pytest.raises(CallFailed) as failed:
        await one.find(Picture(RGB, first=True))
    assert (failed.value.reason, one.pid) == ("timeout", None)


async def test_a_cancelled_picture_ends_its_process(finder: Finder) -> None:
    one = finder()
    await one.start()
    assert one.pid is not None
    os.kill(one.pid, signal.SIGSTOP)
    finding = asyncio.create_task(one.find(Picture(RGB, first=True)))
    await asyncio.sleep(0)
    finding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await finding
    assert one.pid is None


async def test_the_process_opens_no_file_and_knows_nothing_of_the_worker(
    finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    one = finder(memory_bytes=1024**3)
    await one.start()
    folder = Path(f"/proc/{one.pid}")
    limits = {line[:26].strip(): line[26:].split() for line in (folder / "limits").read_text().splitlines()[1:]}
    assert limits["Max open files"][:2] == ["3", "3"]
    assert limits["Max file size"][:2] == ["0", "0"]
    assert limits["Max processes"][:2] == ["0", "0"]
    assert limits["Max address space"][0] == str(1024**3)
    assert b"AWS" not in (folder / "environ").read_bytes()
    assert len(list((folder / "fd").iterdir())) == 3


async def test_too_little_memory_is_said_when_it_starts(finder: Finder) -> None:
    with pytest.raises(EngineMissing):
        await finder(memory_bytes=64 * 1024**2).start()


async def opened(engine: PoseEngineName, model: str | None) -> None:
    async with pose_finders(engine, model, NO_S3):
        pass


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sha256": "0" * 64}, "has the sha256"),
        ({"decoder": "simcc"}, "this model gives"),
        ({"decoder": "pickle"}, "decoder: Input should be"),
        ({"keypoints": ["nose"]}, "keypoints: Tuple should have at least 2 items"),
        ({"keypoints": ["nose", "nose"]}, "a name stands there twice"),
        ({"input": {"width": 160}}, "input.height: Field required"),
        ({"input": {"width": 160, "height": 96, "std": [1, 0, 1]}}, "greater than 0"),
        ({"code": "os.system"}, "code: Extra inputs"),
    ],
    ids=["sha256", "other decoder", "no decoder", "few", "twice", "height", "std", "more"],
)
async def test_a_model_that_is_not_what_its_manifest_says_is_refused_at_once(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    model = written(tmp_path, MODEL, manifest_of(MODEL, "heatmap") | changes)
    with pytest.raises(EngineMissing, match=says):
        await opened("onnx", model)


async def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match="SIGHTGLASS_POSE_MODEL"):
        await opened("onnx", None)
    with pytest.raises(EngineMissing, match=r"none\.onnx\.json cannot be read: No such file"):
        await opened("onnx", str(tmp_path / "none.onnx"))
    (tmp_path / "pose.onnx.json").write_text("{")
    with pytest.raises(EngineMissing, match="is wrong: it: Invalid JSON"):
        await opened("onnx", str(tmp_path / "pose.onnx"))
    with pytest.raises(EngineMissing, match="is no s3://bucket/key"):
        await opened("onnx", "s3://bucket")
    model = written(tmp_path, b"", manifest_of(b"", "heatmap"))
    with pytest.raises(EngineMissing, match="has 0 bytes"):
        await opened("onnx", model)


def test_a_model_that_was_checked_cannot_be_changed_any_more() -> None:
    manifest = parsed_manifest(json.dumps(manifest_of(MODEL, "heatmap")).encode(), "a")
    with held(manifest, MODEL, "a") as model:
        for change in (
            lambda: os.pwrite(model.descriptor, b"x", 0),
            lambda: os.ftruncate(model.descriptor, 1),
            lambda: os.pwrite(model.descriptor, b"x", len(MODEL)),
        ):
            with pytest.raises(PermissionError):
                change()


async def test_a_process_is_kept_from_film_to_film(tmp_path: Path) -> None:
    model = written(tmp_path, MODEL, manifest_of(MODEL, "heatmap"))
    async with pose_finders("onnx", model, NO_S3) as finders:
        Path(model).unlink()  # it was read when the worker started
        assert finders is not None
        before = children()
        found = [await film_of(finders) for _ in range(2)]
        assert children() == before
        async with finders.film(), finders.film() as second:
            await second.take(look(0))
            assert len(children() - before) == 1
    assert found[0] == found[1] == 5


async def film_of(finders: PoseFinders) -> int:
    async with finders.film() as film:
        for number in range(5):
            await film.take(look(200_000 * number))
        (track,) = film.finish([0], 0).tracks
        return len(track.samples)


async def test_no_engine_is_no_finder() -> None:
    async with pose_finders("none", None, NO_S3) as finders:
        assert finders is None


async def test_after_three_failures_in_a_row_no_more_is_tried_and_all_is_counted() -> None:
    answers: list[str] = ["", "timeout", "", "timeout", "timeout", "decoder_crashed"]
    asked: list[bool] = []

    async def find(picture: Picture) -> list[Person]:
        asked.append(picture.first)
        reason = answers[len(asked) - 1]
        if reason:
            raise CallFailed(reason)
        return []

    film = FilmPoses(find, NAMES)
    for number in range(9):
        await film.take(look(200_000 * number))
    people = film.finish([0], 0)
    assert asked == [True, *[False] * 5]
    coverage = people.coverage
    assert (coverage.looks, coverage.found, coverage.failed, coverage.reason) == (9, 0, 7, "timeout")
    assert people.looks_us == [200_000 * number for number in range(9)]
    assert people.aspect == COLUMNS / ROWS


def spec_of(folder: Path) -> Mock:
    return Mock(return_value=ModuleSpec("mediapipe", None, origin=str(folder / "mediapipe" / "__init__.py")))


async def test_mediapipe_that_is_not_there_or_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mediapipe_parts, "find_spec", Mock(return_value=None))
    with pytest.raises(EngineMissing, match=r"mediapipe 0\.10\.21 is not installed \(`make pose`"):
        await opened("mediapipe", None)
    monkeypatch.setattr(mediapipe_parts, "find_spec", spec_of(tmp_path))
    monkeypatch.setattr(mediapipe_parts, "version", Mock(return_value="0.10.35"))
    with pytest.raises(EngineMissing, match=r"mediapipe 0\.10\.35 is installed, and 0\.10\.21 is needed"):
        await opened("mediapipe", None)


async def test_mediapipe_without_the_models_of_complexity_1_is_refused_and_nothing_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mediapipe_parts, "find_spec", spec_of(tmp_path))
    monkeypatch.setattr(mediapipe_parts, "version", Mock(return_value=mediapipe_parts.VERSION))
    folder = tmp_path / "mediapipe/modules/pose_landmark"
    folder.mkdir(parents=True)
    for name in ("pose_landmark_cpu.binarypb", "pose_landmark_lite.tflite", "pose_landmark_heavy.tflite"):
        (folder / name).touch()
    (tmp_path / "mediapipe/modules/pose_detection").mkdir()
    (tmp_path / "mediapipe/modules/pose_detection/pose_detection.tflite").touch()
    with pytest.raises(EngineMissing, match=r"no .*pose_landmark_full\.tflite, and nothing is downloaded"):
        await opened("mediapipe", None)
