"""A studio of a test's own, and a text engine for all."""

from collections.abc import Generator
from pathlib import Path

import pytest
from tests.integration.worker.remembering import RememberingReaders
from tests.integration.worker.studio import Studio
from tests.stack import Aws
from types_aiobotocore_s3.client import S3Client

from sightglass_common.db import Pool
from sightglass_common.ids import new_id
from sightglass_worker.ocr.limits import ReaderLimits
from sightglass_worker.ocr.process import EngineChoice
from sightglass_worker.ocr.readers import TextReaders


@pytest.fixture
async def studio(admin: Pool, worker_pool: Pool, s3: S3Client, aws: Aws, tmp_path: Path) -> Studio:
    """One tenant that no other test uses."""
    tenant_id = new_id()
    async with admin.connection() as db:
        await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [tenant_id, str(tenant_id)])
    return Studio(tenant_id, admin, worker_pool, s3, aws, tmp_path / "scratch")


@pytest.fixture(scope="package")
def readers() -> Generator[TextReaders]:
    """The engine that is the worker's by default, warm."""
    readers = RememberingReaders(EngineChoice("rapidocr"), ReaderLimits())
    yield readers
    readers.end()
