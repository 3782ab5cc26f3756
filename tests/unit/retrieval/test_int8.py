"""MiniLM in eight bits: near enough to the one in fp32, and the same wherever it runs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sightglass_detect import Redacted, redact
from sightglass_retrieval import MiniLM
from sightglass_retrieval.quantising import quantised

_TEXTS = (
    "a man is eating food",
    "Invoices are paid within thirty days of their receipt.",
    "the quarterly report of the bank says that loans to small firms grew by seven percent " * 9,
    "[US_SSN#1]",
    "",
)


def _redacted(*texts: str) -> list[Redacted]:
    return [redact(text, ()) for text in texts]


def test_vectors_in_eight_bits_are_near_those_in_fp32(minilm: MiniLM, int8: MiniLM) -> None:
    texts = _redacted(*_TEXTS)
    exact, near = minilm.embed(texts), int8.embed(texts)
    assert near.shape == (len(texts), int8.dimensions)
    assert np.abs(np.linalg.norm(near, axis=1) - 1).max() < 1e-5
    cosines = (exact * near).sum(axis=1)
    assert cosines.min() > 0.96
    assert cosines.max() < 0.9999  # else it is the other model


def test_a_text_has_the_same_vector_in_eight_bits_in_any_company(int8: MiniLM) -> None:
    texts = _redacted(*_TEXTS)
    alone = np.concatenate([int8.embed([text]) for text in texts])
    assert np.array_equal(int8.embed(texts), alone)
    assert np.array_equal(int8.embed(texts[::-1])[::-1], alone)


def test_the_question_is_nearest_to_its_answer_in_eight_bits(int8: MiniLM) -> None:
    question, answer, other = int8.embed(
        _redacted("When is a bill settled?", "Invoices are paid within thirty days.", "The cat sleeps.")
    )
    assert question @ answer > question @ other + 0.2


def test_the_precision_is_part_of_the_revision(minilm: MiniLM, int8: MiniLM) -> None:
    assert (minilm.revision.rpartition(":")[0], "int8") == tuple(int8.revision.rpartition(":")[::2])
    assert minilm.revision != int8.revision


@given(
    arrays(
        np.float32,
        array_shapes(min_dims=2, max_dims=2, max_side=12),
        elements=st.integers(-(2**20), 2**20).map(lambda number: number / 1024),
    )
)
def test_a_weight_in_eight_bits_is_off_by_half_a_step_at_most(weight: np.ndarray) -> None:
    numbers, scales = quantised(weight)
    assert numbers.shape == weight.shape[::-1]
    assert np.abs(numbers.astype(np.int64)).max() <= 64  # what processors without VNNI add up without loss
    assert (np.abs(numbers.T * scales[:, None] - weight) <= scales[:, None] * 0.5001).all()
