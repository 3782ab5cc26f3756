"""`sightglass scan`."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.client.fake_answers import SCAN
from tests.unit.client.fake_api import FakeApi, event, job, problem
from typer.testing import CliRunner, Result

from sightglass_client.cli.app import app
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass


@pytest.fixture(autouse=True)
def connected(client: Sightglass, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "client", property(lambda _: client))


def scan(*words: str) -> Result:
    return CliRunner().invoke(app, ["scan", *words])


def test_a_scan_is_started_with_what_was_asked_for(api: FakeApi) -> None:
    result = scan("start", "s3://lake/a/b", "--include", "*.csv", "--exclude", "*.tmp", "--detector", "us-ssn")
    assert result.exit_code == 0
    assert api.scans == [
        {"bucket": "lake", "prefix": "a/b", "include": ["*.csv"], "exclude": ["*.tmp"], "detectors": ["us-ssn"]}
    ]
    assert "sightglass scan show s1" in result.stderr


def test_a_bucket_that_is_not_linked_comes_with_the_command_that_links_it(api: FakeApi) -> None:
    api.fault("POST", lambda _: problem(403, "bucket_not_linked", "The bucket is not linked"))
    result = scan("start", "s3://lake")
    assert result.exit_code == 4
    assert "make link BUCKET=name" in result.stderr


def test_a_scan_that_reads_less_says_so(api: FakeApi) -> None:
    assert scan("start", "s3://lake", "--incremental", "--sample", "0.1", "--seed", "7").exit_code == 0
    assert api.scans == [{"bucket": "lake", "prefix": "", "incremental": True, "sample": {"share": 0.1, "seed": 7}}]


def test_a_scan_is_bounded_by_confidence_and_size(api: FakeApi) -> None:
    assert scan("start", "s3://lake", "--min-confidence", "0.8", "--max-object-bytes", "1000").exit_code == 0
    assert api.scans == [{"bucket": "lake", "prefix": "", "min_confidence": 0.8, "max_object_bytes": 1000}]


def test_a_sample_is_a_share_or_a_number_of_objects(api: FakeApi) -> None:
    for part in ("1000", "1", "1.0", "0.5"):
        assert scan("start", "s3://lake", "--sample", part).exit_code == 0
    assert [asked["sample"] for asked in api.scans] == [
        {"objects": 1000, "seed": 0}, {"objects": 1, "seed": 0}, {"share": 1.0, "seed": 0}, {"share": 0.5, "seed": 0},
    ]  # fmt: skip


@pytest.mark.parametrize("part", ["0", "0.0", "-1", "1.5", "nan", "inf", "many", ""])
def test_what_is_no_part_of_a_bucket_is_refused(api: FakeApi, part: str) -> None:
    assert scan("start", "s3://lake", "--sample", part).exit_code == 2
    assert api.scans == []


def test_a_scan_that_looks_closer_says_so(api: FakeApi) -> None:
    assert scan("start", "s3://lake", "--normalise", "--ocr").exit_code == 0
    assert api.scans == [{"bucket": "lake", "prefix": "", "normalise": True, "ocr": True}]


def test_a_scan_that_leaves_films_and_images_alone_says_so(api: FakeApi) -> None:
    assert scan("start", "s3://lake", "--no-media").exit_code == 0
    assert api.scans == [{"bucket": "lake", "prefix": "", "media": False}]


@pytest.mark.parametrize(("place", "prefix"), [("s3://lake", ""), ("s3://lake/", ""), ("s3://lake/a/", "a/")])
def test_the_prefix_is_what_follows_the_bucket(api: FakeApi, place: str, prefix: str) -> None:
    assert scan("start", place, "--json").exit_code == 0
    assert api.scans == [{"bucket": "lake", "prefix": prefix}]


@pytest.mark.parametrize("place", ["lake/a", "s3://", "https://example.com"])
def test_what_is_no_bucket_is_refused(api: FakeApi, place: str) -> None:
    assert scan("start", place).exit_code == 2
    assert api.scans == []


def test_watched_it_tells_how_far_it_is_and_exits_with_what_became_of_it(api: FakeApi) -> None:
    api.a_job(revision=1, status="queued", kind="scan")
    api.streams["j1"] = [lambda _: iter([event(job(revision=2, status="partial"))])]
    result = scan("start", "s3://lake/a/", "--watch")
    assert result.exit_code == 5
    assert "9 of 9 objects, 3 found" in result.stderr
    assert "1 denied, 2 empty" in result.stdout


def test_findings_are_listed_with_their_places(api: FakeApi) -> None:
    asked = {"severity": "high", "confidence": "0.8", "prefix": "a/", "state": "new"}
    result = scan("findings", "s1", *(word for name, value in asked.items() for word in (f"--{name}", value)))
    told = ["a/t.csv", "B2", "us-ssn", "high", "0.95", "***-**-4399", "account 123456789012"]
    assert result.stdout.splitlines()[1].split("\t")[:7] == told
    assert dict(api.calls("findings")[0].url.params) == asked | {"limit": "50"}


def test_a_scan_is_shown_listed_and_cancelled(api: FakeApi) -> None:
    assert json.loads(scan("show", "s1", "--json").stdout)["objects"]["skipped"] == SCAN["objects"]["skipped"]
    assert scan("ls").stdout.splitlines()[1].split("\t")[:5] == ["s1", "s3://lake/a/", "partial", "9/9", "3"]
    assert "cancelled" in scan("cancel", "s1").stdout
    assert len(api.calls("POST /v1/scans/s1/cancel")) == 1


def test_objects_that_were_not_read_are_listed_with_the_reason(api: FakeApi) -> None:
    result = scan("objects", "s1", "--status", "failed")
    assert result.stdout.splitlines() == [
        "object\tstatus\treason\tdetail", "a/e.txt\tskipped\tempty\t", "a/old.doc\tfailed\ttimeout\tafter 30 s",
    ]  # fmt: skip
    assert api.calls("objects")[0].url.params["status"] == "failed"
    assert json.loads(scan("objects", "s1", "--json").stdout)["items"][1]["reason"] == "timeout"
    assert "sightglass scan objects s1" in scan("show", "s1").stderr


def test_a_scan_that_left_out_only_what_it_was_asked_to_names_no_list_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = {"listed": 9, "done": 2, "skipped": {"not_sampled": 4, "excluded": 2, "not_included": 1}, "failed": 0}
    monkeypatch.setitem(SCAN, "objects", counted)
    assert "scan objects" not in scan("show", "s1").stderr


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"sample": {"share": None, "objects": 1000, "seed": 7}}, "sample\t1000 objects, seed 7"),
        ({"sample": {"share": 0.125, "objects": None, "seed": 0}}, "sample\t0.125 of the objects, seed 0"),
        ({"include": ["*.csv", "a/*"]}, "include\t*.csv, a/*"),
        ({"exclude": ["tmp/*"]}, "exclude\ttmp/*"),
        ({"detectors": ["us-ssn", "contact"]}, "looks for\tus-ssn, contact"),
        ({"min_confidence": 0.7}, "confidence\tat least 0.7"),
        ({"max_object_bytes": 1000_000}, "up to\t1.0 MB"),
        ({"incremental": True, "media": False}, "modes\tincremental, no media"),
        ({"normalise": True, "ocr": True}, "modes\tnormalise, ocr"),
        ({"objects": {"listed": 3, "done": 3, "unchanged": 2}}, "unchanged\t2"),
    ],
)
def test_a_scan_is_shown_with_what_was_asked_for(
    asked: dict[str, Any], shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in asked.items():
        monkeypatch.setitem(SCAN, name, value)
    assert shown in scan("show", "s1").stdout.splitlines()


def test_an_export_goes_to_a_file_or_to_stdout(api: FakeApi, tmp_path: Path) -> None:
    goal = tmp_path / "found.csv"
    assert scan("export", "s1", "--format", "csv", "-o", str(goal)).exit_code == 0
    assert goal.read_bytes() == b"csv whole\n"
    assert scan("export", "s1").stdout == "jsonl whole\n"
    assert scan("export", "s1", "--format", "xml").exit_code == 2
    assert len(api.calls("export")) == 2


def test_an_export_that_was_cut_leaves_no_file(api: FakeApi, tmp_path: Path) -> None:
    goal = tmp_path / "found.csv"
    goal.write_bytes(b"the last one")
    api.cut = True
    result = scan("export", "s1", "--format", "csv", "-o", str(goal))
    assert result.exit_code == 1
    assert "not whole" in result.stderr
    assert [path for path in tmp_path.iterdir() if path.is_file()] == [goal]
    assert goal.read_bytes() == b"the last one"


def test_an_export_of_a_scan_that_there_is_not_says_so() -> None:
    assert scan("export", "nowhere").exit_code == 3


def test_a_scan_is_shown_with_how_sensitive_that_makes_its_folders(api: FakeApi) -> None:
    shown = scan("show", "s1").stdout
    assert "score\t81 of 100" in shown
    assert "folders\t77 a/x/" in shown
    assert [item["score"] for item in json.loads(scan("show", "s1", "--json").stdout)["scores"]] == [81, 77]


def test_scores_are_listed_with_what_they_are_made_of(api: FakeApi) -> None:
    result = scan("scores", "s1", "--prefix", "a/", "--depth", "2")
    assert result.stdout.splitlines()[1:] == [
        "81\ts3://lake/a/\thigh\t3\t2\t1/9",
        "77\ts3://lake/a/x/\thigh\t3\t2\t1/?",
    ]
    assert "4 folders more" in result.stderr
    assert dict(api.calls("scores")[0].url.params) == {"depth": "2", "limit": "50", "prefix": "a/"}


def test_an_inventory_is_the_newest_or_the_one_that_is_named(api: FakeApi) -> None:
    manifest = "s3://stock/lake/daily/2026-11-20T01-00Z/manifest.json"
    assert scan("start", "s3://lake", "--inventory").exit_code == 0
    assert scan("start", "s3://lake", "--inventory", manifest).exit_code == 0
    assert scan("start", "--incremental", "s3://lake", manifest, "--inventory").exit_code == 0
    assert scan("start", "s3://lake", manifest).exit_code == 2
    assert scan("start", "s3://lake", "--inventory", "--json").exit_code == 0
    newest = {"bucket": "lake", "prefix": "", "source": "inventory"}
    assert api.scans == [
        newest, newest | {"inventory": manifest}, newest | {"incremental": True, "inventory": manifest}, newest,
    ]  # fmt: skip


def test_a_scan_of_an_inventory_shows_which_and_of_when(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"manifest": "s3://stock/m.json", "made_at": "2026-11-20T01:00:00Z"}
    monkeypatch.setitem(SCAN, "source", "inventory")
    monkeypatch.setitem(SCAN, "inventory", told)
    assert "s3://stock/m.json, of 2026-11-20" in scan("show", "s1").stdout
    monkeypatch.setitem(SCAN, "inventory", {"manifest": None, "made_at": None})
    assert "not found yet" in scan("show", "s1").stdout
