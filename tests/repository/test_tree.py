"""What must hold of every file that is committed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT

# Hosts that a file may name: the public index that locking asks for, standards, and example names.
ALLOWED_HOSTS = {
    "127.0.0.1", "localhost", "localstack", "example.com", "example.org", "pypi.org", "www.w3.org",
    "www.apache.org", "www.bigbuckbunny.org", "docs.oasis-open.org", "schemas.openxmlformats.org",
    "www.sqlite.org",
}  # fmt: skip
BINARY = {".mp4", ".webm", ".ts", ".avi", ".jpg", ".png", ".lock"}
# Built from pieces, so that this file does not find itself.
MACHINE_PATH = re.compile(
    r"(?<![\w.{$-])/(?:" + "|".join(("ro" + "ot", "ho" + "me", "wo" + "rk", "Us" + "ers")) + r")/\w"
)
HOST = re.compile(r"\b(?:https?|git|ftp)://(?:[^\s/@\"'`]*@)?([A-Za-z0-9.-]+)")


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def test_no_link_is_committed() -> None:
    """It leads to a place of one machine, or into itself."""
    shown = subprocess.run(["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line for line in shown.splitlines() if line.startswith("120000")] == []


def texts() -> list[tuple[Path, str]]:
    return [(p.relative_to(ROOT), p.read_text("utf-8")) for p in tracked() if p.suffix not in BINARY]


def is_public(host: str) -> bool:
    host = host.rstrip(".")
    return host in ALLOWED_HOSTS or host.endswith((".example.com", ".example.org"))


def holds_examples(path: Path) -> bool:
    """Whether hosts in a file are parts of values to be found (an issuer's webhook, a URL with a password), or names in
    schemas as their makers publish them.
    """
    return path.as_posix().startswith(
        ("libs/detect/sightglass_detect/detectors/", "tests/unit/detect/", "tests/data/schemas/")
    )


def test_no_file_names_a_host_that_is_not_public() -> None:
    told = [(path, text) for path, text in texts() if not holds_examples(path)]
    found = {f"{path}: {host}" for path, text in told for host in HOST.findall(text) if not is_public(host)}
    assert found == set()


def test_no_file_names_a_path_of_a_machine() -> None:
    found = [f"{path}: {match.group()}" for path, text in texts() for match in MACHINE_PATH.finditer(text)]
    assert found == []


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda p: p.name)
def test_a_lock_holds_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)  # no --index-url, no --find-links, no -e
    for pin in re.findall(r"^[a-z0-9].*$", text, re.MULTILINE):
        assert re.fullmatch(r"[\w.\[\],-]+==\S+( ; .*)? \\", pin), pin


def test_uv_lock_is_not_committed() -> None:
    assert [p for p in tracked() if p.name == "uv.lock"] == []


def test_data_lies_beside_its_licence() -> None:
    videos = [p for p in tracked() if p.suffix in {".mp4", ".webm", ".ts", ".avi"}]
    assert videos
    for video in videos:
        folder = next(f for f in video.parents if (f / "SOURCES.md").exists() or f == ROOT)
        assert (folder / "SOURCES.md").exists(), f"{video} has no SOURCES.md beside it or above it"


def test_the_pages_made_from_the_code_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/pages.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_make_lists_every_target_that_a_person_calls() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("setup", "dev", "demo", "test", "soak", "check", "bench", "lock", "docs"):
        assert re.search(rf"make {target}\s+\S", shown), f"`make` does not show {target}"


def test_sql_stands_where_it_is_looked_for() -> None:
    """A statement outside of these files is one that a reader of the schema does not find.

    That of demo_files.py makes a sample.
    """
    allowed = re.compile(
        r"queries\.py$|(analyses|jobs|leases|outbox|relay|reconciler|effects|waiting|db)\.py$|/migrations/"
        r"|^infra/embedded/.*/(database|demo_files)\.py$"
    )
    statement = re.compile(r"\b(SELECT\s.+\bFROM\b|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b", re.DOTALL)
    found = [
        str(path)
        for path, text in texts()
        if path.suffix == ".py" and path.parts[0] in {"libs", "services", "infra"}
        and not allowed.search(str(path)) and statement.search(text)
    ]  # fmt: skip
    assert found == []
