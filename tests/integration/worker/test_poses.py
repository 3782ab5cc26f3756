"""Poses end to end, with a model of a user's own: what is stored, drawn and scored, and what a failure leaves."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests import films
from tests.integration.worker.studio import Studio
from tests.onnx_models import NAMES, heatmap_model, manifest_of, written
from tests.poses import COLUMNS, ROWS, arms, person
from tests.stack import Database

from sightglass_common.errors import JobOver
from sightglass_common.ids import new_id
from sightglass_worker.engines.errors import EngineMissing
from sightglass_worker.pose.finders import PoseFinders, pose_finders

MODEL = heatmap_model()


@pytest.fixture
async def finders(studio: Studio, tmp_path: Path) -> AsyncIterator[PoseFinders]:
    """With the model of coloured dots, by a path."""
    model = written(tmp_path, MODEL, manifest_of(MODEL, "heatmap"))
    async with pose_finders("onnx", model, studio.s3) as found:
        assert found is not None
        yield found


async def read(studio: Studio, key: str) -> bytes:
    return await (await studio.s3.get_object(Bucket=studio.aws.bucket, Key=key))["Body"].read()


@cache
def arms_film() -> bytes:
    """Four seconds of somebody who bends both elbows, the right one half as far."""
    return films.drawn(arms(100, right=0.5))


def parts(found: dict[str, Any]) -> dict[str, Any]:
    return {part["name"]: part for part in found["score"]["parts"]}


async def test_a_person_has_a_track_key_points_in_the_overlay_and_symmetry(
    studio: Studio, finders: PoseFinders
) -> None:
    envelope = await studio.of(arms_film())
    await studio.run(envelope, finders=finders)
    assert (await studio.job(envelope))["status"] == "done"
    found, tracks = await studio.found(envelope), await studio.rows_of("track", envelope)
    assert found["pose_coverage"] == {"looks": 20, "found": 20, "failed": 0, "reason": None}
    (pose,) = (track for track in tracks if track["method"] == "pose")
    assert (pose["label"], pose["samples"], pose["start_us"], pose["end_us"]) == ("person", 20, 0, 3_800_000)
    assert [track["number"] for track in tracks] == list(range(len(tracks)))
    assert {track["method"] for track in tracks} == {"motion", "pose"}
    assert parts(found)["symmetry"]["raw"] == pytest.approx(0.5, abs=0.1)
    assert parts(found)["coverage"]["raw"] == 1.0
    files = {row["name"]: row for row in await studio.rows_of("artifact", envelope)}
    chunk: Any = json.loads(await read(studio, files["overlay-00000.json"]["object_key"]))
    shown = [(frame["t_us"], box) for frame in chunk["frames"] for box in frame["boxes"] if box["label"] == "person"]
    assert {box["track"] for _, box in shown} == {pose["number"]}
    assert shown[0][0] == 0
    assert tuple(shown[0][1]["keypoints"]) == NAMES
    for name, (x, y) in person(0, 0).items():
        assert shown[0][1]["keypoints"][name][:2] == pytest.approx([x / COLUMNS, y / ROWS], abs=0.05)
    cues = (await read(studio, files["overlay.vtt"]["object_key"])).decode()
    assert cues.count('"keypoints":{"left_shoulder":[') == len(shown)


async def test_without_an_engine_nothing_changes(studio: Studio, finders: PoseFinders) -> None:
    with_poses, without = await studio.of(arms_film()), await studio.of(arms_film())
    await studio.run(with_poses, finders=finders)
    await studio.run(without)
    found = await studio.found(without)
    assert found["pose_coverage"] is None
    assert parts(found)["symmetry"]["missing"] == "needs a pose"
    tracks = await studio.rows_of("track", without)
    assert {track["method"] for track in tracks} == {"motion"}
    beside = [track for track in await studio.rows_of("track", with_poses) if track["method"] == "motion"]
    assert [track | {"analysis_id": None} for track in beside] == [track | {"analysis_id": None} for track in tracks]
    assert (await studio.found(with_poses))["analyser_version"] == found["analyser_version"]


async def test_a_film_without_persons_is_scored_by_what_moves(studio: Studio, finders: PoseFinders) -> None:
    envelope, without = await studio.of(films.film("bikes.mp4")), await studio.of(films.film("bikes.mp4"))
    await studio.run(envelope, finders=finders)
    await studio.run(without)
    found = await studio.found(envelope)
    assert (found["pose_coverage"]["looks"], found["pose_coverage"]["failed"]) == (50, 0)
    assert found["score"] == (await studio.found(without))["score"]


async def test_an_engine_that_dies_does_not_fail_the_analysis(
    studio: Studio, finders: PoseFinders, monkeypatch: pytest.MonkeyPatch
) -> None:
    (finder,) = finders._idle
    find, asked = finder.find, 0

    async def bad(picture: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked in (5, 9, 13) and finder.pid:
            os.kill(finder.pid, signal.SIGKILL)
        return await find(picture)

    monkeypatch.setattr(finder, "find", bad)
    envelope = await studio.of(arms_film())
    await studio.run(envelope, finders=finders)
    assert (await studio.job(envelope))["status"] == "done"
    found = await studio.found(envelope)
    assert found["pose_coverage"] == {"looks": 20, "found": 17, "failed": 3, "reason": "out_of_memory"}
    (pose,) = (track for track in await studio.rows_of("track", envelope) if track["method"] == "pose")
    assert pose["samples"] == 17


async def test_a_message_that_comes_twice_changes_nothing(studio: Studio, finders: PoseFinders) -> None:
    envelope = await studio.of(arms_film())
    await studio.run(envelope, finders=finders)
    before = await studio.rows_of("track", envelope), await studio.found(envelope)
    with pytest.raises(JobOver):
        await studio.run(envelope, finders=finders)
    assert (await studio.rows_of("track", envelope), await studio.found(envelope)) == before


async def test_a_model_in_s3_is_fetched_and_checked_once_at_the_start(studio: Studio) -> None:
    key = f"models/{new_id()}/pose.onnx"
    address = f"s3://{studio.aws.bucket}/{key}"
    with pytest.raises(EngineMissing, match="cannot be read"):
        async with pose_finders("onnx", address, studio.s3):
            pass
    await studio.s3.put_object(Bucket=studio.aws.bucket, Key=key, Body=MODEL)
    manifest = manifest_of(MODEL, "heatmap")

    async def put(manifest: dict[str, Any]) -> None:
        await studio.s3.put_object(Bucket=studio.aws.bucket, Key=key, Body=MODEL)
        await studio.s3.put_object(Bucket=studio.aws.bucket, Key=f"{key}.json", Body=json.dumps(manifest).encode())

    await put(manifest)
    async with pose_finders("onnx", address, studio.s3) as finders:
        await studio.s3.delete_object(Bucket=studio.aws.bucket, Key=key)
        envelope = await studio.of(arms_film())
        await studio.run(envelope, finders=finders)
    assert (await studio.found(envelope))["pose_coverage"]["found"] == 20
    await put(manifest | {"sha256": "0" * 64})
    with pytest.raises(EngineMissing, match="has the sha256"):
        async with pose_finders("onnx", address, studio.s3):
            pass


def test_a_worker_whose_engine_is_missing_says_so_and_ends(database: Database) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sightglass_worker"],
        env=os.environ | {
            "SIGHTGLASS_DATABASE_URL": database.url("worker"),
            "SIGHTGLASS_TEXT_ENGINE": "none",
            "SIGHTGLASS_POSE_ENGINE": "onnx",
            "SIGHTGLASS_POSE_MODEL": "nowhere/pose.onnx",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "SIGHTGLASS_POSE_ENGINE: nowhere/pose.onnx.json cannot be read: No such file or directory"
    )
