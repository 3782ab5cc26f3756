"""Weights in eight bits: a quarter of the memory, and more of them a second."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Not 127: processors without VNNI add two products up in sixteen bits, in which 2 * 255 * 64 has room and 2 * 255 * 127
# has none. They would give other vectors than those with it.
_MOST: Final = 64


class Quantised(NamedTuple):
    """A matrix to multiply with from the right. numbers: (in, out). scales: what one of a column stands for, (out)."""

    numbers: NDArray[np.int8]
    scales: NDArray[np.float32]


def quantised(weight: NDArray[np.float32]) -> Quantised:
    """weight: (out, in), as the model's file has it. Each output has its own scale, 0 stays 0."""
    largest = np.abs(weight).max(axis=1)
    scales = np.where(largest > 0, largest / _MOST, 1).astype(np.float32)
    numbers: NDArray[Any] = np.rint(weight / scales[:, None])
    return Quantised(np.ascontiguousarray(numbers.T.astype(np.int8)), scales)
