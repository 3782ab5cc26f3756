"""A tenant with a dataset, as the API and the scanner leave it to chat."""

from collections.abc import AsyncGenerator
from itertools import count

import pytest
from pydantic import SecretStr
from tests.fakes.llm import FakeModels, served_models
from tests.integration.chat.library import PAIR, Library, a_library
from tests.stack import Database

from sightglass_chat.generating import Generator
from sightglass_chat.providers.patience import Patience
from sightglass_common.db import Pool
from sightglass_common.outward import open_outward
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


async def at_once(_: float) -> None:
    """A pause that is not made."""


@pytest.fixture
async def fake() -> AsyncGenerator[FakeModels]:
    async with served_models(FakeModels()) as served:
        yield served


@pytest.fixture
async def generator(fake: FakeModels, chat_pool: Pool) -> AsyncGenerator[Generator]:
    async with open_outward({fake.url.removeprefix("http://")}) as outward:
        patience = Patience(sleep=at_once, between_s=10)
        # A piece is told after every eight words, however long they take.
        clock = count().__next__
        yield Generator(chat_pool, outward, SecretStr(PAIR[0]), 1000, patience, tell_every_s=8, clock=clock)
