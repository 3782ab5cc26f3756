"""The command line, as a person or a hook runs it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sightglass_detect.cli.running import main

SSN, MAIL = "536-90-4399", "ann@example.com"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "people.txt").write_text(f"names:\n  Zoë, SSN {SSN}\n\nmail {MAIL}\n")
    (tmp_path / "notes" / "clean.md").write_text("nothing here\n")
    return tmp_path


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_findings_are_told_with_line_and_column_and_without_their_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notes"]) == 3
    out, err = capsys.readouterr()
    ssn, mail = objects(out)
    path = str(Path("notes") / "people.txt")
    assert (ssn["path"], ssn["line"], ssn["column"], ssn["end_column"]) == (path, 2, 12, 23)
    assert (ssn["detector"], ssn["value"], ssn["context"]) == ("us-ssn", "***-**-4399", True)
    assert (mail["line"], mail["column"], mail["value"]) == (4, 6, "***@******e.com")
    assert (ssn["start"], ssn["end"]) == (19, 30)
    assert SSN not in out + err
    assert MAIL not in out + err
    assert err == "2 files read, 2 findings\n"


def test_the_current_folder_is_read_when_no_path_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--format", "table"]) == 3
    lines = capsys.readouterr().out.splitlines()
    path = Path("notes") / "people.txt"
    assert lines[0] == f"{path}:2:12: us-ssn high 0.92 ***-**-4399"


@pytest.mark.parametrize(("mode", "text"), [("--normalise", "mail=ann%40example.com"), ("--ocr", "ssn 536-9O-4399")])
def test_a_mode_finds_what_the_plain_run_does_not(mode: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("hidden.txt").write_text(f"nothing\n{text}\n")
    assert main(["hidden.txt"]) == 0
    assert main([mode, "hidden.txt"]) == 3
    assert [found["line"] for found in objects(capsys.readouterr().out)] == [2]


def test_nothing_found_is_zero_and_a_file_that_is_not_there_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notes/clean.md"]) == 0
    assert main(["notes/clean.md", "nobody.txt"]) == 1
    assert "nobody.txt: no such file\n1 files read, 0 findings; skipped: 1 no such file\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--detectors", "shoe-size", "notes"], "no detector or family called shoe-size"),
        (["--config", "nowhere.toml", "notes"], "nowhere.toml"),
    ],
)
def test_wrong_usage_is_two_and_says_why(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("exclude = 5", "exclude: a list of strings is needed"),
        ("colour = 'red'", "there is no colour"),
        ("min_confidence = 2", "min_confidence: 2 is not from 0 to 1"),
        ("[allow]\nnames = []", "allow: a table of paths, patterns, texts is needed"),
        ("exclude =", "Invalid value"),
    ],
)
def test_a_broken_file_of_settings_is_refused(config: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(".sightglass-detect.toml").write_text(config)
    assert main(["notes"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(".sightglass-detect.toml: ")
    assert said in err


def test_a_projects_own_file_is_taken_and_what_it_lets_pass_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Path(".sightglass-detect.toml").write_text(
        f'exclude = ["*.md", "*.toml"]\nwithout = ["us-ssn"]\n[allow]\npaths = ["notes/*"]\ntexts = ["{MAIL}"]\n'
    )
    Path("more.txt").write_text(f"bob@example.com {SSN} {MAIL}")
    assert main([]) == 3
    out, err = capsys.readouterr()
    assert [found["value"] for found in objects(out)] == ["***@******e.com"]
    assert err == "1 files read, 1 findings; skipped: 1 on the allow list\n"


def test_what_is_no_text_is_skipped_and_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "notes" / "people.txt").unlink()
    (folder / "notes" / "picture").write_bytes(b"\0" + MAIL.encode())
    (folder / "notes" / "link").symlink_to(folder / "elsewhere")
    (folder / "notes" / ".git").mkdir()
    (folder / "notes" / ".git" / "config").write_text(MAIL)
    os.mkfifo(folder / "notes" / "pipe")
    (folder / "notes" / "large").write_text(MAIL * 10)
    assert main(["notes", "--max-bytes", "100"]) == 0
    err = capsys.readouterr().err
    assert err == "1 files read, 0 findings; skipped: 1 binary, 1 no regular file, 1 symbolic link, 1 too large\n"


def test_text_of_two_bytes_a_sign_is_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "wide.txt").write_text(f"é\nmail {MAIL}", "utf-16")
    assert main(["wide.txt"]) == 3
    (found,) = objects(capsys.readouterr().out)
    assert (found["line"], found["column"]) == (2, 6)


def test_a_file_of_several_blocks_is_told_as_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "x" * 97 + "\n"
    lines = [line] * 40_000
    for number in (0, 10_699, 21_399, 39_999):  # some beside the borders of blocks
        lines[number] = f"é mail {MAIL}".ljust(96, ".") + "\n"
    (folder / "large.txt").write_text("".join(lines))
    assert main(["large.txt", "--quiet"]) == 3
    out, err = capsys.readouterr()
    assert [(found["line"], found["column"]) for found in objects(out)] == [
        (1, 8),
        (10_700, 8),
        (21_400, 8),
        (40_000, 8),
    ]
    assert err == ""


def test_sarif_names_rules_places_and_levels(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "notes" / "people.txt").rename(folder / "notes" / "a b.txt")
    assert main(["notes", "--format", "sarif"]) == 3
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) > 80
    first, second = run["results"]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "us-ssn"
    assert (first["level"], second["level"]) == ("error", "warning")
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "notes/a%20b.txt"
    assert place["region"] == {
        "startLine": 2,
        "startColumn": 12,
        "endLine": 2,
        "endColumn": 23,
        "byteOffset": 19,
        "byteLength": 11,
    }


def test_sarif_without_findings_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notes/clean.md", "--format", "sarif"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"] == []


def test_detectors_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["email", "contact", "medium", "E-mail", "address"] for line in lines)
