"""The command: exit codes, what goes to stdout and to stderr, and JSON."""

import json

import pytest
from tests.unit.client.fake_api import FakeApi, cut, event, job, ok, problem
from typer.testing import CliRunner, Result

from sightglass_client.cli import text
from sightglass_client.cli.app import app
from sightglass_client.cli.output import Output
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass
from sightglass_client.errors import ClientError


@pytest.fixture(autouse=True)
def connected(client: Sightglass, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands speak to the fake API."""
    monkeypatch.setattr(Run, "client", property(lambda _: client))


def sightglass(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, words, input=typed)


@pytest.mark.parametrize("group", ["videos", "jobs", "queues"])
def test_a_group_alone_lists(api: FakeApi, group: str) -> None:
    api.a_job()
    alone, listed = sightglass(group, "--json"), sightglass(group, "ls", "--json")
    assert alone.exit_code == 0
    assert alone.stdout == listed.stdout
    assert len(json.loads(alone.stdout)["items"]) == 1


COMMANDS = [
    ("videos", "ls"),
    ("videos", "show", "v1"),
    ("videos", "scenes", "v1"),
    ("videos", "timeline", "v1"),
    ("jobs", "ls"),
    ("jobs", "show", "j1"),
    ("jobs", "cancel", "j1"),
    ("jobs", "retry", "j1"),
    ("queues", "ls"),
    ("queues", "peek", "video-analyses-dlq"),
    ("queues", "redrive", "video-analyses", "--yes"),
    ("queues", "redrive", "video-analyses", "--dry-run"),
    ("datasets", "ls"),
    ("datasets", "show", "manual"),
    ("datasets", "documents", "manual"),
    ("search", "refund of a train"),
    ("whoami",),
    ("version",),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_command_prints_one_json_document_to_stdout_and_no_word(api: FakeApi, words: tuple[str, ...]) -> None:
    api.a_job()
    result = sightglass(*words, "--json")
    assert result.exit_code == 0
    assert isinstance(json.loads(result.stdout), dict)
    assert result.stderr == ""


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_without_a_terminal_each_command_prints_plain_lines(api: FakeApi, words: tuple[str, ...]) -> None:
    api.a_job()
    result = sightglass(*words)
    assert result.exit_code == 0
    assert "\t" in result.stdout
    assert "\x1b" not in result.output


def test_json_may_be_asked_for_before_the_command(api: FakeApi) -> None:
    api.a_job()
    assert json.loads(sightglass("--json", "jobs", "ls").stdout)["items"]
    assert json.loads(sightglass("jobs", "--json", "ls").stdout)["items"]


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (404, "job_not_found", 3),
        (401, "unauthenticated", 4),
        (403, "forbidden", 4),
        (422, "invalid_request", 1),
        (500, "internal", 1),
    ],
)
def test_the_exit_code_says_what_sort_of_error_it_was(api: FakeApi, status: int, code: str, exit_code: int) -> None:
    api.fault("jobs", lambda _: problem(status, code, "The title", detail="The detail."))
    result = sightglass("jobs", "show", "j1")
    assert result.exit_code == exit_code
    assert result.stdout == ""
    assert "Error: The title. The detail.\n" in result.stderr
    assert "Request id: r1" in result.stderr


def test_with_json_an_error_is_a_document_on_stderr(api: FakeApi) -> None:
    result = sightglass("jobs", "show", "nope", "--json")
    assert result.stdout == ""
    error = json.loads(result.stderr)["error"]
    assert (error["code"], error["status"], error["request_id"]) == ("job_not_found", 404, "r1")


def test_an_unreachable_api_is_told_with_the_next_step(api: FakeApi) -> None:
    api.fault("whoami", *[cut] * 5)
    result = sightglass("whoami")
    assert result.exit_code == 1
    assert "Next: " in result.stderr


def test_no_user_sees_a_stack_trace_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Sightglass) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(Sightglass, "whoami", broken)
    result = sightglass("whoami")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "ZeroDivisionError: oops" in result.stderr
    assert "Traceback" in sightglass("whoami", "--debug").stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("job",), "Did you mean 'jobs'"),
        (("jobs", "shwo"), "Did you mean 'show'"),
        (("jobs", "show"), "Missing argument 'JOB_ID'"),
        (("upload", "x.mp4", "--timeout", "5"), "--timeout needs --wait"),
        (("analyses", "rerun", "v1", "--timeout", "5"), "--timeout needs --wait"),
        (("analyses", "rerun", "v1", "--older-than", "0"), "--older-than"),
        (("analyses", "rerun"), "Name videos, or say --all"),
        (("analyses", "rerun", "v1", "--all", "--yes"), "Name videos, or say --all"),
        (("analyses", "rerun", "--all"), "nobody to ask"),
        (("analyses", "rerrun"), "Did you mean 'rerun'"),
        (("videos", "timelin", "v1"), "Did you mean 'timeline'"),
        (("upload", "missing.mp4"), "cannot be uploaded"),
        (("queues", "redrive", "video-analyses"), "nobody to ask"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_right(words: tuple[str, ...], said: str) -> None:
    result = sightglass(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_file_name_cannot_move_the_cursor() -> None:
    row = sightglass("videos", "ls").stdout.splitlines()[1]
    assert "a\N{REPLACEMENT CHARACTER}[31m.mp4" in row
    assert row.count("\t") == 6


def test_limits_end_a_list_and_zero_is_all(api: FakeApi) -> None:
    for number in range(120):
        api.a_job(f"j{number}", status="failed" if number % 2 else "done")
    assert len(json.loads(sightglass("jobs", "ls", "--json").stdout)["items"]) == 50
    assert len(json.loads(sightglass("jobs", "ls", "--json", "--limit", "0").stdout)["items"]) == 120
    failed = json.loads(sightglass("jobs", "ls", "--json", "--limit", "3", "--status", "failed").stdout)["items"]
    assert [found["status"] for found in failed] == ["failed"] * 3


@pytest.mark.parametrize(("status", "exit_code"), [("done", 0), ("partial", 5), ("failed", 1), ("cancelled", 1)])
def test_watching_exits_with_what_became_of_the_job(api: FakeApi, status: str, exit_code: int) -> None:
    api.a_job(revision=1)
    api.streams["j1"] = [lambda _: iter([event(job(revision=2, status=status))])]
    result = sightglass("jobs", "watch", "j1", "--json")
    assert result.exit_code == exit_code
    assert [json.loads(line)["revision"] for line in result.stdout.splitlines()] == [1, 2]


def test_watching_without_json_tells_steps_on_stderr_and_the_end_on_stdout(api: FakeApi) -> None:
    api.a_job(revision=1, stage="decode")
    api.streams["j1"] = [lambda _: iter([event(job(revision=2, status="done"))])]
    result = sightglass("jobs", "watch", "j1")
    assert result.stderr.splitlines() == ["j1: running (decode)", "j1: done"]
    assert "status\tdone" in result.stdout


def test_ctrl_c_says_how_to_go_on(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Sightglass, "watch", interrupted)
    result = sightglass("jobs", "watch", "j1")
    assert result.exit_code == 130
    assert "Go on with: sightglass jobs watch j1" in result.stderr


def test_a_dry_run_changes_nothing_and_yes_does(api: FakeApi) -> None:
    dry = json.loads(sightglass("queues", "redrive", "video-analyses-dlq", "--dry-run", "--json").stdout)
    assert dry["would_redrive"] == 2
    assert api.redrives == []
    done = json.loads(sightglass("queues", "redrive", "video-analyses-dlq", "--yes", "--limit", "1", "--json").stdout)
    assert done == {"redriven": 2, "jobs_retried": 1}
    assert api.redrives == [{"name": "video-analyses", "limit": 1}]


def test_a_full_disk_is_an_error_and_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Sightglass) -> None:
        raise OSError(28, "No space left on device", "a.jpg")

    monkeypatch.setattr(Sightglass, "whoami", full)
    result = sightglass("whoami")
    assert result.exit_code == 1
    assert "Error: a.jpg: No space left on device." in result.stderr


def test_unknown_scenes_of_an_analysis_are_asked_for_by_its_id(api: FakeApi) -> None:
    api.fault("scenes", lambda request: ok(items=[], analysis_id=request.url.params["analysis_id"]))
    shown = json.loads(sightglass("videos", "scenes", "v1", "--analysis", "a9", "--json").stdout)
    assert (shown["analysis_id"], shown["items"]) == ("a9", [])


def test_words_of_errors_are_kept() -> None:
    assert str(ClientError("It broke.", detail="Because.")) == "It broke. Because."


@pytest.mark.parametrize(
    ("title", "detail", "said"),
    [
        ("No such job", "No such job", "No such job."),
        ("Not a video", "It is text.", "Not a video. It is text."),
        ("Gone", "", "Gone."),
    ],
)
def test_an_error_does_not_say_the_same_twice(title: str, detail: str, said: str) -> None:
    assert text.sentence(title, detail) == said


@pytest.mark.parametrize(
    ("us", "shown"), [(0, "0:00:00.000"), (7_480_000, "0:00:07.480"), (3_599_999_600, "1:00:00.000"), (None, "")]
)
def test_a_moment_in_a_video_is_a_timecode(us: int | None, shown: str) -> None:
    assert text.timecode(us) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (999, "999 B"), (999_949, "999.9 kB"), (999_960, "1.0 MB"), (5 * 10**15, "5000.0 TB")],
)
def test_a_size_is_short(size: int, shown: str) -> None:
    assert text.size(size) == shown


@pytest.mark.parametrize(("columns", "header"), [("200", True), ("60", False)])
def test_on_a_terminal_an_id_is_never_folded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: str, header: bool
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    id_, name = "01a2033b-1b7b-7b6c-94ad-5e366ef9e6b5", "[bold]a film with quite a long name"
    Output(as_json=False).table(("video", "file", "status"), [(id_, name, "done")])
    shown = capsys.readouterr().out
    assert id_ in shown
    assert name in shown
    assert ("video" in shown.splitlines()[1]) == header
