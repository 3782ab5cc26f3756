"""The model, loaded once."""

import pytest

from sightglass_retrieval import MiniLM, find


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    """Fails where the model is not installed: what is not tested is not known to work."""
    model = find()
    assert model is not None, "make setup did not get the model: its package is not in the index"
    return model


@pytest.fixture(scope="session")
def int8() -> MiniLM:
    """The same in eight bits."""
    model = find(precision="int8")
    assert model is not None
    return model
