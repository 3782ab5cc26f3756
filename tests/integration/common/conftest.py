"""A fleet of a test's own."""

from collections.abc import AsyncGenerator

import pytest
from tests.integration.common.fleet import Fleet, a_fleet

from sightglass_common.db import Pool
from sightglass_common.sqs import Sqs


@pytest.fixture
async def fleet(admin: Pool, api_pool: Pool, relay_pool: Pool, worker_pool: Pool, sqs: Sqs) -> AsyncGenerator[Fleet]:
    """One tenant and one queue that no other test uses, with a pool for each service."""
    async with a_fleet(admin, api_pool, relay_pool, worker_pool, sqs) as fleet:
        yield fleet
