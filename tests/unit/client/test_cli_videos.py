"""`sightglass videos show` and `timeline`: what was found, for a person, a pipe and a script."""

import io
import json
import re

import pytest
from tests.unit.client.fake_answers import ANALYSIS, ARTIFACT, SCORE, VIDEO
from tests.unit.client.fake_api import FakeApi
from typer.testing import CliRunner, Result

from sightglass_client.cli import text
from sightglass_client.cli.app import app
from sightglass_client.cli.output import Output
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass


@pytest.fixture(autouse=True)
def connected(api: FakeApi, client: Sightglass, monkeypatch: pytest.MonkeyPatch) -> None:
    api.videos["v1"] = {**VIDEO, "latest": ANALYSIS}
    monkeypatch.setattr(Run, "client", property(lambda _: client))


def videos(*words: str) -> Result:
    return CliRunner().invoke(app, ["videos", *words])


def nothing_found(api: FakeApi) -> None:
    api.scores["v1"] = {"analysis_id": None, "version": None, "total": None, "reason": "No result.", "parts": []}


def test_show_prints_scenes_with_kind_score_and_motion() -> None:
    lines = videos("show", "v1").stdout.splitlines()
    assert "1\t0:00:00.000\t0:00:07.480\t0:00:07.480\tcut\t0.95\tboth 0.12/s" in lines


LABELS = {"status": "partial", "reason": "text_capped", "labelled": 2, "cached": 1, "calls": 1, "text_capped": 3}


@pytest.mark.parametrize("command", ["show", "scenes"])
def test_scenes_are_printed_with_what_they_show_where_that_is_known(api: FakeApi, command: str) -> None:
    assert not [line for line in videos(command, "v1").stdout.splitlines() if line.endswith("\tshows")]
    seen = [{"name": "dog", "confidence": sure, "box": None, "t_us": 1} for sure in (0.5, 0.75)]
    api.labels[2] = [*seen, {"name": "street", "confidence": 0.25, "box": None, "t_us": 1}]
    lines = videos(command, "v1").stdout.splitlines()
    assert "scene\tstart\tend\tlength\tbegins with\tscore\tmotion\tshows" in lines
    assert [line for line in lines if line.endswith("\tdog 0.75, street 0.25")]


def test_show_says_what_became_of_the_frames(api: FakeApi) -> None:
    assert "labels\t" not in videos("show", "v1").stdout
    api.videos["v1"] = {**VIDEO, "latest": {**ANALYSIS, "labels": LABELS}}
    said = "partial (text_capped), 2 frames labelled, 1 of these cached, 3 withheld, 1 calls"
    assert f"labels\t{said}" in videos("show", "v1").stdout.splitlines()
    api.videos["v1"] = {**VIDEO, "latest": {**ANALYSIS, "labels": {"status": "off"}}}
    assert "labels\t" not in videos("show", "v1").stdout


def test_scenes_says_in_which_tier_they_were_found(api: FakeApi) -> None:
    assert videos("scenes", "v1").stderr == "Tier: exact; done.\n"
    api.tier = "preview"
    assert videos("scenes", "v1").stderr.startswith("Tier: preview; done. Scenes begin at key frames.")
    shown = json.loads(videos("scenes", "v1", "--json").stdout)
    assert (shown["tier"], shown["status"], [scene["number"] for scene in shown["items"]]) == (
        "preview",
        "done",
        [1, 2],
    )


def test_show_tells_how_closely_a_preview_looked(api: FakeApi) -> None:
    seen = {"key_frames": 6, "longest_gap_us": 2_440_000}
    api.videos["v1"] = {**VIDEO, "latest": {**ANALYSIS, "tier": "preview", "preview": seen}}
    lines = videos("show", "v1").stdout.splitlines()
    assert {"tier\tpreview", "key frames\t6, up to 0:00:02.440 apart"} <= set(lines)


def test_show_prints_masked_texts_with_their_places() -> None:
    lines = videos("show", "v1").stdout.splitlines()
    assert "0\t0:00:01.000\t0:00:02.000\t0.1 0.2 0.3 0.05\t0.88\t•••• ••" in lines
    assert "0\t0:00:08.000\t0:00:09.000\t0.1 0.6 0.3 0.05\t0.88\t•••• ••" in lines
    assert "texts read\t9 of 12 looks, 0:00:00.600 unread" in lines
    assert "poses\tin 60 of 75 looks, 3 failed: timeout" in lines


def test_show_prints_what_is_sensitive_on_screen_masked_with_each_stay() -> None:
    shown = [line for line in videos("show", "v1").stdout.splitlines() if "payment-card" in line]
    rest = "0.1 0.2 0.3 0.05\tpayment-card\thigh\t0.98\t**** **** **** 1486\tnew"
    assert shown == [f"0:00:01.000\t0:00:02.000\t{rest}", f"0:00:08.000\t0:00:09.000\t{rest}"]


def test_show_prints_the_score_and_its_parts() -> None:
    lines = videos("show", "v1").stdout.splitlines()
    assert "score\t62.5 of 100" in lines
    assert "tempo\t62.5\t0.25\t0.031\t0.01 - 0.5\t75\t0:00:00.000\t0:00:14.960" in lines
    assert "symmetry\t\t0.25\t\t\t\t\t" in lines


def test_show_says_why_there_is_no_score(api: FakeApi) -> None:
    api.scores["v1"] = {**SCORE, "total": None, "reason": "Nothing moved.", "parts": []}
    assert "score\tnone: Nothing moved." in videos("show", "v1").stdout.splitlines()


def test_show_with_json_has_all_of_it(api: FakeApi) -> None:
    shown = json.loads(videos("show", "v1", "--json").stdout)
    assert (shown["video_id"], shown["latest"]["analyser_version"]) == ("v1", 2)
    assert [scene["motion"]["kind"] for scene in shown["scenes"]] == ["both", "both"]
    assert shown["texts"][0]["spans"][1]["box"] == [0.1, 0.6, 0.3, 0.05]
    assert shown["findings"][0]["detector"] == "payment-card"
    assert shown["score"] == SCORE


def test_show_says_so_when_the_results_are_of_an_older_analysis(api: FakeApi) -> None:
    assert "results of" not in videos("show", "v1").stdout
    api.videos["v1"] = {**VIDEO, "latest": {**ANALYSIS, "analysis_id": "a2", "status": "running"}}
    assert "results of\ta1" in videos("show", "v1").stdout.splitlines()


@pytest.mark.parametrize("command", ["show", "timeline"])
def test_all_that_is_shown_is_of_one_analysis(api: FakeApi, command: str) -> None:
    api.scores["v1"] = {**SCORE, "analysis_id": "a7"}
    assert videos(command, "v1").exit_code == 0
    asked = [call for call in api.calls("GET /v1/videos/v1/") if not call.url.path.endswith("/score")]
    assert len(asked) >= 3
    assert {call.url.params["analysis_id"] for call in asked} == {"a7"}


@pytest.mark.parametrize("command", ["show", "timeline"])
def test_an_analysis_that_is_named_is_the_one_that_is_asked_for(api: FakeApi, command: str) -> None:
    assert videos(command, "v1", "--analysis", "a5").exit_code == 0
    [asked] = api.calls("/score")
    assert asked.url.params["analysis_id"] == "a5"


def test_without_a_result_show_prints_the_video_alone(api: FakeApi) -> None:
    nothing_found(api)
    assert "scene\t" not in videos("show", "v1").stdout
    shown = json.loads(videos("show", "v1", "--json").stdout)
    assert (shown["scenes"], shown["texts"], shown["score"]["reason"]) == ([], [], "No result.")


def test_a_timeline_in_a_pipe_is_plain_ascii_with_its_legend_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "29")
    result = videos("timeline", "v1")
    assert result.stdout.splitlines() == [
        "time\t0:00  0:05   0:10   ",
        "scenes\t|1========|2--------",
        "texts\t.11.......111.......",
        "motion\tbbbbbbbbbbbbbbbbbbbb",
        "tracks\t..........1111111111",
    ]
    assert result.stderr == "scenes: | cut; motion: b both; texts and tracks: how many at once\n"


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("no_color", [False, True])
def test_on_a_terminal_a_timeline_fills_its_width(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ascii_only: bool,
    no_color: bool,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sightglass_client.cli.output.Output.ascii_only", property(lambda _: ascii_only))
    with pytest.raises(SystemExit) as end:
        app(["videos", "timeline", "v1"])
    assert not end.value.code
    shown = capsys.readouterr().out
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert [len(line) for line in plain.splitlines()] == [59] * 5
    assert plain.isascii() == ascii_only
    assert ("\x1b[1;36m|" in shown) != no_color


@pytest.mark.parametrize(
    ("encoding", "terminal", "ascii_only"),
    [("utf-8", True, False), ("UTF8", True, False), ("latin-1", True, True), ("utf-8", False, True)],
)
def test_more_than_ascii_is_drawn_only_on_a_terminal_that_knows_it(
    monkeypatch: pytest.MonkeyPatch, encoding: str, terminal: bool, ascii_only: bool
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr("sys.stdout", stream)
    assert Output(as_json=False).ascii_only == ascii_only


def test_a_timeline_with_json_is_what_it_would_draw() -> None:
    shown = json.loads(videos("timeline", "v1", "--json").stdout)
    assert (shown["analysis_id"], shown["duration_us"]) == ("a1", 14_960_000)
    assert [len(shown[name]) for name in ("scenes", "texts", "tracks")] == [2, 1, 1]


def test_an_analysis_under_way_is_drawn_as_far_as_it_is(api: FakeApi) -> None:
    api.analyses["a1"] = {**ANALYSIS, "duration_us": None, "status": "running"}
    assert json.loads(videos("timeline", "v1", "--json").stdout)["duration_us"] == 14_960_000


def test_without_a_result_a_timeline_says_so(api: FakeApi) -> None:
    nothing_found(api)
    result = videos("timeline", "v1")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing was found in it yet.\n")
    empty = {"analysis_id": None, "duration_us": None, "scenes": [], "texts": [], "tracks": []}
    assert json.loads(videos("timeline", "v1", "--json").stdout) == empty


def test_a_video_that_there_is_not_exits_with_3(api: FakeApi) -> None:
    api.scores.clear()
    assert videos("show", "nope").exit_code == 3


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, ""),
        (0, "0"),
        (50.0, "50"),
        (0.2504, "0.25"),
        (0.1, "0.1"),
        (0.031, "0.031"),
        (0.00012, "0.00012"),
        (-2.5, "-2.5"),
    ],
)
def test_a_number_is_short_and_never_nothing(number: float | None, shown: str) -> None:
    assert text.decimal(number) == shown


def test_the_client_lists_files_and_overlays(client: Sightglass) -> None:
    assert [artifact.name for artifact in client.artifacts("v1", analysis_id="a1")] == [ARTIFACT["name"]]
    overlay = client.overlay("v1", analysis_id="a1", from_us=7)
    assert (overlay.chunks[0].start_us, overlay.chunk_us, overlay.next_us) == (7, 1, None)
    assert client.overlay("v1").chunks[0].start_us == 0
