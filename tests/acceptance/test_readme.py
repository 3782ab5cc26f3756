"""What the README tells a new user to type is typed, and what it shows is what comes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from tests.acceptance.flow import finished, submit
from tests.conftest import ROOT
from tests.films import film
from tests.running import RunningSystem

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [text for kind, text in BLOCKS if kind == "sh"]
SHOWN = [text for kind, text in BLOCKS if kind == "text"]
SCRIPTS = [text for text in COMMANDS if not re.search(r"^make\b", text, re.MULTILINE)]
# What each `make` of the README comes down to: a part of the command that a test here, or CI, runs instead.
MAKE = {
    "make demo": "-m sightglass_embedded demo",
    "make test": "-m pytest",
    "make dev": "-m sightglass_embedded up --reload",
    "make link BUCKET=papers FILES=docs": '-m sightglass_embedded link "papers" --put "docs"',
    "make dev STACK=compose": "docker compose -f infra/compose/compose.yaml -f infra/compose/dev.yaml up --build",
}


@pytest.fixture(scope="module")
def folder(system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a user's clone looks like while `make dev` runs in it."""
    folder = tmp_path_factory.mktemp("a clone")
    state = folder / ".sightglass"
    state.mkdir(mode=0o700)
    (state / "env").touch(0o600)
    (state / "env").write_bytes((system.folder / "env").read_bytes())
    (state / "dev").symlink_to(system.folder / "dev")
    for name in (".venv", "docs", "tests"):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.fixture(scope="module")
def shell(folder: Path, client: httpx.Client) -> "Shell":
    """A shell that knows a video and its job, and a scan of the bucket that `make link` has filled."""
    job = submit(client, film("bikes.mp4"), "bikes.mp4")
    linked = run(sys.executable, "-m", "sightglass_embedded", "link", "papers", "--put", str(ROOT / "docs"), cwd=folder)
    assert linked.returncode == 0, linked.stderr
    scan = client.post("/v1/scans", json={"bucket": "papers"}).raise_for_status().json()
    finished(client, job["job_id"])
    finished(client, scan["job_id"])
    return Shell(folder, {"VIDEO_ID": job["video_id"], "JOB_ID": job["job_id"], "SCAN_ID": scan["scan_id"]})


def environ() -> dict[str, str]:
    """A user's: no settings of ours, and not those of the `make` that runs the tests."""
    return {n: v for n, v in os.environ.items() if not n.startswith(("SIGHTGLASS_", "AWS_", "MAKE", "MFLAGS"))}


def run(*command: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=environ() | more, capture_output=True, text=True, check=False, timeout=100
    )


class Shell:
    """A user's, in `folder`, with ids for placeholders. It remembers, so that each block is typed once."""

    def __init__(self, folder: Path, ids: Mapping[str, str]) -> None:
        self._folder = folder
        self._ids = ids
        self._said: dict[str, str] = {}

    def typed(self, script: str) -> str:
        """What comes on stdout. It ends at the first failure."""
        if script not in self._said:
            self._said[script] = self._run(script)
        return self._said[script]

    def _run(self, script: str) -> str:
        for placeholder, value in self._ids.items():
            script = script.replace(placeholder, value)
        assert not re.search(r"\b[A-Z]+_ID\b", script), "a placeholder that nothing stands for"
        done = run("bash", "-euc", script, cwd=self._folder)
        assert done.returncode == 0, done.stderr
        return done.stdout


def assert_shown(block: str, output: str, *, loosely: bool = False) -> None:
    """Each line of a block was in the output, whatever its spacing; `...` is any text.

    loosely: numbers may be others.
    """
    for line in filter(str.strip, block.splitlines()):
        words = [re.escape(word).replace(r"\.\.\.", ".*") for word in line.split()]
        words = [re.sub(r"\d+(\\\.\d+)*", r"[\\d.]+", word) for word in words] if loosely else words
        assert "─" in line or re.search(r"\s+".join(words), output), f"{line!r} is not in\n{output}"


def shown(beginning: str) -> str:
    """The one block of output that holds a text."""
    (block,) = [text for text in SHOWN if beginning in text]
    return block


def test_every_make_command_is_known_and_is_what_the_tests_run() -> None:
    lines = [line.partition("#")[0].strip() for text in COMMANDS if text not in SCRIPTS for line in text.splitlines()]
    assert set(filter(None, lines)) == set(MAKE)
    for command, part in MAKE.items():
        done = run(command.split()[0], "-n", *command.split()[1:], cwd=ROOT)
        assert part in done.stdout, command
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_every_file_that_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link.partition("#")[0]).exists()] == []


def test_its_picture_is_that_of_the_architecture() -> None:
    assert shown("people, programs") in (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_make_demo_shows_what_it_found_and_answered_and_writes_its_report(folder: Path) -> None:
    done = run(sys.executable, "-m", "sightglass_embedded", "demo", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert_shown(shown("Starting Sightglass"), done.stderr + done.stdout)
    report = json.loads((folder / ".sightglass" / "demo.json").read_bytes())
    assert set(report) == {"ok", "videos", "scan", "chat", "seconds"}
    assert report["ok"] is True
    assert [video["name"] for video in report["videos"]] == [
        "big_buck_bunny_0_30.webm", "bikes.mp4", "screen.mp4", "vfr.mp4",
    ]  # fmt: skip
    for video in report["videos"]:
        assert set(video) == {
            "name", "video_id", "analysis_id", "status", "duration_us", "frames", "scenes", "thumbnail",
        }  # fmt: skip
        assert video["status"] == "done"
        assert video["scenes"][0]["start_us"] == 0
        assert video["scenes"][-1]["end_us"] == video["duration_us"]
        assert all(set(scene) == {"start_us", "end_us"} for scene in video["scenes"])
        assert (folder / video["thumbnail"]).read_bytes().startswith(b"\xff\xd8")
    scan = report["scan"]
    assert (scan["objects"], scan["expected"], scan["missed"], scan["invented"]) == (14, len(scan["findings"]), [], [])
    assert [set(turn) for turn in report["chat"]] == [
        {"question", "answer", "citations", "expected_source", "hit"}
    ] * 5  # fmt: skip
    assert all(turn["hit"] and turn["citations"] for turn in report["chat"])


def test_make_dev_prints_its_addresses_and_a_key(system: RunningSystem) -> None:
    said = system.folder.with_suffix(".log").read_text("utf-8")
    here = system.folder.relative_to(ROOT)
    assert_shown(shown("ctrl-C stops everything").replace(".sightglass", str(here)), said, loosely=True)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda text: text.partition("\n")[0])
def test_a_block_of_commands_works(script: str, shell: Shell) -> None:
    assert shell.typed(script)


def test_the_scenes_are_those_that_it_shows(shell: Shell) -> None:
    (command,) = re.findall(r"^.* videos scenes .*$", README, re.MULTILINE)
    assert_shown(shown("begins with"), shell.typed(command))


def test_the_findings_are_as_it_shows_them(shell: Shell) -> None:
    (script,) = [text for text in SCRIPTS if "scan findings" in text]
    assert_shown(shown("payment-card   critical"), shell.typed(script), loosely=True)


def test_the_answer_is_as_it_shows_it(shell: Shell) -> None:
    (script,) = [text for text in SCRIPTS if "sightglass ask" in text]
    assert_shown(shown("[1] architecture.md"), shell.typed(script), loosely=True)


def test_the_last_answer_over_http_is_the_one_that_it_shows(shell: Shell) -> None:
    (script,) = [text for text in SCRIPTS if "curl" in text]
    answer = shell.typed(script)
    assert answer.startswith(shown('{"items":').strip())
    assert len(json.loads(answer)["items"]) == 6


def test_doctor_shows_what_it_says(shell: Shell) -> None:
    (command,) = [text for text in SCRIPTS if "doctor" in text]
    assert_shown(shown("stack dev"), shell.typed(command), loosely=True)
