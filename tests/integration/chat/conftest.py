"""A tenant with a dataset, as the API and the scanner leave it to chat."""

from collections.abc import AsyncGenerator

import pytest
from tests.integration.chat.library import Library, a_library
from tests.stack import Database

from sightglass_common.db import Pool
from sightglass_retrieval.minilm import MiniLM, find


@pytest.fixture(scope="module")
async def chat_pool(database: Database) -> AsyncGenerator[Pool]:
    async with database.pool("chat") as pool:
        yield pool


@pytest.fixture(scope="package")
def model() -> MiniLM:
    found = find()
    assert found is not None, "the model is part of `make setup`"
    return found


@pytest.fixture
async def library(admin: Pool, chat_pool: Pool) -> Library:
    return await a_library(admin, chat_pool)


@pytest.fixture
async def other(admin: Pool, chat_pool: Pool) -> Library:
    return await a_library(admin, chat_pool)
