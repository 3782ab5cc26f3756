"""The command as a process: what it loads, how it speaks over sockets, and how a ctrl-C ends it."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest
from tests.unit.client.fake_api import KEY, FakeApi
from tests.unit.client.server import served

HEAVY = ("httpx", "rich", "asyncio", "ssl")
COMMAND = [sys.executable, "-m", "sightglass_client"]


def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, env={**os.environ, **env}, check=False)


@contextmanager
def running(*words: str, **env: str) -> Generator[subprocess.Popen[str]]:
    """The command while it runs. It ends with the block, however that ends."""
    # A script that runs the tests behind itself has them ignore ctrl-C, and what they start would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [*COMMAND, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **env},
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def url(api: FakeApi) -> Iterator[str]:
    with served(api) as address:
        yield address


@pytest.fixture
def env(url: str) -> dict[str, str]:
    return {"SIGHTGLASS_URL": url, "SIGHTGLASS_API_KEY": KEY}


@pytest.mark.parametrize(
    ("words", "heavy"),
    # Typer itself reads options with pydantic, so only the first help is without it.
    [(["--help"], (*HEAVY, "pydantic")), (["jobs", "--help"], HEAVY), (["version"], HEAVY)],
)
def test_help_loads_nothing_heavy(words: list[str], heavy: tuple[str, ...]) -> None:
    code = (
        "import sys\nsys.argv[1:] = " + repr(words) + "\n"
        "from sightglass_client.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"


def test_without_configuration_it_says_what_to_do() -> None:
    result = run("whoami")
    assert result.returncode == 2
    assert "make dev" in result.stderr
    assert result.stdout == ""


def test_it_speaks_over_sockets_whatever_proxy_the_environment_names(env: dict[str, str]) -> None:
    result = run("whoami", "--json", **env, HTTP_PROXY="http://127.0.0.1:9", ALL_PROXY="http://127.0.0.1:9")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["tenant_name"] == "acme"


@pytest.mark.parametrize("size", [1_500, 50_500])
def test_a_file_arrives_whole_over_sockets(api: FakeApi, env: dict[str, str], size: int) -> None:
    data = random.Random(1).randbytes(size)
    Path("a.mp4").write_bytes(data)
    result = run("upload", "a.mp4", **env)
    assert result.returncode == 0, result.stderr
    upload = api.uploads["u1"]
    assert data == b"".join(part for _, part in sorted(upload.parts.items())) if upload.parts else data in upload.form


def test_ctrl_c_in_an_upload_ends_it_at_once_and_the_next_start_goes_on(api: FakeApi, env: dict[str, str]) -> None:
    Path("a b.mp4").write_bytes(bytes(50_500))
    reached = Event()

    def busy(_: httpx.Request) -> httpx.Response:
        reached.set()
        return httpx.Response(503, headers={"Retry-After": "60"})

    api.fault("PUT /store/u1/40", busy)  # it would come again after a minute
    with running("upload", "a b.mp4", **env) as process:
        assert reached.wait(60)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Go on with: sightglass upload 'a b.mp4'" in words
    assert "Traceback" not in words
    assert run("upload", "a b.mp4", **env).returncode == 0
    assert len(api.uploads) == 1
    assert sum(map(len, api.uploads["u1"].parts.values())) == 50_500


def test_doctor_finds_all_well_and_what_is_not(api: FakeApi, env: dict[str, str]) -> None:
    found = json.loads(run("doctor", "--json", **env).stdout)
    results = {check["name"]: check["ok"] for check in found["checks"]}
    assert results["api"] is results["key"] is results["postgres"] is results["configuration"] is True
    assert results["queues"] is False  # two dead letters
    assert found["ok"] is False
    refused = run("doctor", **{**env, "SIGHTGLASS_API_KEY": "sg_wrong"})
    assert refused.returncode == 1
    assert "key\tfailed" in refused.stdout
    assert "key: Check SIGHTGLASS_API_KEY" in refused.stderr
    silent = run("doctor", **{**env, "SIGHTGLASS_URL": "http://127.0.0.1:9"})
    assert silent.returncode == 1
    assert "api\tfailed" in silent.stdout


def test_doctor_warns_of_a_key_that_others_may_read(url: str) -> None:
    file = Path(".sightglass/env")
    file.parent.mkdir()
    file.write_text(f"SIGHTGLASS_URL={url}\nSIGHTGLASS_API_KEY={KEY}\n")
    file.chmod(0o644)
    assert "chmod 600" in run("doctor").stderr


def test_a_closed_pipe_ends_it_without_words(api: FakeApi, env: dict[str, str]) -> None:
    for number in range(2_000):
        api.a_job(f"job-{number}")
    script = f"{shlex.quote(sys.executable)} -m sightglass_client jobs ls --limit 0 | head -n 1"
    result = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env={**os.environ, **env}, check=True
    )
    assert result.stdout.startswith("job\tkind")
    assert result.stderr == ""


def test_completion_is_there_for_the_shell() -> None:
    assert "sightglass" in run("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1").stdout
