"""Lines of children in logs and on terminals."""

import io
import stat
from pathlib import Path

import pytest

from sightglass_embedded import output
from sightglass_embedded.output import LogFile, Tee, Terminal


def test_a_line_is_prefixed_on_the_terminal_and_plain_in_the_log(tmp_path: Path) -> None:
    stream = io.StringIO()
    tee = Tee("api", LogFile(tmp_path / "logs" / "api.log"), Terminal(stream))
    tee.line("hello")
    assert stream.getvalue() == "api        | hello\n"
    assert (tmp_path / "logs" / "api.log").read_text() == "hello\n"


def test_colour_only_when_asked_for() -> None:
    plain, coloured = io.StringIO(), io.StringIO()
    Terminal(plain).line("api", "x")
    Terminal(coloured, colour=True).line("api", "x")
    assert "\x1b" not in plain.getvalue()
    assert "\x1b[36mapi" in coloured.getvalue()


def test_logs_are_private(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "logs" / "api.log")
    log.line("x")
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700


def test_a_log_that_has_grown_too_long_moves_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_LOG_LIMIT_BYTES", 10)
    log = LogFile(tmp_path / "api.log")
    for line in ("0123456789", "after"):
        log.line(line)
    assert (tmp_path / "api.log.1").read_text() == "0123456789\n"
    assert log.path.read_text() == "after\n"


def test_a_log_that_cannot_be_written_keeps_its_last_lines(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "api.log")
    log.path.mkdir()
    log.line("the reason")
    assert log.lost == 1
    assert "the reason" in log.tail()
