"""Fixtures of the whole suite: a real Postgres and a real LocalStack for the session, a clean share for each module."""

import gc
import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any, cast

import pytest
from aiobotocore.session import get_session
from hypothesis import settings
from tests.running import RunningSystem
from tests.sharing import Together
from tests.stack import Aws, Database, claim_folder, clone_template, make_template, own_share
from types_aiobotocore_s3.client import S3Client
from types_aiobotocore_sqs.client import SQSClient

from sightglass_common.aws import open_s3, open_sqs
from sightglass_common.db import Pool, open_pool
from sightglass_common.sqs import Sqs
from sightglass_embedded.localstack import LocalStack
from sightglass_embedded.postgres import Postgres

# No test fails by the clock: an example that waits for a core is none that fails. `make test` draws the same examples
# each time, so that a change is judged by itself and not by luck; `make explore` draws many new ones, to find what
# nobody knew.
settings.register_profile("sightglass", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile("sightglass")

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"


def pytest_configure() -> None:
    """No test sees the settings of the person who runs it."""
    for name in list(os.environ):
        if name.startswith(("SIGHTGLASS_", "AWS_")) and name not in {"SIGHTGLASS_PG_BIN"}:
            del os.environ[name]
    os.environ.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
        ORT_DISABLE_TELEMETRY="1",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are made, and none of them is garbage: to look for some takes a second in each process."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    """With `--dist loadfile`, which files run in one process."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails on a running system tells what the system was doing: another run may not fail."""
    report = yield
    used: dict[str, object] = getattr(item, "funcargs", {})
    for name, value in used.items():
        if report.when == "call" and report.failed and isinstance(value, RunningSystem):
            try:
                report.sections.append((name, value.account()))
            except Exception as error:  # noqa: BLE001  # of a broken system: what failed the test is to be told all the same
                report.sections.append((name, f"It gives no account of itself: {error!r}"))
    return report


@pytest.fixture(scope="session")
def state_folder() -> Path:
    """A folder that is this session's alone, and the next one's after it."""
    return claim_folder(ROOT / ".sightglass" / "tests")


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Postgres]:
    """A Postgres server without durability, with the migrated template."""
    async with Postgres(tmp_path_factory.mktemp("postgres"), durable=False).running() as server:
        make_template(server)
        yield server


@pytest.fixture(scope="session")
async def localstack(state_folder: Path) -> AsyncGenerator[LocalStack]:
    """S3 and SQS. The SDK finds it by AWS_ENDPOINT_URL, as in a service."""
    async with LocalStack(state_folder / "localstack").running() as server:
        os.environ["AWS_ENDPOINT_URL"] = server.endpoint_url
        yield server


@pytest.fixture(scope="module")
async def database(postgres: Postgres) -> Database:
    """A database of the module's own."""
    return clone_template(postgres)


@pytest.fixture(scope="session")
async def s3(localstack: LocalStack) -> AsyncGenerator[S3Client]:
    """A client of S3. One for all, as it takes the SDK 0.2 s to make one."""
    async with open_s3() as client:
        yield client


@pytest.fixture(scope="session")
async def sqs(localstack: LocalStack) -> AsyncGenerator[Sqs]:
    """Our client of SQS, one for all too."""
    async with open_sqs() as client:
        yield client


@pytest.fixture(scope="module")
async def aws(localstack: LocalStack, s3: S3Client, sqs: Sqs) -> Aws:
    """A bucket and queues of the module's own."""
    return await own_share(localstack.endpoint_url, s3, sqs)


@pytest.fixture(scope="module")
async def sdk_sqs(localstack: LocalStack) -> AsyncGenerator[SQSClient]:
    """The SDK's client of SQS, to look behind ours."""
    async with cast("Any", get_session()).create_client("sqs") as client:
        yield client


@pytest.fixture(scope="module")
async def admin(database: Database) -> AsyncGenerator[Pool]:
    """The database as its superuser, whom no policy binds: for arranging, and for looking behind."""
    async with open_pool(database.admin_url, name="test-admin") as pool:
        yield pool


@pytest.fixture(scope="module")
async def api_pool(database: Database) -> AsyncGenerator[Pool]:
    """The database as the API."""
    async with database.pool("api") as pool:
        yield pool


@pytest.fixture(scope="module")
async def relay_pool(database: Database) -> AsyncGenerator[Pool]:
    """The database as the relay."""
    async with database.pool("relay") as pool:
        yield pool


@pytest.fixture(scope="module")
async def worker_pool(database: Database) -> AsyncGenerator[Pool]:
    """The database as the worker."""
    async with database.pool("worker") as pool:
        yield pool
