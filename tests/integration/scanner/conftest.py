"""A yard of a test's own."""

from collections.abc import AsyncGenerator

import pytest
from tests.integration.scanner.yard import Yard
from tests.stack import Aws, Database
from types_aiobotocore_s3.client import S3Client

from sightglass_common.db import Pool
from sightglass_common.ids import new_id


@pytest.fixture(scope="module")
async def scanner_pool(database: Database) -> AsyncGenerator[Pool]:
    """The database as the scanner."""
    async with database.pool("scanner") as pool:
        yield pool


@pytest.fixture
async def yard(admin: Pool, api_pool: Pool, scanner_pool: Pool, s3: S3Client, aws: Aws) -> Yard:
    """One tenant that no other test uses, with a bucket."""
    tenant_id, bucket = new_id(), f"yard-{new_id()}"
    await s3.create_bucket(Bucket=bucket)
    async with admin.connection() as db:
        await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [tenant_id, str(tenant_id)])
        await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [tenant_id, bucket])
    return Yard(tenant_id, bucket, admin, api_pool, scanner_pool, s3)
